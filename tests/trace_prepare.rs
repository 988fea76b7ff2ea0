//! Tracks made ready for the map: what is left out, and what is not.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use torrid::trace::{Crowd, Cutter, Lattice, Nodes, coarse, prepare};
use torrid::tracing::{Gap, Speed, Tracing, Weight, Zone};
use torrid::{Events, Frame, Space, Track};

const DEGREE_M: f64 = 111_195.0;

/// Random numbers in -1/2..1/2, the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    }

    /// Of variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum()
    }
}

/// A track from metres east and north of a place and seconds.
fn track(fixes: &[(f64, f64, f64)]) -> Track {
    let mut track = Track { time: Some(Vec::new()), ..Track::default() };
    for (east, north, seconds) in fixes {
        let lat = 47.0 + north / DEGREE_M;
        track.lng.push(8.0 + east / DEGREE_M / 47f64.to_radians().cos());
        track.lat.push(lat);
        track.time.as_mut().unwrap().push((seconds * 1e6) as i64);
    }
    track
}

/// Fixes of somebody who is at `place` each so many seconds, seen by a receiver that is off by a few metres: half of it
/// wanders within minutes, half is new with each fix.
fn recorded(place: impl Fn(f64) -> (f64, f64), (seconds, step): (f64, f64), noise: f64, seed: u64) -> Track {
    let (mut random, mut slow) = (Random(seed), (0.0, 0.0));
    let keep = (-step / 60.0f64).exp();
    let mut fixes = Vec::new();
    for fix in 0..=(seconds / step) as usize {
        let fresh = (1.0 - keep * keep).sqrt();
        slow = (keep * slow.0 + fresh * random.normal(), keep * slow.1 + fresh * random.normal());
        let at = place(fix as f64 * step);
        let off = |slow: f64, quick: f64| noise * std::f64::consts::FRAC_1_SQRT_2 * (slow + 0.5 * quick);
        fixes.push((at.0 + off(slow.0, random.normal()), at.1 + off(slow.1, random.normal()), fix as f64 * step));
    }
    track(&fixes)
}

fn summed(track: &Track, weight: Weight) -> f64 {
    let mut batch = Events::new(Space::Earth);
    coarse(track, weight, 1e9, &mut batch);
    batch.weight.unwrap().iter().sum()
}

fn lattice(zoom: u8) -> Lattice {
    Lattice::of(&Frame::on_lattice(zoom, 0, 0, 1, 1).unwrap()).unwrap()
}

/// A way along straight lines between corners, at a speed.
fn along(corners: Vec<(f64, f64)>, speed: f64) -> impl Fn(f64) -> (f64, f64) {
    move |seconds| {
        let mut left = seconds * speed;
        for two in corners.windows(2) {
            let way = (two[1].0 - two[0].0, two[1].1 - two[0].1);
            let long = way.0.hypot(way.1);
            if left <= long {
                return (two[0].0 + way.0 * left / long, two[0].1 + way.1 * left / long);
            }
            left -= long;
        }
        *corners.last().unwrap()
    }
}

#[test]
fn a_spike_of_200_metres_is_left_out_of_walks_rides_and_drives() {
    for (speed, step) in [(1.4, 1.0), (3.0, 2.0), (8.0, 1.0), (8.0, 5.0), (30.0, 1.0), (30.0, 4.0)] {
        let clean = recorded(|t| (speed * t, 30.0 * (t / 60.0).sin()), (600.0, step), 4.0, 5);
        for long in (1..=3).filter(|long| f64::from(*long + 1) * step <= 12.0) {
            let long = long as usize;
            let mut spiked = clean.clone();
            (50..50 + long).for_each(|fix| spiked.lat[fix] += 200.0 / DEGREE_M);
            let (ready, done) = prepare(&spiked, &Tracing { keep_jitter: true, ..Tracing::default() });
            assert_eq!(done.outliers, long as u64, "{speed} m/s, each {step} s, {long} fixes");
            assert_eq!(ready.len(), clean.len() - long);
        }
        assert_eq!(prepare(&clean, &Tracing::default()).1.outliers, 0, "{speed} m/s, each {step} s");
    }
}

#[test]
fn nothing_is_left_out_of_trains_flights_gliders_and_roundabouts() {
    let circle = |radius: f64, speed: f64| {
        move |t: f64| (radius * (speed * t / radius).cos(), radius * (speed * t / radius).sin())
    };
    for step in [0.2, 1.0, 4.0, 10.0, 13.0, 30.0, 60.0] {
        let train = recorded(|t| (83.0 * t, 0.0), (3000.0, step), 8.0, 1);
        let shuttle = recorded(|t| (900.0 * (t / 24.0).sin(), 0.0), (3000.0, step), 8.0, 2);
        let flight = recorded(|t| (250.0 * t, 100.0 * t), (3000.0, step), 8.0, 3);
        let glider = recorded(circle(100.0, 28.0), (3000.0, step), 8.0, 4);
        let holding = recorded(circle(3000.0, 110.0), (3000.0, step), 8.0, 5);
        let roundabout = recorded(circle(25.0, 11.0), (600.0, step), 8.0, 6);
        for (name, clean) in [
            ("train", train),
            ("shuttle", shuttle),
            ("flight", flight),
            ("glider", glider),
            ("holding", holding),
            ("roundabout", roundabout),
        ] {
            assert_eq!(prepare(&clean, &Tracing::default()).1.outliers, 0, "{name}, each {step} s");
            // Clocks that tell whole seconds.
            let mut whole = clean.clone();
            whole.time.as_mut().unwrap().iter_mut().for_each(|time| *time -= *time % 1_000_000);
            assert_eq!(prepare(&whole, &Tracing::default()).1.outliers, 0, "{name}, each {step} s, whole seconds");
        }
    }
}

#[test]
fn a_speed_that_is_given_leaves_out_spikes_and_draws_no_faster_line() {
    let mut walk = recorded(|t| (1.4 * t, 0.0), (600.0, 10.0), 3.0, 1);
    walk.lat[20] += 300.0 / DEGREE_M;
    (40..61).for_each(|fix| walk.lat[fix] += 5000.0 / DEGREE_M);
    let (ready, done) =
        prepare(&walk, &Tracing { max_speed: Speed::Most(5.0), keep_jitter: true, ..Tracing::default() });
    assert_eq!((done.outliers, done.too_fast, ready.breaks), (1, 1, vec![39]));
}

#[test]
fn jitter_for_an_hour_adds_no_way_and_loses_no_time() {
    for step in [1.0, 5.0, 15.0, 60.0] {
        for seed in 1..6 {
            let rest = recorded(|_| (0.0, 0.0), (3600.0, step), 4.0, seed);
            let (ready, done) = prepare(&rest, &Tracing::default());
            let (before, after) = (summed(&rest, Weight::Length), summed(&ready, Weight::Length));
            assert!(before > 100.0 && after < 50.0, "each {step} s: {before} m, then {after} m");
            assert!((summed(&ready, Weight::Time) - 3600.0).abs() < 1e-6, "each {step} s: time");
            assert!(done.at_rest as usize > rest.len() * 9 / 10, "each {step} s: {done:?}");
            let kept = prepare(&rest, &Tracing { keep_jitter: true, ..Tracing::default() });
            assert_eq!((kept.0.len(), kept.1.at_rest), (rest.len(), 0));
        }
    }
}

#[test]
fn nobody_who_moves_is_taken_to_rest() {
    let zigzag = (0..40).map(|turn| (if turn % 2 == 0 { 0.0 } else { 30.0 }, 8.0 * f64::from(turn))).collect();
    let switchbacks = along(zigzag, 0.8);
    let lap = |t: f64| (63.7 * (3.0 * t / 63.7).cos(), 63.7 * (3.0 * t / 63.7).sin());
    let climb = |t: f64| (0.28 * t, 0.0);
    let short_lap = |t: f64| (16.0 * (2.5 * t / 16.0).cos(), 16.0 * (2.5 * t / 16.0).sin());
    for step in [1.0, 3.0, 10.0] {
        for seed in 1..9 {
            let all = [
                ("switchbacks", recorded(&switchbacks, (1200.0, step), 3.0, seed)),
                ("stadium", recorded(lap, (1200.0, step), 3.0, seed)),
                ("climb", recorded(climb, (1200.0, step), 3.0, seed)),
                ("track of 100 m", recorded(short_lap, (1200.0, if step > 4.0 { 4.0 } else { step }), 3.0, seed)),
            ];
            for (name, way) in all {
                let at_rest = prepare(&way, &Tracing::default()).1.at_rest as f64;
                assert!(at_rest < 0.05 * way.len() as f64, "{name}, each {step} s: {at_rest} of {}", way.len());
            }
        }
    }
}

#[test]
fn a_receiver_asleep_at_home_for_9_hours_leaves_the_map_of_time_as_it_is() {
    let walk = recorded(|t| (1.4 * t, 0.0), (600.0, 5.0), 3.0, 1);
    let mut night = walk.clone();
    let more = recorded(|t| (840.0 - 1.4 * t, 5.0), (600.0, 5.0), 3.0, 2);
    night.lng.extend(&more.lng);
    night.lat.extend(&more.lat);
    let nine_hours = (9 * 3600 + 600) * 1_000_000i64;
    night.time.as_mut().unwrap().extend(more.time.as_ref().unwrap().iter().map(|time| time + nine_hours));
    let (ready, done) = prepare(&night, &Tracing::default());
    assert_eq!(done.gaps, 1);
    assert!((summed(&ready, Weight::Time) - 1200.0).abs() < 1e-9);
}

#[test]
fn gaps_interrupt_where_time_or_way_is_too_long() {
    let way = track(&[(0.0, 0.0, 0.0), (100.0, 0.0, 60.0), (200.0, 0.0, 500.0), (5000.0, 0.0, 560.0)]);
    let breaks = |gap: &str| {
        let wish = Tracing { max_gap: gap.parse().unwrap(), max_speed: Speed::Any, ..Tracing::default() };
        prepare(&way, &wish).0.breaks
    };
    assert_eq!([breaks("5min"), breaks("2km"), breaks("5min,2km")], [vec![2], vec![3], vec![2, 3]]);
    assert!(breaks("none").is_empty() && breaks("1h").is_empty());
    let timeless = Track { time: None, ..way.clone() };
    let wish = Tracing { max_gap: "1s,2km".parse().unwrap(), ..Tracing::default() };
    assert_eq!(prepare(&timeless, &wish).0.breaks, [3], "tracks without times know only lengths");
    let (none, done) = prepare(&timeless, &Tracing { weight: Weight::Time, ..Tracing::default() });
    assert_eq!((none.len(), done.timeless), (0, 1));
}

#[test]
fn trimming_takes_the_same_way_from_both_ends_across_legs() {
    let mut way = track(&[(0.0, 0.0, 0.0), (100.0, 0.0, 100.0), (1000.0, 0.0, 200.0), (2000.0, 0.0, 1200.0)]);
    way.breaks = vec![2];
    let trimmed = |trim: f64| prepare(&way, &Tracing { trim, max_speed: Speed::Any, ..Tracing::default() });
    let (ready, done) = trimmed(250.0);
    // The first leg is 100 m long: 150 m are cut from the second at its beginning, 250 m at its end.
    assert!((summed(&ready, Weight::Length) - 600.0).abs() < 0.1, "{}", summed(&ready, Weight::Length));
    let time = ready.time.unwrap();
    assert!((time[0] - 350_000_000).abs() < 50_000 && (time[1] - 950_000_000).abs() < 50_000, "{time:?}");
    assert_eq!(done.millimetres_trimmed, 500_000);
    let (gone, done) = trimmed(551.0);
    assert_eq!((gone.len(), done.vanished), (0, 1), "a shorter track vanishes");
}

#[test]
fn simplified_lines_lie_beside_all_fixes_and_keep_stays() {
    let way = recorded(|t| (3.0 * t, 200.0 * (t / 100.0).sin()), (1800.0, 1.0), 2.0, 9);
    let wish = |simplify| Tracing { simplify, keep_jitter: true, ..Tracing::default() };
    let (thin, done) = prepare(&way, &wish(Some(10.0)));
    assert!(thin.len() * 10 < way.len() && done.simplified as usize == way.len() - thin.len(), "{}", thin.len());
    assert_eq!((thin.lng[0], thin.lng.last()), (way.lng[0], way.lng.last()));
    let times = way.time.as_ref().unwrap();
    assert!(thin.time.as_ref().unwrap().iter().all(|time| times.contains(time)), "times stay");
    let nearest = |fix: usize| {
        let scale = (DEGREE_M * 47f64.to_radians().cos(), DEGREE_M);
        let place = |track: &Track, fix: usize| (track.lng[fix] * scale.0, track.lat[fix] * scale.1);
        let at = place(&way, fix);
        let beside = |line: usize| {
            let (a, b) = (place(&thin, line), place(&thin, line + 1));
            let way = (b.0 - a.0, b.1 - a.1);
            let along = ((at.0 - a.0) * way.0 + (at.1 - a.1) * way.1) / (way.0 * way.0 + way.1 * way.1);
            (at.0 - a.0 - way.0 * along.clamp(0.0, 1.0)).hypot(at.1 - a.1 - way.1 * along.clamp(0.0, 1.0))
        };
        (0..thin.len() - 1).map(beside).fold(f64::INFINITY, f64::min)
    };
    assert!((0..way.len()).all(|fix| nearest(fix) < 10.5));
}

#[test]
fn a_circle_cuts_a_line_exactly_at_its_edge() {
    let way = track(&[(-1000.0, 0.0, 0.0), (1000.0, 0.0, 2000.0), (1001.0, 0.0, 2001.0)]);
    let zone = Zone { lng: 8.0, lat: 47.0, metres: 300.0 };
    let (ready, done) = prepare(&way, &Tracing { hide: vec![zone], ..Tracing::default() });
    assert_eq!((ready.len(), &ready.breaks), (5, &vec![2]));
    let time = ready.time.unwrap();
    assert!((time[1] - 700_000_000).abs() < 500_000 && (time[2] - 1_300_000_000).abs() < 500_000, "{time:?}");
    assert!((done.millimetres_hidden as i64 - 600_000).abs() < 1500, "{done:?}");
}

fn person(user: u64, seed: u64) -> Track {
    let mut random = Random(seed);
    let corners = (0..6).map(|_| (2000.0 * random.next(), 2000.0 * random.next())).collect();
    Track { user, ..recorded(along(corners, 2.0), (1500.0, 10.0), 0.0, seed) }
}

#[test]
fn no_cell_is_shown_where_fewer_people_were_in_whatever_order_they_come() {
    let lattice = lattice(10);
    let tracks: Vec<Track> = (1..40).map(|seed| person(seed % 9, seed * 7919)).collect();
    let mut cutter = Cutter::new(lattice, Weight::Length, Nodes::Three);
    let visited = |cutter: &mut Cutter, track: &Track| {
        let mut keys = Vec::new();
        cutter.visits(track, &mut keys);
        keys
    };
    let people = |key: u64, cutter: &mut Cutter| {
        let mut people: Vec<u64> =
            tracks.iter().filter(|track| visited(cutter, track).contains(&key)).map(|track| track.user).collect();
        people.sort_unstable();
        people.dedup();
        people.len()
    };
    for enough in [1, 2, 5, 9, 10] {
        let mut forward = Crowd::of_at_least(enough, lattice);
        for track in &tracks {
            forward.add(track.user, &visited(&mut cutter, track));
        }
        let mut halves = [0, 1].map(|half| {
            let mut crowd = Crowd::of_at_least(enough, lattice);
            tracks
                .iter()
                .rev()
                .skip(half)
                .step_by(2)
                .for_each(|track| crowd.add(track.user, &visited(&mut cutter, track)));
            crowd
        });
        halves.swap(0, 1);
        let [mut one, other] = halves;
        one.merge(other);
        let shown = one.shown();
        assert!(shown == forward.shown(), "in any order");
        assert!(shown.is_empty() == (enough > 9) || enough == 9, "{enough}");
        let mut every: Vec<u64> = tracks.iter().flat_map(|track| visited(&mut cutter, track)).collect();
        every.sort_unstable();
        every.dedup();
        assert!(every.iter().all(|key| shown.holds(*key) == (people(*key, &mut cutter) >= enough)), "{enough}");
        let mut private = Cutter::new(lattice, Weight::Length, Nodes::Three).showing(shown.clone());
        let mut batch = Events::new(Space::Earth);
        for track in &tracks {
            private.cut(track, &mut batch, &mut |_| Ok::<(), ()>(())).unwrap();
        }
        let mut whole = Events::new(Space::Earth);
        for track in &tracks {
            torrid::trace::cut(track, Weight::Length, (&lattice, Nodes::Three), &mut whole);
        }
        let sum = |events: &Events| events.weight.as_ref().map_or(0.0, |weight| weight.iter().sum::<f64>());
        assert!((sum(&batch) + private.withheld() - sum(&whole)).abs() < 1e-6 * sum(&whole));
        for event in 0..batch.len() {
            let place = Track { lng: vec![batch.x[event]], lat: vec![batch.y[event]], ..Track::default() };
            assert!(shown.holds(visited(&mut cutter, &place)[0]), "{enough}: an event in a cell that is not shown");
        }
    }
}

#[test]
fn each_person_counts_once_in_a_cell_and_each_track_once() {
    let lattice = lattice(8);
    let tracks: Vec<Track> = (1..20).map(|seed| person(seed % 4, seed * 104_729)).collect();
    let mut cutter = Cutter::new(lattice, Weight::User, Nodes::One);
    let (mut all, mut passes) = (Crowd::of_all(lattice), 0);
    for track in &tracks {
        let mut keys = Vec::new();
        cutter.visits(track, &mut keys);
        passes += keys.len();
        all.add(track.user, &keys);
        let mut again = Events::new(Space::Earth);
        cutter.cut(track, &mut again, &mut |_| Ok::<(), ()>(())).unwrap();
        assert_eq!(again.len(), keys.len(), "an event for each cell");
    }
    let mut batch = Events::new(Space::Earth);
    all.events(&mut batch);
    let weight = batch.weight.as_ref().unwrap();
    assert!(weight.iter().all(|people| (1.0..=4.0).contains(people)) && weight.contains(&4.0));
    assert!(weight.iter().sum::<f64>() < passes as f64);
}

fn ugly() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => -200.0..200.0f64,
        1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(0.0), 1 => Just(90.0), 1 => Just(-90.0),
        1 => Just(180.0), 1 => Just(-180.0), 1 => Just(1e300)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(300)
    })]

    #[test]
    fn no_track_is_too_ugly(
        fixes in prop::collection::vec((ugly(), ugly(), prop_oneof![any::<i64>(), 0..5_000_000i64]), 0..12),
        weight in prop_oneof![Just(Weight::Length), Just(Weight::Time), Just(Weight::Pass)],
        trim in prop_oneof![Just(0.0), 0.0..1e7f64], timed: bool, repeated: bool,
    ) {
        let mut fixes = fixes;
        if repeated {
            fixes = fixes.iter().flat_map(|fix| [*fix, *fix]).collect();
        }
        let time = timed.then(|| fixes.iter().map(|fix| fix.2).collect());
        let (lng, lat) = fixes.iter().map(|fix| (fix.0, fix.1)).unzip();
        let track = Track { user: 1, lng, lat, time, breaks: if fixes.len() > 4 { vec![2, 4] } else { vec![] } };
        let gap = Gap { seconds: None, metres: None };
        let hide = vec![Zone { lng: 0.0, lat: 90.0, metres: 5e6 }];
        let wish = Tracing { weight, max_gap: gap, trim, hide, simplify: Some(100.0), ..Tracing::default() };
        let (ready, _) = prepare(&track, &wish);
        prop_assert!(ready.lng.iter().all(|lng| lng.abs() <= 180.0) && ready.lat.iter().all(|lat| lat.abs() <= 90.0));
        prop_assert!(ready.breaks.windows(2).all(|two| two[0] < two[1]));
        prop_assert!(ready.breaks.iter().all(|fix| (1..ready.len()).contains(fix)));
        let mut batch = Events::new(Space::Earth);
        torrid::trace::cut(&ready, weight, (&lattice(4), Nodes::Three), &mut batch);
        coarse(&ready, weight, 1e6, &mut batch);
        prop_assert!(batch.x.iter().all(|lng| lng.abs() <= 180.0) && batch.y.iter().all(|lat| lat.abs() <= 90.0));
        prop_assert!(batch.weight.iter().flatten().all(|weight| weight.is_finite() && *weight >= 0.0));
    }
}
