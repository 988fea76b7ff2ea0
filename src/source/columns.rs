//! Which columns of a table hold the position, the time and perhaps a weight, by their names; the same for
//! every format that has named columns. The rules are the union of those of tippecanoe and kepler.gl.

use crate::error::Error;
use crate::events::Space;
use crate::source::{Columns, Query};

/// Spellings of a longitude and of a latitude that stand alone or after a separator: `start_lng`.
const SHORT: [(&str, Axis); 4] = [("lat", Axis::Y), ("lon", Axis::X), ("lng", Axis::X), ("long", Axis::X)];
/// Words that tell a degree wherever they stand in a name: `Start Longitude (deg)`.
const DEGREES: [(&str, Axis); 2] = [("longitude", Axis::X), ("latitude", Axis::Y)];
/// Words that tell a length wherever they stand.
const LENGTHS: [(&str, Axis); 2] = [("easting", Axis::X), ("northing", Axis::Y)];
const TIMES: [&str; 5] = ["time", "timestamp", "datetime", "date", "ts"];
const WEIGHTS: [&str; 5] = ["weight", "count", "value", "intensity", "n"];
/// Names of columns that tell tracks apart, without separators, the surest first.
const TRACKS: [&str; 20] = [
    "trackid",
    "track",
    "trackfid",
    "trajectoryid",
    "trajectory",
    "trajid",
    "activityid",
    "tripid",
    "trip",
    "rideid",
    "ride",
    "journeyid",
    "workoutid",
    "flightid",
    "voyageid",
    "individuallocalidentifier",
    "mmsi",
    "icao24",
    "vehicleid",
    "deviceid",
];
const SEPARATORS: [char; 6] = ['_', '.', '-', ' ', ':', '/'];

/// The columns of one table that are read, by their place among its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Longitude, or the horizontal coordinate.
    pub x: usize,
    /// Latitude, or the vertical coordinate.
    pub y: usize,
    /// Those beside the position, in the order of [`Query::wanted`], as far as they are there.
    pub wanted: Vec<Option<usize>>,
    /// The whole of what was found, for `info`.
    pub columns: Columns,
}

/// Chooses among the columns of the table that messages call `place`: those the caller named, else those
/// whose names tell. `format` goes into [`Columns::format`].
///
/// ```
/// use torrid::source::{Query, columns};
/// let names = ["id", "dropoff_lat", "dropoff_lon"].map(String::from);
/// let choice = columns::choose(&names, &Query::new(torrid::Space::Earth), "csv", "trips.csv")?;
/// assert_eq!((choice.x, choice.y), (2, 1));
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When a named column is not there, or no names tell a position.
pub fn choose(names: &[String], query: &Query, format: &str, place: &str) -> Result<Choice, Error> {
    let mut pairs = pairs(names, query);
    let (x, y) = position(names, query, &pairs, place)?;
    pairs.retain(|pair| *pair != (x, y));
    pairs.insert(0, (x, y));
    let named = |(x, y): (usize, usize)| (names[x].clone(), names[y].clone());
    let columns = Columns {
        position: vec![names[x].clone(), names[y].clone()],
        pairs: pairs.into_iter().map(named).collect(),
        ..described(names, format)
    };
    Ok(Choice { x, y, wanted: wanted(names, query, place)?, columns })
}

/// What the names tell but for the position.
pub fn described(names: &[String], format: &str) -> Columns {
    Columns {
        format: format.into(),
        names: names.to_vec(),
        time: time(names).map(|column| names[column].clone()),
        track: track(names).map(|column| names[column].clone()),
        weights: names.iter().filter(|name| ends_in(name, &WEIGHTS)).cloned().collect(),
        ..Columns::default()
    }
}

/// The columns to read beside the position, in the order of [`Query::wanted`]; none for one that may be lacking and
/// does.
///
/// # Errors
/// When one of them is not there, or times are limited and no name tells a time.
pub fn wanted(names: &[String], query: &Query, place: &str) -> Result<Vec<Option<usize>>, Error> {
    let time = time(names).map(|column| names[column].as_str());
    if query.partial {
        return Ok(query.wanted(time).iter().map(|name| named(names, name, place).ok()).collect());
    }
    if query.needs_time() && query.time.is_none() && time.is_none() {
        return Err(Error::caller(query.timed.unwrap_or("--after, --before"))
            .found(format!("no time column in {place}"))
            .expected(format!("one of {}", listed(names)))
            .advice("name it with --time"));
    }
    query.wanted(time).iter().map(|name| named(names, name, place).map(Some)).collect()
}

/// The column called `name`, in this case or another.
///
/// # Errors
/// When there is none.
pub fn named(names: &[String], name: &str, place: &str) -> Result<usize, Error> {
    let folded = name.trim().to_lowercase();
    let exact = names.iter().position(|known| known == name);
    let found = exact.or_else(|| names.iter().position(|known| known.trim().to_lowercase() == folded));
    found.ok_or_else(|| {
        let likeness = |known: &&String| strsim::jaro_winkler(&known.to_lowercase(), &folded);
        let near = names.iter().filter(|known| likeness(known) > 0.85);
        let near = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        Error::caller(format!("column `{name}`"))
            .found(format!("no such column in {place}"))
            .expected(format!("one of {}", listed(names)))
            .advice(near.map(|name| format!("did you mean `{name}`?")).unwrap_or_default())
    })
}

/// Every pair of columns that could be a position, the likeliest first: those of the space asked for, of
/// them the ones without a further word in their names, of them the leftmost. Two columns make a pair when
/// their names are equal but for the word that tells the axis.
pub fn pairs(names: &[String], query: &Query) -> Vec<(usize, usize)> {
    let told: Vec<Option<Coordinate>> = names.iter().map(|name| coordinate(name)).collect();
    let mut found = Vec::new();
    let mut taken = vec![false; names.len()];
    for (x, first) in told.iter().enumerate() {
        let Some(first) = first.as_ref().filter(|c| c.axis == Axis::X) else { continue };
        let partner = |c: &Coordinate| c.axis == Axis::Y && c.degrees == first.degrees && c.stem == first.stem;
        let y = (0..names.len()).find(|y| !taken[*y] && told[*y].as_ref().is_some_and(partner));
        if let Some(y) = y {
            taken[y] = true;
            found.push((first.degrees, first.stem.is_empty(), (x, y)));
        }
    }
    if !found.iter().any(|(degrees, ..)| *degrees) {
        let degree = |axis| told.iter().position(|c| c.as_ref().is_some_and(|c| c.degrees && c.axis == axis));
        found.extend(degree(Axis::X).zip(degree(Axis::Y)).map(|pair| (true, false, pair)));
    }
    let degrees_first = reads_degrees(query);
    found.sort_by_key(|(degrees, plain, (x, y))| (*degrees != degrees_first, !plain, *x.min(y)));
    found.into_iter().map(|(_, _, pair)| pair).collect()
}

/// The time column, where a name tells: a name that is a word for time before one that only ends in one.
pub fn time(names: &[String]) -> Option<usize> {
    let whole = |name: &String| TIMES.contains(&name.trim().to_lowercase().as_str());
    names.iter().position(whole).or_else(|| names.iter().position(|name| ends_in(name, &TIMES)))
}

/// The column that tells tracks apart, where a name tells.
pub fn track(names: &[String]) -> Option<usize> {
    let plain = |name: &String| name.to_lowercase().replace(SEPARATORS, "");
    let plain: Vec<String> = names.iter().map(plain).collect();
    TRACKS.iter().find_map(|track| plain.iter().position(|name| name == track))
}

fn position(names: &[String], query: &Query, pairs: &[(usize, usize)], place: &str) -> Result<(usize, usize), Error> {
    let x = query.x.as_ref().map(|name| named(names, name, place)).transpose()?;
    let y = query.y.as_ref().map(|name| named(names, name, place)).transpose()?;
    if let (Some(x), Some(y)) = (x, y) {
        return Ok((x, y));
    }
    let fits = |pair: &&(usize, usize)| x.is_none_or(|x| x == pair.0) && y.is_none_or(|y| y == pair.1);
    pairs.iter().find(fits).copied().ok_or_else(|| unknown(names, query, place))
}

fn unknown(names: &[String], query: &Query, place: &str) -> Error {
    let [x, y] = if query.space == Space::Earth { ["longitude", "latitude"] } else { ["x", "y"] };
    match query.x.as_ref().or(query.y.as_ref()) {
        Some(one) => Error::caller(format!("column `{one}`"))
            .found(format!("no column in {place} whose name makes a pair with it"))
            .expected(format!("two of {}", listed(names)))
            .advice("name both columns, with --lon and --lat"),
        None => Error::input(place)
            .found(format!("the columns {}", listed(names)))
            .expected(format!("names that tell {x} and {y}"))
            .advice("name the columns with --lon and --lat, or with --columns where the file has no header"),
    }
}

/// Whether the coordinates as written are degrees.
fn reads_degrees(query: &Query) -> bool {
    let same = |(x, y): (f64, f64)| (x - 10.0).abs() < 1e-9 && (y - 20.0).abs() < 1e-9;
    query.space == Space::Earth && query.crs.as_ref().is_none_or(|crs| crs.to_degrees(10.0, 20.0).is_some_and(same))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Axis {
    X,
    Y,
}

/// What the name of a column tells about a coordinate.
struct Coordinate {
    axis: Axis,
    /// Longitude or latitude, not a length.
    degrees: bool,
    /// The name without the word that tells the axis.
    stem: String,
}

fn coordinate(name: &str) -> Option<Coordinate> {
    let lower = name.trim().to_lowercase();
    let within = |(word, axis): &(&str, Axis)| Some((lower.replacen(word, "", 1), *axis)).filter(|(s, _)| *s != lower);
    let at_end = |(word, axis): &(&str, Axis)| Some((last_word_cut(&lower, word)?, *axis));
    if let Some((stem, axis)) = DEGREES.iter().find_map(within).or_else(|| SHORT.iter().find_map(at_end)) {
        return Some(Coordinate { axis, degrees: true, stem });
    }
    let lengths = [("x", Axis::X), ("y", Axis::Y)];
    let at_start = |(letter, axis): &(&str, Axis)| Some((first_word_cut(&lower, letter)?, *axis));
    let capital = |(letter, axis): &(&str, Axis)| Some((capital_cut(name.trim(), letter)?, *axis));
    let (stem, axis) = LENGTHS
        .iter()
        .find_map(within)
        .or_else(|| lengths.iter().find_map(at_end))
        .or_else(|| lengths.iter().find_map(at_start))
        .or_else(|| lengths.iter().find_map(capital))?;
    Some(Coordinate { axis, degrees: false, stem })
}

/// `name` without `word` where that is its last one, a number after it allowed: `from_lat2` is `from_2`.
fn last_word_cut(name: &str, word: &str) -> Option<String> {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = bare.strip_suffix(word)?;
    (rest.is_empty() || rest.ends_with(SEPARATORS)).then(|| format!("{rest}{}", &name[bare.len()..]))
}

/// `name` without `word` where a separator follows it: `x_position` is `_position`.
fn first_word_cut(name: &str, word: &str) -> Option<String> {
    name.strip_prefix(word).filter(|rest| rest.starts_with(SEPARATORS)).map(str::to_owned)
}

/// `pageX` without its last letter.
fn capital_cut(name: &str, letter: &str) -> Option<String> {
    let rest = name.strip_suffix(&letter.to_uppercase())?;
    rest.ends_with(|c: char| c.is_ascii_lowercase()).then(|| rest.to_owned())
}

/// Whether the last word of a name is one of these, a number after it allowed.
fn ends_in(name: &str, words: &[&str]) -> bool {
    let lower = name.trim().to_lowercase();
    words.iter().any(|word| last_word_cut(&lower, word).is_some())
}

/// The names in a message, which is not to fill the screen.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 40;
    let shown = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &str, query: &Query) -> Result<Choice, Error> {
        let names: Vec<String> = names.split(',').map(String::from).collect();
        choose(&names, query, "csv", "t.csv")
    }

    fn position_of(names: &str, query: &Query) -> String {
        chosen(names, query).map_or_else(|e| e.to_string(), |choice| choice.columns.position.join(" "))
    }

    #[test]
    fn the_usual_names_of_a_position_are_known_in_any_case() {
        let earth = Query::new(Space::Earth);
        for (names, position) in [
            ("id,lat,lon", "lon lat"),
            ("Lat,Lng", "Lng lat"),
            ("LATITUDE,LONG", "LONG LATITUDE"),
            ("decimalLatitude,decimalLongitude", "decimalLongitude decimalLatitude"),
            ("start_lat,start_lng,end_lat,end_lng", "start_lng start_lat"),
            ("location-long,location-lat", "location-long location-lat"),
            ("station_longitude_deg,station_latitude_deg", "station_longitude_deg station_latitude_deg"),
            ("pickup_longitude,pickup_latitude,dropoff_longitude,dropoff_latitude", "pickup_longitude pickup_latitude"),
            ("lon1,lat1,alt1,lon2,lat2,alt2", "lon1 lat1"),
            ("lat2,lat1,lon1,lon2", "lon2 lat2"),
            ("x,y,lon,lat", "lon lat"),
            ("home_lat,lat,home_lon,lon", "lon lat"),
            ("gps_lat,longitude", "longitude gps_lat"),
            ("x,y", "x y"),
            ("easting,northing", "easting northing"),
        ] {
            assert_eq!(position_of(names, &earth).to_lowercase(), position.to_lowercase(), "{names}");
        }
    }

    #[test]
    fn a_flat_space_prefers_lengths() {
        let page = Query::new(Space::PAGE);
        for (names, position) in [
            ("lon,lat,x,y", "x y"),
            ("x_position,y_position", "x_position y_position"),
            ("pointer_x,pointer_y", "pointer_x pointer_y"),
            ("pageX,pageY", "pageX pageY"),
            (
                "Location_Easting_OSGR,Location_Northing_OSGR,Longitude,Latitude",
                "Location_Easting_OSGR Location_Northing_OSGR",
            ),
            ("x1,y1,x2,y2", "x1 y1"),
        ] {
            assert_eq!(position_of(names, &page), position, "{names}");
        }
    }

    #[test]
    fn every_pair_is_listed_the_chosen_one_first() {
        let query = Query { x: Some("LON2".into()), ..Query::new(Space::Earth) };
        let columns = chosen("lon1,lat1,lon2,lat2,x,y", &query).expect("three pairs").columns;
        let pairs = [("lon2", "lat2"), ("lon1", "lat1"), ("x", "y")];
        assert_eq!(columns.pairs, pairs.map(|(x, y)| (x.to_string(), y.to_string())), "order");
    }

    #[test]
    fn a_wrong_name_meets_the_right_one() {
        let query = Query { x: Some("longitud".into()), ..Query::new(Space::Earth) };
        assert_eq!(
            position_of("longitude,latitude", &query),
            "column `longitud`: found no such column in t.csv; expected one of `longitude`, `latitude`; \
             did you mean `longitude`?"
        );
        let error = chosen("longitude,latitude", &query).expect_err("no such column");
        assert_eq!(error.exit_code(), 2, "the caller's fault");
    }

    #[test]
    fn exact_case_wins_over_another_case_and_the_first_twin_over_the_second() {
        let query = Query { x: Some("Lon".into()), y: Some("lat".into()), ..Query::new(Space::Earth) };
        let choice = chosen("lon,Lon,lat,lat", &query).expect("both there");
        assert_eq!((choice.x, choice.y), (1, 2), "places");
    }

    #[test]
    fn names_that_tell_nothing_ask_for_names() {
        let error = position_of("a,long_description,layout", &Query::new(Space::Earth));
        assert!(error.contains("--lon") && error.contains("`layout`"), "{error}");
    }

    #[test]
    fn tracks_are_told_by_what_is_surest() {
        for (names, told) in [
            ("lon,lat,vehicle_id,Trip ID", Some("Trip ID")),
            ("track_fid,track_seg_id,lon,lat", Some("track_fid")),
            ("MMSI,LON,LAT", Some("MMSI")),
            ("individual-local-identifier,location-long,location-lat", Some("individual-local-identifier")),
            ("lon,lat,track_length,activity,strip", None),
        ] {
            let columns = chosen(names, &Query::new(Space::Earth)).expect("a position").columns;
            assert_eq!(columns.track.as_deref(), told, "{names}");
        }
    }

    #[test]
    fn times_and_weights_are_told_by_their_last_word() {
        for (names, told) in [
            ("lon,lat,Date/Time", "Date/Time"),
            ("lon,lat,pickup_datetime,date", "date"),
            ("lon,lat,time1,time2", "time1"),
            ("lon,lat,sometimes", "none"),
        ] {
            let columns = chosen(names, &Query::new(Space::Earth)).expect("lon, lat").columns;
            assert_eq!(columns.time.as_deref().unwrap_or("none"), told, "{names}");
        }
        let columns =
            chosen("lon,lat,Value,trip_count,discount,n", &Query::new(Space::Earth)).expect("lon, lat").columns;
        assert_eq!(columns.weights, ["Value", "trip_count", "n"], "weights");
        let query = Query { after: Some(0), ..Query::new(Space::Earth) };
        assert_eq!(chosen("date,lon,lat", &query).expect("a time").wanted, [Some(0)], "the time is read where limited");
        assert!(position_of("lon,lat", &query).contains("--time"), "a limit needs a time");
    }
}
