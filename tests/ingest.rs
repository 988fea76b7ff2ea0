//! Events that are sent to a running server: in the next tile, once, and there after a crash.
#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "common/served.rs"]
mod served;

use served::Served;

const CSV: &str = "text/csv";
const HEADER: &str = "lng,lat,reading,kind,time\n";

/// Event number `i`, around Paris or Berlin.
fn event(i: u32) -> [String; 5] {
    let (turn, far) = (f64::from(i) * 2.4, f64::from(i % 97).sqrt() / 60.0);
    let (lng, lat) = [(2.35, 48.85), (13.4, 52.5)][(i % 2) as usize];
    let (kind, day) = (["fire", "flood"][(i / 2 % 2) as usize], i % 28 + 1);
    let (x, y) = (lng + far * turn.cos(), lat + far * turn.sin());
    let texts = [x.to_string(), y.to_string(), (f64::from(i % 31) / 4.0).to_string()];
    let [x, y, reading] = texts;
    [x, y, reading, kind.to_owned(), format!("2018-10-{day:02}T12:00:00Z")]
}

fn rows(numbers: impl Iterator<Item = u32>) -> String {
    numbers.map(|i| event(i).join(",") + "\n").collect()
}

fn csv(numbers: impl Iterator<Item = u32>) -> String {
    HEADER.to_owned() + &rows(numbers)
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("events.csv"), csv(0..1000)).unwrap();
    folder
}

/// The program, with these arguments.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_torrid"));
    program.current_dir(folder).args(arguments).env("TORRID_TOKEN", Served::TOKEN).output().unwrap()
}

/// What a server says that does not begin.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, &[&["serve"], arguments].concat());
    assert!(!done.status.success());
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// How many events a layer has.
fn events(served: &Served, layer: &str, query: &str) -> u64 {
    let told = served.get(&format!("/{layer}/tiles.json?{query}"));
    told.json()["events"].as_u64().unwrap_or_else(|| panic!("{}", told.text()))
}

fn metric(served: &Served, name: &str) -> u64 {
    let text = served.get("/metrics").text();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// Tiles that hold some of the events, that hold none, of all zooms.
const TILES: [&str; 8] =
    ["0/0/0", "3/4/2", "6/32/22", "8/129/88", "9/259/176", "9/275/167", "12/2074/1409", "16/33195/22545"];

#[test]
fn what_was_sent_is_in_the_next_tile_as_if_it_had_been_there_from_the_start() {
    let folder = folder();
    fs::write(folder.path().join("all.csv"), csv(0..1400)).unwrap();
    let styles = [
        (&["-b", "1km"][..], ""),
        (&["-b", "1km"], "where=kind+%3D+'fire'"),
        (&["-b", "300m"], "after=2018-10-05&before=2018-10-20"),
        (&["-b", "2km", "--value", "reading"], ""),
        (&["-b", "none", "-z", "12"], ""),
        (&["-b", "9px", "-z", "12"], ""),
    ];
    for (i, (options, query)) in styles.into_iter().enumerate() {
        let journal = format!("live{i}.journal");
        let growing = Served::start(folder.path(), &[&["events.csv", "--accept", &journal], options].concat());
        let whole = Served::start(folder.path(), &[&["all.csv", "--name", "events"], options].concat());
        let values = |served: &Served, tile: &str| served.get(&format!("/events/values/{tile}.png?{query}")).body;
        let tiles = TILES.iter().filter(|tile| !options.contains(&"-z") || !tile.starts_with("16"));
        let before: Vec<Vec<u8>> = tiles.clone().map(|tile| values(&growing, tile)).collect();
        // In several bodies of several formats, some of which lack what others have.
        assert_eq!(growing.send("events", CSV, "a", &csv(1000..1100)).status, 200);
        values(&growing, "9/259/176");
        let objects = (1100..1250).map(event).map(|[lng, lat, reading, kind, time]| {
            let number = |text: String| text.parse::<f64>().unwrap();
            json!({ "lng": number(lng), "lat": number(lat), "reading": number(reading), "kind": kind, "time": time })
        });
        let lines: String = objects.map(|object| object.to_string() + "\n").collect();
        assert_eq!(growing.send("events", "application/x-ndjson", "b", &lines).status, 200);
        let features: Vec<Value> = (1250..1400)
            .map(event)
            .map(|[lng, lat, reading, kind, time]| {
                let number = |text: String| text.parse::<f64>().unwrap();
                let place = json!({ "type": "Point", "coordinates": [number(lng), number(lat)] });
                let facts = json!({ "reading": number(reading), "kind": kind, "time": time });
                json!({ "type": "Feature", "geometry": place, "properties": facts })
            })
            .collect();
        let collection = json!({ "type": "FeatureCollection", "features": features }).to_string();
        assert_eq!(growing.send("events", "application/geo+json", "c", &collection).status, 200);
        let mut changed = 0;
        for (tile, before) in tiles.zip(before) {
            let (grown, whole) = (values(&growing, tile), values(&whole, tile));
            assert!(grown == whole, "{options:?} {query}: {tile}");
            changed += usize::from(grown != before);
        }
        assert!(changed >= 4, "{options:?} {query}: {changed} tiles changed");
        assert_eq!(events(&growing, "events", query), events(&whole, "events", query));
        let at = |served: &Served| served.get(&format!("/events/value?lng=2.36&lat=48.86&{query}")).json();
        assert_eq!(at(&growing)["value"], at(&whole)["value"], "{options:?} {query}");
        // A server that begins with the journal draws the same.
        drop(growing);
        let again = Served::start(folder.path(), &[&["events.csv", "--accept", &journal], options].concat());
        for tile in ["0/0/0", "9/259/176"] {
            assert!(values(&again, tile) == values(&whole, tile), "{options:?} {query}: {tile} after a new start");
        }
    }
}

#[test]
fn only_tiles_that_events_reach_are_drawn_anew() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "--accept", "live.journal", "-b", "500m"]);
    let tiles = ["10/519/352", "10/550/335", "13/4150/2818", "0/0/0", "9/100/100"];
    let marks =
        || tiles.map(|tile| served.get(&format!("/events/values/{tile}.png")).header("etag").unwrap().to_owned());
    let first = marks();
    let scales = || served.get("/events/tiles.json").json()["scales"].clone();
    let (drawn, before) = (metric(&served, "torrid_tiles_drawn_total"), scales());
    assert_eq!((marks(), metric(&served, "torrid_tiles_drawn_total")), (first.clone(), drawn));
    // Even numbers are in Paris.
    assert_eq!(served.send("events", CSV, "a", &csv((1000..1100).step_by(2))).status, 200);
    let second = marks();
    assert_eq!(metric(&served, "torrid_tiles_drawn_total") - drawn, 3, "Paris twice and the world");
    let same: Vec<bool> = first.iter().zip(&second).map(|(a, b)| a == b).collect();
    assert_eq!(same, [false, true, false, false, true]);
    let reply = served.get("/events/10/550/335.png");
    assert_eq!(reply.header("cache-control"), Some("no-cache"), "viewers ask whether it is still so");
    assert!(scales() == before, "colours keep their values");
    // Once there are twice as many, they are fitted anew.
    assert_eq!(served.send("events", CSV, "b", &csv(2000..4000)).status, 200);
    assert!(scales() != before && marks().iter().zip(&second).take(4).all(|(a, b)| a != b));
}

#[test]
fn a_body_is_counted_once_and_what_is_wrong_with_it_is_said() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "--accept", "live.journal", "-b", "1km"]);
    let first = served.send("events", CSV, "a", &(csv(0..3) + "200,100,,,\nnorth,1,,,\n"));
    assert_eq!(first.json()["events"], 3);
    assert_eq!(first.json()["skipped"], json!({ "not_a_number": 1, "off_the_earth": 1 }));
    let again = served.send("events", CSV, "a", &(csv(0..3) + "200,100,,,\nnorth,1,,,\n"));
    assert_eq!((again.json()["events"].as_u64(), again.json()["repeated"].as_bool()), (Some(3), Some(true)));
    assert_eq!(events(&served, "events", ""), 1003);
    let wrong = [
        (served.send("events", CSV, "a", &csv(0..4)), 422, "something else was sent"),
        (served.send("events", CSV, "b", HEADER), 422, "0 records"),
        (served.send("events", CSV, "b", "name,number\na,1\n"), 422, "names that tell longitude and latitude"),
        (served.send("events", "application/json", "b", "{\"lng\":"), 422, "the body"),
        (served.send("events", "image/png", "b", &csv(0..3)), 415, "text/csv"),
        (served.send("events", CSV, &"k".repeat(300), &csv(0..3)), 400, "1 to 255 bytes"),
        (served.send("nothing", CSV, "b", &csv(0..3)), 404, "expected events"),
        (served.request("POST /events/events HTTP/1.1", "Authorization: Bearer a-token-for-test5\r\n"), 401, "token"),
        (served.request("POST /events/events HTTP/1.1", ""), 401, "token"),
        (served.get("/events/events"), 405, ""),
    ];
    for (reply, status, words) in wrong {
        assert!(reply.status == status && reply.text().contains(words), "{status}: {} {}", reply.status, reply.text());
    }
    let long =
        format!("Authorization: Bearer {}\r\nContent-Type: text/csv\r\nContent-Length: 99000000\r\n", Served::TOKEN);
    assert_eq!(served.request("POST /events/events HTTP/1.1", &long).status, 413);
    assert_eq!(events(&served, "events", ""), 1003, "nothing of what was wrong is there");
    let closed = Served::start(folder.path(), &["events.csv", "-b", "1km"]);
    assert_eq!(closed.send("events", CSV, "a", &csv(0..3)).status, 403);
}

#[test]
fn a_map_can_begin_with_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &["--accept", "new.journal", "-b", "1km"]);
    let told = served.get("/new/tiles.json").json();
    assert_eq!((told["events"].as_u64(), told["style"].as_str()), (Some(0), Some("gaussian:1km linear torrid")));
    let clear = served.get("/new/9/259/176.png");
    let image = image::load_from_memory(&clear.body).unwrap().into_rgba8();
    assert!(image.pixels().all(|pixel| pixel.0[3] == 0));
    let value = served.get("/new/value?lng=2.35&lat=48.85").json();
    assert_eq!((value["value"].as_f64(), value["events"].as_u64()), (Some(0.0), Some(0)));
    assert_eq!(served.get("/new/legend.svg").status, 422);
    assert_eq!(served.send("new", CSV, "a", &csv(0..500)).status, 200);
    assert_eq!(events(&served, "new", ""), 500);
    assert!(served.get("/new/9/259/176.png").body != clear.body);
    // A time without events is as clear.
    let later = served.get("/new/9/259/176.png?after=2030-01-01");
    assert!(later.status == 200 && later.body == clear.body, "{}", later.text());
}

#[test]
fn pages_are_told_of_changes() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "--accept", "live.journal", "-b", "1km"]);
    let address = served.get("/events/tiles.json").json()["changes"].as_str().unwrap().to_owned();
    let path = address.split(&*served.host).nth(1).unwrap().to_owned();
    let mut stream = TcpStream::connect(&served.host).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", served.host).unwrap();
    let mut lines = BufReader::new(stream).lines();
    let head: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    assert!(head.iter().any(|line| line == "content-type: text/event-stream"), "{head:?}");
    assert_eq!(served.send("events", CSV, "a", &csv(0..3)).status, 200);
    let word = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("data: ")).unwrap();
    let length = serde_json::from_str::<Value>(word.trim_start_matches("data: ")).unwrap()["journal"].as_u64();
    assert_eq!(length, Some(fs::metadata(folder.path().join("live.journal")).unwrap().len()));
}

/// Sends bodies of ten events, each under a key of its own, from several threads until the server is gone; the numbers of
/// those that were acknowledged.
fn sent_until_killed(served: &mut Served, after: usize) -> Vec<u32> {
    let (next, acknowledged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let (host, killed) = (served.host.clone(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed) as u32;
                    if !send(&host, number) {
                        return;
                    }
                    acknowledged.lock().unwrap().push(number);
                    killed.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while killed.load(Ordering::Relaxed) < after {
            std::thread::yield_now();
        }
        // It is not asked: it is gone in the middle of whatever it does.
        served.child.kill().unwrap();
        served.child.wait().unwrap();
    });
    acknowledged.into_inner().unwrap()
}

fn send(host: &str, number: u32) -> bool {
    let body = csv(number * 10..number * 10 + 10);
    let (token, length) = (Served::TOKEN, body.len());
    let headers = format!(
        "Authorization: Bearer {token}\r\nContent-Type: text/csv\r\nContent-Length: {length}\r\nIdempotency-Key: {number}\r\n"
    );
    let reply = served::request_at(host, "POST /live/events HTTP/1.1", &headers, &body);
    reply.is_some_and(|reply| reply.status == 200)
}

#[test]
fn a_server_that_is_killed_under_load_loses_nothing_it_acknowledged_and_counts_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Served::start(folder.path(), &["--accept", "live.journal", "-b", "1km"]);
    let mut all = Vec::new();
    for round in 0..3 {
        let mut served = start();
        let known = events(&served, "live", "");
        assert!(known >= 10 * all.len() as u64, "round {round}: {known} events, {} acknowledged", 10 * all.len());
        let more = sent_until_killed(&mut served, 40);
        all.extend(more.into_iter().filter(|number| !all.contains(number)).collect::<Vec<_>>());
    }
    let served = start();
    let most = *all.iter().max().unwrap() + 20;
    // Whoever got no answer sends again, and so do those who got one.
    assert!((0..most).all(|number| send(&served.host, number)));
    assert_eq!(events(&served, "live", ""), 10 * u64::from(most));
}

#[test]
fn an_end_that_is_not_whole_is_put_aside_and_what_changed_inside_is_refused() {
    let folder = folder();
    let path = folder.path().join("live.journal");
    let arguments = ["events.csv", "--accept", "live.journal", "-b", "1km"];
    let served = Served::start(folder.path(), &arguments);
    assert_eq!(served.send("events", CSV, "a", &csv(0..30)).status, 200);
    let said = refused(folder.path(), &arguments);
    assert!(said.contains("another process"), "{said}");
    drop(served);
    let whole = fs::read(&path).unwrap();
    // Half of an entry, as a crash leaves it.
    let torn = [&whole[..], &whole[17..whole.len() / 2]].concat();
    fs::write(&path, &torn).unwrap();
    let served = Served::start(folder.path(), &arguments);
    assert_eq!(events(&served, "events", ""), 1030);
    assert!(fs::read(&path).unwrap() == whole);
    let aside = fs::read(folder.path().join("live.journal.torn")).unwrap();
    assert_eq!(aside.len(), torn.len() - whole.len());
    drop(served);
    let mut damaged = whole.clone();
    let middle = whole.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&path, &damaged).unwrap();
    let said = refused(folder.path(), &arguments);
    assert!(said.contains("bytes have changed"), "{said}");
    assert!(fs::read(&path).unwrap() == damaged, "nothing is thrown away");
}

#[test]
fn a_journal_is_an_input_like_others() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "--accept", "live.journal", "-b", "1km"]);
    assert_eq!(served.send("events", CSV, "a", &csv(0..30)).status, 200);
    let lines: String =
        (30..50).map(event).fold(String::new(), |all, [x, y, ..]| all + "{\"lng\":" + &x + ",\"lat\":" + &y + "}\n");
    assert_eq!(served.send("events", "application/jsonl", "b", &lines).status, 200);
    let count = |options: &[&str]| {
        let arguments = ["render", "live.journal", "-o", "a.png", "-f", "-b", "1km", "--json"];
        let done = run(folder.path(), &[&arguments, options].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice::<Value>(&done.stdout).unwrap()["rows"]["used"].as_u64()
    };
    assert_eq!(count(&[]), Some(50));
    assert_eq!(count(&["--where", "kind = 'fire'"]), Some(16), "what has no kind is not a fire");
}
