//! Small tables, hostile ones, and any table at all.

use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::events::Space;
use crate::source::Reason;

fn earth() -> Query {
    Query::new(Space::Earth)
}

/// The events and the tally of a text, read in blocks of about `size` bytes.
fn taken(text: &[u8], query: &Query, size: usize) -> Result<(Events, Tally), Error> {
    let mut file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    file.write_all(text).expect("written");
    let input = Input::new(0, file.path(), "t.csv", query)?;
    let mut table = Table::open(&input, query, size)?;
    let mut events = Events::new(query.space);
    events.weight = query.weight.as_ref().map(|_| Vec::new());
    let mut tally = Tally::default();
    while let Some(part) = table.next_part()? {
        let (some, counts) = part.read()?;
        events.x.extend(some.x);
        events.y.extend(some.y);
        events.weight.iter_mut().zip(some.weight).for_each(|(all, some)| all.extend(some));
        tally.merge(counts);
    }
    Ok((events, tally))
}

fn positions(text: &[u8]) -> Vec<(f64, f64)> {
    let (events, _) = taken(text, &earth(), BLOCK).expect("readable");
    events.x.into_iter().zip(events.y).collect()
}

fn complaint(text: &[u8], query: &Query) -> String {
    taken(text, query, BLOCK).map_or_else(|e| e.to_string(), |(events, _)| format!("{} events", events.len()))
}

fn skipped(tally: &Tally) -> Vec<(String, u64, u64)> {
    tally.skipped.iter().map(|(reason, (count, place))| (reason.key(), *count, place.line)).collect()
}

#[test]
fn every_way_to_write_a_table_gives_the_same_position() {
    for text in [
        &b"lon,lat\n2.5,48.5\n"[..],
        b"lon,lat\r\n2.5,48.5\r\n",
        b"lon,lat\r2.5,48.5\r",
        b"\n\nlon,lat\n\n\r\n2.5,48.5",
        b"\xef\xbb\xbflon,lat\n2.5,48.5",
        b"lat;lon\n48,5;2,5\n",
        b"lat\tlon\n48.5\t2.5\n",
        b"id|lat|lon|n\n1|48.5|2.5|x\n",
        b"\"lon\",\"lat\"\n\"2.5\",\"48.5\"\n",
        b" lon , lat \n 2.5 , 48.5 \n",
        b"lon,lat\n+2.5,485e-1,too,many\n",
        b"lon,name,lat\n2.5,\"a\nb,\"\"c\"\"\",48.5",
        b"lon,lat,lon,lat\n2.5,48.5,0,0\n",
    ] {
        assert_eq!(positions(text), [(2.5, 48.5)], "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    let text = "lon,name,lat\n2.5,Zürich,48.5\n";
    let big = || text.encode_utf16().flat_map(u16::to_be_bytes);
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
    for (bytes, name) in [
        (big().collect::<Vec<_>>(), "big"),
        (little().collect(), "little"),
        ([0xfe, 0xff].into_iter().chain(big()).collect(), "big, marked"),
        ([0xff, 0xfe].into_iter().chain(little()).collect(), "little, marked"),
    ] {
        assert_eq!(positions(&bytes), [(2.5, 48.5)], "{name}");
    }
}

#[test]
fn bad_records_are_counted_by_reason_with_their_first_line() {
    let text = b"id,lon,lat,note\n1,,48,\n2,2,\n\n3,2\n4,north,48,\"a\nb\"\n5,2,91,\n6,200,91,\n7,nan,1,\n8,-200,1,\n";
    let (events, tally) = taken(text, &earth(), BLOCK).expect("readable");
    assert_eq!((events.x, events.y), (vec![160.0], vec![1.0]), "longitudes may count from 0 to 360");
    assert_eq!(tally.records, 8, "records");
    let expected = [
        ("no_position", 2, 2),
        ("not_a_number", 2, 6),
        ("off_the_earth", 1, 9),
        ("perhaps_swapped", 1, 8),
        ("malformed", 1, 5),
    ];
    assert_eq!(skipped(&tally), expected.map(|(key, count, line)| (key.to_string(), count, line)), "reasons");
}

#[test]
fn strict_says_where_and_what() {
    let strict = Query { strict: true, ..earth() };
    assert_eq!(
        complaint(b"lon,lat\n1,2\n2,north\n", &strict),
        "t.csv, line 3: found `2` in column `lon`, `north` in column `lat`: position is not a number; \
         expected a record that can be used; correct it, or leave out --strict to skip and count such records"
    );
    assert!(complaint(b"lon,lat\n1,95\n", &strict).contains("`95` in column `lat`"), "out of range");
}

#[test]
fn a_table_without_a_header_asks_for_names_and_takes_them() {
    assert!(complaint(b"2.5,48.5\n2.6,48.6\n", &earth()).contains("--columns lon,lat"), "advice");
    let named = Query { names: Some(vec!["lat".into(), "lon".into()]), ..earth() };
    let (events, _) = taken(b"48.5,2.5\n48.6,2.6\n", &named, BLOCK).expect("named");
    assert_eq!(events.x, [2.5, 2.6], "the first line is a record");
    assert!(
        complaint(b"48.5;2.5\n", &Query { names: Some(vec!["x".into(); 3]), ..earth() }).contains("3 names"),
        "count"
    );
}

#[test]
fn weights_values_and_times_stand_beside_their_positions() {
    let query = Query { weight: Some("N".into()), value: Some("v".into()), ..earth() };
    let text = b"v,lat,n,lon\n1,48,3,2\nx,48,4,2\n2,48,,2\n\"7\",48,5,2\n";
    let (events, tally) = taken(text, &query, BLOCK).expect("readable");
    assert_eq!(events.weight, Some(vec![3.0, 5.0]), "weights");
    assert_eq!((tally.count(&Reason::BadWeight), tally.count(&Reason::BadValue)), (1, 1), "skipped");
    let comma = Query { weight: Some("n".into()), ..earth() };
    let (events, _) = taken(b"lon;lat;n\n2,5;48,5;1,5\n", &comma, BLOCK).expect("readable");
    assert_eq!(events.weight, Some(vec![1.5]), "decimal comma");
}

#[test]
fn empty_tables_are_errors_and_a_mere_header_is_none() {
    for text in [&b""[..], b"\n", b"\r\n\r\n", b"\xef\xbb\xbf"] {
        assert!(complaint(text, &earth()).contains("an empty file"), "{text:?}");
    }
    assert_eq!(complaint(b"lon,lat", &earth()), "0 events", "header");
    assert_eq!(complaint(b"lon,lat\n", &earth()), "0 events", "header and its end");
}

#[test]
fn bytes_that_are_no_text_spoil_their_record_only() {
    let text = b"lon,lat,name,n\n1,2,\xff\xfe,3\n1\0,2,x,3\n\xff,2,y,3\n4,5,\0,6\n";
    for query in [earth(), Query { weight: Some("n".into()), ..earth() }] {
        let (events, tally) = taken(text, &query, BLOCK).expect("readable");
        assert_eq!(events.x, [1.0, 4.0], "usable");
        assert_eq!(tally.count(&Reason::NotANumber), 2, "not numbers");
    }
}

#[test]
fn a_quote_that_never_closes_spoils_its_line_only() {
    let mut text = b"lon,lat,name\n1,2,a\n3,4,\"b\n".to_vec();
    text.extend(b"5,6,c\n".repeat(100_000));
    for size in [16, BLOCK] {
        let (events, tally) = taken(&text, &earth(), size).expect("readable");
        assert_eq!((events.len(), tally.records), (100_001, 100_002), "all but one");
        assert_eq!(skipped(&tally), [("malformed".to_string(), 1, 3)], "the line of the quote");
    }
}

#[test]
fn a_quote_that_closes_too_far_on_spoils_its_line_only() {
    let mut text = b"lon,lat,name\n3,4,\"b\n".to_vec();
    text.extend(b"5,6,cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\n".repeat(1_200_000));
    let (events, tally) = taken(&text, &earth(), BLOCK).expect("readable");
    assert_eq!((events.len(), tally.records), (1_200_000, 1_200_001), "all but one");
}

#[test]
fn a_line_without_end_is_an_error() {
    let mut text = b"lon,lat\n1,2\n3,4,".to_vec();
    text.resize(100 << 20, b'x');
    let error = complaint(&text, &earth());
    assert!(error.starts_with("t.csv, line 3: found a record of more than 64 MiB"), "{error}");
    assert!(complaint(&text[12..], &earth()).starts_with("t.csv, line 1"), "in the header");
}

#[derive(Debug, Clone)]
struct Record {
    lon: String,
    lat: String,
    note: String,
}

fn field(text: &str, always: bool) -> String {
    let needed = text.contains([',', '"', '\n', '\r']);
    if always || needed { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn record() -> impl Strategy<Value = Record> {
    let number = prop_oneof![
        8 => (-90.0..90.0).prop_map(|n: f64| format!("{n:.6}")),
        1 => Just(String::new()),
        1 => "[a-z]{1,3}|95|-100.5| 7 ",
    ];
    let note =
        proptest::collection::vec(proptest::sample::select(&["\"", ",", "\n", "\r\n", "é", "ab", " "][..]), 0..6);
    (number.clone(), number, note).prop_map(|(lon, lat, note)| Record { lon, lat, note: note.concat() })
}

proptest! {
    #[test]
    fn a_table_is_read_back_in_blocks_of_any_size(
        records in proptest::collection::vec(record(), 0..40),
        size in 1..400usize,
        crlf: bool,
        always: bool,
        notes: bool,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = if notes { format!("note,lat,lon{end}") } else { format!("lat,lon{end}") };
        text.extend(records.iter().map(|r| {
            let note = if notes { field(&r.note, always) + "," } else { String::new() };
            format!("{note}{},{}{end}", field(&r.lat, always), field(&r.lon, always))
        }));
        let expected: Vec<(f64, f64)> = records
            .iter()
            .filter_map(|r| r.lon.trim().parse().ok().zip(r.lat.trim().parse().ok()))
            .filter(|(lon, lat): &(f64, f64)| lon.abs() <= 180.0 && lat.abs() <= 90.0)
            .collect();
        let (events, tally) = taken(text.as_bytes(), &earth(), size).expect("readable");
        let found: Vec<(f64, f64)> = events.x.iter().copied().zip(events.y.iter().copied()).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(tally.records, records.len() as u64);
        prop_assert_eq!((events, tally), taken(text.as_bytes(), &earth(), BLOCK).expect("readable"));
    }

    #[test]
    fn the_size_of_blocks_and_the_way_through_them_change_nothing(
        scribble in proptest::collection::vec(proptest::sample::select(PIECES), 0..80),
        size in 1..100usize,
    ) {
        let text = [b"id,lat,n,lon\n", scribble.concat().as_bytes()].concat();
        let whole = taken(&text, &earth(), BLOCK).expect("readable");
        prop_assert_eq!(&taken(&text, &earth(), size).expect("readable"), &whole);
        // Who wants a value goes the general way; this value is there wherever there is a position.
        let valued = Query { value: Some("lon".into()), ..earth() };
        let (mut events, tally) = taken(&text, &valued, size).expect("readable");
        events.value = None;
        prop_assert_eq!((events, tally), whole);
    }
}

const PIECES: &[&str] = &[
    "\"",
    "\"\"",
    ",\"",
    "\",",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    ";",
    "1",
    "-7.25",
    "48.856600",
    "1e1",
    "\"2.5\"",
    "1,2,3,4\n",
    "a,1.5,b,2.5,c\n",
    "x\"",
    " ",
    "\0",
    "é",
    "nan",
    "91.5",
    "200.25",
];
