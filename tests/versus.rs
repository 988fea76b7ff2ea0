//! Two groups of events compared: what the values are, which group is which, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use torrid::lines::density::{Wish, density};
use torrid::lines::framing::Size;
use torrid::lines::reading::Reading;
use torrid::lines::versus::{Compare, Compared, FLOOR, Groups, Other, scale_around_zero, versus};
use torrid::scale::Scale;
use torrid::source::{Query, parse_time};
use torrid::{Density, Space, Style};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

fn quakes() -> Vec<String> {
    vec![fixture("earthquakes.csv")]
}

const BOUNDS: [f64; 4] = [90.0, -20.0, 150.0, 50.0];

fn wish() -> Wish {
    let bandwidth = "400km".parse().unwrap();
    Wish { bounds: Some(BOUNDS), size: Size::Cells(80, 90), bandwidth, ..Wish::default() }
}

fn compared(inputs: &[String], other: &Other, wish: &Wish, how: (Compare, bool)) -> Compared {
    let mut groups = Groups::open(inputs, &Query::new(Space::Earth), other, &()).unwrap();
    versus(&mut groups, wish, how).unwrap()
}

fn plain(query: Query) -> Density {
    density(&mut Reading::open(&quakes(), query, &()).unwrap(), &wish()).unwrap().density
}

const SPLIT: &str = "2000-01-01";

fn before() -> Other {
    Other::Before(parse_time(SPLIT).unwrap(), SPLIT.into())
}

fn after() -> Other {
    Other::After(parse_time(SPLIT).unwrap(), SPLIT.into())
}

#[test]
fn a_ratio_is_that_of_the_two_densities_where_events_count() {
    let limit = parse_time(SPLIT);
    let later = plain(Query { after: limit, ..Query::new(Space::Earth) });
    let earlier = plain(Query { before: limit, ..Query::new(Space::Earth) });
    let ratio = compared(&quakes(), &before(), &wish(), (Compare::Ratio, false)).found.density;
    let difference = compared(&quakes(), &before(), &wish(), (Compare::Difference, false)).found.density;
    // The height of a Gaussian of 400 km, per km².
    let one = 1.0 / (std::f64::consts::TAU * 400.0 * 400.0);
    let (mut compared, mut absent) = (0, 0);
    for (i, (a, b)) in later.grid.values().iter().zip(earlier.grid.values()).enumerate() {
        let (a, b) = (f64::from(*a), f64::from(*b));
        let (found, more) = (f64::from(ratio.grid.values()[i]), f64::from(difference.grid.values()[i]));
        if a.max(b) < 0.99 * FLOOR * one {
            assert!(found.is_nan() && more.is_nan(), "no data where nothing counts: {found} {more}");
            absent += 1;
        } else if a.max(b) > 1.01 * FLOOR * one {
            let expected = ((a + one / 2.0) / (b + one / 2.0)).log2();
            assert!((found - expected).abs() < 2e-3, "{found} for {expected}");
            assert!((more - (a - b)).abs() < 1e-3 * one, "{more} for {}", a - b);
            compared += 1;
        }
    }
    assert!(compared > 1000 && absent > 100, "{compared} {absent}");
}

#[test]
fn before_and_after_are_each_others_opposite() {
    for compare in [Compare::Ratio, Compare::Difference] {
        for shares in [false, true] {
            let one = compared(&quakes(), &before(), &wish(), (compare, shares));
            let other = compared(&quakes(), &after(), &wish(), (compare, shares));
            assert_eq!((&one.sides.these, &one.sides.those), (&other.sides.those, &other.sides.these));
            assert_eq!(one.reached, [other.reached[1], other.reached[0]]);
            for (a, b) in one.found.density.grid.values().iter().zip(other.found.density.grid.values()) {
                assert!((a + b).abs() < 1e-5 || (a.is_nan() && b.is_nan()), "{a} {b}");
            }
        }
    }
}

/// A folder with the earthquakes in two files, those from 2000 on twice over in a third.
fn halves() -> (tempfile::TempDir, [String; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(&quakes()[0]).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let part = |late: bool| rows.lines().filter(|row| (&row[..4] >= "2000") == late).collect::<Vec<_>>().join("\n");
    let (late, early) = (part(true), part(false));
    let put = |name: &str, rows: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("{header}\n{rows}\n")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let paths = [put("late.csv", &late), put("early.csv", &early), put("twice.csv", &format!("{late}\n{late}"))];
    (folder, paths)
}

#[test]
fn two_files_are_compared_as_the_same_events_in_one_file_are() {
    let (_folder, [late, early, _]) = halves();
    // A bandwidth and bounds of its own choice: both are found from the events of both groups.
    let wish = Wish { bounds: None, size: Size::Width(120), bandwidth: "auto".parse().unwrap(), ..wish() };
    let by_file = compared(&[late], &Other::Inputs(vec![early]), &wish, (Compare::Ratio, true));
    let by_time = compared(&quakes(), &before(), &wish, (Compare::Ratio, true));
    let bits = |c: &Compared| c.found.density.grid.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert!(bits(&by_file) == bits(&by_time), "the same values");
    assert_eq!(by_file.found.bandwidth, by_time.found.bandwidth);
    assert_eq!((&*by_file.sides.these, &*by_file.sides.those), ("in late", "in early"));
    let all = density(&mut Reading::open(&quakes(), Query::new(Space::Earth), &()).unwrap(), &wish).unwrap();
    assert_eq!(by_file.found.bandwidth, all.bandwidth, "the bandwidth of all events together");
    assert_eq!(by_file.found.density.grid.frame(), all.density.grid.frame(), "the frame of all events together");
}

#[test]
fn shares_do_not_see_that_one_input_is_twice_the_other() {
    let (_folder, [late, _, twice]) = halves();
    let other = Other::Inputs(vec![late]);
    let shares = compared(std::slice::from_ref(&twice), &other, &wish(), (Compare::Ratio, true));
    let amounts = compared(&[twice], &other, &wish(), (Compare::Ratio, false));
    let values = |c: &Compared| c.found.density.grid.values().iter().copied().filter(|v| v.is_finite()).collect();
    let (shares, amounts): (Vec<f32>, Vec<f32>) = (values(&shares), values(&amounts));
    assert!(shares.iter().all(|v| v.abs() < 1e-5), "equal shares everywhere");
    let most = amounts.iter().fold(0.0f32, |a, b| a.max(*b));
    assert!(most > 0.9 && most <= 1.0, "twice as many where there are many: {most}");
    assert!(amounts.iter().all(|v| (0.0..=1.0).contains(v)), "drawn to 0 where there are few");
}

#[test]
fn the_scale_of_a_comparison_reaches_equally_far_both_ways() {
    let density = compared(&quakes(), &before(), &wish(), (Compare::Ratio, false)).found.density;
    let scale = scale_around_zero(Scale::default(), &density).unwrap();
    let (low, high) = (scale.vmin.unwrap(), scale.vmax.unwrap());
    assert_eq!((low, scale.center), (-high, Some(0.0)));
    let most = density.grid.values().iter().filter(|v| v.is_finite()).fold(0.0f32, |a, b| a.max(b.abs()));
    assert!(f64::from(most) <= high && high < f64::from(most) * 1.1, "{most} {high}");
    let given = scale_around_zero("linear,vmax=2".parse().unwrap(), &density).unwrap();
    assert_eq!(given.to_string(), "linear,vmin=-2,vmax=2,center=0");
    assert!(scale_around_zero("log".parse().unwrap(), &density).is_err(), "a logarithm has one side only");
}

fn torrid(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    command.current_dir(folder).arg("render").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_program_draws_and_reports_a_comparison_alike_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let quakes = quakes();
    let run = |out: &str, threads: &str| {
        let options = ["--versus", "before:2000-01-01", "-b", "300km", "--width", "200", "--legend", "--json"];
        let run = torrid(folder.path(), &[&[&*quakes[0], "-o", out, "-j", threads][..], &options].concat());
        assert!(run.status.success(), "{}", text(&run.stderr));
        (fs::read(folder.path().join(out)).unwrap(), serde_json::from_slice::<Value>(&run.stdout).unwrap())
    };
    let ((one, report), (two, _)) = (run("one.png", "1"), run("two.png", "2"));
    assert!(one == two, "the same bytes");
    let style: Style = report["style"].as_str().unwrap().parse().unwrap();
    assert_eq!(style.to_string(), report["style"].as_str().unwrap(), "the style can be given again");
    assert!(style.to_string().ends_with("center=0 RdBu_r"), "{style}");
    assert_eq!(report["quantity"], "log2 of times as many events from 2000-01-01 on as before 2000-01-01");
    assert_eq!(report["versus"]["these"]["events"], "from 2000-01-01 on");
    let reached = ["these", "those"].map(|side| report["versus"][side]["reached"].as_u64().unwrap());
    assert_eq!(reached[0] + reached[1], report["events"].as_u64().unwrap());
    assert!(reached[0] > 0 && reached[1] > 0, "{reached:?}");
}

#[test]
fn what_cannot_be_compared_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "lon,lat,mag,time\n1,2,3,2020-01-01\n3,4,4,2020-02-01\n").unwrap();
    fs::write(folder.path().join("b.csv"), "lon,lat\n1,2\n3,4\n").unwrap();
    let refused = |arguments: &[&str], words: &[&str]| {
        let run = torrid(folder.path(), &[arguments, &["-o", "out.png"]].concat());
        let message = text(&run.stderr);
        assert!(!run.status.success(), "{arguments:?}");
        assert_eq!(message.lines().count(), 1, "{arguments:?}: {message}");
        for word in [&["error: ", "found ", "expected "], words].concat() {
            assert!(message.contains(word), "{arguments:?} should say `{word}`: {message}");
        }
        let out: PathBuf = folder.path().join("out.png");
        assert!(!out.exists(), "{arguments:?} writes nothing");
    };
    refused(&["b.csv", "--versus", "before:2020-01-15"], &["--versus", "time column"]);
    refused(&["a.csv", "--versus", "before:yesterday"], &["--versus", "yesterday"]);
    refused(&["a.csv", "--versus", "before:2019-01-01"], &["no event before 2019-01-01"]);
    refused(&["a.csv", "--versus", "nowhere.csv"], &["nowhere.csv"]);
    refused(&["a.csv", "--versus", "-"], &["standard input"]);
    refused(&["a.csv", "--versus", "b.csv", "--norm", "log"], &["--norm", "symlog"]);
    refused(&["a.csv", "--versus", "b.csv", "-b", "knn:3"], &["--bandwidth", "one bandwidth"]);
    let means = ["a.csv", "--versus", "before:2020-01-15", "--value", "mag"];
    refused(&[&means[..], &["--compare", "ratio"]].concat(), &["--compare", "difference"]);
    refused(&[&means[..], &["--normalise"]].concat(), &["--normalise"]);
}
