//! The map page in a browser: what a person sees and reads there is what the server and the program's files say.
#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::f64::consts::PI;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "common/browser.rs"]
mod chromium;
#[path = "common/geotiff.rs"]
mod geotiff;
#[path = "common/served.rs"]
mod served;
#[path = "common/server.rs"]
mod server;

use chromium::{browser, go_through};
use geotiff::Tiff;
use served::Served;
use server::Server;

/// The zoom of the GeoTIFF.
const DEEPEST: u8 = 13;

/// The ground of the style on another host.
const GROUND: [u8; 3] = [32, 96, 80];

/// A town of three quarters, which events visit in turn over four weeks: each moves a little from day to day.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let quarters = [(2.352, 48.857, 0.010, 0.4), (2.38, 48.87, 0.008, 1.6), (2.31, 48.84, 0.014, 2.8)];
    let row = |i: u32| {
        let (lng, lat, wide, way) = quarters[[0, 0, 1, 0, 1, 2][(i % 6) as usize]];
        let (turn, far) = (f64::from(i) * 2.4, wide * (f64::from(i % 89) / 89.0).powi(2));
        let (day, hour) = (i / 6 % 28, i % 24);
        let (lng, lat) = (lng + 0.0015 * f64::from(day) * f64::cos(way), lat + 0.001 * f64::from(day) * f64::sin(way));
        format!("{},{},2018-10-{:02}T{hour:02}:00:00Z\n", lng + far * turn.cos(), lat + far / 1.5 * turn.sin(), day + 1)
    };
    let rows: String = (0..3000).map(row).collect();
    fs::write(folder.path().join("town.csv"), format!("lng,lat,time\n{rows}")).unwrap();
    folder
}

/// The middle of a cell of the lattice of a zoom, in degrees.
fn middle(zoom: u8, (col, row): (f64, f64)) -> (f64, f64) {
    let side = 256.0 * f64::from(zoom).exp2();
    let lat = (PI * (1.0 - 2.0 * (row + 0.5) / side)).sinh().atan().to_degrees();
    ((col + 0.5) / side * 360.0 - 180.0, lat)
}

/// Places and their values in a GeoTIFF of the deepest zoom: that of the greatest value, some others, and one of the
/// zoom above.
fn readings(tiff: &Tiff) -> (Value, Vec<Value>) {
    let first = &tiff.directories[0];
    let (cell, corner) = (first.doubles(33550)[0], first.doubles(33922));
    let world = 2.0 * PI * 6_378_137.0;
    let (west, north) = ((corner[3] + world / 2.0) / cell, (world / 2.0 - corner[4]) / cell);
    let reading = |level: usize, (col, row): (usize, usize)| {
        let (zoom, share) = (DEEPEST - level as u8, f64::from(level as u8).exp2());
        let (col, row) = ((west / share).round() + col as f64, (north / share).round() + row as f64);
        let (lng, lat) = middle(zoom, (col, row));
        move |value: f32| json!({ "lng": lng, "lat": lat, "zoom": zoom, "value": f64::from(value) })
    };
    let summit = |level: usize| {
        let read = tiff.directories[level].values(&tiff.bytes);
        let (at, _) = read.values.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
        (read.width, at, read)
    };
    let (width, at, deep) = summit(0);
    let (above_width, above_at, above) = summit(1);
    let nearby = [at, at + 60, at - 25 * width - 40];
    let mut all: Vec<Value> = nearby.map(|at| reading(0, (at % width, at / width))(deep.values[at])).into();
    all.push(reading(1, (above_at % above_width, above_at / above_width))(above.values[above_at]));
    (all[0].clone(), all)
}

/// A host with a MapLibre style of one colour.
fn other_host() -> Server {
    Server::start(|_| {
        let [r, g, b] = GROUND;
        let paint = json!({ "background-color": format!("rgb({r}, {g}, {b})") });
        let layers = json!([{ "id": "all", "type": "background", "paint": paint }]);
        let style = json!({ "version": 8, "sources": {}, "layers": layers }).to_string();
        ("200 OK", "Content-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n", style.into_bytes())
    })
}

/// Runs the program.
fn torrid(folder: &Path, arguments: &[&str]) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    assert!(program.current_dir(folder).args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// Where pictures of every state go.
fn pictures() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures/page").display().to_string()
}

#[test]
fn a_map_of_one_file_works_from_the_disk_without_a_network() {
    let Some(browser) = browser() else { return };
    let folder = folder();
    let deepest = DEEPEST.to_string();
    let tiles = ["tiles", "town.csv", "-b", "300m", "-z", &deepest, "-o"];
    torrid(folder.path(), &[&tiles[..], &["town.tif"]].concat());
    torrid(folder.path(), &[&tiles[..], &["tiles.html"]].concat());
    torrid(folder.path(), &["render", "town.csv", "-b", "300m", "-o", "picture.html"]);
    let (hottest, _) = readings(&Tiff::read(&folder.path().join("town.tif")));
    let value = hottest["value"].as_f64().unwrap();
    assert!((100.0..1000.0).contains(&value), "{value} has three digits before the point");
    let text = format!("{value:.1}");
    let told = format!("{},{},{} events per km²", hottest["lng"], hottest["lat"], text.trim_end_matches(".0"));
    let file = |name: &str| folder.path().join(name).display().to_string();
    go_through(browser.clone(), "offline.mjs", &[&file("tiles.html"), &pictures(), &told]);
    go_through(browser, "offline.mjs", &[&file("picture.html"), &pictures()]);
}

#[test]
fn a_figure_of_one_file_works_from_the_disk_without_a_network() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string();
    let file = |name: &str| folder.path().join(name).display().to_string();
    torrid(
        folder.path(),
        &["figure", &fixture("us-unemployment.csv"), "-o", "years.html", "--annot", "--title", "Unemployment, %"],
    );
    let told = ["1948|Jan|4", "1982|Dec|10.5", "2009|Oct|9.5"];
    go_through(browser.clone(), "figure.mjs", &[&[&*file("years.html"), &*pictures()], &told[..]].concat());
    let clustered = ["figure", &fixture("penguins.csv"), "-o", "traits.html", "--corr", "--cluster", "both"];
    torrid(folder.path(), &clustered);
    let told = ["bill_length_mm|bill_length_mm|1"];
    go_through(browser, "figure.mjs", &[&[&*file("traits.html"), &*pictures()], &told[..]].concat());
}

#[test]
fn a_person_at_the_map_page_sees_and_reads_what_the_program_writes() {
    let Some(browser) = browser() else { return };
    let folder = folder();
    let style = ["town.csv", "-b", "300m"];
    torrid(folder.path(), &[&["tiles"], &style[..], &["-z", &DEEPEST.to_string(), "-o", "town.tif"]].concat());
    let (hottest, readings) = readings(&Tiff::read(&folder.path().join("town.tif")));
    let other = other_host();
    let address = format!("{}/style.json", other.address);
    let plain = Served::start(folder.path(), &style);
    let styled = Served::start(folder.path(), &[&style[..], &["--base", &address]].concat());
    let live = Served::start(folder.path(), &[&style[..], &["--accept", "new.journal"]].concat());
    let told = json!({
        "home": format!("http://{}/", plain.host),
        "styled": format!("http://{}/", styled.host),
        "ground": { "style": address, "colour": GROUND },
        "live": { "home": format!("http://{}/", live.host), "token": Served::TOKEN },
        "layer": "town",
        "hottest": hottest,
        "readings": readings,
        "pictures": pictures(),
    });
    go_through(browser, "browser.mjs", &[&told.to_string()]);
}
