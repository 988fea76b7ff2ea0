//! Interactions land where they should: on elements that have moved, by shares, by pixels; bursts, rests and scrolls against
//! slow twins.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use torrid::Page;
use torrid::interaction::{Across, Anchor, Interaction, Kind, Spot};
use torrid::land::{
    Burst, By, Elements, Landing, Layout, Missed, Person, STEP, Struck, Surface, attention, dwell, firsts, hottest,
    land, normalised, rage, reached,
};
use torrid::page::Element;

fn config() -> Config {
    Config { rng_seed: RngSeed::Fixed(10), failure_persistence: None, cases: 200, ..Config::default() }
}

fn element(selector: &str, [x, y, width, height]: [f64; 4], fixed: bool) -> Element {
    Element { selector: selector.into(), x, y, width, height, fixed }
}

fn page(width: f64, elements: Vec<Element>) -> Page {
    Page {
        url: "https://shop.example/".into(),
        title: String::new(),
        width,
        height: 3000.0,
        viewport: [width, 800.0],
        scale: 1.0,
        elements,
    }
}

/// A page of three widths: a button at the right, a bar at the bottom of the window, a list that breaks into one column.
fn layout(width: f64) -> Page {
    let narrow = width < 600.0;
    let second = if narrow { [0.0, 700.0, width, 200.0] } else { [width / 2.0, 500.0, width / 2.0, 200.0] };
    let elements = vec![
        element("body", [0.0, 0.0, width, 3000.0], false),
        element("#buy", [width - 120.0, 100.0, 100.0, 40.0], false),
        element("#list > li:nth-of-type(2)", second, false),
        element("#bar", [0.0, 760.0, width, 40.0], true),
    ];
    page(width, elements)
}

fn surface<'a>(page: &Page, elements: &'a Elements) -> Surface<'a> {
    Surface { width: page.width, height: page.height, window: Some(page.viewport[1]), elements: Some(elements) }
}

fn click(x: f64, y: f64) -> Interaction {
    Interaction { spot: Some(Spot { x: Across::Pixels(x), y, fixed: false }), ..Interaction::of(Kind::Click) }
}

fn on(selector: &str, inside: Option<[f64; 2]>) -> Interaction {
    let [x, y] = [inside.map(|at| at[0]), inside.map(|at| at[1])];
    Interaction { anchor: Some(Anchor { selector: Arc::from(selector), x, y }), ..Interaction::of(Kind::Click) }
}

#[test]
fn a_click_inside_an_element_lands_in_it_at_every_width() {
    for width in [400.0, 800.0, 1280.0] {
        let page = layout(width);
        let elements = Elements::of(&page);
        for recorded in [400.0, 800.0, 1280.0] {
            let click = Interaction { viewport: Some([recorded, 700.0]), ..on("#buy", Some([0.25, 0.5])) };
            let at = land(&click, &surface(&page, &elements), Layout::Auto).expect("on the page");
            assert!(
                (at.x - (width - 95.0)).abs() < 1e-6 && (at.y - 120.0).abs() < 1e-6,
                "{recorded} on {width}: {at:?}"
            );
            assert_eq!((at.by, at.fixed), (By::Element, false));
        }
        let second = on("#list>li:nth-of-type(2)", None);
        let at = land(&second, &surface(&page, &elements), Layout::Elements).expect("on the page");
        let place = page.elements[2].clone();
        assert_eq!((at.x, at.y, at.by), (place.x + place.width / 2.0, place.y + 100.0, By::Middle));
    }
}

#[test]
fn shares_and_the_middle_follow_the_width() {
    let surface = Surface { width: 1280.0, height: 3000.0, window: None, elements: None };
    let of = |width: f64| Interaction { viewport: Some([width, 700.0]), ..click(100.0, 50.0) };
    let x = |width, layout| land(&of(width), &surface, layout).map(|at| at.x);
    assert_eq!(x(400.0, Layout::Relative), Ok(320.0));
    assert_eq!(x(400.0, Layout::Auto), Ok(320.0));
    assert_eq!(x(1265.0, Layout::Auto), Ok(100.0), "a scroll bar does not make another layout");
    assert_eq!(x(1480.0, Layout::Centred), Ok(0.0));
    assert_eq!(x(1482.0, Layout::Centred), Err(Missed::Outside));
    assert_eq!(land(&click(1.0, 1.0), &surface, Layout::Relative), Err(Missed::Widthless));
    let share = Spot { x: Across::Share(0.5), y: 9.0, fixed: false };
    let share = Interaction { spot: Some(share), ..Interaction::of(Kind::Click) };
    assert_eq!(land(&share, &surface, Layout::Auto).map(|at| at.x), Ok(640.0));
}

#[test]
fn what_lies_outside_is_never_clamped() {
    let surface = Surface { width: 100.0, height: 50.0, window: None, elements: None };
    for (x, y) in [(100.0, 10.0), (-0.1, 10.0), (10.0, 50.0), (10.0, -1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
        assert_eq!(land(&click(x, y), &surface, Layout::Pixels), Err(Missed::Outside), "{x} {y}");
    }
    assert_eq!(land(&Interaction::of(Kind::Click), &surface, Layout::Auto), Err(Missed::Placeless));
}

#[test]
fn fixed_elements_are_apart_and_bars_keep_to_their_edge() {
    let page = layout(1280.0);
    let elements = Elements::of(&page);
    let surface = surface(&page, &elements);
    let spot = |y| Some(Spot { x: Across::Pixels(5.0), y, fixed: true });
    let at = |y, height| {
        let click = Interaction { spot: spot(y), viewport: Some([1280.0, height]), ..Interaction::of(Kind::Click) };
        land(&click, &surface, Layout::Auto).expect("in the window")
    };
    assert_eq!((at(20.0, 600.0).y, at(20.0, 600.0).fixed), (20.0, true));
    assert_eq!(at(580.0, 600.0).y, 780.0, "20 px from the bottom of any window");
    assert_eq!(elements.at(5.0, 780.0, true), Some(3));
    assert_eq!(elements.at(5.0, 780.0, false), Some(0), "the bar is over the page and not of it");
    assert!(land(&on("#bar", Some([0.5, 0.5])), &surface, Layout::Elements).expect("the bar").fixed);
}

#[test]
fn selectors_are_found_by_text_by_form_and_by_the_id_at_their_end() {
    let page = page(
        800.0,
        vec![
            element("html > body", [0.0, 0.0, 800.0, 3000.0], false),
            element("#menu > li:nth-of-type(2) > a", [1.0, 1.0, 9.0, 9.0], false),
            element("main > button#buy", [1.0, 20.0, 9.0, 9.0], false),
            element("#menu > li", [1.0, 40.0, 9.0, 9.0], false),
        ],
    );
    let elements = Elements::of(&page);
    for (selector, found) in [
        ("#menu > li:nth-of-type(2) > a", Some(1)),
        ("html>body>#menu>LI:nth-of-type(2)>a", Some(1)),
        ("div.shop > form#order button#buy.big", Some(2)),
        ("[id='buy']", Some(2)),
        ("#menu > li:first-child", Some(3)),
        ("#buy > span", None),
        ("#menu > li:nth-of-type(3) > a", None),
        ("", None),
    ] {
        assert_eq!(elements.find(selector), found, "{selector}");
    }
}

#[test]
fn a_click_that_lost_its_element_is_laid_by_its_position_and_only_if_it_may() {
    let page = layout(800.0);
    let elements = Elements::of(&page);
    let spot = Some(Spot { x: Across::Pixels(10.0), y: 20.0, fixed: false });
    let gone = Interaction { spot, ..on("#gone", Some([0.5, 0.5])) };
    let at = land(&gone, &surface(&page, &elements), Layout::Auto).expect("by its position");
    assert_eq!((at.x, at.y, at.by, at.element), (10.0, 20.0, By::Pixels, None));
    assert_eq!(land(&gone, &surface(&page, &elements), Layout::Elements), Err(Missed::Unknown));
}

#[test]
fn the_hottest_elements_add_up_to_all_there_was() {
    let page = layout(800.0);
    let elements = Elements::of(&page);
    let log: Vec<Interaction> = (0..50)
        .map(|n| match n % 5 {
            0 => on("#buy", None),
            1 => on("#gone", None),
            2 => click(700.0, 110.0),
            3 => click(10.0, 2900.0),
            _ => click(1e6, 5.0),
        })
        .map(|one| Interaction { visitor: Some(7), count: 2.0, ..one })
        .collect();
    let surface = surface(&page, &elements);
    let struck =
        |interaction| Struck { interaction, landing: land(interaction, &surface, Layout::Auto).ok(), rage: false };
    let struck: Vec<Struck<'_>> = log.iter().map(struck).collect();
    let (hot, elsewhere) = hottest(&struck, Some(&elements));
    let told: Vec<(&str, f64, usize)> = hot.iter().map(|hot| (&*hot.selector, hot.count, hot.persons)).collect();
    assert_eq!(told, [("#buy", 40.0, 1), ("#gone", 20.0, 1), ("body", 20.0, 1)]);
    assert_eq!(elsewhere, 20.0, "off the page");
}

/// The plain way: every window of so many clicks in a row, each pair of it.
fn rage_twin(clicks: &[Interaction], burst: &Burst) -> Vec<bool> {
    let mut angry = vec![false; clicks.len()];
    let mut order: Vec<usize> = (0..clicks.len()).collect();
    order.sort_by_key(|n| (clicks[*n].session, clicks[*n].time));
    for start in 0..clicks.len() {
        let Some(row) = order.get(start..start + burst.clicks) else { break };
        let spot =
            |n: usize| clicks[n].spot.map(|s| (if let Across::Pixels(x) = s.x { x } else { 0.0 }, s.y)).expect("one");
        let one_visit = row.iter().all(|n| clicks[*n].session == clicks[row[0]].session);
        let times: Vec<i64> = row.iter().filter_map(|n| clicks[*n].time).collect();
        let near = row
            .iter()
            .all(|a| row.iter().all(|b| (spot(*a).0 - spot(*b).0).hypot(spot(*a).1 - spot(*b).1) <= burst.radius));
        if one_visit && near && times.iter().max().expect("some") - times.iter().min().expect("some") <= burst.within {
            for n in row {
                angry[*n] = true;
            }
        }
    }
    angry
}

#[test]
fn five_clicks_in_two_seconds_are_a_burst_and_four_are_not() {
    let at = |n: i64| Interaction { session: Some(1), time: Some(n * 400_000), ..click(5.0 + n as f64, 5.0) };
    let five: Vec<Interaction> = (0..5).map(at).collect();
    let all = |log: &[Interaction]| rage(&log.iter().collect::<Vec<_>>(), &Burst::default());
    assert_eq!(all(&five), [true; 5]);
    assert_eq!(all(&five[1..]), [false; 4]);
    let told: Vec<Interaction> = five.iter().map(|one| Interaction { rage: Some(false), ..one.clone() }).collect();
    assert_eq!(all(&told), [false; 5], "a log that says so itself is believed");
    let far: Vec<Interaction> =
        (0..5).map(|n| Interaction { spot: click(n as f64 * 10.0, 0.0).spot, ..at(n) }).collect();
    assert_eq!(all(&far), [false; 5], "40 px from the first to the last");
    for bad in ["5", "1,2s,30px", "5,2s", "5,0s,30px", "5,2s,-1px", "5,2,30px", "101,2s,3px", "5,NaNs,3px"] {
        assert!(bad.parse::<Burst>().is_err(), "{bad}");
    }
    assert_eq!("3,700ms,20px".parse::<Burst>().expect("a burst"), Burst { clicks: 3, within: 700_000, radius: 20.0 });
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bursts_equal_their_twin(
        clicks in prop::collection::vec((0u64..3, 0i64..40, 0u8..60, 0u8..60), 0..60), least in 2usize..5,
    ) {
        let one = |(session, time, x, y): &(u64, i64, u8, u8)| Interaction {
            session: Some(*session), time: Some(time * 200_000), ..click(f64::from(*x), f64::from(*y))
        };
        let mut log: Vec<Interaction> = clicks.iter().map(one).collect();
        // Clicks of one instant come in the order of the log, in both ways.
        log.dedup_by_key(|one| (one.session, one.time));
        let burst = Burst { clicks: least, within: 1_000_000, radius: 25.0 };
        prop_assert_eq!(rage(&log.iter().collect::<Vec<_>>(), &burst), rage_twin(&log, &burst));
    }

    #[test]
    fn a_pointer_rests_as_long_whatever_its_sampler(rests in prop::collection::vec((0u8..5, 1i64..10), 2..20)) {
        let sampled = |step: i64| {
            let (mut log, mut now) = (Vec::new(), 0i64);
            for (place, tenths) in &rests {
                let end = now + tenths * 100_000;
                let first = now;
                while now < end {
                    if (now - first) % step == 0 {
                        let spot = click(f64::from(*place) * 50.0, 0.0).spot;
                        log.push(Interaction { session: Some(1), time: Some(now), spot, ..Interaction::of(Kind::Move) });
                    }
                    now += 100_000;
                }
            }
            log.push(Interaction { session: Some(1), time: Some(now), spot: click(0.0, 0.0).spot, ..Interaction::of(Kind::Move) });
            let seconds = dwell(&log.iter().collect::<Vec<_>>(), 1_000_000);
            let mut sums = [0.0; 5];
            for (one, seconds) in log.iter().zip(seconds) {
                let Some(Spot { x: Across::Pixels(x), .. }) = one.spot else { continue };
                sums[(x / 50.0) as usize] += seconds.unwrap_or_default();
            }
            sums
        };
        let (fast, slow) = (sampled(100_000), sampled(1_000_000));
        prop_assert!(fast.iter().zip(slow).all(|(a, b)| (a - b).abs() < 1e-9), "{:?} {:?}", fast, slow);
    }

    #[test]
    fn a_visitor_counts_once_in_a_square_and_never_less(
        places in prop::collection::vec((0u64..4, 0u8..100, 0u8..100), 0..200),
    ) {
        let at = |(_, x, y): &(u64, u8, u8)| Landing {
            x: f64::from(*x), y: f64::from(*y), fixed: false, element: None, by: By::Pixels,
        };
        let landings: Vec<Landing> = places.iter().map(at).collect();
        let persons: Vec<Option<Person>> =
            places.iter().map(|(who, _, _)| (*who > 0).then_some(Person::Visitor(*who))).collect();
        let first = firsts(&landings, &persons, 20.0);
        let squares: std::collections::HashSet<(u64, u8, u8)> =
            places.iter().filter(|(who, _, _)| *who > 0).map(|(who, x, y)| (*who, x / 20, y / 20)).collect();
        let nobodys = places.iter().filter(|(who, _, _)| *who == 0).count();
        prop_assert_eq!(first.iter().filter(|first| **first).count(), squares.len() + nobodys);
    }

    #[test]
    fn shares_of_visits_never_grow_and_equal_their_twin(
        scrolls in prop::collection::vec((0u64..20, 0u16..2500, 300u16..900), 1..80),
    ) {
        let one = |(session, depth, height): &(u64, u16, u16)| Interaction {
            session: Some(*session), depth: Some(f64::from(*depth)), viewport: Some([800.0, f64::from(*height)]),
            ..Interaction::of(Kind::Scroll)
        };
        let log: Vec<Interaction> = scrolls.iter().map(one).collect();
        let found = reached(&log.iter().collect::<Vec<_>>(), [800.0, 2050.0], true).expect("visits");
        let mut depths = std::collections::BTreeMap::<u64, (f64, f64)>::new();
        for (session, depth, height) in &scrolls {
            let visit = depths.entry(*session).or_insert((0.0, f64::from(*height)));
            visit.0 = visit.0.max(f64::from(*depth)).max(visit.1);
        }
        prop_assert_eq!(found.shares.len(), 21);
        for (band, share) in found.shares.iter().enumerate() {
            let came = depths.values().filter(|(depth, _)| depth.min(2050.0) > band as f64 * STEP).count();
            prop_assert!((share - came as f64 / depths.len() as f64).abs() < 1e-12, "band {}", band);
        }
        prop_assert!(found.shares.windows(2).all(|pair| pair[1] <= pair[0]));
    }
}

#[test]
fn attention_is_the_time_that_bands_were_in_the_window() {
    let at = |seconds: i64, depth: Option<f64>| {
        let kind = if depth.is_some() { Kind::Scroll } else { Kind::Click };
        let (time, viewport) = (Some(seconds * 1_000_000), Some([800.0, 500.0]));
        Interaction { session: Some(1), time, viewport, depth, ..Interaction::of(kind) }
    };
    // 4 s at the top, 6 s from 250 to 750, and an hour away that counts half a minute.
    let log = [at(0, None), at(4, Some(750.0)), at(10, Some(1500.0)), at(3600, None)];
    let (shares, seconds) = attention(&log.iter().collect::<Vec<_>>(), [800.0, 2000.0], true).expect("times");
    assert_eq!(seconds, 40.0);
    let expected = |band: f64| {
        let inside = |top: f64| ((top + 500.0).min(band + 100.0) - top.max(band)).clamp(0.0, 100.0) / 100.0;
        (4.0 * inside(0.0) + 6.0 * inside(250.0) + 30.0 * inside(1000.0)) / 40.0
    };
    for (band, share) in shares.iter().enumerate() {
        assert!((share - expected(band as f64 * 100.0)).abs() < 1e-12, "band {band}: {share}");
    }
}

#[test]
fn forms_of_selectors_are_fixed_points() {
    for selector in
        ["#a > b", "A:first-child  >  b[ x = 'y' ]", "html", "body > *", "a,b , c", "[", "'", "é > 漢", ":nth-child(1)"]
    {
        let form = normalised(selector);
        assert_eq!(normalised(&form), form, "{selector}");
    }
    assert_eq!(normalised("B[x = \"1 > 2\"]"), "b[x=1 > 2]", "what is quoted is left as it is");
}
