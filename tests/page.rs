//! `torrid page`: boxes and screenshots of pages are those of a browser that somebody else drives, and what it starts ends.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

#[path = "common/browser.rs"]
mod chromium;
#[path = "common/server.rs"]
mod server;

use chromium::{driven_browser, go_through};
use server::Server;

fn shop() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web/test/pages/shop.html").display().to_string()
}

/// Runs `torrid page`, with a folder for temporary files of its own.
fn page(folder: &Path, arguments: &[&str]) -> Output {
    let temporary = folder.join("temporary");
    fs::create_dir_all(&temporary).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    program.current_dir(folder).env("TMPDIR", temporary).arg("page").args(arguments).output().unwrap()
}

fn told(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Whether a process, by what it was started with, has this text.
fn is_running(text: &str) -> bool {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut lines = all.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(text))
}

#[test]
fn boxes_of_a_fluid_page_are_what_the_browser_says_at_every_width() {
    let Some(browser) = driven_browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let shop = shop();
    fs::write(folder.path().join("selectors.txt"), "#buy\n.grid button\n#absent\n.gone\n[[\n").unwrap();
    for (width, scale) in [("400", "2"), ("800", "1"), ("1280", "1")] {
        let out = format!("{width}.png");
        let options = ["--width", width, "--height", "700", "--scale", scale, "--selectors", "selectors.txt"];
        let done = page(folder.path(), &[&[&*shop, "-o", &out], &options[..]].concat());
        assert!(done.status.success(), "{}", told(&done));
        for note in ["1 of --selectors match nothing on the page (first `#absent`)", "(first `.gone`)", "(first `[[`)"]
        {
            assert!(told(&done).contains(note), "{}", told(&done));
        }
    }
    let address = format!("file://{shop}");
    let files = ["400", "800", "1280"].map(|width| folder.path().join(format!("{width}.json")).display().to_string());
    let files: Vec<&str> = files.iter().map(|file| &**file).collect();
    go_through(browser, "page-boxes.mjs", &[&[&*address, "700"], &files[..]].concat());
    let left: Vec<_> = fs::read_dir(folder.path().join("temporary")).unwrap().flatten().collect();
    assert!(left.iter().all(|file| !file.path().to_string_lossy().contains("torrid-browser")), "{left:?}");
    assert!(!is_running(&folder.path().display().to_string()), "a browser is left behind");
}

#[test]
fn a_page_higher_than_any_texture_is_drawn_to_its_end() {
    let Some(_) = driven_browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    // The bar of the window is drawn in the first window alone, and every 1000 pixels have a colour of their own.
    let row = |i| format!("<div style='height:1000px;background:rgb({},90,{})'></div>", i * 5, 200 - i * 3);
    let rows = (0..37).map(row).collect::<Vec<_>>().concat();
    let bar = "<div style='position:fixed;bottom:0;left:0;right:0;height:20px;background:#ff0'></div>";
    fs::write(folder.path().join("high.html"), format!("<!doctype html><body style='margin:0'>{rows}{bar}")).unwrap();
    let done = page(folder.path(), &["high.html", "-o", "high.png", "--width", "64", "--height", "500"]);
    assert!(done.status.success(), "{}", told(&done));
    let picture = image::open(folder.path().join("high.png")).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (64, 37_000));
    for i in 0..37_u8 {
        for row in [0, 999] {
            let row = u32::from(i) * 1000 + row;
            assert_eq!(picture.get_pixel(30, row).0, [i * 5, 90, 200 - i * 3], "row {row}");
        }
    }
    for row in 0..37_000 {
        let is_bar = picture.get_pixel(30, row).0 == [255, 255, 0];
        assert_eq!(is_bar, (480..500).contains(&row), "row {row}");
    }
}

#[test]
fn a_page_that_changes_its_own_language_cannot_lie_about_its_boxes() {
    let Some(_) = driven_browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let hostile =
        "<!doctype html><title>Hostile</title><body style='margin:0'><div id=a style='height:50px;width:70px'></div>
        <script>alert('stop'); JSON.stringify = () => '{}'; Array.prototype.toJSON = () => 7; Math.round = () => NaN;
        Element.prototype.getBoundingClientRect = () => { throw 1 }; window.getComputedStyle = null;
        Object.defineProperty(document, 'scrollingElement', { get: () => null });
        setInterval(() => fetch('/' + Math.random()).catch(() => 0), 50);</script>";
    fs::write(folder.path().join("hostile.html"), hostile).unwrap();
    let done = page(folder.path(), &["hostile.html", "-o", "hostile.png", "--width", "300", "--height", "200"]);
    assert!(done.status.success(), "{}", told(&done));
    let told: Value = serde_json::from_slice(&fs::read(folder.path().join("hostile.json")).unwrap()).unwrap();
    let found = told["elements"].as_array().unwrap().iter().find(|element| element["selector"] == "#a").unwrap();
    assert_eq!((&found["width"], &found["height"], &found["y"]), (&70.0.into(), &50.0.into(), &0.0.into()));
    assert_eq!(told["title"], "Hostile");
}

#[test]
fn a_page_that_cannot_be_had_is_an_error_and_leaves_nothing() {
    let Some(_) = driven_browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let host = Server::start(|path| {
        let (status, body) = if path.contains("absent") {
            ("404 Not Found", "<!doctype html>Not here")
        } else {
            ("200 OK", "<!doctype html><script>while (true);</script>")
        };
        (status, "Content-Type: text/html\r\n", body.into())
    });
    let at = |path: &str| format!("{}/{path}", host.address);
    for (address, expected) in [
        (at("absent"), "the status 404"),
        (at("endless"), "not there after 6 s"),
        // Nobody listens there; browsers ask nobody at the other.
        ("http://127.0.0.1:47/".to_owned(), "ERR_"),
        ("http://127.0.0.1:9/".to_owned(), "cannot be had"),
    ] {
        let done = page(folder.path(), &[&address, "-o", "a.png", "--timeout", "6s"]);
        assert_eq!(done.status.code(), Some(1), "{address}: {}", told(&done));
        assert!(told(&done).contains(expected), "{address}: {}", told(&done));
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.file_name()).collect();
        assert_eq!(left, ["temporary"], "{address}");
        let left = fs::read_dir(folder.path().join("temporary")).unwrap().flatten();
        assert_eq!(
            left.filter(|file| file.file_name().to_string_lossy().starts_with("torrid-")).count(),
            0,
            "{address}"
        );
        assert!(!is_running(&folder.path().display().to_string()), "{address}: a browser is left behind");
    }
}

#[cfg(unix)]
#[test]
fn a_program_that_is_killed_leaves_no_browser_and_no_profile() {
    let Some(_) = driven_browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    program.current_dir(folder.path()).env("TMPDIR", &temporary).args([
        "page",
        &shop(),
        "-o",
        "a.png",
        "--wait",
        "50s",
    ]);
    let mut child = program.spawn().unwrap();
    let place = temporary.display().to_string();
    let comes_to_be = |wanted: &dyn Fn() -> bool| {
        let tries = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            wanted()
        });
        assert!(tries, "it does not come to be");
    };
    // The browser tells its profile's folder to each of its processes.
    comes_to_be(&|| is_running(&format!("--user-data-dir={place}")));
    child.kill().unwrap();
    child.wait().unwrap();
    comes_to_be(&|| {
        !is_running(&place)
            && fs::read_dir(&temporary)
                .unwrap()
                .flatten()
                .all(|file| !file.file_name().to_string_lossy().starts_with("torrid-browser"))
    });
}

#[test]
fn wrong_options_are_told_before_a_browser_is_started() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old.png"), "old").unwrap();
    fs::write(folder.path().join("beside.json"), "old").unwrap();
    let cases: [(&[&str], &str); 11] = [
        (&["shop.example", "-o", "a.png"], "https://shop.example"),
        (&["absent.html", "-o", "a.png"], "no file of this name"),
        (&["https://a.b/", "-o", "a.tif"], "which holds values"),
        (&["https://a.b/", "-o", "a.html"], "make page|which holds a map"),
        (&["https://a.b/", "-o", "old.png"], "--force"),
        (&["https://a.b/", "-o", "beside.png"], "beside.json"),
        (&["https://a.b/", "-o", "a.png", "--width", "0"], "--width"),
        (&["https://a.b/", "-o", "a.png", "--scale", "9"], "--scale"),
        (&["https://a.b/", "-o", "a.png", "--wait", "soon"], "--wait"),
        (&["https://a.b/", "-o", "a.png", "--wait", "5s", "--timeout", "4s"], "--timeout"),
        (&["https://a.b/", "-o", "a.png", "--browser", "absent"], "no file absent"),
    ];
    for (arguments, expected) in cases {
        let done = page(folder.path(), arguments);
        let said = told(&done);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(expected.split('|').any(|one| said.contains(one)), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read(folder.path().join("old.png")).unwrap(), b"old");
    assert!(!folder.path().join("a.png").exists());
}
