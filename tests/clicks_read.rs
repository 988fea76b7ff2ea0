//! Logs of clicks: what every format's records become, which pages count, and that no bytes do harm.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::interaction::{Across, Interaction};
use torrid::source::Filter;
use torrid::source::clicks::{FORMATS, Log, Reason, UrlFilter, Wish, pass, read};

static FILES: AtomicUsize = AtomicUsize::new(0);

/// A file that is gone with it.
struct Scrap(PathBuf);

impl Scrap {
    fn of(name: &str, bytes: &[u8]) -> Scrap {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("torrid-clicks-{}-{number}-{name}", std::process::id()));
        std::fs::write(&path, bytes).expect("a temporary file");
        Scrap(path)
    }

    fn name(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}

fn log_of(name: &str, text: &str, wish: &Wish) -> Result<Log, torrid::Error> {
    let scrap = Scrap::of(name, text.as_bytes());
    read(&[scrap.name()], wish)
}

fn log(name: &str, text: &str) -> Log {
    log_of(name, text, &Wish::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// An interaction in a word: kind, place, element, count.
fn shown(interaction: &Interaction) -> String {
    let mut words = vec![format!("{:?}", interaction.kind)];
    if let Some(spot) = interaction.spot {
        let x = match spot.x {
            Across::Pixels(x) => format!("{x}"),
            Across::Share(x) => format!("{}%", x * 100.0),
        };
        words.push(format!("{x},{}{}", spot.y, if spot.fixed { " fixed" } else { "" }));
    }
    if let Some(anchor) = &interaction.anchor {
        let place = anchor.x.zip(anchor.y).map_or(String::new(), |(x, y)| format!("@{x},{y}"));
        words.push(format!("{}{place}", anchor.selector));
    }
    if interaction.count != 1.0 {
        words.push(format!("x{}", interaction.count));
    }
    words.extend(interaction.depth.map(|depth| format!("to {depth}")));
    words.extend(interaction.depth_share.map(|share| format!("to {}%", share * 100.0)));
    words.extend(interaction.dead.filter(|dead| *dead).map(|_| "dead".to_owned()));
    words.extend(interaction.rage.filter(|rage| *rage).map(|_| "rage".to_owned()));
    words.join(" ")
}

fn shown_all(log: &Log) -> Vec<String> {
    log.interactions.iter().map(shown).collect()
}

#[test]
fn own_columns_are_read_in_any_spelling() {
    let first = log(
        "own.csv",
        "time,visitor,session,kind,url,x,y,viewport_width,viewport_height,page_width,page_height,scroll_y,depth,selector,\
         element_x,element_y,fixed,dead,rage,count\n\
         2024-05-01T10:00:00Z,v1,s1,click,https://a.example/,120,340,1280,720,1280,2600,0,,#buy,0.5,0.25,false,true,,1\n\
         2024-05-01T10:00:01Z,v1,s1,move,https://a.example/,130,350,1280,720,1280,2600,0,,,,,,,,\n\
         2024-05-01T10:00:02Z,v1,s1,touch,https://a.example/,5,6,380,700,380,4000,0,,,,,true,,1,3\n\
         2024-05-01T10:00:03Z,v1,s1,scroll,https://a.example/,,,1280,720,1280,2600,400,,,,,,,,\n\
         2024-05-01T10:00:04Z,v1,s1,scroll,https://a.example/,,,1280,720,1280,2600,,1500,,,,,,,\n\
         2024-05-01T10:00:05Z,v1,s1,keydown,https://a.example/,,,,,,,,,,,,,,,\n",
    );
    assert_eq!(
        shown_all(&first),
        [
            "Click 120,340 #buy@0.5,0.25 dead",
            "Move 130,350",
            "Touch 5,6 fixed x3 rage",
            "Scroll to 1120",
            "Scroll to 1500"
        ]
    );
    let click = &first.interactions[0];
    assert_eq!(click.time, Some(1_714_557_600_000_000));
    assert_eq!((click.viewport, click.page), (Some([1280.0, 720.0]), Some([1280.0, 2600.0])));
    assert!(click.visitor.is_some() && click.session.is_some() && click.visitor != click.session);
    assert_eq!(first.tally.reasons(), "1: neither a click, a touch, a move nor a scroll");
    assert_eq!((first.formats, first.urls), (vec!["columns".to_owned()], vec![("https://a.example/".to_owned(), 6)]));
    assert_eq!(first.selectors, [("#buy".to_owned(), 1)]);
    assert_eq!(first.span, Some((1_714_557_600_000_000, 1_714_557_604_000_000)));

    let second = log(
        "camel.ndjson",
        "{\"timestamp\":1714557600000,\"distinct_id\":\"v1\",\"event\":\"pointerdown\",\"pageX\":120,\"pageY\":340}\n\
         {\"timestamp\":1714557600001,\"userId\":\"v1\",\"event\":\"mousemove\",\"clientX\":7,\"clientY\":8,\"scrollY\":100}\n\
         {\"timestamp\":1714557600001,\"userId\":\"v1\",\"event\":\"mousemove\",\"clientX\":7,\"clientY\":8}\n",
    );
    assert_eq!(shown_all(&second), ["Move 7,108", "Click 120,340"], "presses come last, where there are no clicks");
    assert_eq!(second.interactions[0].visitor, second.interactions[1].visitor, "in every spelling of the column");
    assert_eq!(second.tally.count(Reason::NoScroll), 1);
}

#[test]
fn lines_may_hold_several_records_and_dates_may_stand_apart() {
    let lines = "[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]\n{\"x\":5,\"y\":6}\n";
    assert_eq!(shown_all(&log("batches.ndjson", lines)), ["Click 1,2", "Click 3,4", "Click 5,6"]);
    let apart = log("apart.csv", "date,time,x,y\n2024-05-01,10:00:00,1,2\n");
    assert_eq!(apart.interactions[0].time, Some(1_714_521_600_000_000), "a time of day alone is no instant");
}

#[test]
fn presses_and_clicks_of_one_log_are_not_counted_twice() {
    let both = log("dom.csv", "event,x,y\nmousedown,1,2\nmouseup,1,2\nclick,1,2\nmousedown,3,4\n");
    assert_eq!(shown_all(&both), ["Click 1,2"]);
    assert_eq!((both.tally.count(Reason::Echo), both.tally.count(Reason::NotAnInteraction)), (2, 1));
}

#[test]
fn lists_of_places_need_no_header() {
    assert_eq!(shown_all(&log("list.csv", "10,20\n30.5,40\n")), ["Click 10,20", "Click 30.5,40"]);
    assert_eq!(shown_all(&log("list.json", "[[10,20],[30.5,40,7]]")), ["Click 10,20", "Click 30.5,40 x7"]);
    assert_eq!(shown_all(&log("semicolon.csv", "x;y\n10,5;20\n")), ["Click 10.5,20"], "with commas for points");
}

#[test]
fn what_is_no_place_is_counted_by_its_reason() {
    let odd = log("odd.csv", "x,y,count\n65535,10,\n5,65535,\n-1,4,\n3,2000000,\nhere,4,\n,,\n1,2,-3\n7,8,2\n1\n");
    assert_eq!(shown_all(&odd), ["Click 7,8 x2"]);
    let counts = [Reason::Sentinel, Reason::OffThePage, Reason::NotANumber, Reason::NoPosition, Reason::BadCount];
    assert_eq!(counts.map(|reason| odd.tally.count(reason)), [2, 2, 1, 1, 1]);
    assert_eq!((odd.tally.count(Reason::Malformed), odd.tally.records), (1, 9));
    assert_eq!(odd.tally.skipped[&Reason::Malformed].1.line, 10);
    let strict = Wish { strict: true, ..Wish::default() };
    let error = log_of("odd.csv", "x,y\n1,2\n65535,3\n", &strict).expect_err("a sentinel").to_string();
    assert!(error.contains("line 3: found a position of 65535"), "{error}");
}

#[test]
fn heatmap_js_counts_by_value() {
    let points =
        log("h.json", r#"{"max":9,"min":0,"data":[{"x":10,"y":15,"value":5,"radius":40},{"x":2,"y":3,"value":1}]}"#);
    assert_eq!(shown_all(&points), ["Click 10,15 x5", "Click 2,3"]);
    assert_eq!(points.formats, ["heatmapjs"]);
}

#[test]
fn posthog_answers_tables_and_chains_are_read() {
    let api = log(
        "api.json",
        r#"{"results":[{"count":4,"pointer_relative_x":0.25,"pointer_target_fixed":false,"pointer_y":320},
                       {"count":1,"pointer_relative_x":0.5,"pointer_target_fixed":true,"pointer_y":16}]}"#,
    );
    assert_eq!(shown_all(&api), ["Click 25%,320 x4", "Click 50%,16 fixed"]);
    let scrolls =
        log("scroll.json", r#"{"results":[{"bucket_count":2,"cumulative_count":8,"scroll_depth_bucket":1000}]}"#);
    assert_eq!(shown_all(&scrolls), ["Scroll x2 to 1000"]);
    let rows = "session_id,distinct_id,timestamp,x,y,scale_factor,viewport_width,viewport_height,pointer_target_fixed,current_url,type\n\
                s,d,2024-05-01 10:00:00.000000,4,20,16,80,45,false,https://a.example/,click\n\
                s,d,2024-05-01 10:00:00.000000,4,20,16,80,45,false,https://a.example/,rageclick\n\
                s,d,2024-05-01 10:00:00.000000,0,10,16,80,45,false,https://a.example/,scrolldepth\n\
                s,d,2024-05-01 10:00:00.000000,5,21,16,80,45,false,https://a.example/,mousemove\n";
    let table = log("heatmaps.csv", rows);
    assert_eq!(shown_all(&table), ["Click 64,320", "Scroll to 880", "Move 80,336"]);
    assert_eq!((table.tally.count(Reason::Echo), &*table.formats), (1, &["posthog".to_owned()][..]));
    assert_eq!(table.interactions[0].viewport, Some([1280.0, 720.0]));
    let rage = Wish { filter: Some(Filter::parse("type = 'rageclick'").expect("a condition")), ..Wish::default() };
    assert_eq!(shown_all(&log_of("heatmaps.csv", rows, &rage).expect("rage clicks")), ["Click 64,320 rage"]);

    let events = r#"{"event":"$autocapture","distinct_id":"d","elements_chain":"button.btn:attr__id=\"buy\"nth-child=\"1\"nth-of-type=\"1\"text=\"a;b\";div:nth-child=\"2\"nth-of-type=\"1\"","properties":{"$event_type":"click","$current_url":"https://a.example/","$session_id":"s","$viewport_width":1280}}
{"event":"$autocapture","distinct_id":"d","elements_chain":"a.x:nth-child=\"3\"nth-of-type=\"2\";nav:nth-child=\"1\"nth-of-type=\"1\"","properties":{"$event_type":"click"}}
{"event":"$autocapture","elements_chain":"input:nth-of-type=\"1\"","properties":{"$event_type":"change"}}
{"event":"$pageview","properties":{}}
"#;
    let captured = log("events.ndjson", events);
    assert_eq!(shown_all(&captured), ["Click #buy", "Click nav:nth-of-type(1) > a:nth-of-type(2)"]);
    assert_eq!(captured.urls, [("https://a.example/".to_owned(), 1)]);
}

#[test]
fn matomo_places_clicks_in_two_thousandths_of_elements() {
    let export = log(
        "m.json",
        r##"[{"selector":"#nav > a","offset_x":"1000","offset_y":"500","width":200,"height":40,"value":"3"}]"##,
    );
    assert_eq!(shown_all(&export), ["Click #nav > a@0.5,0.25 x3"]);
    let raw = log(
        "hsr.tsv",
        "idhsrevent\tidloghsr\ttime_since_load\tevent_type\tx\ty\tselector\n\
         1\t7\t1500\t2\t1000\t2000\tbody > p\n2\t7\t1600\t1\t20\t40\tbody > p\n3\t7\t1700\t3\t0\t300\t\\N\n4\t7\t9\t2\t5\t5\t\\N\n",
    );
    assert_eq!(shown_all(&raw), ["Click body > p@0.5,1", "Move body > p@0.01,0.02"]);
    assert_eq!(raw.interactions[0].time, Some(1_500_000));
    assert_eq!((raw.tally.count(Reason::NotAnInteraction), raw.tally.count(Reason::NoPosition)), (1, 1));
    let pages = log("log_hsr.csv", "idloghsr,viewport_w_px,viewport_h_px,scroll_y_max_relative\n7,1280,720,700\n");
    assert_eq!(shown_all(&pages), ["Scroll to 70%"]);
}

#[test]
fn open_web_analytics_tells_elements_by_their_id() {
    let rows = log(
        "owa.csv",
        "id,visitor_id,session_id,timestamp,click_x,click_y,page_width,page_height,dom_element_x,dom_element_id,dom_element_tag,target_url,page_url\n\
         1,11,22,1714557600,310,99,1263,3100,0,main-menu,A,https://a.example/next,https://a.example/\n\
         2,11,22,1714557601,5,6,1263,3100,0,(not set),DIV,,https://a.example/\n",
    );
    assert_eq!(shown_all(&rows), ["Click 310,99 #main-menu", "Click 5,6"]);
    assert_eq!((&*rows.formats, rows.interactions[0].time), (&["owa".to_owned()][..], Some(1_714_557_600_000_000)));
}

#[test]
fn datadog_actions_are_in_their_elements_and_views_are_scrolls() {
    let events = r##"{"type":"view","date":1714557600000,"session":{"id":"s"},"view":{"url":"https://a.example/"},"display":{"viewport":{"width":1280,"height":720},"scroll":{"max_depth":1800,"max_scroll_height":2600}}}
{"type":"action","date":1714557601000,"session":{"id":"s"},"usr":{"id":"u"},"view":{"url":"https://a.example/"},"action":{"type":"click","frustration":{"type":["rage_click","dead_click"]}},"_dd":{"action":{"position":{"x":50,"y":10},"target":{"selector":"#buy","width":200,"height":40}}}}
{"type":"action","date":1714557602000,"session":{"id":"s"},"view":{"url":"https://a.example/"},"action":{"type":"custom"}}
{"type":"resource","date":1714557602000,"session":{"id":"s"},"view":{"url":"https://a.example/"}}
"##;
    let log = log("rum.ndjson", events);
    assert_eq!(shown_all(&log), ["Scroll to 1800", "Click #buy@0.25,0.25 dead rage"]);
    assert_eq!(log.interactions[0].viewport, Some([1280.0, 720.0]));
    assert_eq!(log.tally.count(Reason::NotAnInteraction), 2);
    assert_eq!(log.formats, ["datadog"]);
}

const RECORDING: &str = r#"[
{"type":4,"timestamp":1000,"data":{"href":"https://a.example/page","width":800,"height":600}},
{"type":2,"timestamp":1001,"data":{"initialOffset":{"left":0,"top":50},"node":{"type":0,"id":1,"childNodes":[
  {"type":2,"id":2,"tagName":"html","attributes":{},"childNodes":[
    {"type":2,"id":3,"tagName":"body","attributes":{},"childNodes":[
      {"type":2,"id":4,"tagName":"p","attributes":{},"childNodes":[{"type":3,"id":5,"textContent":"one"}]},
      {"type":2,"id":6,"tagName":"p","attributes":{},"childNodes":[]},
      {"type":2,"id":7,"tagName":"div","attributes":{"id":"box"},"childNodes":[{"type":2,"id":8,"tagName":"a","attributes":{},"childNodes":[]}]}]}]}]}}},
{"type":3,"timestamp":1100,"data":{"source":1,"positions":[{"x":10,"y":20,"id":4,"timeOffset":-40},{"x":11,"y":21,"id":4,"timeOffset":0}]}},
{"type":3,"timestamp":1200,"data":{"source":3,"id":1,"x":0,"y":300}},
{"type":3,"timestamp":1210,"data":{"source":3,"id":7,"x":0,"y":9}},
{"type":3,"timestamp":1300,"data":{"source":2,"type":1,"id":5,"x":15,"y":25}},
{"type":3,"timestamp":1301,"data":{"source":2,"type":2,"id":5,"x":15,"y":25}},
{"type":3,"timestamp":1302,"data":{"source":2,"type":2,"id":8,"x":16,"y":26}},
{"type":3,"timestamp":1303,"data":{"source":0,"texts":[],"attributes":[],"removes":[{"parentId":3,"id":4}],"adds":[{"parentId":3,"nextId":7,"node":{"type":2,"id":9,"tagName":"p","attributes":{},"childNodes":[]}}]}},
{"type":3,"timestamp":1304,"data":{"source":2,"type":7,"id":9,"x":1,"y":2}}
]"#;

#[test]
fn recordings_are_followed_as_pages_scroll_and_change() {
    let one = log("rrweb.json", RECORDING);
    let expected = [
        "Scroll to 650",
        "Move 10,70",
        "Move 11,71",
        "Scroll to 900",
        "Click 15,325 html > body > p:nth-of-type(1)",
        "Click 16,326 #box > a",
        "Touch 1,302 html > body > p:nth-of-type(2)",
    ];
    assert_eq!(shown_all(&one), expected);
    assert_eq!(one.interactions[1].time, Some(1_060_000));
    assert_eq!((&*one.formats, one.interactions[1].viewport), (&["rrweb".to_owned()][..], Some([800.0, 600.0])));
    assert_eq!((&one.urls[0].0[..], one.tally.count(Reason::NotAnInteraction)), ("https://a.example/page", 1));
    let wrapped = log("session.json", &format!("{{\"sessionId\":\"s1\",\"events\":{RECORDING}}}"));
    assert_eq!(shown_all(&wrapped), expected);
    let events: Vec<serde_json::Value> = serde_json::from_str(RECORDING).expect("events");
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    assert_eq!(shown_all(&log("rrweb.ndjson", &lines.join("\n"))), expected);
    let two =
        format!("[{{\"session_id\":\"a\",\"events\":{RECORDING}}},{{\"session_id\":\"b\",\"events\":{RECORDING}}}]");
    let two = log("two.json", &two);
    assert_eq!(two.interactions.len(), 14);
    assert_ne!(two.interactions[0].session, two.interactions[13].session, "each has a session of its own");
}

#[test]
fn elements_that_come_and_go_are_told_apart_and_circles_do_no_harm() {
    let page = r#"{"type":4,"timestamp":1,"data":{"href":"/","width":8,"height":6}}
{"type":2,"timestamp":1,"data":{"node":{"id":1,"type":0,"childNodes":[{"id":2,"tagName":"UL","childNodes":[{"id":3,"tagName":"LI"},{"id":4,"tagName":"LI"}]}]}}}
{"type":3,"timestamp":2,"data":{"source":2,"type":2,"id":4,"x":1,"y":1}}
{"type":3,"timestamp":3,"data":{"source":0,"removes":[{"parentId":2,"id":3}]}}
{"type":3,"timestamp":4,"data":{"source":2,"type":2,"id":4,"x":2,"y":1}}
{"type":3,"timestamp":5,"data":{"source":0,"attributes":[{"id":2,"attributes":{"id":"list 1"}}],"adds":[{"parentId":2,"nextId":4,"node":{"id":9,"tagName":"li"}}]}}
{"type":3,"timestamp":6,"data":{"source":2,"type":2,"id":4,"x":3,"y":1}}
{"type":3,"timestamp":7,"data":{"source":0,"adds":[{"parentId":4,"node":{"id":2}},{"parentId":2,"node":{"id":4}}]}}
{"type":3,"timestamp":8,"data":{"source":2,"type":2,"id":4,"x":4,"y":1}}
"#;
    let clicks = &shown_all(&log("list.ndjson", page))[1..];
    assert_eq!(clicks[..2], ["Click 1,1 ul > li:nth-of-type(2)", "Click 2,1 ul > li"]);
    assert_eq!(clicks[2], "Click 3,1 [id=\"list 1\"] > li:nth-of-type(2)");
    assert_eq!(clicks[3], "Click 4,1", "of texts that hold each other");
}

#[test]
fn pages_deeper_than_usual_readers_go_are_read() {
    let depth = 400;
    let mut node = String::from(r#"{"type":2,"id":9999,"tagName":"b","attributes":{"id":"deep"},"childNodes":[]}"#);
    for id in (2..depth).rev() {
        node = format!(r#"{{"type":2,"id":{id},"tagName":"i","attributes":{{}},"childNodes":[{node}]}}"#);
    }
    let lines = format!(
        "{{\"type\":4,\"timestamp\":1,\"data\":{{\"href\":\"/\",\"width\":8,\"height\":6}}}}\n\
         {{\"type\":2,\"timestamp\":1,\"data\":{{\"node\":{{\"type\":0,\"id\":1,\"childNodes\":[{node}]}}}}}}\n\
         {{\"type\":3,\"timestamp\":1,\"data\":{{\"source\":2,\"type\":2,\"id\":9999,\"x\":1,\"y\":2}}}}\n"
    );
    assert_eq!(shown_all(&log("deep.ndjson", &lines)), ["Scroll to 6", "Click 1,2 #deep"]);
}

#[test]
fn hotjar_totals_are_told_and_are_interactions() {
    let table = log(
        "hotjar.csv",
        "\"Element CSS selector\",\"Total # of clicks\",\"Visible in image\",\"% of total\"\n\
         \"body > a\",\"1,204\",\"Yes\",\"60.2%\"\n\"#menu\",796,No,39.8%\n",
    );
    assert_eq!(shown_all(&table), ["Click body > a x1204", "Click #menu x796"]);
    let totals: Vec<_> = table.totals.iter().map(|total| (&*total.selector, total.count)).collect();
    assert_eq!(totals, [("body > a", 1204.0), ("#menu", 796.0)]);
    assert!(table.interactions.iter().all(|interaction| interaction.spot.is_none()));
}

#[test]
fn journals_are_read_body_by_body() {
    let bodies = [
        (
            "json",
            "{\"kind\":\"click\",\"x\":1,\"y\":2,\"url\":\"/\"}\n{\"kind\":\"move\",\"x\":3,\"y\":4,\"url\":\"/\"}\n",
        ),
        ("csv", "kind,x,y,url\nclick,5,6,/\n"),
    ];
    let mut journal = torrid::journal::FIRST_LINE.to_owned();
    for (format, body) in bodies {
        journal += &torrid::journal::Entry::of(format, 1, None, body.as_bytes()).line();
        journal += body;
        journal.push('\n');
    }
    let read = log("own.journal", &journal);
    assert_eq!(shown_all(&read), ["Click 1,2", "Move 3,4", "Click 5,6"]);
    assert_eq!(read.urls, [("/".to_owned(), 3)]);
}

#[test]
fn pages_are_chosen_by_address_glob_and_expression() {
    let rows = "url,x,y\nhttps://a.example/cart,1,1\nhttps://A.example:443/cart/?n=2#top,2,2\nhttps://a.example/cart/empty,3,3\n\
                https://b.example/cart,4,4\nhttps://a.example/,5,5\n,6,6\n";
    let chosen = |filter: &str| {
        let filter: UrlFilter = filter.parse().expect("a filter");
        assert_eq!(filter.to_string().parse::<UrlFilter>().expect("the same"), filter);
        let log = log_of("urls.csv", rows, &Wish { url: Some(filter), ..Wish::default() }).expect("a log");
        assert_eq!(log.tally.count(Reason::NoUrl), 1);
        assert_eq!(log.tally.count(Reason::AnotherUrl) as usize + log.interactions.len(), 5);
        log.interactions.iter().map(|i| i.spot.map_or(0.0, |spot| spot.y) as u32).collect::<Vec<_>>()
    };
    assert_eq!(chosen("https://a.example/cart"), [1, 2], "without a query, of any query");
    assert_eq!(chosen("https://a.example/cart?n=2"), [2]);
    assert_eq!(chosen("https://a.example/*"), [1, 2, 3, 5]);
    assert_eq!(chosen("https://?.example/cart"), [0_u32; 0], "a question mark alone is a query");
    assert_eq!(chosen("https://?.example/*t"), [1, 2, 4]);
    assert_eq!(chosen("/cart"), [1, 2, 4], "a path of any host");
    assert_eq!(chosen("re:^https://.*/cart$"), [1, 4]);
    for wrong in ["", "re:", "re:("] {
        assert!(wrong.parse::<UrlFilter>().is_err(), "{wrong}");
    }
}

#[test]
fn records_are_chosen_by_columns_times_and_windows() {
    let rows = "time,x,y,device,viewport_width,viewport_height\n10,1,1,phone,380,700\n20,2,2,desktop,1280,700\n,3,3,phone,380,700\n";
    let ys = |wish: &Wish| {
        let log = log_of("wish.csv", rows, wish).expect("a log");
        log.interactions.iter().map(|i| i.spot.map_or(0.0, |spot| spot.y)).collect::<Vec<_>>()
    };
    let phone = Wish { filter: Some(Filter::parse("Device = 'phone'").expect("a condition")), ..Wish::default() };
    assert_eq!(ys(&phone), [1.0, 3.0]);
    assert_eq!(ys(&Wish { after: Some(20_000_000), ..Wish::default() }), [2.0]);
    assert_eq!(ys(&Wish { before: Some(20_000_000), ..Wish::default() }), [1.0]);
    assert_eq!(ys(&Wish { screen: Some(360.0..1280.0), ..Wish::default() }), [1.0, 3.0]);
    let wrong = Wish { filter: Some(Filter::parse("devise = 'phone'").expect("a condition")), ..Wish::default() };
    for (name, text) in [("wish.csv", rows), ("wish.json", r#"[{"x":1,"y":2,"device":"phone"}]"#)] {
        let error = log_of(name, text, &wrong).expect_err("no such column").to_string();
        assert!(error.contains("did you mean `device`"), "{error}");
    }
}

#[test]
fn what_is_no_log_says_so() {
    for (name, text, expected) in [
        ("empty.csv", "", "an empty file"),
        ("other.csv", "lat,lon\n1,2\n", "the columns `lat`, `lon`"),
        ("other.json", "[{\"name\":1}]", "the columns `name`"),
        ("zeros.csv", "\0\0\0\0\u{1}x", "no text"),
        ("cut.json", "[{\"x\":1,\"y\":2},{\"x\":", "the end of the text"),
    ] {
        let error = log_of(name, text, &Wish::default()).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
    let error = log_of("a.csv", "x,y\n1,2\n", &Wish { format: Some("clarity".into()), ..Wish::default() });
    let error = error.expect_err("no such format").to_string();
    assert!(FORMATS.iter().all(|format| error.contains(format.name)), "{error}");
}

#[test]
fn a_format_that_is_told_is_not_guessed() {
    let rows = "selector,offset_x,offset_y,value,x,y\n#a,10,20,5,3,4\n";
    assert_eq!(shown_all(&log("told.csv", rows)), ["Click #a@0.005,0.01 x5"]);
    let own = Wish { format: Some("columns".into()), ..Wish::default() };
    assert_eq!(shown_all(&log_of("told.csv", rows, &own).expect("own columns")), ["Click 3,4 #a x5"]);
    for (format, name, text) in
        [("journal", "told.csv", rows), ("rrweb", "told.csv", rows), ("journal", "told.json", "[[1,2]]")]
    {
        let error = log_of(name, text, &Wish { format: Some(format.into()), ..Wish::default() });
        assert!(error.expect_err(format).to_string().contains("leave out --format"), "{format} of {name}");
    }
    let dom = "selector,offsetX,offsetY,elementWidth,elementHeight\n#a,10,20,40,40\n";
    assert_eq!(shown_all(&log("dom.csv", dom)), ["Click #a@0.25,0.5"], "pixels, which Matomo does not have");
}

#[test]
fn packed_logs_and_several_of_them_are_read() {
    let packed = zstd::encode_all(&b"x,y\n1,2\n"[..], 1).expect("packed");
    let (first, second) = (Scrap::of("a.csv.zst", &packed), Scrap::of("b.json", br#"[{"x":3,"y":4}]"#));
    let names = [first.name(), second.name(), first.name()];
    let log = read(&names, &Wish::default()).expect("logs");
    assert_eq!(shown_all(&log), ["Click 1,2", "Click 3,4"], "each file once");
}

/// The counts are those of awk: `zcat … | awk -F, 'NR>1 {n[$5]++} $6==65535||$7==65535 {s[$5]++}'` gives Pressed 8,736,
/// Released 8,736, Move 211,538 (6 of them with 65535), Drag 10,494, and 7,320 turns of the wheel (Up, Down).
#[test]
fn a_real_pointer_log_has_the_counts_of_awk() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/clicks/balabit-user12-pointer-events.csv.gz");
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
        return;
    }
    let mut counts = [0_u64; 4];
    let started = std::time::Instant::now();
    let log =
        pass(&[path.display().to_string()], &Wish::default(), &mut |i| counts[i.kind as usize] += 1).expect("a log");
    println!("{} rows in {:?}", log.tally.records, started.elapsed());
    assert_eq!(log.tally.records, 246_824);
    assert_eq!(counts, [8_736, 0, 211_538 - 6 + 10_494, 0]);
    assert_eq!(log.tally.count(Reason::Sentinel), 6);
    assert_eq!(log.tally.count(Reason::NotAnInteraction), 8_736 + 7_320);
    assert_eq!(log.tally.bad(), 6);
}

/// A record of own columns.
fn record() -> impl Strategy<Value = (u32, u32, &'static str, u32, u32)> {
    let kinds = proptest::sample::select(&["click", "mousemove", "touchstart", "scroll", "mousedown", "keyup"][..]);
    (0_u32..70_000, 0_u32..3_000, kinds, 0_u32..4, 0_u32..2_000_000_000)
}

/// Parts of logs, from which hostile ones are put together.
const PARTS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"x\":",
    "\"y\":1",
    "1e999",
    "-5",
    ",",
    "\n",
    "\"events\":[",
    "\"type\":3",
    "\"timestamp\":9",
    "\"data\":{\"source\":1,\"positions\":[",
    "x,y\n",
    "\"",
    ":",
    "null",
    "65535",
    "\u{1e}",
    "torrid journal 1\n",
    "pageX;pageY\n",
    "\\",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, rng_seed: RngSeed::Fixed(12), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_log_is_the_same_in_csv_and_in_ndjson(records in proptest::collection::vec(record(), 1..30)) {
        let mut csv = "time,visitor,kind,x,y,scroll_y,viewport_width,viewport_height\n".to_owned();
        let mut ndjson = String::new();
        for (x, y, kind, visitor, time) in records {
            _ = writeln!(csv, "{time},{visitor},{kind},{x},{y},{y},800,600");
            _ = writeln!(
                ndjson,
                "{{\"kind\":\"{kind}\",\"x\":{x},\"y\":{y},\"time\":{time},\"visitor\":\"{visitor}\",\"scrollY\":{y},\
                 \"viewport\":{{\"width\":800,\"height\":600}}}}"
            );
        }
        let (one, other) = (log("same.csv", &csv), log("same.ndjson", &ndjson));
        prop_assert_eq!(one.interactions, other.interactions);
        prop_assert_eq!(one.tally.by_key(), other.tally.by_key());
        prop_assert_eq!(one.span, other.span);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(parts in proptest::collection::vec(proptest::sample::select(&PARTS[..]), 0..40)) {
        _ = log_of("parts", &parts.concat(), &Wish::default());
        _ = log_of("parts.ndjson", &parts.concat(), &Wish::default());
    }

    #[test]
    fn recordings_that_are_cut_or_changed_do_no_harm(cut in 0_usize..2_000, at in 0_usize..2_000, byte in any::<u8>()) {
        let mut bytes = RECORDING.as_bytes()[..cut.min(RECORDING.len())].to_vec();
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let scrap = Scrap::of("cut.json", &bytes);
        _ = read(&[scrap.name()], &Wish::default());
    }
}
