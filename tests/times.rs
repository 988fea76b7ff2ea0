//! Frames in time: what their values are, that they share one scale, and the files they become.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use image::AnimationDecoder;
use serde_json::Value;
use tempfile::TempDir;
use torrid::lines::density::{Method, Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::picture::{Look, picture_among};
use torrid::lines::reading::Reading;
use torrid::lines::times::{Duration, Times, frames};
use torrid::source::Query;
use torrid::{Events, Space};

const DAY: i64 = 86_400_000_000;

/// Events on a page over 20 days, 1970: more and more of them, and further and further to the right.
fn events() -> Events {
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut events = Events::new(Space::PAGE);
    let mut times = Vec::new();
    for _ in 0..400 {
        let share = random().sqrt();
        events.push(20.0 + 160.0 * share + 10.0 * random(), 20.0 + 60.0 * random());
        times.push((share * 20.0 * DAY as f64) as i64);
    }
    events.time = Some(times);
    events
}

/// A folder with the events, and some that lack a time.
fn workshop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let events = events();
    let mut text = "x,y,time\n".to_owned();
    for (i, time) in events.time.iter().flatten().enumerate() {
        writeln!(text, "{},{},{}", events.x[i], events.y[i], *time as f64 / 1e6).unwrap();
    }
    text += "50,50,\n60,60,soon\n";
    fs::write(folder.path().join("events.csv"), text).unwrap();
    fs::write(folder.path().join("timeless.csv"), "x,y\n1,2\n3,4\n").unwrap();
    folder
}

fn reading(folder: &TempDir) -> Reading<'static> {
    let path = folder.path().join("events.csv").to_str().unwrap().to_owned();
    let query = Query { timed: Some("--time-bandwidth"), ..Query::new(Space::PAGE) };
    Reading::open(&[path], query, &()).unwrap()
}

fn wish(method: Method) -> Wish {
    Wish {
        bounds: Some([0.0, 0.0, 200.0, 100.0]),
        size: Size::Cells(40, 20),
        bandwidth: "15u".parse().unwrap(),
        method,
        ..Wish::default()
    }
}

fn times(bandwidth: &str, step: &str, from: i64, to: i64) -> Times {
    let duration = |text| Duration::parse("--step", text).unwrap();
    Times { bandwidth: duration(bandwidth), step: duration(step), from: Some(from), to: Some(to) }
}

#[test]
fn a_frame_is_the_sum_of_kernels_in_space_and_time() {
    let (folder, events) = (workshop(), events());
    for (bandwidth, method, within) in
        [("5d", Method::Exact, 2e-6), ("120h", Method::Exact, 2e-6), ("5d", Method::Fast, 2e-3)]
    {
        let mut reading = reading(&folder);
        let mut frames = frames(&mut reading, &wish(method), &times(bandwidth, "4d", 0, 20 * DAY)).unwrap();
        assert_eq!(frames.instants(), [0, 4 * DAY, 8 * DAY, 12 * DAY, 16 * DAY, 20 * DAY]);
        let found = frames.density(3).unwrap();
        let unit = if bandwidth == "5d" { "day" } else { "hour" };
        assert_eq!(found.quantity.to_string(), format!("events per px² per {unit}"));
        let hours = if unit == "hour" { 24.0 } else { 1.0 };
        let mut worst = 0.0f64;
        let mut most = 0.0f64;
        for row in 0..20u32 {
            for col in 0..40u32 {
                let (x, y) = (f64::from(col) * 5.0 + 2.5, f64::from(row) * 5.0 + 2.5);
                let mut sum = 0.0;
                for (i, time) in events.time.iter().flatten().enumerate() {
                    let s = (*time - 12 * DAY) as f64 / (5 * DAY) as f64;
                    let squared = (x - events.x[i]).powi(2) + (y - events.y[i]).powi(2);
                    let space = (-squared / 450.0).exp() / (std::f64::consts::TAU * 225.0);
                    sum += if s.abs() < 1.0 { 0.75 * (1.0 - s * s) / (5.0 * hours) * space } else { 0.0 };
                }
                worst = worst.max((sum - f64::from(found.grid.get(col, row))).abs());
                most = most.max(sum);
            }
        }
        assert!(worst <= within * most, "{bandwidth} {method:?}: off by {worst:e} of {most:e}");
    }
}

#[test]
fn all_frames_together_hold_every_event_once() {
    let folder = workshop();
    let mut reading_all = reading(&folder);
    let plain = density(&mut reading_all, &wish(Method::Exact)).unwrap().density;
    assert_eq!(reading_all.tally().bad(), 2, "events without a time are skipped and counted");
    let mut reading = reading(&folder);
    let span = times("4d", "12h", -5 * DAY, 25 * DAY);
    let mut frames = frames(&mut reading, &wish(Method::Exact), &span).unwrap();
    let mut sum = vec![0.0f64; plain.grid.values().len()];
    for number in 0..frames.instants().len() {
        let frame = frames.density(number).unwrap();
        sum.iter_mut().zip(frame.grid.values()).for_each(|(sum, v)| *sum += f64::from(*v) * 0.5);
    }
    let most = plain.grid.values().iter().fold(0.0f32, |a, b| a.max(*b));
    for (sum, plain) in sum.iter().zip(plain.grid.values()) {
        assert!((sum - f64::from(*plain)).abs() < 0.01 * f64::from(most), "{sum} {plain}");
    }
}

#[test]
fn a_value_has_one_colour_in_all_frames() {
    let folder = workshop();
    let mut reading = reading(&folder);
    let mut frames = frames(&mut reading, &wish(Method::Auto), &times("3d", "5d", 0, 20 * DAY)).unwrap();
    let summary = frames.summary().unwrap();
    let mut colours = std::collections::BTreeMap::new();
    let mut limits = Vec::new();
    for number in 0..frames.instants().len() {
        let density = frames.density(number).unwrap();
        let drawn = picture_among(&density, &Look::default(), &summary).unwrap();
        limits.push(drawn.limits);
        for (value, pixel) in density.grid.values().iter().zip(drawn.image.pixels()) {
            let level = (f64::from(*value) / summary.max() * 255.999) as u32;
            let seen: &mut Vec<[u8; 4]> = colours.entry(level).or_default();
            seen.push(pixel.0);
            seen.sort_unstable();
            seen.dedup();
        }
    }
    assert!(limits.iter().all(|limit| *limit == (0.0, summary.max())), "{limits:?}");
    // Rounding may put a value on the border of two levels.
    assert!(colours.values().all(|seen| seen.len() <= 2), "each level has its colour");
}

fn torrid(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(folder).args(["render", "--flat"]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const FRAMES: &[&str] = &["events.csv", "-b", "15u", "--size", "320x200", "--time-bandwidth", "4d", "--step", "2d"];

#[track_caller]
fn written(folder: &TempDir, out: &str, options: &[&str]) -> Value {
    let run = torrid(folder.path(), &[FRAMES, &["-o", out, "--json", "--legend"], options].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

#[test]
fn animations_read_back_as_the_pictures_of_their_frames() {
    let folder = workshop();
    let report = written(&folder, "frames/%03d.png", &["--background", "white"]);
    let list = report["frames"].as_array().unwrap();
    assert_eq!(
        (list.len(), &list[1]["file"], &list[1]["time"]),
        (10, &"frames/001.png".into(), &"1970-01-03T00:00:00Z".into())
    );
    assert_eq!((&report["time_bandwidth"], &report["step"]), (&"4d".into(), &"2d".into()));
    assert_eq!(report["quantity"], "events per px² per day");
    let stills: Vec<image::RgbaImage> = list
        .iter()
        .map(|frame| image::open(folder.path().join(frame["file"].as_str().unwrap())).unwrap().to_rgba8())
        .collect();
    assert!(stills.windows(2).all(|pair| pair[0] != pair[1]), "something changes");

    written(&folder, "film.webp", &["--background", "white", "--fps", "4"]);
    let webp = fs::File::open(folder.path().join("film.webp")).unwrap();
    let decoder = image::codecs::webp::WebPDecoder::new(std::io::BufReader::new(webp)).unwrap();
    assert!(decoder.has_animation());
    let moving: Vec<image::Frame> = decoder.into_frames().collect_frames().unwrap();
    assert_eq!(moving.len(), stills.len());
    for (still, frame) in stills.iter().zip(&moving) {
        assert!(still == frame.buffer(), "WebP loses nothing");
        assert_eq!(frame.delay().numer_denom_ms(), (250, 1));
    }

    written(&folder, "film.gif", &["--background", "white"]);
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(fs::File::open(folder.path().join("film.gif")).unwrap()).unwrap();
    let mut canvas = image::RgbaImage::new(320, 200);
    let mut number = 0;
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert_eq!(frame.delay, 20);
        for (i, pixel) in frame.buffer.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] > 0) {
            let (x, y) = (i as u32 % u32::from(frame.width), i as u32 / u32::from(frame.width));
            let pixel = image::Rgba([pixel[0], pixel[1], pixel[2], 255]);
            canvas.put_pixel(x + u32::from(frame.left), y + u32::from(frame.top), pixel);
        }
        let off = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b));
        let mean = canvas.iter().zip(stills[number].iter()).map(off).sum::<f64>() / canvas.len() as f64;
        assert!(mean < 2.0, "frame {number} of the GIF is off by {mean} of 255");
        number += 1;
    }
    assert_eq!(number, stills.len());
}

#[test]
fn a_film_of_a_clear_overlay_forgets_what_was_there_before() {
    let folder = workshop();
    written(&folder, "{n}.png", &[]);
    written(&folder, "film.webp", &[]);
    let webp = fs::File::open(folder.path().join("film.webp")).unwrap();
    let decoder = image::codecs::webp::WebPDecoder::new(std::io::BufReader::new(webp)).unwrap();
    for (number, frame) in decoder.into_frames().collect_frames().unwrap().iter().enumerate() {
        let still = image::open(folder.path().join(format!("{number}.png"))).unwrap().to_rgba8();
        let visible = |p: &image::Rgba<u8>| if p.0[3] == 0 { [0; 4] } else { p.0 };
        assert!(still.pixels().map(visible).eq(frame.buffer().pixels().map(visible)), "frame {number}");
    }
}

#[test]
fn the_number_of_threads_changes_no_byte_of_any_frame() {
    let folder = workshop();
    for (out, files) in
        [("a.webp", vec!["a.webp"]), ("a.gif", vec!["a.gif"]), ("{time}.tif", vec!["1970-01-01.tif", "1970-01-19.tif"])]
    {
        let bytes = |threads: &str| {
            let options: &[&str] = if out == "{time}.tif" { &[] } else { &["--legend"] };
            let run = torrid(folder.path(), &[FRAMES, &["-o", out, "-f", "-j", threads], options].concat());
            assert!(run.status.success(), "{}", text(&run.stderr));
            files.iter().map(|file| fs::read(folder.path().join(file)).unwrap()).collect::<Vec<_>>()
        };
        assert!(bytes("1") == bytes("2"), "{out}");
    }
}

#[test]
fn frames_that_cannot_be_are_refused_in_one_line_and_nothing_is_written() {
    let folder = workshop();
    fs::create_dir(folder.path().join("there")).unwrap();
    fs::write(folder.path().join("there/5.png"), "what was there").unwrap();
    let refused = |arguments: &[&str], words: &[&str]| {
        let run = torrid(folder.path(), &[&["-b", "15u", "--width", "50"], arguments].concat());
        let message = text(&run.stderr);
        assert!(!run.status.success(), "{arguments:?}");
        assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
        for word in [&["error: ", "found ", "expected "], words].concat() {
            assert!(message.contains(word), "{arguments:?} should say `{word}`: {message}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "{arguments:?} leaves nothing behind");
        assert_eq!(
            fs::read_dir(folder.path().join("there")).unwrap().count(),
            1,
            "{arguments:?} leaves nothing behind"
        );
    };
    let day = |more: &[&'static str]| [&["events.csv", "--time-bandwidth", "1d"], more].concat();
    refused(&["timeless.csv", "--time-bandwidth", "1d", "-o", "a.webp"], &["--time-bandwidth", "no time column"]);
    refused(&["events.csv", "--time-bandwidth", "7", "-o", "a.webp"], &["--time-bandwidth", "7d"]);
    refused(&["events.csv", "--time-bandwidth", "-2d", "-o", "a.webp"], &["--time-bandwidth"]);
    refused(&day(&["-o", "a.png"]), &["a.png", "%04d.png"]);
    refused(&day(&["-o", "a.webp", "--step", "30d"]), &["--step", "at least two frames"]);
    refused(&day(&["-o", "a.webp", "--step", "1s"]), &["--step", "at most 10000"]);
    refused(&day(&["-o", "a.webp", "--fps", "0"]), &["--fps"]);
    refused(&day(&["-o", "%d.png", "--fps", "3"]), &["--fps", "leave out"]);
    refused(&day(&["-o", "%d.tif", "--legend"]), &["--legend"]);
    refused(&day(&["-o", "%d.doc"]), &[".doc"]);
    refused(&day(&["-o", "there/%d.png"]), &["5.png", "--force"]);
    refused(&day(&["-o", "a.webp", "--value", "x", "--agg", "max"]), &["--agg"]);
    refused(&day(&["-o", "events.csv/%d.png"]), &["folder"]);
}

#[test]
fn a_frame_that_no_event_is_near_is_nothing_and_not_absent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    fs::write(&path, "x,y,time,mag\n50,50,1970-01-01,3\n60,60,1970-01-21,5\n").unwrap();
    for (method, value) in [(Method::Exact, None), (Method::Fast, None), (Method::Exact, Some("mag".to_owned()))] {
        let aggregate =
            if value.is_some() { torrid::counts::Aggregate::Mean } else { torrid::counts::Aggregate::Count };
        let query = Query { timed: Some("--time-bandwidth"), value: value.clone(), ..Query::new(Space::PAGE) };
        let mut reading = Reading::open(&[path.to_str().unwrap().to_owned()], query, &()).unwrap();
        let wish = Wish { aggregate, ..wish(method) };
        let mut frames = frames(&mut reading, &wish, &times("2d", "10d", 0, 20 * DAY)).unwrap();
        let middle = frames.density(1).unwrap();
        let absent = if value.is_some() { f32::is_nan } else { |v: f32| v == 0.0 };
        assert!(middle.grid.values().iter().all(|v| absent(*v)), "{method:?} {value:?}");
        let first = frames.density(0).unwrap();
        let most = first.grid.values().iter().filter(|v| v.is_finite()).fold(0.0f32, |a, b| a.max(*b));
        let expected = if value.is_some() {
            3.0
        } else {
            // The nearest centre of a cell is 2.5 px off both ways.
            0.375 * (-12.5f32 / 450.0).exp() / (std::f32::consts::TAU * 225.0)
        };
        assert!((most / expected - 1.0).abs() < 3e-3, "{most} {expected}");
    }
}
