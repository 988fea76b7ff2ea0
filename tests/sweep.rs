//! Several bandwidths from one pass over the events.

use torrid::Space;
use torrid::bandwidth::{Bandwidth, Length};
use torrid::lines::density::{Method, Wish, densities, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::source::Query;
use torrid::{Error, Kernel};

const LIVERPOOL: &str = "fixtures/liverpool-crimes.csv.gz";

fn open() -> Result<Reading<'static>, Error> {
    Reading::open(&[LIVERPOOL.to_owned()], Query::new(Space::Earth), &())
}

/// The greatest difference, as a share of the greatest value.
fn worst(a: &[f32], b: &[f32]) -> f32 {
    let most = b.iter().fold(0.0, |most: f32, v| most.max(*v));
    a.iter().zip(b).fold(0.0, |worst: f32, (a, b)| worst.max((a - b).abs())) / most
}

#[test]
fn every_picture_of_a_sweep_is_the_one_drawn_alone() -> Result<(), Error> {
    for (kernel, method) in
        [(Kernel::Gaussian, Method::Fast), (Kernel::Gaussian, Method::Exact), (Kernel::Quartic, Method::Auto)]
    {
        let wish = Wish {
            bounds: Some([-3.05, 53.35, -2.85, 53.45]),
            size: Size::Cells(200, 160),
            kernel,
            method,
            ..Wish::default()
        };
        let lengths = [150.0, 700.0, 300.0, 2500.0].map(Length::Metres);
        let sweep = densities(&mut open()?, &wish, &lengths)?;
        for (found, length) in sweep.iter().zip(lengths) {
            let alone = density(&mut open()?, &Wish { bandwidth: Bandwidth::Fixed(length), ..wish.clone() })?;
            assert_eq!(found.bandwidth, alone.bandwidth);
            let (together, alone) = (&found.density.grid, &alone.density.grid);
            let off = worst(together.values(), alone.values());
            // Cells of several Gaussians are summed from the finest; an event's shares of those are whole 2^-15ths.
            let allowed = if method == Method::Fast { 3e-5 } else { 0.0 };
            assert!(off <= allowed, "{kernel} {length}: {off:e}");
        }
    }
    Ok(())
}

#[test]
fn a_sweep_has_the_frame_of_its_widest_bandwidth() -> Result<(), Error> {
    let lengths = [100.0, 2000.0, 500.0].map(Length::Metres);
    let sweep = densities(&mut open()?, &Wish::default(), &lengths)?;
    let widest = Wish { bandwidth: Bandwidth::Fixed(Length::Metres(2000.0)), ..Wish::default() };
    let frame = *density(&mut open()?, &widest)?.density.grid.frame();
    assert!(sweep.iter().all(|found| *found.density.grid.frame() == frame));
    Ok(())
}
