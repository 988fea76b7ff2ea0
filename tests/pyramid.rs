//! The pyramid: no seams, no mass lost, one density at every zoom.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use torrid::accumulate::{Accumulator, Deposit};
use torrid::bandwidth::Breadth;
use torrid::bandwidth::{Bandwidth, Length};
use torrid::counts::Aggregate;
use torrid::estimate::{Gains, Smoothing};
use torrid::frame::Frame;
use torrid::grid::Density;
use torrid::image::Premultiplied;
use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Look, picture};
use torrid::lines::pyramid::{Computed, Pyramid, Zooms, draw};
use torrid::lines::reading::Reading;
use torrid::scale::Scale;
use torrid::source::Query;
use torrid::style::Style;
use torrid::tile::Tile;
use torrid::{Error, Events, Space};

/// Events around some places, as a file.
fn file(dir: &Path, places: &[(f64, f64)], each: u32) -> String {
    let mut text = "lng,lat\n".to_owned();
    for (i, (lng, lat)) in places.iter().enumerate() {
        for k in 0..each {
            let turn = f64::from(k) * 2.399 + i as f64;
            let far = 0.02 * f64::from(k).sqrt() / f64::from(each).sqrt() * 5.0;
            let lng = (lng + far * turn.cos() + 540.0).rem_euclid(360.0) - 180.0;
            let lat = lat + far * turn.sin() * 0.6;
            writeln!(text, "{lng},{lat}").expect("room");
        }
    }
    let path = dir.join("events.csv");
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

fn pyramid(file: &str, bandwidth: Bandwidth, zooms: Zooms) -> Result<Pyramid, Error> {
    let mut reading = Reading::open(&[file.to_owned()], Query::new(Space::Earth), &())?;
    Pyramid::of(&mut reading, &Wish { bandwidth, ..Wish::default() }, zooms)
}

/// The pixels of all tiles.
fn drawn(pyramid: &Pyramid, look: &Look) -> Result<HashMap<Tile, Vec<Premultiplied>>, Error> {
    let mut tiles = HashMap::new();
    let raw = |tile: &Computed<'_>| Ok(tile.picture().map(|image| image.pixels().to_vec()));
    let put = |tile: Tile, pixels: Vec<Premultiplied>| {
        assert!(tiles.insert(tile, pixels).is_none(), "{tile:?} twice");
        Ok(())
    };
    draw(pyramid, look, raw, put, &())?;
    Ok(tiles)
}

const METRES: fn(f64) -> Bandwidth = |metres| Bandwidth::Fixed(Length::Metres(metres));

#[test]
fn no_zoom_loses_mass() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.98, 0.3), (2.3, 48.8), (20.0, 70.0)], 400);
    for bandwidth in [METRES(900.0), Bandwidth::None] {
        let pyramid = pyramid(&file, bandwidth, Zooms { greatest: Some(10), ..Zooms::default() })?;
        for zoom in 0..=4u8 {
            let grid = pyramid.level_over(zoom, Frame::on_lattice(zoom, 0, 0, 256 << zoom, 256 << zoom)?)?;
            let mass = |row: u32| {
                grid.row(row).iter().map(|v| f64::from(*v)).sum::<f64>() * grid.frame().cell_area(i64::from(row))
            };
            let mass: f64 = (0..grid.frame().height()).map(mass).sum();
            assert!((mass - 1200.0).abs() < 0.05, "{bandwidth}, zoom {zoom}: {mass}");
        }
    }
    Ok(())
}

#[test]
fn blocks_put_together_are_the_density_smoothed_over_the_whole_world_at_once() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let places = [(179.9, 0.3), (2.3, 48.8), (20.0, 84.9), (-60.0, -80.0), (-179.9, 30.0)];
    for (metres, level) in [(300_000.0, 2u8), (40_000.0, 5)] {
        let file = file(dir.path(), &places, 40);
        let pyramid = pyramid(&file, METRES(metres), Zooms { greatest: Some(level), ..Zooms::default() })?;
        let world = Frame::on_lattice(level, 0, 0, 256 << level, 256 << level)?;
        let way = Smoothing::over_larger(world, Breadth::Ground(metres), 1)?;
        let mut cells = Accumulator::new(way.gather, Deposit::Spline, Aggregate::Count);
        let mut reading = Reading::open(&[file], Query::new(Space::Earth), &())?;
        let add = |all: &mut Events, events: &Events| {
            all.extend(events);
            Ok(())
        };
        for events in reading.pass("all", (usize::MAX, false), || Events::new(Space::Earth), add)? {
            cells.add(&events)?;
        }
        let counts = Accumulator::finish(vec![cells]);
        let whole = way.estimate(Gains::of(&counts).expect("sums").0);
        let put_together = pyramid.level_over(level, world)?;
        let most = whole.values().iter().fold(0.0f32, |most, v| most.max(*v));
        // What is left below the reach of a kernel is cut to nothing.
        let worst =
            whole.values().iter().zip(put_together.values()).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst <= 2e-6 * most, "{metres} m: off by {:e} of the maximum", worst / most);
    }
    Ok(())
}

/// The density over whole tiles as `torrid render --zoom` has it.
fn rendered(file: &str, bounds: [f64; 4], zoom: u8) -> Result<Density, Error> {
    let mut reading = Reading::open(&[file.to_owned()], Query::new(Space::Earth), &())?;
    let wish = Wish { bandwidth: METRES(900.0), bounds: Some(bounds), size: Size::Zoom(zoom), ..Wish::default() };
    Ok(density(&mut reading, &wish)?.density)
}

#[test]
fn a_tile_has_the_bytes_of_its_cut_from_a_picture_at_every_zoom_at_the_equator_at_70_and_across_the_date_line()
-> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.98, 0.3), (20.0, 70.0)], 300);
    let pyramid = pyramid(&file, METRES(900.0), Zooms { greatest: Some(13), ..Zooms::default() })?;
    let scale = Scale { vmin: Some(0.0), vmax: Some(20.0), ..Scale::default() };
    let look = Look { style: Style { scale, ..Style::default() }, ..Look::default() };
    let tiles = drawn(&pyramid, &look)?;
    let mut compared = 0;
    for zoom in 0..=13u8 {
        for bounds in [[179.8, 0.1, -179.8, 0.5], [19.8, 69.9, 20.2, 70.1]] {
            let density = rendered(&file, bounds, zoom)?;
            let frame = *density.grid.frame();
            let picture = picture(&density, &look)?.image;
            for (row, col) in
                (0..frame.height() / 256).flat_map(|row| (0..frame.width() / 256).map(move |col| (row, col)))
            {
                let x = (frame.first().0 / 256 + i64::from(col)).rem_euclid(1 << zoom) as u32;
                let tile = Tile::new(zoom, x, (frame.first().1 / 256) as u32 + row)?;
                let start = |line: u32| ((row * 256 + line) * frame.width() + col * 256) as usize;
                let cut: Vec<Premultiplied> =
                    (0..256).flat_map(|line| &picture.pixels()[start(line)..][..256]).copied().collect();
                match tiles.get(&tile) {
                    Some(pixels) => assert!(*pixels == cut, "{tile:?} differs"),
                    None => assert!(cut.iter().all(|p| *p == Premultiplied::CLEAR), "{tile:?} is missing"),
                }
                compared += usize::from(tiles.contains_key(&tile));
            }
        }
    }
    println!("{compared} tiles compared");
    assert!(compared >= 60);
    Ok(())
}

#[test]
fn a_tile_of_512_is_four_of_256_of_the_zoom_below() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 300);
    let of =
        |large| pyramid(&file, METRES(900.0), Zooms { least: 0, greatest: Some(if large { 10 } else { 11 }), large });
    let scale = Scale { vmin: Some(0.0), vmax: Some(20.0), ..Scale::default() };
    let look = Look { style: Style { scale, ..Style::default() }, ..Look::default() };
    let (large, small) = (drawn(&of(true)?, &look)?, drawn(&of(false)?, &look)?);
    for (tile, pixels) in &large {
        for (i, child) in tile.children().expect("a zoom below").into_iter().enumerate() {
            let (left, top) = (256 * (i % 2), 256 * (i / 2));
            let cut: Vec<Premultiplied> =
                (0..256).flat_map(|row| &pixels[(top + row) * 512 + left..][..256]).copied().collect();
            match small.get(&child) {
                Some(pixels) => assert!(*pixels == cut, "{child:?} differs"),
                None => assert!(cut.iter().all(|p| *p == Premultiplied::CLEAR), "{child:?} is missing"),
            }
        }
    }
    assert!(large.len() > 10);
    Ok(())
}

#[test]
fn tiles_are_the_same_on_any_number_of_threads() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8), (2.9, 48.2), (-100.0, 10.0)], 500);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| drawn(&pyramid(&file, METRES(400.0), Zooms::default())?, &Look::default()))
    };
    let one = on(1)?;
    assert!(one.len() > 20);
    assert!(one == on(3)?);
    Ok(())
}

/// The program with these arguments, in a folder of its own: whether it succeeded, and what it said.
fn run(dir: &Path, arguments: &[&str]) -> (bool, String, String) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(dir).args(arguments).output();
    let done = done.expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.success(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn the_program_writes_archives_and_tells_what_is_in_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 300);
    for out in ["a.pmtiles", "a.mbtiles", "tiles"] {
        let (done, report, said) = run(dir.path(), &["tiles", &file, "-o", out, "-b", "900m", "--json"]);
        assert!(done, "{out}: {said}");
        let report: serde_json::Value = serde_json::from_str(&report).expect("a JSON object");
        assert_eq!((&report["zooms"], &report["events"]), (&serde_json::json!([0, 11]), &serde_json::json!(300)));
        assert!(report["tiles"].as_u64().is_some_and(|tiles| tiles > 12), "{report}");
        assert!(report["error_bound"].as_f64().is_some_and(|error| error < 1.0 / 512.0), "{report}");
        assert!(dir.path().join(out).exists());
    }
    let text = std::fs::read_to_string(dir.path().join("tiles/tilejson.json")).expect("TileJSON");
    let told: serde_json::Value = serde_json::from_str(&text).expect("a JSON object");
    assert_eq!(told["units"], "events per km²");
    assert!(told["stops"].as_array().is_some_and(|stops| stops.len() == 17), "{told}");
    assert!(told["legend"].as_str().is_some_and(|legend| legend.contains("linear-gradient")), "{told}");
    let (done, _, said) = run(dir.path(), &["tiles", &file, "-o", "a.pmtiles", "-b", "900m"]);
    assert!(!done && said.contains("--force"), "{said}");
}

#[test]
fn what_tiles_cannot_show_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 10);
    for (arguments, says) in [
        (&["--kernel", "quartic"][..], "--kernel: found quartic"),
        (&["-b", "12px"], "--bandwidth: found `12px`"),
        (&["-b", "1cm"], "--bandwidth"),
        (&["-b", "knn:5"], "--bandwidth"),
        (&["--flat"], "tiles: found a flat space"),
        (&["--value", "lat"], "tiles: found a summary of readings"),
        (&["--method", "exact"], "--method: found exact"),
        (&["--size", "10x10"], "--size with tiles"),
        (&["--base", "land"], "--base with tiles"),
        (&["--bounds", "nan,0,1,1"], "--bounds"),
        (&["--bounds", "5,1,6,1"], "--bounds"),
        (&["-z", "25"], "--maxzoom: found zooms 0 to 25"),
        (&["-Z", "5", "-z", "4"], "--maxzoom: found zooms 5 to 4"),
        (&["-b", "2km", "-z", "22"], "million tiles up to zoom 22"),
    ] {
        let all = [&["tiles", &file, "-o", "a.pmtiles"], arguments].concat();
        let (done, _, said) = run(dir.path(), &all);
        assert!(!done && said.contains(says), "{arguments:?}: {said}");
        assert!(!dir.path().join("a.pmtiles").exists());
    }
}

#[test]
fn a_narrow_kernel_over_the_whole_world_is_drawn() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 60.8), (-60.0, -40.0)], 3);
    let pyramid = pyramid(&file, METRES(200.0), Zooms { greatest: Some(13), ..Zooms::default() })?;
    let (_, error) = pyramid.method()?;
    assert!(error > 0.0 && error < 1.0 / 512.0, "{error:e}");
    let grid = pyramid.level_over(2, Frame::on_lattice(2, 0, 0, 1024, 1024)?)?;
    assert!(grid.values().iter().any(|v| *v > 0.0));
    Ok(())
}

#[test]
fn events_beyond_the_map_are_told_apart_from_none() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("pole.csv"), "lng,lat\n1,89\n2,-88\n").expect("a file");
    let (done, _, said) = run(dir.path(), &["tiles", "pole.csv", "-o", "a.pmtiles", "-b", "5km"]);
    assert!(!done && said.contains("none on the map"), "{said}");
}

#[test]
fn a_zoom_is_read_once_from_standard_input_and_counts_what_reaches_the_picture() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8), (20.0, 70.0)], 300);
    let report = |options: &[&str]| {
        let all = [&["render", "-", "--format", "csv", "-o", "a.tif", "-f", "--json"], options].concat();
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_torrid"));
        program.current_dir(dir.path()).args(all).stdin(std::fs::File::open(&file).expect("the file"));
        let done = program.output().expect("the program runs");
        assert!(done.status.success(), "{options:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("a JSON object")
    };
    for bandwidth in ["900m", "900km", "0.01m"] {
        assert_eq!(report(&["--zoom", "3", "-b", bandwidth])["events"], 600, "{bandwidth}");
    }
    assert_eq!(report(&["--zoom", "9", "-b", "900m", "--bounds", "2.2,48.7,2.4,48.9"])["events"], 300);
}
