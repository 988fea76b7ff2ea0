//! The blur of values against the plain convolution.

use torrid::estimate::blur;
use torrid::{Extent, Frame, Grid, Space};

fn page(width: u32, height: u32) -> Frame {
    let extent = Extent { west: 0.0, north: 0.0, east: f64::from(width), south: f64::from(height) };
    Frame::new(Space::PAGE, extent, width, height).expect("a page")
}

/// The plain sum over all cells, for one cell.
fn twin(grid: &Grid<f32>, sigma: f64, (col, row): (u32, u32)) -> f64 {
    let (width, height) = (grid.frame().width(), grid.frame().height());
    let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let sum: f64 = cells
        .map(|(x, y)| {
            let d2 = (f64::from(x) - f64::from(col)).powi(2) + (f64::from(y) - f64::from(row)).powi(2);
            f64::from(grid.get(x, y)) * (-d2 / (2.0 * sigma * sigma)).exp()
        })
        .sum();
    sum / (std::f64::consts::TAU * sigma * sigma)
}

#[test]
fn every_width_of_the_gaussian_equals_the_plain_convolution() {
    for sigma in [1.0, 3.0, 11.9, 12.0, 23.0, 60.0, 200.0] {
        let mut lone = vec![0.0f32; 150 * 110];
        lone[40 * 150 + 70] = 1.0;
        let many: Vec<f32> = (0..150u32 * 110).map(|i| (i * 7919 % 1009) as f32).collect();
        for values in [lone, many] {
            let grid = Grid::new(page(150, 110), values);
            let blurred = blur(&grid, sigma).expect("a blur");
            let most = blurred.values().iter().fold(0.0f32, |a, b| a.max(*b));
            for cell in [(70, 40), (75, 44), (0, 0), (149, 109), (3, 100), (90, 20)] {
                let off = (f64::from(blurred.get(cell.0, cell.1)) - twin(&grid, sigma, cell)).abs() / f64::from(most);
                assert!(off < 5e-4, "sigma {sigma} at {cell:?}: {off:e}");
            }
        }
    }
}

#[test]
fn a_blur_that_is_none_is_refused() {
    let grid = Grid::new(page(3, 3), vec![1.0; 9]);
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(blur(&grid, sigma).is_err(), "{sigma}");
    }
}
