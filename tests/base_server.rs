//! A tile server under the heat: asked politely, and not twice.
#![cfg(feature = "web")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/server.rs"]
mod server;

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use assert_cmd::Command;
use server::{Response, Server};
use torrid::image::{Image, Premultiplied};
use torrid::sink::tiles::TilePicture;

fn tile(side: u32, colour: [u8; 4]) -> Vec<u8> {
    TilePicture::Png.encode(&Image::filled(side, side, Premultiplied(colour))).unwrap()
}

fn found(side: u32) -> Response {
    ("200 OK", "", tile(side, [200, 100, 50, 255]))
}

/// Draws the eight tiles of zoom 2 in the western half of the world; the code, and what was told.
fn render(folder: &Path, base: &str, more: &[&str]) -> (Option<i32>, String) {
    fs::write(folder.join("a.csv"), "lon,lat\n-90,2\n-91,4\n").unwrap();
    let common = ["render", "a.csv", "-o", "out.png", "-f", "-b", "50km", "--opacity", "0"];
    let given = ["--bounds", "-179.9,-85,-0.1,85", "--base-cache", "cache", "--base", base];
    let zoom = if more.contains(&"--zoom") { &[][..] } else { &["--zoom", "2"] };
    let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"] {
        command.env_remove(proxy);
    }
    let run = command.current_dir(folder).args(common).args(given).args(zoom).args(more).output().unwrap();
    (run.status.code(), String::from_utf8(run.stderr).unwrap())
}

const OURS: [&str; 2] = ["--attribution", "© us"];

/// The pixels that were drawn.
fn drawn(folder: &Path) -> image::RgbaImage {
    image::open(folder.join("out.png")).unwrap().into_rgba8()
}

#[test]
fn a_server_is_asked_once_for_each_tile_under_our_name() {
    let server = Server::start(|_| found(256));
    let folder = tempfile::tempdir().unwrap();
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png?key=secret", server.address);
    let (code, told) = render(folder.path(), &base, &OURS);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(drawn(folder.path()).get_pixel(10, 10).0, [200, 100, 50, 255]);
    let asked = server.paths();
    let needed: Vec<String> = (0..2).flat_map(|x| (0..4).map(move |y| format!("/2/{x}/{y}.png?key=secret"))).collect();
    assert_eq!(asked, needed, "each once, and none beside the picture");
    let agents = server.seen.agents.lock().unwrap().clone();
    let ours = concat!("torrid/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");
    assert!(!agents.is_empty() && agents.iter().all(|agent| agent == ours), "{agents:?}");
    assert!(server.seen.most.load(Ordering::SeqCst) <= 2, "two connections at the most");

    let first = fs::read(folder.path().join("out.png")).unwrap();
    assert_eq!(render(folder.path(), &base, &OURS).0, Some(0));
    assert_eq!(render(folder.path(), &base, &[&OURS[..], &["-j", "1"]].concat()).0, Some(0));
    assert!(fs::read(folder.path().join("out.png")).unwrap() == first, "the same picture");
    assert_eq!(server.paths().len(), asked.len(), "nothing is asked for again");
    let names = fs::read_dir(folder.path().join("cache")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("secret")));
}

#[test]
fn tiles_are_good_for_a_week_and_asked_for_again_after_a_month() {
    let server = Server::start(|_| found(256));
    let folder = tempfile::tempdir().unwrap();
    let base = format!("{}/{{z}}/{{x}}/{{-y}}.png", server.address);
    let aged = |days: u64| {
        let day = Duration::from_hours(24);
        let mut rest = vec![folder.path().join("cache")];
        while let Some(path) = rest.pop() {
            if path.is_dir() {
                rest.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let file = File::options().write(true).open(path).unwrap();
                file.set_modified(SystemTime::now() - day * days as u32).unwrap();
            }
        }
    };
    assert_eq!(render(folder.path(), &base, &OURS).0, Some(0));
    let once = server.paths().len();
    aged(6);
    assert_eq!(render(folder.path(), &base, &OURS).0, Some(0));
    assert_eq!(server.paths().len(), once);
    aged(30);
    assert_eq!(render(folder.path(), &base, &OURS).0, Some(0));
    assert_eq!(server.paths().len(), 2 * once);
}

#[test]
fn absent_tiles_are_filled_from_above_or_clear_and_remembered() {
    let server =
        Server::start(|path| if path == "/1/0/0.png" { found(256) } else { ("404 Not Found", "", Vec::new()) });
    let folder = tempfile::tempdir().unwrap();
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png", server.address);
    for _ in 0..2 {
        let (code, told) = render(folder.path(), &base, &OURS);
        assert_eq!(code, Some(0), "{told}");
        let picture = drawn(folder.path());
        assert_eq!(picture.get_pixel(10, 10).0, [200, 100, 50, 255], "there is a tile above");
        assert_eq!(picture.get_pixel(10, 700).0[3], 0, "there is none");
    }
    let asked = server.paths();
    assert!(asked.windows(2).all(|pair| pair[0] != pair[1]), "{asked:?}");
}

#[test]
fn fine_tiles_are_asked_for_one_zoom_above() {
    let server = Server::start(|path| if path.contains("@2x") { found(512) } else { found(256) });
    let folder = tempfile::tempdir().unwrap();
    let base = format!("{}/{{z}}/{{x}}/{{y}}{{r}}.png", server.address);
    assert_eq!(render(folder.path(), &base, &OURS).0, Some(0));
    assert!(
        server.paths().iter().all(|path| path.starts_with("/1/") && path.ends_with("@2x.png")),
        "{:?}",
        server.paths()
    );
    // A server may also have large tiles without saying so.
    let large = Server::start(|_| found(512));
    assert_eq!(render(folder.path(), &format!("{}/{{z}}/{{x}}/{{y}}.png", large.address), &OURS).0, Some(0));
    let paths = large.paths();
    assert!(paths.iter().filter(|path| path.starts_with("/2/")).count() == 1, "one to learn it from: {paths:?}");
}

#[track_caller]
fn refused(base: &str, more: &[&str], code: i32, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let (ended, message) = render(folder.path(), base, more);
    assert_eq!(ended, Some(code), "{message}");
    for word in [&["error: ", "found ", "expected "], words].concat() {
        assert!(message.contains(word), "`{word}` in: {message}");
    }
    assert!(!folder.path().join("out.png").exists(), "nothing is written");
    assert!(!message.contains("secret"), "keys are not shown: {message}");
}

#[test]
fn whose_map_it_is_has_to_be_said() {
    let server = Server::start(|_| found(256));
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png", server.address);
    refused(&base, &[], 2, &["--attribution", "providers of tiles require"]);
    refused(&base, &["--attribution", " "], 2, &["--attribution"]);
    refused(&base.replace("{z}", "{s}"), &OURS, 2, &["`{s}`"]);
    refused(&server.address, &OURS, 2, &["without {z}, {x} and {y}"]);
    refused(&base, &[&OURS[..], &["--flat"]].concat(), 2, &["flat space"]);
    assert!(server.paths().is_empty(), "nothing was asked for");
}

#[test]
fn a_server_that_fails_is_asked_again_and_then_named() {
    let failing = Server::start(|_| ("500 Internal Server Error", "", Vec::new()));
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png?key=secret", failing.address);
    refused(&base, &[&OURS[..], &["-j", "1"]].concat(), 1, &["/2/", "500", "after 4 requests"]);
    assert_eq!(failing.paths().len(), 4);

    let patient = Server::start(|_| ("429 Too Many Requests", "Retry-After: 3600\r\n", Vec::new()));
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png", patient.address);
    refused(&base, &OURS, 1, &["429", "after 1 requests", "try again later"]);

    let strict = Server::start(|_| ("403 Forbidden", "", Vec::new()));
    refused(&format!("{}/{{z}}/{{x}}/{{y}}.png", strict.address), &OURS, 1, &["403", "what the provider allows"]);

    let page = Server::start(|_| ("200 OK", "", b"<html>log in</html>".to_vec()));
    refused(&format!("{}/{{z}}/{{x}}/{{y}}.png", page.address), &OURS, 1, &["no picture", "in a browser"]);

    // A port on which nobody listens.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&format!("http://{nobody}/{{z}}/{{x}}/{{y}}.png"), &OURS, 1, &["no answer"]);
}

#[test]
fn a_busy_server_is_waited_for() {
    let busy = std::sync::Mutex::new(2);
    let server = Server::start(move |_| {
        let mut left = busy.lock().unwrap();
        if *left == 0 {
            return found(256);
        }
        *left -= 1;
        ("503 Service Unavailable", "Retry-After: 0\r\n", Vec::new())
    });
    let folder = tempfile::tempdir().unwrap();
    let (code, told) = render(folder.path(), &format!("{}/{{z}}/{{x}}/{{y}}.png", server.address), &OURS);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn a_picture_of_too_many_tiles_is_refused_before_any_is_asked_for() {
    let server = Server::start(|_| found(256));
    let base = format!("{}/{{z}}/{{x}}/{{y}}.png", server.address);
    refused(&base, &[&OURS[..], &["--zoom", "6"]].concat(), 1, &["tiles of zoom 6", "at most 250", "smaller picture"]);
    assert!(server.paths().is_empty());
}
