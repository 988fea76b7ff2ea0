//! Two logs on one picture: of two periods, of two devices, of two versions of a page.

use crate::error::Error;
use crate::interaction::Interaction;
use crate::land::hottest;
use crate::lines::Progress;
use crate::lines::clicks::heat::{estimate, nowhere, reading, tell_more_squares};
use crate::lines::clicks::{Ground, Landed, Map, Tally, Wish, landed};
use crate::lines::versus::{Compare, Compared, Groups, versus};

/// Compares what was done in two logs, as shares of what was done in each: neither the longer time nor the greater number of
/// visitors has more everywhere. What the logs are called follows `events`: `before 2026-05-01`. Also what became of the
/// second log.
///
/// # Errors
/// As [`heat`](super::heat), and for bands of the page, which are not compared.
pub fn compare(
    logs: [&[Interaction]; 2],
    names: [String; 2],
    ground: &Ground,
    (wish, how): (&Wish, Compare),
    progress: &dyn Progress,
) -> Result<(Map, Compared, Tally), Error> {
    if wish.show.is_of_bands() {
        return Err(Error::caller("--versus")
            .found(format!("--show {}", wish.show))
            .expected("something that has places: click, touch, move, rage or dead")
            .advice("draw the two maps one by one"));
    }
    progress.stage("landing");
    let [these, those] = [landed(logs[0], ground, wish)?, landed(logs[1], ground, wish)?];
    for landed in [&these, &those] {
        if landed.events.is_empty() {
            return Err(nowhere(landed));
        }
    }
    let both = both(&these, &those);
    let apart = [reading(&these, progress), reading(&those, progress)];
    let mut groups = Groups::of_readings(reading(&both, progress), apart, names);
    let mut compared = versus(&mut groups, &estimate(ground, wish), (how, true))?;
    tell_more_squares(&mut compared.found.density);
    let (hot, elsewhere) = hottest(&these.struck, ground.elements());
    let map = Map { found: compared.found.clone(), tally: Some(these.tally), reached: None, hot, elsewhere };
    Ok((map, compared, those.tally))
}

fn both<'a>(these: &Landed<'a>, those: &Landed<'a>) -> Landed<'a> {
    let mut events = these.events.clone();
    events.extend(&those.events);
    Landed { events, unit: these.unit, struck: Vec::new(), tally: Tally::default() }
}
