//! Maps of tracks: the same whatever recorded them, private where that was asked for, and made of whatever can be read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

/// Minutes and positions of a walk through a town, straight between ten places.
const WALK: [(f64, f64, f64); 10] = [
    (0.0, 2.3300, 48.8500),
    (6.0, 2.3345, 48.8512),
    (11.0, 2.3371, 48.8541),
    (19.0, 2.3312, 48.8570),
    (24.0, 2.3350, 48.8588),
    (30.0, 2.3412, 48.8575),
    (37.0, 2.3440, 48.8537),
    (45.0, 2.3391, 48.8508),
    (52.0, 2.3352, 48.8490),
    (59.0, 2.3302, 48.8498),
];

/// Where the walk is, in minutes from its start.
fn place(minute: f64) -> (f64, f64) {
    let pair = WALK.windows(2).find(|pair| minute <= pair[1].0).unwrap_or(&WALK[8..]);
    let share = (minute - pair[0].0) / (pair[1].0 - pair[0].0);
    (pair[0].1 + share * (pair[1].1 - pair[0].1), pair[0].2 + share * (pair[1].2 - pair[0].2))
}

/// The walk with its ten places, and so many more fixes in each stretch between two.
fn walk(more: usize) -> Vec<(f64, f64, f64)> {
    let mut fixes = Vec::new();
    for pair in WALK.windows(2) {
        for step in 0..=more {
            let minute = pair[0].0 + (pair[1].0 - pair[0].0) * step as f64 / (more + 1) as f64;
            let (lng, lat) = place(minute);
            fixes.push((minute, lng, lat));
        }
    }
    fixes.push(WALK[9]);
    fixes
}

fn time(minute: f64) -> String {
    let seconds = minute * 60.0;
    let (hours, rest) = ((seconds / 3600.0) as u32, seconds % 3600.0);
    format!("2026-05-01T{:02}:{:02}:{:06.3}Z", 9 + hours, (rest / 60.0) as u32, rest % 60.0)
}

fn gpx(fixes: &[(f64, f64, f64)]) -> String {
    let mut text = String::from(r#"<gpx version="1.1" creator="a test"><trk><name>a walk</name><trkseg>"#);
    for (minute, lng, lat) in fixes {
        write!(text, r#"<trkpt lat="{lat:.9}" lon="{lng:.9}"><time>{}</time></trkpt>"#, time(*minute)).unwrap();
    }
    text + "</trkseg></trk></gpx>"
}

fn torrid(dir: &Path, arguments: &str) -> Output {
    Command::cargo_bin("torrid").unwrap().current_dir(dir).args(arguments.split_whitespace()).output().unwrap()
}

/// Runs a command that has to succeed; its report.
fn done(dir: &Path, arguments: &str) -> Value {
    let output = torrid(dir, &format!("{arguments} --json -q"));
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// Runs a command that has to fail; what it says.
fn refused(dir: &Path, arguments: &str) -> String {
    let output = torrid(dir, arguments);
    assert!(!output.status.success(), "{arguments} is refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The values of a .npy of `f32`.
fn npy(path: &Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[10 + header..].chunks(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn values(dir: &Path, arguments: &str) -> Vec<f32> {
    done(dir, &format!("render {arguments} -o values.npy -f"));
    npy(&dir.join("values.npy"))
}

/// The greatest difference of two maps, as a share of the greatest value.
fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "maps of one size");
    let most = a.iter().copied().filter(|v| !v.is_nan()).fold(0.0, f32::max);
    assert!(most > 0.0, "something is on the map");
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / most
}

const PARIS: &str = "--bounds=2.325,48.846,2.350,48.862 --size 400x390";

#[test]
fn a_walk_of_ten_fixes_and_one_of_a_thousand_give_the_same_map() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("few.gpx"), gpx(&walk(0))).unwrap();
    fs::write(dir.path().join("many.gpx"), gpx(&walk(110))).unwrap();
    assert_eq!((walk(0).len(), walk(110).len()), (10, 1000), "ten fixes, and a thousand");
    for weight in ["length", "time", "pass", "user"] {
        for bandwidth in ["none", "15m", "60m", "200m"] {
            let map = |file: &str| {
                values(dir.path(), &format!("{file} {PARIS} --track-weight {weight} --keep-jitter -b {bandwidth}"))
            };
            let apart = apart(&map("few.gpx"), &map("many.gpx"));
            assert!(apart < 0.01, "{weight}, -b {bandwidth}: {apart} of the maximum");
        }
    }
}

#[test]
fn the_map_of_lengths_adds_up_to_the_way_and_that_of_times_to_the_hour() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("walk.gpx"), gpx(&walk(3))).unwrap();
    let sum = |weight: &str| {
        let cells = values(dir.path(), &format!("walk.gpx {PARIS} --track-weight {weight} -b none --keep-jitter"));
        cells.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).sum::<f64>()
    };
    let metres = |a: (f64, f64, f64), b: (f64, f64, f64)| {
        let (dx, dy) = ((b.1 - a.1).to_radians() * a.2.to_radians().cos(), (b.2 - a.2).to_radians());
        dx.hypot(dy) * 6_371_008.8
    };
    let way: f64 = WALK.windows(2).map(|pair| metres(pair[0], pair[1])).sum();
    assert!((sum("length") / way - 1.0).abs() < 1e-4, "{} for {way} m", sum("length"));
    assert!((sum("time") / 3540.0 - 1.0).abs() < 1e-5, "{} for 59 minutes", sum("time"));
}

#[test]
fn a_pass_counts_once_in_a_cell_and_a_person_once_over_all_tracks() {
    let dir = TempDir::new().unwrap();
    for (i, start) in [0.0, 500.0, 900.0].into_iter().enumerate() {
        let fixes: Vec<_> = walk(20).into_iter().map(|(minute, lng, lat)| (minute + start / 60.0, lng, lat)).collect();
        fs::write(dir.path().join(format!("{i}.gpx")), gpx(&fixes)).unwrap();
    }
    let most = |options: &str| {
        let map = values(dir.path(), &format!("*.gpx {PARIS} -b none {options}"));
        map.into_iter().filter(|v| !v.is_nan()).fold(0.0, f32::max)
    };
    assert_eq!(most("--track-weight pass"), 3.0, "three passes");
    assert_eq!(most("--track-weight user"), 1.0, "of one person");
    assert_eq!(most("--track-weight user --user file"), 3.0, "unless files are people");
}

#[test]
fn nothing_inside_a_hidden_circle_is_in_any_output() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("walk.gpx"), gpx(&walk(10))).unwrap();
    // Around the fourth place.
    let (lng, lat, radius) = (2.3312_f64, 48.8570_f64, 150.0);
    let hide = format!("--hide {lat},{lng},{radius}m");
    let inside = |x: f64, y: f64| {
        let (dx, dy) = ((x - lng).to_radians() * lat.to_radians().cos(), (y - lat).to_radians());
        dx.hypot(dy) * 6_371_008.8 < radius * 0.999
    };
    for weight in ["length", "time", "pass", "user"] {
        for bandwidth in ["none", "40m"] {
            let options = format!("walk.gpx {PARIS} -b {bandwidth} --track-weight {weight}");
            done(dir.path(), &format!("render {options} -o open.csv -f"));
            done(dir.path(), &format!("render {options} {hide} -o hidden.csv -f"));
            let heat = |name: &str| {
                let text = fs::read_to_string(dir.path().join(name)).unwrap();
                let rows: Vec<Vec<f64>> =
                    text.lines().skip(1).map(|line| line.split(',').map(|n| n.parse().unwrap()).collect()).collect();
                rows.iter().filter(|row| inside(row[2], row[3])).map(|row| row[4]).sum::<f64>()
            };
            assert!(heat("open.csv") > 0.0, "{weight}: the walk goes there");
            assert_eq!(heat("hidden.csv"), 0.0, "{weight}, -b {bandwidth}: nothing is shown of it");
        }
    }
    let zoomed = format!("walk.gpx {PARIS} -b 20m");
    let zoomed = zoomed.replace("--size 400x390", "--zoom 16");
    let open = values(dir.path(), &zoomed);
    let hidden = values(dir.path(), &format!("{zoomed} {hide}"));
    let gone = open.iter().zip(&hidden).filter(|(a, b)| **a > 0.0 && (b.is_nan() || **b == 0.0)).count();
    // 150 m around, at 1.6 m a cell.
    assert!(gone > 5000, "in tiles the circle is empty too: {gone} cells");
    let report = done(dir.path(), &format!("render {zoomed} {hide} -o map.png -f"));
    assert_eq!(report["tracks"]["privacy"], "1 circle hidden");
    let text = String::from_utf8_lossy(&fs::read(dir.path().join("map.png")).unwrap()).into_owned();
    assert!(text.contains("1 circle hidden"), "the picture says so");
    assert!(!text.contains("2.3312") && !text.contains("48.857"), "and not where");
}

#[test]
fn cells_and_tiles_hide_what_is_hidden() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("walk.gpx"), gpx(&walk(10))).unwrap();
    let hide = "--hide 48.8570,2.3312,150m";
    done(dir.path(), &format!("cells walk.gpx {hide} --zoom 18 -o cells.parquet"));
    let near = "--bounds=2.33,48.8562,2.3324,48.8578 --size 60x60 -b none --weight weight --agg sum";
    let said = refused(dir.path(), &format!("render cells.parquet {near} -o near.csv"));
    assert!(said.contains("weight") || said.contains("event"), "{said}");
    done(dir.path(), &format!("tiles walk.gpx {hide} -b 20m -o tiles --minzoom 16 --maxzoom 16"));
    done(dir.path(), "tiles walk.gpx -b 20m -o open --minzoom 16 --maxzoom 16");
    let size = |folder: &str| {
        let mut found = vec![dir.path().join(folder)];
        let mut bytes = 0;
        while let Some(path) = found.pop() {
            if path.is_dir() {
                found.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if path.extension().is_some_and(|e| e == "png") {
                let picture = image::open(&path).unwrap().into_rgba8();
                bytes += picture.pixels().filter(|pixel| pixel.0[3] > 0).count();
            }
        }
        bytes
    };
    let (hidden, open) = (size("tiles"), size("open"));
    assert!(hidden > 0 && hidden + 3000 < open, "{hidden} pixels of {open}");
    let about = fs::read_to_string(dir.path().join("tiles/tilejson.json")).unwrap();
    assert!(about.contains("1 circle hidden") && !about.contains("2.3312"), "{about}");
}

#[test]
fn ends_are_cut_and_cells_of_too_few_people_are_not_shown() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("a.gpx"), gpx(&walk(10))).unwrap();
    // Two others go along with the first half.
    for name in ["b", "c"] {
        let half: Vec<_> = walk(10).into_iter().filter(|fix| fix.0 <= 30.0).collect();
        let text = gpx(&half).replace("2026-05-01", if name == "b" { "2026-05-02" } else { "2026-05-03" });
        fs::write(dir.path().join(format!("{name}.gpx")), text).unwrap();
    }
    let sum = |options: &str| {
        let map = values(dir.path(), &format!("*.gpx {PARIS} -b none --user file {options}"));
        map.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).sum::<f64>()
    };
    let (all, trimmed, crowd) = (sum(""), sum("--trim 100m"), sum("--min-users 3"));
    assert!((all - trimmed - 600.0).abs() < 0.01 * all, "100 m at six ends: {all} {trimmed}");
    let alone = values(dir.path(), &format!("a.gpx {PARIS} -b none --trim 0.1m"));
    let alone: f64 = alone.iter().filter(|v| !v.is_nan()).map(|v| f64::from(*v)).sum();
    // What the first walked alone, but for cells in which the others turned back.
    let together = all - crowd;
    assert!(
        crowd > 0.0 && together > 0.0 && (crowd / 3.0 + together - alone).abs() < 0.05 * alone,
        "{all} {crowd} {alone}"
    );
    let said = refused(dir.path(), "render a.gpx b.gpx c.gpx --user file --min-users 4 -o four.png");
    assert!(said.contains("--min-users") && said.contains("4 people"), "nowhere were four: {said}");
    let extent = |options: &str| {
        let report = done(dir.path(), &format!("render *.gpx --user file -b none {options} -o extent.npy -f"));
        report["extent"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect::<Vec<_>>()
    };
    let (open, private) = (extent(""), extent("--min-users 3"));
    assert!(private[1] > open[1] + 5e-4, "where one went alone does not show in the extent: {open:?} {private:?}");
}

#[test]
fn a_recording_that_is_given_twice_counts_once() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("a.gpx"), gpx(&walk(10))).unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(gpx(&walk(10)).as_bytes()).unwrap();
    fs::write(dir.path().join("b.gpx.gz"), packed.finish().unwrap()).unwrap();
    let once = values(dir.path(), &format!("a.gpx {PARIS} -b 30m"));
    let report = done(dir.path(), &format!("render a.gpx b.gpx.gz {PARIS} -b 30m -o values.npy -f"));
    assert_eq!(once, npy(&dir.path().join("values.npy")), "the same map");
    assert_eq!(report["tracks"]["duplicates"].as_array().unwrap().len(), 1, "{report}");
}

#[test]
fn the_number_of_threads_and_the_order_of_files_change_nothing() {
    let dir = TempDir::new().unwrap();
    for i in 0..7 {
        let fixes: Vec<_> =
            walk(5 + i).into_iter().map(|(m, x, y)| (m, x + 1e-3 * i as f64, y - 7e-4 * i as f64)).collect();
        fs::write(dir.path().join(format!("{i}.gpx")), gpx(&fixes)).unwrap();
    }
    for weight in ["length", "time", "pass", "user"] {
        let options = format!("{PARIS} -b 25m --track-weight {weight}");
        let one = values(dir.path(), &format!("0.gpx 1.gpx 2.gpx 3.gpx 4.gpx 5.gpx 6.gpx {options} -j 1"));
        let four = values(dir.path(), &format!("6.gpx 3.gpx 0.gpx 5.gpx 1.gpx 4.gpx 2.gpx {options} -j 4"));
        assert!(one == four, "{weight}");
    }
}

#[test]
fn a_way_across_the_antimeridian_is_short_and_a_long_one_bends() {
    let dir = TempDir::new().unwrap();
    let csv = |rows: &str| format!("track,lon,lat\n{rows}");
    fs::write(dir.path().join("ferry.csv"), csv("a,179.5,-17\na,-179.5,-17\n")).unwrap();
    fs::write(dir.path().join("flight.csv"), csv("a,-0.45,51.47\na,-118.4,33.94\n")).unwrap();
    let map = values(dir.path(), "ferry.csv --track track --bounds=-180,-30,180,0 --size 720x60 -b none");
    let metres: f32 = map.iter().filter(|v| !v.is_nan()).sum();
    assert!((metres - 106_300.0).abs() < 500.0, "one degree at 17° south: {metres} m");
    let map = values(dir.path(), "flight.csv --track track --bounds=-180,-80,180,80 --size 720x400 -b none");
    let north = map.iter().position(|v| *v > 0.0).unwrap() / 720;
    // Great circle from London to Los Angeles: up to 61.6° north.
    let lat = {
        let y = 80f64.to_radians().tan().asinh() * (1.0 - 2.0 * (north as f64 + 0.5) / 400.0);
        y.sinh().atan().to_degrees()
    };
    assert!((60.5..62.7).contains(&lat), "the northernmost row is at {lat}");
}

#[test]
fn every_shared_file_of_tracks_is_drawn_and_those_that_cannot_be_read_are_named() {
    let Some(tracks) = common::shared("data/tracks") else { return };
    let dir = TempDir::new().unwrap();
    let folder = tracks.display().to_string();
    let report = done(
        dir.path(),
        &format!(
            "render {folder}/*/*.gpx* {folder}/*/*.tcx* {folder}/*/*.fit {folder}/*/*.FIT --bounds=-180,-60,180,75 --width 1024 -b none -o all.png -f"
        ),
    );
    let unreadable: Vec<&str> =
        report["tracks"]["unreadable"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    let expected = [
        "activity-activity-filecrc.fit",
        "activity-filecrc.fit",
        "activity-settings-corruptheader.fit",
        "activity-settings-nodata.fit",
        "activity-unexpected-eof.fit",
        "coros-pace-2-cycling-misaligned-fields.fit",
        "nick.fit",
        "strava-android-app-201.10-b1218918.fit",
    ];
    for name in expected {
        assert!(unreadable.iter().any(|file| file.ends_with(&format!("/{name}"))), "{name} is named: {unreadable:?}");
    }
    assert_eq!(unreadable.len(), expected.len(), "{unreadable:?}");
    assert!(report["tracks"]["tracks"].as_u64().unwrap() > 40, "{report}");
}

#[test]
fn fixes_are_events_when_that_is_asked_for() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("walk.gpx"), gpx(&walk(10))).unwrap();
    let report = done(dir.path(), &format!("render walk.gpx {PARIS} -b none --track-weight fix -o fixes.npy -f"));
    assert_eq!((&report["events"], &report["tracks"]), (&walk(10).len().into(), &Value::Null), "{report}");
    assert_eq!(report["quantity"], "events per cell");
    let report = done(dir.path(), &format!("render walk.gpx {PARIS} -b 30m -o lines.npy -f"));
    assert_eq!(report["quantity"], "metres per km²");
    assert_eq!(report["tracks"]["tracks"], 1);
}

#[test]
fn a_speed_that_nobody_has_and_a_gap_are_told() {
    let dir = TempDir::new().unwrap();
    let mut fixes = walk(60);
    fixes[300].2 += 0.01;
    fixes.iter_mut().skip(400).for_each(|fix| fix.0 += 90.0);
    fs::write(dir.path().join("walk.gpx"), gpx(&fixes)).unwrap();
    let report = done(dir.path(), &format!("render walk.gpx {PARIS} -b 30m -o lines.npy -f"));
    assert_eq!((&report["tracks"]["outliers"], &report["tracks"]["gaps"]), (&1.into(), &1.into()), "{report}");
    let said = torrid(dir.path(), &format!("render walk.gpx {PARIS} -b 30m -o lines.npy -f"));
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("--max-speed") && said.contains("--max-gap") && said.contains("1 track,"), "{said}");
}

#[test]
fn what_lines_cannot_be_is_refused() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("walk.gpx"), gpx(&walk(1))).unwrap();
    fs::write(dir.path().join("broken.gpx"), &gpx(&walk(1))[..700]).unwrap();
    for (options, words) in [
        ("walk.gpx --track-weight length --weight ele", ["--weight", "--track-weight fix"]),
        ("walk.gpx --track-weight length --flat", ["--flat", "Earth"]),
        ("walk.gpx --track-weight fix --hide 1,2,3m", ["--hide", "fix"]),
        ("walk.gpx --hide 2.33,48.85", ["--hide", "latitude first"]),
        ("walk.gpx --max-gap soon", ["--max-gap", "5min"]),
        ("walk.gpx --trim 3", ["--trim", "200m"]),
        ("broken.gpx", ["broken.gpx", "no track"]),
    ] {
        let said = refused(dir.path(), &format!("render {options} -o out.png"));
        assert!(words.iter().all(|word| said.contains(word)), "{options}: {said}");
        assert!(!dir.path().join("out.png").exists(), "nothing is written");
    }
}
