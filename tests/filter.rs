//! `--where`: three-valued truth, comparisons, what is refused, and how deep it may go.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::source::{Field, Filter, UNITS};

/// The record of most tests. CSV spells everything, JSON has types: both are here.
const RECORD: &[(&str, Field)] = &[
    ("mag", Field::Text("5.2")),
    ("depth", Field::Number(33.0)),
    ("ten", Field::Text("10")),
    ("nine", Field::Text("9")),
    ("place", Field::Text("Maule, Chile")),
    ("Crime type", Field::Text("Burglary")),
    ("dist.m", Field::Text("50")),
    ("time", Field::Text("2018-10-05T00:11:00")),
    ("checked", Field::Flag(true)),
    ("said", Field::Text("False")),
    ("quote", Field::Text("it's")),
    ("blank", Field::Missing),
    ("nan", Field::Number(f64::NAN)),
    ("zero", Field::Number(-0.0)),
];

fn accepts(text: &str) -> bool {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let field = |column: usize| {
        let name = &filter.columns()[column];
        RECORD.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("column {name}")).1
    };
    filter.accepts(&field)
}

/// True, false or unknown: the negation tells the last two apart.
fn truth(text: &str) -> Option<bool> {
    match (accepts(text), accepts(&format!("NOT ({text})"))) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
        (true, true) => panic!("{text} and its opposite"),
    }
}

#[test]
fn truth_has_three_values() {
    let word = |t: Option<bool>| t.map_or("NULL", |t| if t { "TRUE" } else { "FALSE" });
    let (t, f, u) = (Some(true), Some(false), None);
    // a, b, a AND b, a OR b
    for (a, b, and, or) in [
        (t, t, t, t),
        (t, f, f, t),
        (t, u, u, t),
        (f, t, f, t),
        (f, f, f, f),
        (f, u, f, u),
        (u, t, u, t),
        (u, f, f, u),
        (u, u, u, u),
    ] {
        let (a, b) = (word(a), word(b));
        assert_eq!(truth(&format!("{a} AND {b}")), and, "{a} AND {b}");
        assert_eq!(truth(&format!("{a} OR {b}")), or, "{a} OR {b}");
    }
}

#[test]
fn comparisons_are_true() {
    for text in [
        "mag = 5.2",
        "mag == 5.2",
        "mag > 5",
        "5 < mag",
        "mag >= 5.20",
        "mag <= 5.2",
        "mag <> 5",
        "mag != 5",
        "depth = '33'",
        "depth = '33.0'",
        "nine < ten",
        "NOT ten = nine",
        "nine > '10'",
        "mag = '5.2'",
        "mag <> '5.20'",
        "zero = 0",
        "place = 'Maule, Chile'",
        "\"Crime type\" = 'Burglary'",
        "`Crime type` = 'Burglary'",
        "dist.m < 100",
        "time >= '2018-10-05' AND time < '2018-10-06'",
        "quote = 'it''s'",
        "checked",
        "checked = TRUE",
        "NOT said",
        "said = false",
        "checked > said",
        "mag BETWEEN 5 AND 6",
        "mag NOT BETWEEN 6 AND 7",
        "depth + 1 = 34",
        "-mag < -5",
        "+mag > 5",
        "depth % 10 = 3",
        "depth / 2 = 16.5",
        "2 + 3 * 4 = 14",
        "(2 + 3) * 4 = 20",
        "ten - nine = 1",
        "mag > -1e3",
        "\"Crime type\" IN ('Robbery', 'Burglary')",
        "mag IN (5.2, 6)",
        "mag IN ('5.2')",
        "depth IN ('a', '33')",
        "depth IN (1, nine, depth)",
        "zero IN (0)",
        "checked IN ('true')",
        "mag NOT IN (1, 2)",
        "place NOT IN ('a', 'b')",
        "place LIKE '%Chile'",
        "place LIKE '_aule%'",
        "place NOT LIKE 'chile%'",
        "place ILIKE '%CHILE'",
        "place NOT ILIKE 'peru%'",
        "place LIKE '%!, C%' ESCAPE '!'",
        "depth LIKE '3_'",
        "checked LIKE 'tr%'",
        "blank IS NULL",
        "mag IS NOT NULL",
        "depth / 0 IS NULL",
        "place + 1 IS NULL",
        "mag > 9 OR depth > 30 AND ten = 10",
        "not (mag > 9 or blank is null and ten = 9)",
    ] {
        assert_eq!(truth(text), Some(true), "{text}");
    }
}

#[test]
fn comparisons_without_an_answer_are_unknown() {
    for text in [
        "blank = 1",
        "blank = 'a'",
        "blank <> 'a'",
        "blank = blank",
        "mag = NULL",
        "place > 5",
        "place <> 5",
        "place = depth",
        "nan = nan",
        "nan > 5",
        "nan IN (1)",
        "checked > 5",
        "place = TRUE",
        "checked = 'yes'",
        "blank",
        "place",
        "depth",
        "blank BETWEEN 1 AND 2",
        "mag BETWEEN blank AND 6",
        "blank IN (1)",
        "mag IN (1, NULL)",
        "mag NOT IN (1, blank)",
        "place IN (1, 2)",
        "place NOT IN (1, 2)",
        "depth IN ('a')",
        "checked IN (1)",
        "blank LIKE '%'",
        "blank NOT LIKE '%'",
        "mag / 0 > 1",
        "mag % 0 = 0",
        "place + 1 > 0",
        "-place < 0",
        "1e308 * 10 * depth > 1",
    ] {
        assert_eq!(truth(text), None, "{text}");
    }
    assert_eq!(truth("mag BETWEEN blank AND 5"), Some(false), "above 5 whatever blank is");
    assert_eq!(truth("mag IN (NULL, 5.2)"), Some(true), "found whatever NULL is");
}

#[test]
fn columns_are_listed_once_and_as_written() {
    let filter = Filter::parse("b > 1 AND \"A b\" = b OR a.c IN (b, x) AND Date > '2'").expect("a condition");
    assert_eq!(filter.columns(), ["b", "A b", "a.c", "x", "Date"]);
    assert!(Filter::parse("TRUE").expect("a condition").columns().is_empty());
}

#[test]
fn words_of_sql_that_name_columns_often_need_no_quotes() {
    for name in [
        "date",
        "time",
        "timestamp",
        "type",
        "value",
        "count",
        "year",
        "month",
        "day",
        "hour",
        "id",
        "name",
        "key",
        "group",
        "order",
        "position",
        "state",
        "level",
        "end",
        "start",
        "weight",
        "lat",
        "x",
        "y",
        "h3",
        "text",
        "class",
        "from",
        "to",
        "source",
        "desc",
        "range",
        "row",
        "rank",
        "min",
        "max",
        "sum",
        "speed",
        "of",
        "user",
        "status",
        "zone",
        "location",
        "left",
        "right",
        "map",
        "array",
        "index",
    ] {
        let filter = Filter::parse(&format!("{name} > 5")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(filter.columns(), [name]);
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (text, part) in [
        ("", "found"),
        ("mag >", "found"),
        ("mag > 5)", "found `)` after the end of the condition"),
        ("mag > 5; DROP TABLE x", "found `;` after the end"),
        ("mag > 5 ORDER BY mag", "found `ORDER` after the end"),
        ("mag = 'open", "found"),
        ("upper(place) = 'A'", "found the function `upper(place)`"),
        ("mag IN (SELECT 1)", "found the subquery"),
        ("EXISTS (SELECT 1)", "found the subquery"),
        ("mag > (SELECT 1)", "found the subquery"),
        ("CASE WHEN mag > 1 THEN TRUE END", "found the CASE"),
        ("CAST(mag AS INT) = 5", "found the cast"),
        ("mag::int = 5", "found the cast"),
        ("DATE '2018-10-05' < time", "found the cast"),
        ("place || 'x' = 'y'", "found the operator || in"),
        ("place ~ 'x'", "found the operator ~ in"),
        ("mag + 1", "found"),
        ("5", "found `5` where a condition should be"),
        ("'a' AND mag > 1", "found `'a'` where a condition should be"),
        ("(mag > 1) = TRUE", "found the condition `mag > 1` where a value should be"),
        ("1 < mag < 3", "where a value should be"),
        ("mag + (a AND b) > 1", "where a value should be"),
        ("place LIKE other", "found LIKE other, which is no text"),
        ("place LIKE 'a' ESCAPE 'ab'", "ESCAPE that is not one character"),
        ("place LIKE 'a!' ESCAPE '!'", "ends with its ESCAPE"),
        ("place SIMILAR TO 'a'", "found `place SIMILAR TO"),
        ("place LIKE ANY ('a')", "found"),
        ("mag IS TRUE", "found `mag IS TRUE`"),
        ("mag IN ()", "found"),
        ("a[1] > 2", "found `a[1]`"),
        ("mag > 1e999", "found `1e999`"),
        ("x = $1", "found `$1`"),
        ("*", "found"),
        ("interval '1 day' > 2", "found"),
    ] {
        let error = Filter::parse(text).expect_err(text);
        let message = error.to_string();
        assert_eq!(error.exit_code(), 2, "{message}");
        assert!(message.starts_with("--where: found ") && message.contains(part), "{text}: {message}");
        assert!(message.contains("expected columns, numbers") && message.contains("for example --where"), "{message}");
    }
}

/// Threads of tests have 2 MiB of stack, less than any other thread here.
#[test]
fn depth_gives_an_error_and_no_overflow() {
    let deep = |open: &str, n: usize, close: &str| format!("{}a = 1{}", open.repeat(n), close.repeat(n));
    for text in [
        deep("(", 200, ")"),
        deep("(", 100_000, ")"),
        deep("NOT ", 200, ""),
        deep("NOT ", 100_000, ""),
        deep("-", 100_000, ""),
        "(".repeat(100_000),
        deep("a = 1 OR (", 400, ")"),
        deep("a IN (", 400, ")"),
        deep("a + (", 400, ")"),
        deep("", 100_000, " OR a = 1"),
        deep("a + ", 100_000, ""),
        deep("", 100_000, " IS NULL"),
        deep("", 10_000, "::int"),
        deep("", 10_000, "[1]"),
        deep("CASE WHEN ", 400, ""),
        deep("f(", 400, ")"),
        deep("a BETWEEN 1 AND ", 400, ""),
        deep("", 3000, " COLLATE x"),
        deep("[", 900, "]"),
        deep("{a:", 300, "}"),
        deep("", 900, ":a"),
    ] {
        let begun = Instant::now();
        let _ = Filter::parse(&text).expect_err(&text[..40]).to_string();
        assert!(begun.elapsed() < Duration::from_secs(5), "{} took {:?}", &text[..40], begun.elapsed());
    }
}

#[test]
fn what_is_within_the_limits_is_read_soon() {
    let begun = Instant::now();
    assert!(accepts(&format!("{}mag = 5.2{}", "(".repeat(45), ")".repeat(45))), "45 parentheses");
    assert!(accepts(&format!("mag = 5.2{}", " OR ten = 3".repeat(400))), "400 alternatives");
    assert!(accepts(&format!("mag{} = 5.2", " + 0".repeat(900))), "900 sums");
    let names: Vec<String> = (0..50_000).map(|n| format!("'name {n}'")).collect();
    assert!(accepts(&format!("place NOT IN ({})", names.join(","))), "50,000 names");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_filter_may_be_shared_between_threads() {
    fn shared<T: Clone + std::fmt::Debug + Send + Sync>(_: &T) {}
    shared(&Filter::parse("a > 1").expect("a condition"));
}

#[test]
fn units_behind_numbers_make_metres_seconds_and_metres_per_second() {
    for (text, number) in [
        ("10km", 10_000.0),
        ("10 KM", 10_000.0),
        ("3.5mi", 5632.704),
        ("1000ft", 304.8),
        ("2yd", 1.8288),
        ("1nmi", 1852.0),
        ("500m", 500.0),
        ("1e3m", 1000.0),
        (".5km", 500.0),
        ("90min", 5400.0),
        ("2h", 7200.0),
        ("1.5d", 129_600.0),
        ("45s", 45.0),
        ("36km/h", 10.0),
        ("10 m/s", 10.0),
        ("10mph", 4.4704),
        ("36kn", 18.52),
        ("5min/km", 0.3),
        ("600m/h", 600.0 / 3600.0),
        ("-2km", -2000.0),
        ("1km + 1m", 1001.0),
        ("2 * 3km", 6000.0),
        ("(1h)", 3600.0),
    ] {
        let filter = Filter::parse(&format!("length > {text}")).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.columns(), ["length"], "{text}");
        let accepts = [number - 1e-9, number + 1e-9].map(|near| filter.accepts(&|_| Field::Number(near)));
        assert_eq!(accepts, [false, true], "{text} is not {number}");
    }
}

#[test]
fn units_go_wherever_numbers_go() {
    let both = [("distance", Field::Number(12_000.0)), ("duration", Field::Text("3600")), ("h", Field::Number(2.0))];
    for (text, truth) in [
        ("distance > 10km", true),
        ("10km < distance AND duration<90min", true),
        ("distance BETWEEN 11km AND 12km", true),
        ("distance IN (5km, 12km)", true),
        ("distance / duration >= 12km/h", true),
        ("distance / duration > 12.1km/h", false),
        ("distance = 24km / h", true),
        ("distance = 24km /h", true),
        ("distance > 10km/duration", true),
        ("distance > 5km OR duration > 5", true),
    ] {
        let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let field = |column: usize| both.iter().find(|(name, _)| *name == filter.columns()[column]).expect(text).1;
        assert_eq!(filter.accepts(&field), truth, "{text}");
    }
}

#[test]
fn a_unit_that_is_none_is_named_beside_those_that_are() {
    for (text, unit) in [
        ("distance > 10kilometres", "kilometres"),
        ("distance > 10 miles AND a = 1", "miles"),
        ("a IN (1, 2x)", "x"),
        ("a > 5km2", "km2"),
        ("NOT a > 5kmAND", "kmAND"),
    ] {
        let message = Filter::parse(text).expect_err(text).to_string();
        assert!(message.contains(&format!("found `{unit}` behind the number")), "{text}: {message}");
        assert!(UNITS.iter().all(|(name, _)| message.contains(name)), "{text}: {message}");
    }
    assert!(Filter::parse("a > 1e308km").expect_err("infinite").to_string().contains("64 bits"), "infinite");
    assert!(accepts("mag > 5AND depth > 30 AND ten IN (10)"), "words of SQL are no units");
    assert!(Filter::parse("a > 5 \"km\"").is_err(), "a name in quotes is no unit");
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn a_unit_is_a_factor(number in 0.0..1e6f64, which in 0..UNITS.len(), space in " ?", value in -1e7..1e7f64) {
        let (name, factor) = UNITS[which];
        let filter = Filter::parse(&format!("a > {number}{space}{name}")).expect("a unit");
        prop_assert_eq!(filter.accepts(&|_| Field::Number(value)), value > number * factor);
    }
}
