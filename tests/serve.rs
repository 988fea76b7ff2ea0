//! `torrid serve`: what it answers is what `torrid tiles` and `torrid render` write, and wrong requests get a reason.
#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

#[path = "common/archives.rs"]
mod archives;
#[path = "common/served.rs"]
mod served;

use served::Served;

/// Events of two towns, with a weight, a reading, a kind and a day each.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let towns = [(2.35, 48.85), (13.4, 52.5)];
    let row = |i: u32| {
        let (turn, far) = (f64::from(i) * 2.4, f64::from(i % 97).sqrt() / 60.0);
        let (lng, lat) = towns[(i % 2) as usize];
        let (kind, day) = (["fire", "flood"][(i / 2 % 2) as usize], i % 28 + 1);
        let reading = f64::from(i % 31) / 3.0;
        format!("{},{},{reading},{kind},2018-10-{day:02}T12:00:00Z\n", lng + far * turn.cos(), lat + far * turn.sin())
    };
    let rows: String = (0..2000).map(row).collect();
    fs::write(folder.path().join("events.csv"), format!("lng,lat,reading,kind,time\n{rows}")).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Value {
    let done = Command::new(env!("CARGO_BIN_EXE_torrid")).current_dir(folder).args(arguments).arg("--json").output();
    let done = done.unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// A tile of values.
fn values(file: &[u8]) -> Vec<f32> {
    let picture = image::load_from_memory(file).unwrap().into_rgba8();
    let value = |[r, g, b, a]: [u8; 4]| if a == 0 { f32::NAN } else { f32::from_be_bytes([r, g, b, 0]) };
    picture.pixels().map(|pixel| value(pixel.0)).collect()
}

#[test]
fn a_tile_has_the_bytes_of_that_in_an_archive_in_every_style() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "400m", "--norm", "log"]);
    let styles = [
        (&["-b", "400m", "--norm", "log"][..], "", 11),
        (&["-b", "2km", "--norm", "eq_hist", "--cmap", "magma"], "style=gaussian:2km+eq_hist+magma", 9),
        (&["-b", "2km", "--value", "reading"], "", 9),
        (&["-b", "none", "--norm", "sqrt"], "", 9),
        (&["-b", "6px"], "", 7),
    ];
    for (i, (options, query, deepest)) in styles.into_iter().enumerate() {
        let out = format!("tiles{i}");
        let deepest_zoom = deepest.to_string();
        let arguments = [&["tiles", "events.csv", "-o", &out, "--value-tiles", "-z", &deepest_zoom], options].concat();
        run(folder.path(), &arguments);
        // What is no part of a style is given to a server of its own.
        let own = (i >= 2).then(|| {
            // For fine screens there is one zoom more.
            let deeper = (deepest + 1).to_string();
            let zoom = if i == 2 { &[][..] } else { &["-z", &deeper] };
            Served::start(folder.path(), &[&["events.csv"], options, zoom].concat())
        });
        // Of plain bins and pixels there is a zoom more here, to which the scale is fitted too.
        let same_scale = i < 3;
        let served = own.as_ref().unwrap_or(&served);
        let pictures = archives::load(&folder.path().join(&out));
        let numbers = archives::load(&folder.path().join(format!("{out}.values")));
        assert!(numbers.len() > 10, "{options:?}: {} tiles", numbers.len());
        for ((zoom, x, y), file) in numbers.iter().filter(|_| i != 3) {
            let reply = served.get(&format!("/events/values/{zoom}/{x}/{y}.png?{query}"));
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert!(reply.body == *file, "{options:?}: values of {zoom}/{x}/{y}");
        }
        for ((zoom, x, y), file) in pictures.iter().filter(|_| same_scale) {
            let reply = served.get(&format!("/events/{zoom}/{x}/{y}.png?{query}"));
            assert_eq!((reply.status, reply.header("content-type")), (200, Some("image/png")));
            assert!(reply.body == *file, "{options:?}: {zoom}/{x}/{y}");
        }
    }
}

#[test]
fn a_tile_for_fine_screens_is_the_four_below_it() {
    let folder = folder();
    for options in [["-b", "3km"], ["-b", "none"], ["-b", "8px"]] {
        let served = Served::start(folder.path(), &[&["events.csv"], &options[..]].concat());
        for (zoom, x, y) in [(0, 0, 0), (4, 8, 5), (7, 64, 44)] {
            let fine = values(&served.get(&format!("/events/values/{zoom}/{x}/{y}@2x.png")).body);
            assert!(fine.iter().any(|value| *value > 0.0), "{options:?}: something is there");
            for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let (x, y) = (2 * x + right, 2 * y + down);
                let own = values(&served.get(&format!("/events/values/{}/{x}/{y}.png", zoom + 1)).body);
                let part = (0..256).flat_map(|row| &fine[(row + 256 * down) * 512 + 256 * right..][..256]);
                assert!(part.eq(own.iter()), "{options:?}: {zoom}/{x}/{y}");
            }
        }
    }
}

#[test]
fn the_value_at_a_place_is_that_of_the_tile_and_counts_the_events_in_reach() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "1km"]);
    // The centre of a cell of the tile 9/259/176, which lies over Paris.
    let (zoom, x, y, col, row) = (9u32, 259u32, 176u32, 100u32, 60u32);
    let side = 256.0 * f64::from(zoom).exp2();
    let across = (f64::from(x * 256 + col) + 0.5) / side;
    let down = (f64::from(y * 256 + row) + 0.5) / side;
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * down)).sinh().atan().to_degrees();
    let lng = across * 360.0 - 180.0;
    let tile = values(&served.get(&format!("/events/values/{zoom}/{x}/{y}.png")).body);
    let told = served.get(&format!("/events/value?lng={lng}&lat={lat}&zoom={zoom}")).json();
    let (value, expected) = (told["value"].as_f64().unwrap(), f64::from(tile[(row * 256 + col) as usize]));
    assert!(expected > 0.0 && (value / expected - 1.0).abs() < 2e-5, "{value} beside {expected}");
    assert_eq!(told["unit"], "events per km²");
    // By hand: great circles of 4.2 standard deviations or so.
    let rows = fs::read_to_string(folder.path().join("events.csv")).unwrap();
    let within = |metres: f64| {
        let near = |row: &&str| {
            let mut parts = row.split(',').map(|part| part.parse::<f64>().unwrap_or(f64::NAN).to_radians());
            let (b, d) = (parts.next().unwrap(), parts.next().unwrap());
            let (a, c) = (lng.to_radians(), lat.to_radians());
            let h = ((c - d) / 2.0).sin().powi(2) + c.cos() * d.cos() * ((a - b) / 2.0).sin().powi(2);
            2.0 * 6_371_008.8 * h.sqrt().asin() <= metres
        };
        rows.lines().skip(1).filter(near).count() as u64
    };
    let events = told["events"].as_u64().unwrap();
    assert!(events > 0 && (within(3000.0)..=within(6000.0)).contains(&events), "{events} events");
    let sea = served.get("/events/value?lng=-30&lat=40").json();
    assert_eq!((sea["value"].as_f64(), sea["events"].as_u64()), (Some(0.0), Some(0)));
    let mean = Served::start(folder.path(), &["events.csv", "-b", "1km", "--value", "reading"]);
    assert!(mean.get("/events/value?lng=-30&lat=40").json()["value"].is_null(), "there is no mean of nothing");
}

#[test]
fn conditions_and_times_choose_events_beside_those_of_the_command_line() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km", "--where", "kind = 'fire'"]);
    let events = |query: &str| {
        let reply = served.get(&format!("/events/tiles.json?{query}"));
        reply.json()["events"].as_u64().unwrap_or_else(|| panic!("{}", reply.text()))
    };
    let told = served.get("/events/tiles.json").json();
    assert_eq!(told["events"], 1000);
    assert_eq!(told["time_range"], serde_json::json!(["2018-10-01T12:00:00Z", "2018-10-26T12:00:00Z"]));
    assert_eq!(events("after=2018-10-08&before=2018-10-15"), run_count(folder.path()));
    assert_eq!(events("where=reading+%3E+5+or+reading+%3C+1"), {
        let condition = "kind = 'fire' and (reading > 5 or reading < 1)";
        count(folder.path(), &["--where", condition])
    });
}

fn run_count(folder: &Path) -> u64 {
    count(folder, &["--where", "kind = 'fire'", "--after", "2018-10-08", "--before", "2018-10-15"])
}

/// How many events `torrid render` draws.
fn count(folder: &Path, options: &[&str]) -> u64 {
    let arguments = [&["render", "events.csv", "-o", "out.png", "-f", "-b", "2km"], options].concat();
    run(folder, &arguments)["rows"]["used"].as_u64().unwrap()
}

#[test]
fn what_is_known_is_not_sent_again_and_everything_says_what_it_is() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km"]);
    let first = served.get("/events/5/16/11.png");
    let mark = first.header("etag").unwrap().to_owned();
    let again = served.request("GET /events/5/16/11.png HTTP/1.1", &format!("If-None-Match: \"x\", W/{mark}\r\n"));
    assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(mark.as_str())));
    let head = served.request("HEAD /events/5/16/11.png HTTP/1.1", "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length").unwrap(), first.body.len().to_string());
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "public, max-age=60"),
    ] {
        assert_eq!(first.header(name), Some(value), "{name}");
    }
    let packed = served.request("GET /events/tiles.json HTTP/1.1", "Accept-Encoding: gzip\r\n");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let webp = served.get("/events/5/16/11.webp");
    assert_eq!(webp.header("content-type"), Some("image/webp"));
    let (webp, png) = (image::load_from_memory(&webp.body).unwrap(), image::load_from_memory(&first.body).unwrap());
    assert!(webp.into_rgba8() == png.into_rgba8(), "one picture in both forms");
    let clear = served.get("/events/5/0/0.png");
    assert!(image::load_from_memory(&clear.body).unwrap().into_rgba8().pixels().all(|pixel| pixel.0[3] == 0));
    let legend = served.get("/events/legend.svg").text();
    assert!(legend.contains("<svg") && legend.contains("Gaussian"), "{legend}");
    assert_eq!(served.get("/events/legend.png").header("content-type"), Some("image/png"));
    assert_eq!(served.get("/health").text(), "ok\n");
    let metrics = served.get("/metrics").text();
    let tiles = "torrid_request_seconds_count{path=\"/{layer}/{z}/{x}/{file}\",status=\"200\"} 4";
    assert!(metrics.contains(tiles) && metrics.contains("torrid_tiles_kept{layer=\"events\"} "), "{metrics}");
    let land = served.get("/base/land/3/4/2.png");
    assert_eq!(image::load_from_memory(&land.body).unwrap().width(), 256);
}

#[test]
fn a_wrong_request_gets_a_status_and_a_reason() {
    let folder = folder();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km"]);
    let wrong = [
        ("/nothing/0/0/0.png", 404, "expected events"),
        ("/events/0/0/0.gif", 400, "Z/X/Y.png"),
        ("/events/0/0/00.png", 400, "Z/X/Y.png"),
        ("/events/1/2/0.png", 400, "columns and rows below"),
        ("/events/24/0/0.png", 400, "a zoom from 0 to 23"),
        ("/events/999/0/0.png", 400, "Z/X/Y.png"),
        ("/events/tiles.json?stlye=none", 400, "style, where, after, before"),
        ("/events/tiles.json?style=none", 400, "kernel, scale, colours"),
        ("/events/tiles.json?style=gaussian:0.01m+linear+gray", 400, "a bandwidth that is some cells wide"),
        ("/events/tiles.json?style=quartic:2km+linear+gray", 400, "gaussian"),
        ("/events/tiles.json?where=nosuch+%3D+1", 400, "nosuch"),
        ("/events/tiles.json?after=yesterday", 400, "an instant"),
        ("/events/value?lng=2", 400, "lat: found nothing"),
        ("/events/value?lng=2&lat=89", 400, "85.0511"),
        ("/events/value?lng=2&lat=NaN", 400, "a number from -90 to 90"),
        ("/events/secret.txt", 404, "tiles.json, value, legend.svg"),
        ("/..%2fsecret.txt", 404, "see docs/server.md"),
        ("/base/../secret.txt", 404, ""),
        ("/base/nosuch/0/0/0.png", 404, "land or land-dark"),
        ("/wmts?service=WMTS&request=GetTile", 400, "ResourceURL"),
        ("/ogc/tileMatrixSets/WorldCRS84Quad", 404, "WebMercatorQuad"),
    ];
    for (path, status, reason) in wrong {
        let reply = served.get(path);
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        assert!(reply.text().contains(reason) && !reply.text().contains("secret\n"), "{path}: {}", reply.text());
    }
    let posted = served.request("POST /events/0/0/0.png HTTP/1.1", "Content-Length: 0\r\n");
    assert_eq!(posted.status, 405);
    let impatient = Served::start(folder.path(), &["events.csv", "-b", "2km", "--timeout", "0.000001"]);
    let late = impatient.get("/events/tiles.json");
    assert_eq!((late.status, late.header("retry-after")), (503, Some("5")), "{}", late.text());
}

#[test]
fn what_cannot_be_served_is_refused_before_anybody_asks() {
    let folder = folder();
    fs::write(folder.path().join("empty.pmtiles"), "").unwrap();
    let style = "https://maps.example.org/style.json";
    let template = "https://maps.example.org/{z}/{x}/{y}.png";
    let wrong: [(&[&str], &str); 11] = [
        (&["events.csv", "--allow-host", "tiles.example.org"], "a scheme and a host"),
        (&["events.csv", "--base", "events.csv"], "folder of map tiles"),
        (&["events.csv", "--base", "https:///style.json"], "the address of a MapLibre style"),
        (&["events.csv", "--base", style, "--base-cache", "."], "--base-cache"),
        (&["events.csv", "--base", template], "--attribution"),
        (&["events.csv", "--base", "events.csv", "--dim", "0.5"], "--dim"),
        (&["nosuch.csv"], "nosuch.csv"),
        (&["events.csv", "--value", "nosuch"], "nosuch"),
        (&["events.csv", "empty.pmtiles"], "empty.pmtiles"),
        (&["events.csv", "--legend"], "--legend"),
        (&["-", "--format", "csv"], "standard input"),
    ];
    for (arguments, reason) in wrong {
        let mut command = Command::new(env!("CARGO_BIN_EXE_torrid"));
        command.current_dir(folder.path()).arg("serve").args(arguments).args(["--port", "0"]);
        let run = command.output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr);
        assert!(!run.status.success() && told.contains(reason), "{arguments:?}: {told}");
    }
}

#[test]
fn many_who_ask_at_once_get_the_same_and_the_events_are_read_once() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km"]);
    let all: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let ask = |i: usize| served.get(["/events/6/33/22.png", "/events/9/259/176.png"][i % 2]).body;
        let asking: Vec<_> = (0..16).map(|i| scope.spawn(move || ask(i))).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(all.iter().skip(2).zip(&all).all(|(one, other)| one == other) && all[0] != all[1]);
    let metrics = served.get("/metrics").text();
    assert!(metrics.contains("torrid_styles_ready{layer=\"events\"} 1"), "{metrics}");
}

#[test]
fn archives_are_handed_on_and_layers_of_one_name_are_told_apart() {
    let folder = folder();
    for archive in ["events.pmtiles", "events.mbtiles"] {
        run(folder.path(), &["tiles", "events.csv", "-o", archive, "-b", "2km", "-z", "7"]);
        let served = Served::start(folder.path(), &["events.csv", archive, "-b", "2km"]);
        let layers = served.get("/layers.json").json();
        let names: Vec<&str> = layers["layers"].as_array().unwrap().iter().filter_map(|l| l["name"].as_str()).collect();
        assert_eq!(names, ["events", "events-2"]);
        let tiles = archives::load(&folder.path().join(archive));
        for ((zoom, x, y), file) in &tiles {
            assert!(served.get(&format!("/events-2/{zoom}/{x}/{y}.png")).body == *file, "{zoom}/{x}/{y}");
        }
        let clear = image::load_from_memory(&served.get("/events-2/7/0/0.png").body).unwrap().into_rgba8();
        assert!(clear.pixels().all(|pixel| pixel.0[3] == 0), "there is no such tile");
        assert_eq!(served.get("/events-2/0/0/0.png?style=none+linear+gray").status, 404);
        let told = served.get("/events-2/tiles.json").json();
        assert_eq!((told["maxzoom"].as_u64(), told["units"].as_str()), (Some(7), Some("events per km²")));
        let bounds: Vec<f64> = told["bounds"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
        assert!((1.9..2.3).contains(&bounds[0]) && (52.6..52.9).contains(&bounds[3]), "{bounds:?}");
        assert!(told["tiles"][0].as_str().unwrap().starts_with("http://127.0.0.1:"), "{told}");
    }
}

#[test]
fn a_map_in_tiles_lies_below_as_it_is_stored() {
    let folder = folder();
    for stored in ["map.mbtiles", "map"] {
        run(folder.path(), &["tiles", "events.csv", "-o", stored, "-b", "20km", "-z", "6", "--attribution", "Me"]);
        let served = Served::start(folder.path(), &["events.csv", "-b", "2km", "--base", stored]);
        assert_eq!(served.get("/layers.json").json()["bases"], serde_json::json!(["map", "land", "land-dark"]));
        let told = served.get("/base/map.json").json();
        assert_eq!((&told["maxzoom"], &told["tileSize"]), (&6.into(), &256.into()), "{told}");
        assert_eq!(told["attribution"], "Me", "{told}");
        for ((zoom, x, y), file) in &archives::load(&folder.path().join(stored)) {
            let tile = served.get(&format!("/base/map/{zoom}/{x}/{y}.png"));
            assert!(tile.body == *file && tile.header("content-type") == Some("image/png"), "{zoom}/{x}/{y}");
        }
        let clear = image::load_from_memory(&served.get("/base/map/6/0/0.png").body).unwrap().into_rgba8();
        assert!(clear.pixels().all(|pixel| pixel.0[3] == 0), "there is no such tile");
        assert_eq!(served.get("/base/land/3/4/2.png").status, 200);
    }
}

#[test]
fn the_page_may_load_from_hosts_that_were_allowed_and_from_no_others() {
    let folder = folder();
    let policy = |options: &[&str]| {
        let served = Served::start(folder.path(), &[&["events.csv", "-b", "2km"], options].concat());
        let (first, reply) = (served.get("/layers.json").json()["bases"][0].clone(), served.get("/health"));
        let policy = reply.header("content-security-policy").unwrap();
        let own = policy.split(';').map(|part| part.trim().split(' ').map(str::to_owned).collect()).collect();
        (first, own)
    };
    let hosts = |policy: &Vec<Vec<String>>| -> Vec<String> {
        let strange = policy.iter().filter(|part| part.iter().any(|source| source.starts_with("http")));
        strange.map(|part| format!("{} {}", part[0], part[part.len() - 2..].join(" "))).collect()
    };
    let (first, closed) = policy(&[]);
    assert_eq!((first, hosts(&closed)), ("land".into(), Vec::new()));
    let style = "https://maps.example.org:8443/dark/style.json?key=7";
    let (first, open) = policy(&["--allow-host", "https://*.example.com/", "--base", style]);
    assert_eq!(first, style);
    let both = "https://*.example.com https://maps.example.org:8443";
    assert_eq!(hosts(&open), ["img-src", "connect-src", "font-src"].map(|part| format!("{part} {both}")));
}

#[test]
fn clients_of_the_open_geospatial_consortium_find_what_they_look_for() {
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km", "--url", "https://maps.example.org/heat/"]);
    let conformance = served.get("/ogc/conformance").json();
    assert!(conformance["conformsTo"].to_string().contains("ogcapi-tiles-1/1.0/conf/core"));
    let set = served.get("/ogc/tileMatrixSets/WebMercatorQuad").json();
    let matrices = set["tileMatrices"].as_array().unwrap();
    // Annex D.1 of OGC 17-083r4.
    let close = |value: &Value, expected: f64| (value.as_f64().unwrap() / expected - 1.0).abs() < 1e-12;
    assert!(close(&matrices[0]["scaleDenominator"], 559_082_264.028_717_8), "{}", matrices[0]);
    assert!(close(&matrices[0]["cellSize"], 156_543.033_928_041), "{}", matrices[0]);
    assert_eq!((matrices.len(), &matrices[22]["matrixWidth"]), (23, &serde_json::json!(1 << 22)));
    let tileset = served.get("/ogc/collections/events/map/tiles/WebMercatorQuad").json();
    let item = tileset["links"].as_array().unwrap().iter().find(|link| link["rel"] == "item").unwrap();
    let template = item["href"].as_str().unwrap();
    let path = template.strip_prefix("https://maps.example.org/heat").expect("the address that was given");
    let path = path.replace("{tileMatrix}", "6").replace("{tileRow}", "22").replace("{tileCol}", "33");
    let own = served.get("/events/6/33/22.png").body;
    assert!(served.get(&path).body == own && served.get(&(path + "?f=png")).body == own);
    let capabilities = served.get("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities").text();
    let template = "template=\"https://maps.example.org/heat/events/{TileMatrix}/{TileCol}/{TileRow}.png\"";
    assert!(capabilities.contains(template) && capabilities.contains("<ows:LowerCorner>"), "{capabilities}");
    let layers = served.get("/ogc/collections").json();
    assert_eq!(layers["collections"][0]["id"], "events");
}

#[test]
fn the_map_page_comes_with_all_that_it_names() {
    if !Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/index.html").exists() {
        assert!(std::env::var_os("CI").is_none(), "`make page` builds the page");
        println!("skipped: `make page` builds the page");
        return;
    }
    let folder = folder();
    let served = Served::start(folder.path(), &["events.csv", "-b", "2km"]);
    let page = served.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = page.text();
    let named: Vec<&str> = page.split("assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let endings: Vec<&str> = named.iter().filter_map(|name| name.rsplit('.').next()).collect();
    assert!(endings.contains(&"js") && endings.contains(&"css"), "{named:?}");
    for name in named {
        let asset = served.get(&format!("/assets/{name}"));
        assert_eq!(asset.status, 200, "{name}");
        assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
    }
    assert_eq!(served.get("/assets/..%2findex.html").status, 404);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_asked_to_stop_does_so() {
    let folder = folder();
    let mut served = Served::start(folder.path(), &["events.csv", "-b", "2km"]);
    assert_eq!(served.get("/health").status, 200);
    let killed = Command::new("kill").args(["-TERM", &served.child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert!(served.child.wait().unwrap().success());
}
