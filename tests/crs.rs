//! `--crs` against positions known from elsewhere.
//!
//! `known_positions.csv` was made with pyproj 3.7.2 (PROJ 9.5.1, its EPSG database, no grid files, network
//! off): a longitude and latitude projected by `Transformer.from_crs(4326, code, always_xy=True)`, rounded
//! to millimetres, and brought back by the inverse. The tolerance is 1 m on the ground, and 10 m for the
//! three systems (5514, 23030, 2039) for which several sets of datum parameters are published and PROJ
//! takes another one. Surveys with grids of shifts (OSTN15 for 27700, RDNAPTRANS for 28992, BETA2007 for
//! 31467) differ from this table, as from ours, by decimetres to metres. Left out: 4267 (NAD27, refused:
//! grids only) and 22275 (PROJ, without its grid, applies no shift at all and is 60 m off).

use proptest::prelude::*;
use torrid::source::Crs;

fn metres(a: (f64, f64), b: (f64, f64)) -> f64 {
    let east = (a.0 - b.0).to_radians() * b.1.to_radians().cos();
    let north = (a.1 - b.1).to_radians();
    torrid::world::EARTH_RADIUS_M * east.hypot(north)
}

fn off(code: &str, x: f64, y: f64, expected: (f64, f64)) -> f64 {
    let crs = Crs::parse(code).expect("a known system");
    metres(crs.to_degrees(x, y).expect("a position with an inverse"), expected)
}

#[test]
fn positions_agree_with_proj() {
    let table = include_str!("known_positions.csv");
    let mut rows = 0;
    for line in table.lines().skip(1) {
        let row: Vec<f64> = line.split(',').map(|field| field.parse().expect("a number")).collect();
        let [code, x, y, longitude, latitude, tolerance] = row[..] else { panic!("six fields: {line}") };
        let off = off(&format!("EPSG:{code}"), x, y, (longitude, latitude));
        assert!(off < tolerance, "EPSG:{code} is {off:.2} m off");
        rows += 1;
    }
    assert!(rows >= 40, "{rows} rows");
}

#[test]
fn published_pairs_are_met() {
    // The tower of Our Lady in Amersfoort, origin of the Dutch grid; ETRS89 coordinates of the survey.
    assert!(off("EPSG:28992", 155_000.0, 463_000.0, (5.387_206_21, 52.155_174_40)) < 1.0, "Amersfoort");
    // First point of the meuse data, documentation of the R package sp.
    assert!(off("EPSG:28992", 181_072.0, 333_611.0, (5.758_536, 50.991_56)) < 1.0, "meuse");
    // Caister water tower, the worked example of the Ordnance Survey's guide to coordinate systems: its ETRS89
    // position comes by the grid OSTN, ours by seven parameters, good to about 5 m.
    assert!(off("EPSG:27700", 651_409.903, 313_177.270, (1.716_073_97, 52.658_007_83)) < 5.0, "Caister");
}

#[test]
fn feet_of_new_york_are_survey_feet() {
    // Bounding box of the five boroughs, its corners against the box in degrees.
    let crs = Crs::parse("EPSG:2263").expect("New York");
    let (west, south) = crs.to_degrees(913_175.0, 120_122.0).expect("a corner");
    let (east, north) = crs.to_degrees(1_067_383.0, 272_844.0).expect("a corner");
    for (found, expected) in [(west, -74.2556), (south, 40.4961), (east, -73.7000), (north, 40.9155)] {
        assert!((found - expected).abs() < 2e-3, "{found} for {expected}");
    }
    let origin = crs.to_degrees(984_250.0, 0.0).expect("the origin");
    // The false easting of 300 km is 984,250 US survey feet; international feet would land 0.6 m west.
    assert!(metres(origin, (-74.0, 40.0 + 1.0 / 6.0)) < 0.01, "{origin:?}");
}

#[test]
fn names_of_degrees_change_nothing() {
    for name in ["EPSG:4326", "epsg:4326", "4326", "OGC:CRS84", "CRS84", " EPSG:4326 "] {
        let crs = Crs::parse(name).expect("degrees");
        assert_eq!(crs.to_degrees(2.3522, 48.8566), Some((2.3522, 48.8566)), "{name}");
    }
}

#[test]
fn web_mercator_is_the_square_of_the_world() {
    let crs = Crs::parse("3857").expect("Web Mercator");
    for (x, y) in [(0.0, 0.0), (261_845.7, 6_250_564.3), (-19e6, -19e6), (19e6, 12e6)] {
        let half = torrid::world::HALF_WIDTH_3857;
        let world = torrid::World { x: 0.5 + x / half / 2.0, y: 0.5 - y / half / 2.0 };
        let expected = world.coordinates(torrid::Space::Earth);
        assert!(metres(crs.to_degrees(x, y).expect("a place"), expected) < 1e-3, "{x},{y}");
    }
}

#[test]
fn what_names_no_system_is_the_callers_fault() {
    for (text, part) in [
        ("WGS84", "an EPSG number such as EPSG:28992"),
        ("EPSG:", "an EPSG number such as EPSG:28992"),
        ("", "an EPSG number such as EPSG:28992"),
        ("EPSG:-1", "an EPSG number"),
        ("EPSG:4326+5773", "an EPSG number"),
        ("é€é€", "an EPSG number"),
        ("EPSG:28993", "EPSG:28992 and EPSG:29100"),
        ("EPSG:70000", "not in the table"),
        ("EPSG:900913", "write EPSG:3857"),
        ("EPSG:99999999999999", "an EPSG number"),
        ("EPSG:27200", "projection `nzmg`"),
        ("EPSG:4267", "a grid"),
        ("EPSG:4978", "geocentric"),
    ] {
        let error = Crs::parse(text).expect_err(text);
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn a_position_off_the_map_has_no_degrees() {
    for (code, x, y) in [("3035", 1e9, 1e9), ("27700", 1e9, 1e9), ("2263", f64::NAN, 0.0), ("3857", f64::INFINITY, 0.0)]
    {
        assert_eq!(Crs::parse(code).expect("a system").to_degrees(x, y), None, "{code}");
    }
}

#[test]
fn a_system_may_be_shared_between_threads() {
    fn shared<T: Clone + std::fmt::Debug + Send + Sync>(_: &T) {}
    let crs = Crs::parse("EPSG:28992").expect("the Netherlands");
    shared(&crs);
    assert_eq!(format!("{crs:?}"), "Crs(EPSG:28992)");
}

/// One system of each family of projections.
const CODES: [&str; 13] =
    ["28992", "2263", "32632", "3857", "27700", "3035", "2056", "5514", "3031", "3112", "4269", "29101", "6933"];

proptest! {
    #[test]
    fn any_numbers_give_a_place_on_the_earth_or_none(x: f64, y: f64, tame_x in -1e7..1e7f64, tame_y in -1e7..1e7f64) {
        for code in CODES {
            let crs = Crs::parse(code).expect("a system");
            for (x, y) in [(x, y), (tame_x, tame_y)] {
                if let Some((longitude, latitude)) = crs.to_degrees(x, y) {
                    let on_earth = longitude.is_finite() && latitude.abs() <= 90.0;
                    prop_assert!(on_earth, "{}: {},{}", code, longitude, latitude);
                }
            }
        }
    }
}
