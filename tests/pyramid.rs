//! The pyramid: no seams, no mass lost, one density at every zoom.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use torrid::accumulate::{Accumulator, Deposit, Sparse};
use torrid::bandwidth::Breadth;
use torrid::bandwidth::{Bandwidth, Length};
use torrid::cells::Contents;
use torrid::counts::Aggregate;
use torrid::estimate::{Gains, Smoothing};
use torrid::frame::Frame;
use torrid::grid::Density;
use torrid::image::Premultiplied;
use torrid::lines::cells::Memory;
use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Look, picture};
use torrid::lines::pyramid::{Computed, Fit, Pyramid, Shown, Zooms, draw, fitted};
use torrid::lines::reading::Reading;
use torrid::placed::Placed;
use torrid::scale::{Norm, Scale};
use torrid::source::Query;
use torrid::style::Style;
use torrid::tile::Tile;
use torrid::{Error, Events, Space};

/// Events around some places, with readings, as a file.
fn file(dir: &Path, places: &[(f64, f64)], each: u32) -> String {
    let mut text = "lng,lat,reading\n".to_owned();
    for (i, (lng, lat)) in places.iter().enumerate() {
        for k in 0..each {
            let turn = f64::from(k) * 2.399 + i as f64;
            let far = 0.02 * f64::from(k).sqrt() / f64::from(each).sqrt() * 5.0;
            let lng = (lng + far * turn.cos() + 540.0).rem_euclid(360.0) - 180.0;
            let lat = lat + far * turn.sin() * 0.6;
            let reading = f64::from(k * 7919 % 101) / 10.0 - 2.0;
            writeln!(text, "{lng},{lat},{reading}").expect("room");
        }
    }
    let path = dir.join("events.csv");
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

fn reading<'a>(file: &str, aggregate: Aggregate) -> Result<Reading<'a>, Error> {
    let summed = matches!(aggregate, Aggregate::Count | Aggregate::Sum);
    let value = (!summed).then(|| "reading".into());
    Reading::open(&[file.to_owned()], Query { value, ..Query::new(Space::Earth) }, &())
}

fn pyramid(file: &str, bandwidth: Bandwidth, zooms: Zooms) -> Result<Pyramid, Error> {
    pyramid_of(file, (bandwidth, Aggregate::Count), zooms)
}

fn pyramid_of(file: &str, (bandwidth, aggregate): Kind, zooms: Zooms) -> Result<Pyramid, Error> {
    Pyramid::of(&mut reading(file, aggregate)?, &Wish { bandwidth, aggregate, ..Wish::default() }, zooms)
}

/// What a pyramid is of.
type Kind = (Bandwidth, Aggregate);

/// The pixels of all tiles.
fn drawn(pyramid: &Pyramid, look: &Look) -> Result<HashMap<Tile, Vec<Premultiplied>>, Error> {
    drawn_by(pyramid, look, Fit::All)
}

fn drawn_by(pyramid: &Pyramid, look: &Look, fit: Fit) -> Result<HashMap<Tile, Vec<Premultiplied>>, Error> {
    let mut tiles = HashMap::new();
    let raw = |tile: &Computed<'_>| {
        let pixels = tile.painted(tile.values).map(|image| image.pixels().to_vec());
        let same = match tile.shown() {
            None => pixels.is_none(),
            Some(Shown::Pixels(image)) => pixels.as_ref().is_some_and(|pixels| image.pixels() == pixels),
            Some(Shown::Places(colours, places)) => {
                let same = places.iter().map(|place| colours[usize::from(*place)].premultiply());
                pixels.as_ref().is_some_and(|pixels| same.eq(pixels.iter().copied()))
            }
        };
        assert!(same, "what is shown is the picture");
        Ok(pixels)
    };
    let put = |tile: Tile, pixels: Vec<Premultiplied>| {
        assert!(tiles.insert(tile, pixels).is_none(), "{tile:?} twice");
        Ok(())
    };
    let (fitted, kept) = fitted(pyramid, fit, &())?;
    draw(pyramid, (look, &fitted, &kept), raw, put, &())?;
    Ok(tiles)
}

const METRES: fn(f64) -> Bandwidth = |metres| Bandwidth::Fixed(Length::Metres(metres));
const PIXELS: fn(f64) -> Bandwidth = |pixels| Bandwidth::Fixed(Length::Pixels(pixels));

/// Colours that do not depend on what is drawn: of a density at any zoom, of a reading.
fn fixed_look(aggregate: Aggregate) -> Look {
    let scale = match aggregate {
        Aggregate::Count => Scale { vmin: Some(1e-9), vmax: Some(1e3), ..Scale::new(Norm::Log) },
        _ => Scale { vmin: Some(-3.0), vmax: Some(9.0), ..Scale::default() },
    };
    Look { style: Style { scale, ..Style::default() }, ..Look::default() }
}

/// Events as the cells of a zoom have them.
fn placed(events: &Events, zoom: u8) -> Placed {
    let mut sparse = Sparse::new(zoom, Contents::default());
    sparse.add(events).expect("counts fit");
    let mut placed = Placed::default();
    sparse.take().for_each(|cell| placed.push(&cell, zoom, Contents::default()));
    placed
}

#[test]
fn the_mean_of_a_pixel_is_that_of_a_picture_of_its_zoom() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.98, 0.3), (2.3, 48.8)], 200);
    let kind = (Bandwidth::None, Aggregate::Mean);
    let pyramid = pyramid_of(&file, kind, Zooms { greatest: Some(12), ..Zooms::default() })?;
    for zoom in 0..=2u8 {
        let drawn = rendered(&file, kind, [-180.0, -85.1, 180.0, 85.1], zoom)?.grid;
        let folded = pyramid.level_over(zoom, *drawn.frame())?;
        let close = |(a, b): (&f32, &f32)| (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-5;
        assert!(drawn.values().iter().zip(folded.values()).all(close), "zoom {zoom}");
        assert!(folded.values().iter().any(|value| !value.is_nan()), "zoom {zoom}");
    }
    Ok(())
}

#[test]
fn tiles_of_cells_are_those_of_the_events_and_do_not_depend_on_memory() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let events = file(dir.path(), &[(179.98, 0.3), (2.3, 48.8), (20.0, 70.0)], 3000);
    let (_, _, said) = run(dir.path(), &["cells", &events, "-o", "cells.parquet", "-z", "21"]);
    assert!(said.contains("cells of zoom 21"), "{said}");
    for options in [&["-b", "3km"][..], &["-b", "none", "-z", "9"], &["-b", "3px", "-z", "5"]] {
        let bounds = ["--bounds", "-180,-85,180,85", "--norm", "log", "-q"];
        let tiles = |input: &str, folder: &str| {
            std::fs::create_dir_all(dir.path().join(folder)).expect("a folder");
            let out = format!("{folder}/a.pmtiles");
            let all = [&["tiles", input, "-f", "-o", &out], options, &bounds].concat();
            let (done, _, said) = run(dir.path(), &all);
            assert!(done, "{all:?}: {said}");
            std::fs::read(dir.path().join(out)).expect("an archive")
        };
        assert!(tiles(&events, "events") == tiles("cells.parquet", "cells"), "{options:?}: the same bytes");
    }
    let cells = dir.path().join("cells.parquet").display().to_string();
    for (input, bandwidth) in [(&events, METRES(3000.0)), (&cells, METRES(3000.0)), (&events, PIXELS(4.0))] {
        let of = |bytes: usize| {
            let memory = Memory { bytes, folder: dir.path().to_owned() };
            let wish = Wish { bandwidth, memory, ..Wish::default() };
            let zooms = Zooms { greatest: Some(6), ..Zooms::default() };
            let pyramid = Pyramid::of(&mut reading(input, Aggregate::Count)?, &wish, zooms)?;
            drawn(&pyramid, &fixed_look(Aggregate::Count))
        };
        assert!(of(1 << 30)? == of(1)?, "{input}, {bandwidth}: the same pixels");
    }
    Ok(())
}

#[test]
fn no_zoom_loses_mass() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.98, 0.3), (2.3, 48.8), (20.0, 70.0)], 400);
    for bandwidth in [METRES(900.0), PIXELS(8.0), Bandwidth::None] {
        let pyramid = pyramid(&file, bandwidth, Zooms { greatest: Some(10), ..Zooms::default() })?;
        for zoom in 0..=4u8 {
            let grid = pyramid.level_over(zoom, Frame::on_lattice(zoom, 0, 0, 256 << zoom, 256 << zoom)?)?;
            let mass = |row: u32| {
                grid.row(row).iter().map(|v| f64::from(*v)).sum::<f64>() * grid.frame().cell_area(i64::from(row))
            };
            let mass: f64 = (0..grid.frame().height()).map(mass).sum();
            // At zoom 0 events are put some 40 km off, into rows of another area.
            assert!((mass - 1200.0).abs() < 0.15, "{bandwidth}, zoom {zoom}: {mass}");
        }
    }
    Ok(())
}

#[test]
fn blocks_put_together_are_the_density_smoothed_over_the_whole_world_at_once() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let places = [(179.9, 0.3), (2.3, 48.8), (20.0, 84.9), (-60.0, -80.0), (-179.9, 30.0)];
    for (bandwidth, level) in [(METRES(300_000.0), 2u8), (METRES(40_000.0), 5), (PIXELS(10.0), 4)] {
        let file = file(dir.path(), &places, 40);
        let pyramid = pyramid(&file, bandwidth, Zooms { greatest: Some(level), ..Zooms::default() })?;
        let world = Frame::on_lattice(level, 0, 0, 256 << level, 256 << level)?;
        let way = match bandwidth {
            Bandwidth::Fixed(Length::Metres(metres)) => Smoothing::over_larger(world, Breadth::Ground(metres), 1)?,
            _ => Smoothing::new(world, Some(Breadth::Cells(10.0, 10.0)))?,
        };
        let mut cells = Accumulator::of_cells(way.gather, Deposit::Spline, Aggregate::Count);
        let mut reading = Reading::open(&[file], Query::new(Space::Earth), &())?;
        let add = |all: &mut Events, events: &Events| {
            all.extend(events);
            Ok(())
        };
        for events in reading.pass("all", (usize::MAX, false), || Events::new(Space::Earth), add)? {
            let placed = placed(&events, pyramid.cells_zoom());
            cells.add_cells(&placed, &(0..placed.len()))?;
        }
        let counts = Accumulator::finish(vec![cells]);
        let whole = way.estimate(Gains::of(&counts).expect("sums").0);
        let put_together = pyramid.level_over(level, world)?;
        let most = whole.values().iter().fold(0.0f32, |most, v| most.max(*v));
        // What is left below the reach of a kernel is cut to nothing.
        let worst =
            whole.values().iter().zip(put_together.values()).fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst <= 2e-6 * most, "{bandwidth}: off by {:e} of the maximum", worst / most);
    }
    Ok(())
}

/// The values over whole tiles as `torrid render --zoom` has them.
fn rendered(file: &str, (bandwidth, aggregate): Kind, bounds: [f64; 4], zoom: u8) -> Result<Density, Error> {
    let size = Size::Zoom(zoom);
    let wish = Wish { bandwidth, aggregate, bounds: Some(bounds), size, ..Wish::default() };
    Ok(density(&mut reading(file, aggregate)?, &wish)?.density)
}

/// Compares the tiles of a zoom with their cuts from a picture; how many there are.
fn compare(
    tiles: &HashMap<Tile, Vec<Premultiplied>>,
    zoom: u8,
    density: &Density,
    look: &Look,
) -> Result<usize, Error> {
    let frame = *density.grid.frame();
    let picture = picture(density, look)?.image;
    let mut compared = 0;
    for (row, col) in (0..frame.height() / 256).flat_map(|row| (0..frame.width() / 256).map(move |col| (row, col))) {
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
    Ok(compared)
}

#[test]
fn a_tile_has_the_bytes_of_its_cut_from_a_picture_at_every_zoom_at_the_equator_at_70_and_across_the_date_line()
-> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.98, 0.3), (20.0, 70.0)], 300);
    let counted = (METRES(900.0), Aggregate::Count);
    let others = [
        (METRES(900.0), Aggregate::Mean),
        (PIXELS(8.0), Aggregate::Count),
        (PIXELS(1.5), Aggregate::Count),
        (PIXELS(20.0), Aggregate::Mean),
    ];
    let (some, all): (&[u8], Vec<u8>) = (&[0, 4, 9, 10, 11, 13], (0..=13).collect());
    for (kind, zooms) in others.into_iter().map(|kind| (kind, some)).chain([(counted, &all[..])]) {
        let pyramid = pyramid_of(&file, kind, Zooms { greatest: Some(13), ..Zooms::default() })?;
        let look = fixed_look(kind.1);
        let tiles = drawn(&pyramid, &look)?;
        let mut compared = 0;
        for zoom in zooms {
            for bounds in [[179.8, 0.1, -179.8, 0.5], [19.8, 69.9, 20.2, 70.1]] {
                compared += compare(&tiles, *zoom, &rendered(&file, kind, bounds, *zoom)?, &look)?;
            }
        }
        assert!(compared >= 4 * zooms.len(), "{kind:?}: {compared} tiles");
    }
    Ok(())
}

#[test]
fn with_a_scale_for_each_zoom_its_tiles_are_cuts_from_a_picture_of_the_whole_zoom() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(179.9, 0.3), (2.3, 48.8), (20.0, 70.0)], 200);
    let (world, part) = ([-180.0, -85.1, 180.0, 85.1], [0.1, 46.1, 5.1, 50.1]);
    for (kind, norm) in [
        ((METRES(40_000.0), Aggregate::Count), Norm::EqHist),
        ((METRES(45_000.0), Aggregate::Count), Norm::Log),
        ((METRES(40_000.0), Aggregate::Mean), Norm::Quantile),
        ((PIXELS(8.0), Aggregate::Count), Norm::Linear),
    ] {
        let look = Look { style: Style { scale: Scale::new(norm), ..Style::default() }, ..Look::default() };
        for (bounds, zooms) in [(world, 0..=3u8), (part, 2..=6)] {
            let (bandwidth, aggregate) = kind;
            let wish = Wish { bandwidth, aggregate, bounds: (bounds == part).then_some(part), ..Wish::default() };
            let ends = Zooms { least: *zooms.start(), greatest: Some(*zooms.end()), large: false };
            let pyramid = Pyramid::of(&mut reading(&file, aggregate)?, &wish, ends)?;
            let tiles = drawn_by(&pyramid, &look, Fit::PerZoom)?;
            for zoom in zooms {
                let density = rendered(&file, kind, bounds, zoom)?;
                assert!(compare(&tiles, zoom, &density, &look)? > 0, "{kind:?}, zoom {zoom}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_zoomed_out_pixel_is_the_mean_of_the_readings_in_it_and_not_a_mean_of_means() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("readings.csv");
    // Both places, some 20 km apart, lie well inside one pixel of zoom 0; the third is alone in another.
    let many = "10.5,0.5,1\n".repeat(300);
    std::fs::write(&path, format!("lng,lat,reading\n{many}{}40.0,20.0,7\n", "10.7,0.5,100\n".repeat(3)))
        .expect("a file");
    let file = path.display().to_string();
    for bandwidth in [METRES(900.0), Bandwidth::None] {
        let pyramid =
            pyramid_of(&file, (bandwidth, Aggregate::Mean), Zooms { greatest: Some(10), ..Zooms::default() })?;
        let grid = pyramid.level_over(0, Frame::on_lattice(0, 0, 0, 256, 256)?)?;
        let known: Vec<f32> = grid.values().iter().copied().filter(|value| !value.is_nan()).collect();
        let expected = [7.0, (300.0 + 300.0) / 303.0];
        assert_eq!(known.len(), 2, "{bandwidth}: {known:?}");
        let right = known.iter().zip(expected).all(|(value, mean)| (value - mean).abs() < 1e-4);
        assert!(right, "{bandwidth}: {known:?} instead of {expected:?}");
    }
    Ok(())
}

#[test]
fn a_tile_of_512_is_four_of_256_of_the_zoom_below() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 300);
    for kind in [(METRES(900.0), Aggregate::Count), (PIXELS(8.0), Aggregate::Count), (METRES(900.0), Aggregate::Mean)] {
        let zooms = |large| Zooms { least: 0, greatest: Some(if large { 10 } else { 11 }), large };
        let of = |large| drawn(&pyramid_of(&file, kind, zooms(large))?, &fixed_look(kind.1));
        let (large, small) = (of(true)?, of(false)?);
        for (tile, pixels) in &large {
            for (i, child) in tile.children().expect("a zoom below").into_iter().enumerate() {
                let (left, top) = (256 * (i % 2), 256 * (i / 2));
                let cut: Vec<Premultiplied> =
                    (0..256).flat_map(|row| &pixels[(top + row) * 512 + left..][..256]).copied().collect();
                match small.get(&child) {
                    Some(pixels) => assert!(*pixels == cut, "{kind:?}: {child:?} differs"),
                    None => assert!(cut.iter().all(|p| *p == Premultiplied::CLEAR), "{kind:?}: {child:?} is missing"),
                }
            }
        }
        assert!(large.len() > 10, "{kind:?}");
    }
    Ok(())
}

#[test]
fn tiles_are_the_same_on_any_number_of_threads() -> Result<(), Error> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8), (2.9, 48.2), (-100.0, 10.0)], 500);
    for (kind, fit) in [
        ((METRES(400.0), Aggregate::Count), Fit::All),
        ((METRES(4000.0), Aggregate::Mean), Fit::PerZoom),
        ((PIXELS(8.0), Aggregate::Count), Fit::PerZoom),
    ] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| drawn_by(&pyramid_of(&file, kind, Zooms::default())?, &Look::default(), fit))
        };
        let one = on(1)?;
        assert!(one.len() > 10, "{kind:?}");
        assert!(one == on(3)?, "{kind:?}");
    }
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
fn scales_are_told_for_each_zoom_where_each_has_its_own() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 30);
    let told = |out: &str, options: &[&str]| {
        let (done, report, said) =
            run(dir.path(), &[&["tiles", &file, "-o", out, "-z", "3", "--json"], options].concat());
        assert!(done, "{options:?}: {said}");
        let text = std::fs::read_to_string(dir.path().join(out).join("tilejson.json")).expect("TileJSON");
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("a JSON object");
        (json(&text), json(&report), said)
    };
    let (all, report, said) = told("all", &["-b", "8px", "--scale", "all"]);
    assert!(all["stops"].is_array() && all.get("scales").is_none() && !said.contains("each zoom"), "{all}, {said}");
    assert!(report["limits"][1].is_f64(), "{report}");
    for (out, options) in [("pixels", &["-b", "8px"][..]), ("metres", &["-b", "100km", "--scale", "per-zoom"])] {
        let (each, report, said) = told(out, options);
        let scales = each["scales"].as_array().expect("a list");
        let zooms: Vec<u64> = scales.iter().filter_map(|scale| scale["zoom"].as_u64()).collect();
        assert_eq!(zooms, [0, 1, 2, 3], "{each}");
        assert!(scales.iter().all(|scale| scale["stops"].as_array().is_some_and(|stops| stops.len() == 17)), "{each}");
        assert!(each.get("stops").is_none() && each.get("value_range").is_none(), "{each}");
        assert!(each["legend"].as_str().is_some_and(|legend| legend.contains("zoom 3")), "{each}");
        assert_eq!(report["limits"][2]["zoom"], 2, "{report}");
        assert_eq!(said.contains("--scale all"), out == "pixels", "{said}");
    }
}

#[test]
fn what_tiles_cannot_show_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = file(dir.path(), &[(2.3, 48.8)], 10);
    for (arguments, says) in [
        (&["--kernel", "quartic"][..], "--kernel: found quartic"),
        (&["-b", "0.2px"], "--bandwidth: found `0.2px`"),
        (&["-b", "400px"], "--bandwidth: found `400px`"),
        (&["-b", "1cm"], "--bandwidth"),
        (&["-b", "knn:5"], "--bandwidth"),
        (&["--flat"], "tiles: found a flat space"),
        (&["--value", "lat", "--agg", "std"], "--agg: found std, min or max with tiles"),
        (&["--value", "lat", "--agg", "idw"], "--agg: found idw with tiles"),
        (&["--value", "lat", "--agg", "max", "-b", "3km"], "min or max with"),
        (&["--value", "lat", "--values", "count"], "--values: found count with a reading"),
        (&["--value", "lat", "--alpha", "evidence"], "--alpha with tiles"),
        (&["--unit", "m"], "--unit: found a unit without a reading"),
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
