//! Instants as people write them: notations, real columns, and garbage.

mod common;

use std::io::{BufRead, BufReader, Read};

use proptest::prelude::*;
use torrid::source::{parse_limit, parse_time};

const DAY: i64 = 86_400_000_000;

#[test]
fn one_instant_has_many_spellings() {
    let instant = 1_396_311_060_000_000; // date -u -d '2014-04-01 00:11' +%s
    for text in [
        "2014-04-01T00:11:00Z",
        "2014-04-01t00:11:00z",
        "2014-04-01 00:11:00",
        "2014-04-01 00:11",
        "2014-04-01T02:11+02:00",
        "2014-04-01T02:11:00+0200",
        "2014-03-31 19:11:00-05",
        "2014-03-31T19:11:00-05:00[America/Chicago]",
        "2014-04-01 00:11:00 UTC",
        "2014-04-01 00:11:00 GMT",
        "2014-04-01 00:11:00 +0000 UTC",
        "2014-04-01 02:11:00 +0200",
        "2014-04-01 02:11:00.000 +02:00",
        "2014-4-1 0:11",
        "20140401T001100Z",
        "20140401001100",
        "4/1/2014 0:11:00",
        "04/01/2014 00:11",
        "4/1/2014 12:11:00 AM",
        "4/1/2014, 12:11 am",
        "1.4.2014 00:11:00",
        "01.04.2014 0:11",
        "2014/04/01 00:11:00",
        "2014.4.1 00:11",
        " 2014-04-01T00:11:00Z ",
        "1396311060",
        "1396311060.0",
        "1.39631106e9",
        "1396311060000",
        "1396311060000000",
        "1396311060000000000",
    ] {
        assert_eq!(parse_time(text), Some(instant), "{text}");
    }
}

#[test]
fn a_date_or_a_month_is_its_first_instant() {
    for text in ["2018-10-01", "2018-10", "10/1/2018", "1.10.2018", "2018/10/1", "20181001", "2018-10-01 UTC"] {
        assert_eq!(parse_time(text), Some(17_805 * DAY), "{text}");
    }
}

#[test]
fn fractions_reach_the_microsecond() {
    assert_eq!(parse_time("1970-01-01T00:00:00.123456789Z"), Some(123_456));
    assert_eq!(parse_time("1970-01-01 00:00:00,5"), Some(500_000));
    assert_eq!(parse_time("1/1/1970 0:00:00.25"), Some(250_000));
    assert_eq!(parse_time("1580832000.25"), Some(1_580_832_000_250_000));
    assert_eq!(parse_time("1969-12-31T23:59:59.5Z"), Some(-500_000));
    assert_eq!(parse_time("-0.5"), Some(-500_000));
}

#[test]
fn the_unit_of_a_unix_time_is_told_by_its_magnitude() {
    assert_eq!(parse_time("99999999999"), Some(99_999_999_999_000_000));
    assert_eq!(parse_time("100000000000"), Some(100_000_000_000_000));
    assert_eq!(parse_time("-100000000000"), Some(-100_000_000_000_000));
    assert_eq!(parse_time("100000000000000"), Some(100_000_000_000_000));
    assert_eq!(parse_time("100000000000000000"), Some(100_000_000_000_000));
    assert_eq!(parse_time("0"), Some(0));
}

#[test]
fn what_is_ambiguous_or_no_instant_gives_none() {
    for text in [
        "",
        " ",
        "-",
        "+",
        ".",
        "/",
        "NA",
        "null",
        "yesterday",
        "2018-13-01",
        "2018-02-30",
        "2018-10-",
        "2018-1",
        "2018-00",
        "31/12/2014",
        "13/1/2014 0:00",
        "4/1/14",
        "1.4.14",
        "4/1/2014 25:00",
        "4/1/2014 13:00 PM",
        "4/1/2014 0:60",
        "12:30",
        "12:30:00",
        "20181399",
        "20181332001100",
        "2014-04-01T00:11:00[Europe/Paris]",
        "2014-04-01 00:11:00 CET",
        "2014-04-01T00:11:00+02:00 +0200",
        "1.2.3.4",
        "192.168.0.1",
        "1e400",
        "12abc",
        "1 2",
        "4/1",
        "4//2014",
        "１３９６３１１０６０",
        "2018-10-05T",
        "2018-10-05Z10:00",
    ] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}

#[test]
fn a_limit_that_is_no_instant_says_how_to_write_one() {
    assert_eq!(parse_limit("1970-01-02"), Ok(DAY));
    assert_eq!(parse_limit("2018.0"), Ok(2_018_000_000));
    let year = parse_limit("2018").expect_err("a bare year");
    assert_eq!(
        year.to_string(),
        "--after/--before: found `2018`, a year or a Unix time; expected an instant such as 2018-10-05, \
         2018-10-05T14:30+02:00 or 1538742600 (Unix seconds); write 2018-01-01 for the year, 2018.0 for the \
         seconds since 1970"
    );
    let word = parse_limit("noon").expect_err("a word");
    assert!(word.to_string().contains("found `noon`") && word.exit_code() == 2, "{word}");
}

/// The least and greatest instant of a column of a real file, all of which have to be understood.
fn span(file: &str, column: usize, delimiter: char) -> Option<(i64, i64, usize)> {
    let path = common::shared(file)?;
    let open = std::fs::File::open(&path).expect("a shared file");
    let packed = path.extension().is_some_and(|ending| ending == "gz");
    let bytes: Box<dyn Read> = if packed { Box::new(flate2::read::GzDecoder::new(open)) } else { Box::new(open) };
    let (mut least, mut most, mut rows) = (i64::MAX, i64::MIN, 0);
    for line in BufReader::new(bytes).lines().skip(1) {
        let line = line.expect("UTF-8");
        let field = line.split(delimiter).nth(column).expect("a field");
        let time = parse_time(field).unwrap_or_else(|| panic!("{file}: {field}"));
        (least, most, rows) = (least.min(time), most.max(time), rows + 1);
    }
    Some((least, most, rows))
}

#[test]
fn every_row_of_real_time_columns_is_understood() {
    let at = |text| parse_time(text).expect("an instant");
    let files = [
        ("data/points/nyc-uber-pickups-2014-04-01_20.csv.gz", 0, ',', "2014-04-01", "2014-04-21", 351_423),
        ("data/points/nyc-taxi-fares-50k.csv.gz", 0, ',', "2009-01-01", "2015-07-01", 50_000),
        ("data/points/nyc-taxi-fares-50k.csv.gz", 2, ',', "2009-01-01", "2015-07-01", 50_000),
        ("data/global/earthquakes-1979-2009.csv.gz", 0, ',', "1979-01-01", "2010-01-01", 146_705),
        ("data/points/hong-kong-covid-cases.csv.gz", 2, ',', "2020-01-01", "2022-03-01", 29_266),
        ("data/points/uk-street-crime-2018-10.csv.gz", 0, ',', "2018-10-01", "2018-10-02", 358_382),
        ("data/readings/openaq-lithuania-semicolon.csv", 9, ';', "2015-01-01", "2024-01-01", 63),
        ("data/readings/pm10-germany-2005-h1.csv.gz", 3, ',', "2005-01-01", "2005-07-01", 11_725),
        ("data/clicks/wnba-shots-2023-to-july.csv.gz", 1, ',', "2023-01-01", "2023-08-01", 26_183),
    ];
    for (file, column, delimiter, from, until, expected) in files {
        let Some((least, most, rows)) = span(file, column, delimiter) else { return };
        assert!(at(from) <= least && most < at(until), "{file}: {least} to {most}");
        assert_eq!(rows, expected, "{file}");
    }
}

proptest! {
    #[test]
    fn garbage_never_panics(text in "\\PC{0,40}", near in "[-+0-9/.:TZe, APMUTC]{0,30}") {
        let _ = (parse_time(&text), parse_time(&near));
        prop_assert!(text.contains(|c: char| c.is_ascii_digit()) || parse_time(&text).is_none(), "{}", text);
    }

    #[test]
    fn seconds_written_out_come_back(seconds in -62_000_000_000..253_000_000_000i64) {
        let instant = jiff::Timestamp::from_second(seconds).expect("in range");
        let civil = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let micros = Some(seconds * 1_000_000);
        prop_assert_eq!(parse_time(&format!("{civil}Z")), micros);
        prop_assert_eq!(parse_time(&civil.strftime("%Y-%m-%d %H:%M:%S").to_string()), micros);
        if civil.year() >= 1000 {
            prop_assert_eq!(parse_time(&civil.strftime("%m/%d/%Y %I:%M:%S %p").to_string()), micros);
            prop_assert_eq!(parse_time(&civil.strftime("%d.%m.%Y %H:%M:%S").to_string()), micros);
        }
    }
}
