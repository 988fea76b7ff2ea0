//! The levels that hold given shares of the mass: the least area in which half of the events are to be expected, and the
//! like. In the study of animals' home ranges these are the utilisation distribution's isopleths.

use rayon::prelude::*;

use crate::grid::{Density, Quantity};

/// The mass of each cell: its value times its area where values are per area, else its value. 0 where there is no data,
/// and where values are negative.
pub fn masses(density: &Density) -> Vec<f64> {
    let frame = density.grid.frame();
    let per_area = matches!(density.quantity, Quantity::PerArea(..));
    let mut masses = vec![0.0; frame.len()];
    let rows =
        masses.par_chunks_mut(frame.width() as usize).zip(density.grid.values().par_chunks(frame.width() as usize));
    rows.enumerate().for_each(|(row, (masses, values))| {
        let area = if per_area { frame.cell_area(row as i64) } else { 1.0 };
        for (mass, value) in masses.iter_mut().zip(values).filter(|(_, value)| **value > 0.0) {
            *mass = f64::from(*value) * area;
        }
    });
    masses
}

/// For each share of the mass (0 to 1) the greatest level such that the cells at or above it hold that share; `None`
/// where there is no mass.
///
/// ```
/// use torrid::analyse::isopleth::{levels, masses};
/// use torrid::frame::{Extent, Frame};
/// use torrid::grid::{Density, Grid, Quantity};
/// use torrid::Space;
/// let frame = Frame::new(Space::PAGE, Extent { west: 0.0, north: 0.0, east: 4.0, south: 1.0 }, 4, 1)?;
/// let density = Density { grid: Grid::new(frame, vec![1.0, 5.0, 3.0, 1.0]), quantity: Quantity::PerCell(None) };
/// assert_eq!(levels(&density, &masses(&density), &[0.5, 0.8, 0.9]), Some(vec![5.0, 3.0, 1.0]));
/// # Ok::<(), torrid::Error>(())
/// ```
pub fn levels(density: &Density, masses: &[f64], shares: &[f64]) -> Option<Vec<f64>> {
    let values = density.grid.values();
    let mut order: Vec<u32> = (0..values.len() as u32).filter(|i| masses[*i as usize] > 0.0).collect();
    order.par_sort_unstable_by(|a, b| values[*b as usize].total_cmp(&values[*a as usize]).then(a.cmp(b)));
    let mut reached = 0.0;
    let sums: Vec<f64> = order
        .iter()
        .map(|i| {
            reached += masses[*i as usize];
            reached
        })
        .collect();
    let level = |share: &f64| {
        let cells = sums.partition_point(|sum| *sum < share * reached).min(order.len() - 1);
        f64::from(values[order[cells] as usize])
    };
    (!order.is_empty()).then(|| shares.iter().map(level).collect())
}
