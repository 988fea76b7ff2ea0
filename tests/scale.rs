//! Scales: against the reference values, and what must hold for every norm in the list.

#![expect(clippy::float_cmp, reason = "limits and ends are kept exactly")]

mod common;

use common::shared;
use proptest::prelude::*;
use torrid::error::Fault;
use torrid::scale::{Levels, Norm, SCALES, Scale, Shade, Summary};

fn fit(text: &str, values: &[f32]) -> Shade {
    let scale: Scale = text.parse().expect("a scale");
    scale.fit(&Summary::of(values), false).expect("a fit")
}

/// Every norm of the list, with an example for its parameter.
fn norms() -> Vec<Norm> {
    let example = |name: &str| name.replace(":G", ":0.7").replace(":T", ":1").replace(":A", ":2");
    SCALES.iter().map(|(name, _)| example(name).parse().expect("the list and the parser agree")).collect()
}

/// A little of everything: negative, zero, tiny, large, often the same.
fn mixture(seed: u64, n: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let value = |kind: u64, bits: u64| match kind % 4 {
        0 => (bits % 5) as f32,
        1 => (bits as f32 / 2f32.powi(64)).powi(9) * 1e6,
        2 => (bits as f32 / 2f32.powi(64) - 0.5) * 100.0,
        _ => (bits % 100_000) as f32 * 0.125,
    };
    (0..n).map(|_| value(next() >> 7, next())).collect()
}

#[test]
fn intensities_equal_the_reference() {
    let Some(dir) = shared("reference/norms") else { return };
    let text = std::fs::read_to_string(dir.join("expected.csv")).expect("a readable file");
    let rows: Vec<Vec<Option<f64>>> =
        text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().ok()).collect()).collect();
    let values: Vec<f64> = rows.iter().filter_map(|row| row[0]).collect();
    let scales = [
        "linear,vmin=0",
        "log,vmin=0.01",
        "power:0.5,vmin=0",
        "symlog:1,vmin=0",
        "asinh:1,vmin=0",
        "twoslope,vmin=0,center=100",
    ];
    for (column, scale) in scales.iter().enumerate() {
        let scale: Scale = scale.parse().expect("a scale");
        let shade = scale.fit(&Summary::of_f64(&values), false).expect("a fit");
        for row in &rows {
            let (Some(value), Some(expected)) = (row[0], row[column + 1]) else { continue };
            let found = shade.intensity(value);
            assert!((found - expected).abs() < 1e-9, "{scale} of {value}: {found}, not {expected}");
            if (0.001..0.999).contains(&found) {
                assert!((shade.value(found) - value).abs() < 1e-6 * value, "{scale} does not come back to {value}");
            }
        }
    }
    let robust: Scale = "linear,robust".parse().expect("a scale");
    let (low, high) = robust.fit(&Summary::of_f64(&values), false).expect("a fit").limits();
    assert!((low - 0.012_201_94).abs() < 1e-12 && (high - 70_999.459_669_920_14).abs() < 1e-6, "{low} {high}");
}

#[test]
fn every_norm_rises_from_0_to_1_between_its_limits() {
    for norm in norms() {
        for values in [mixture(1, 5000), mixture(2, 300_000)] {
            let shade = Scale::new(norm).fit(&Summary::of(&values), true).expect("a fit");
            let (vmin, vmax) = shade.limits();
            assert_eq!((shade.intensity(vmin), shade.intensity(vmax)), (0.0, 1.0), "{norm}");
            assert_eq!((shade.intensity(f64::MIN), shade.intensity(f64::INFINITY)), (0.0, 1.0), "{norm} clamps");
            assert!(shade.intensity(f64::NAN).is_nan(), "{norm} keeps no data");
            let mut sorted = values.clone();
            sorted.sort_by(f32::total_cmp);
            let intensities: Vec<f64> = sorted.iter().map(|v| shade.intensity(f64::from(*v))).collect();
            assert!(intensities.is_sorted(), "{norm} descends");
            assert!(intensities.iter().all(|i| (0.0..=1.0).contains(i)), "{norm} leaves 0..1");
        }
    }
}

#[test]
fn a_value_comes_back_from_its_intensity() {
    let values = mixture(3, 2000);
    for norm in norms() {
        let shade = Scale::new(norm).fit(&Summary::of(&values), false).expect("a fit");
        for step in 0..=100 {
            let intensity = f64::from(step) / 100.0;
            let back = shade.intensity(shade.value(intensity));
            assert!((back - intensity).abs() < 1e-9, "{norm}: {intensity} became {back}");
        }
    }
}

#[test]
fn text_forms_come_back() {
    let texts =
        ["linear", "log,vmin=0.01,vmax=100", "power:0.7,robust", "symlog:1,vmin=-3,vmax=1e20,robust,center=0.5"];
    for text in texts {
        let scale: Scale = text.parse().expect("a scale");
        assert_eq!(scale.to_string().parse::<Scale>().expect("what was printed"), scale, "{text}");
    }
    let shuffled: Scale = "log,robust,vmax=9".parse().expect("any order");
    assert_eq!(shuffled.to_string(), "log,vmax=9,robust");
    for norm in norms() {
        assert_eq!(norm.to_string().parse::<Norm>().expect("what was printed"), norm);
    }
}

#[test]
fn nonsense_is_the_callers_fault() {
    let texts = [
        "lineal",
        "linear:2",
        "power",
        "power:0",
        "power:x",
        "symlog:-1",
        "asinh:inf",
        "linear,vmin=2,vmax=2",
        "linear,vmin=nan",
        "log,vmin=0",
        "log,vmax=-1",
        "log,center=0",
        "eq_hist,center=1",
        "quantile,center=1",
        "twoslope,vmin=0",
        "twoslope,center=5,vmax=5",
        "linear,middle=1",
        "linear,vmax=",
        "",
    ];
    for text in texts {
        let error = text.parse::<Scale>().expect_err(text);
        assert_eq!(error.fault(), Fault::Caller, "{text}: {error}");
    }
}

#[test]
fn data_without_a_spread_still_has_a_scale() {
    let lots: [&[f32]; 7] = [&[], &[f32::NAN], &[0.0; 4], &[3.0; 4], &[-3.0; 4], &[f32::INFINITY], &[1e-45]];
    for values in lots {
        for norm in norms() {
            for robust in [false, true] {
                let scale = Scale { robust, ..Scale::new(norm) };
                let Ok(shade) = scale.fit(&Summary::of(values), true) else {
                    assert!(norm == Norm::Log && values[0] < 0.0, "{scale} refuses {values:?}");
                    continue;
                };
                let (vmin, vmax) = shade.limits();
                assert!(vmin < vmax && vmin.is_finite() && vmax.is_finite(), "{scale} of {values:?}: {vmin}..{vmax}");
                for v in [-1e30, -1.0, 0.0, 1e-30, 1.0, 3.0, 1e30] {
                    assert!((0.0..=1.0).contains(&shade.intensity(v)), "{scale} of {values:?} at {v}");
                    assert!(shade.value(shade.intensity(v)).is_finite(), "{scale} of {values:?} back from {v}");
                }
                assert!(shade.ticks(5).iter().all(|tick| tick.is_finite()), "{scale} of {values:?}");
                assert!(shade.levels().index(3.0) >= shade.levels().index(-3.0), "{scale} of {values:?}");
            }
        }
    }
    assert_eq!(fit("linear", &[3.0, 3.0]).intensity(3.0), 1.0, "the only value there is is hot");
    assert_eq!(fit("linear", &[0.0, 0.0]).intensity(0.0), 0.0, "but nothing is not");
}

#[test]
fn one_given_limit_beyond_the_data_is_kept() {
    assert_eq!(fit("linear,vmin=10", &[1.0, 2.0]).limits().0, 10.0);
    assert_eq!(fit("linear,vmax=-10", &[1.0, 2.0]).limits().1, -10.0);
    assert_eq!(fit("log,vmin=100", &[1.0, 2.0]).limits(), (100.0, 1000.0));
    assert_eq!(fit("eq_hist,vmin=10", &[1.0, 2.0]).limits().0, 10.0);
}

#[test]
fn a_centre_has_the_colour_in_the_middle_and_the_longer_side_decides() {
    let shade = fit("linear,center=1", &[0.0, 1.0, 5.0]);
    assert_eq!(shade.intensity(1.0), 0.5);
    assert_eq!(shade.intensity(5.0), 1.0);
    assert_eq!(shade.intensity(0.0), 0.375, "(0 - -3) / 8, as seaborn has it");
    assert_eq!(shade.intensity(-9.0), 0.375, "values below vmin have its colour");
    assert_eq!(shade.limits(), (0.0, 5.0));
    assert_eq!(shade.value(0.0), -3.0);
    assert_eq!(fit("twoslope", &[1.0, 3.0]).limits(), (-3.0, 3.0), "mirrored where the data is on one side");
    assert_eq!(fit("twoslope", &[-4.0, 2.0]).intensity(-2.0), 0.25);
}

#[test]
fn robust_limits_are_the_percentiles_of_numpy() {
    let values: Vec<f32> = (0..101).map(|i| i as f32).collect();
    assert_eq!(fit("linear,robust", &values).limits(), (2.0, 98.0));
    let sparse: Vec<f32> = (0..10_000).map(|i| if i % 100 == 0 { 1.0 + (i / 100) as f32 } else { 0.0 }).collect();
    let robust: Scale = "linear,robust".parse().expect("a scale");
    let (low, high) = robust.fit(&Summary::of(&sparse), true).expect("a fit").limits();
    assert!((low - 2.98).abs() < 1e-9 && (high - 98.02).abs() < 1e-9, "zeros left out: {low} {high}");
}

#[test]
fn equalising_gives_every_share_of_cells_the_same_room() {
    let values: Vec<f32> = (1..=1000).map(|i| (i as f32).powi(3)).collect();
    let shade = fit("eq_hist", &values);
    assert!((shade.intensity(f64::from(values[499])) - 499.0 / 999.0).abs() < 1e-12);
    let counts = [vec![0.0f32; 900], vec![1.0; 50], vec![2.0; 30], vec![7.0; 20]].concat();
    let shade = "eq_hist".parse::<Scale>().expect("a scale").fit(&Summary::of(&counts), true).expect("a fit");
    let at = |v: f64| shade.intensity(v);
    assert_eq!((at(1.0), at(2.0), at(7.0)), (0.0, 0.6, 1.0), "shares of the cells that hold something");
    let many: Vec<f32> = (1..=300_000).map(|i| 1.0 + i as f32 / 300_000.0).collect();
    let summary = Summary::of(&many);
    assert!(!summary.is_exact(), "too many different values");
    let shade = "quantile".parse::<Scale>().expect("a scale").fit(&summary, true).expect("a fit");
    for v in [1.1, 1.5, 1.9] {
        assert!((shade.intensity(v) - (v - 1.0)).abs() < 1e-3, "bucketed ranks are good to a thousandth");
    }
}

#[test]
fn ticks_are_round_and_within_the_limits() {
    assert_eq!(fit("linear", &[0.0, 10.0]).ticks(6), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    assert_eq!(fit("linear", &[0.0, 1.0]).ticks(6), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    assert_eq!(fit("linear", &[-0.3, 0.3]).ticks(7), [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]);
    assert_eq!(fit("log", &[1.0, 1000.0]).ticks(5), [1.0, 10.0, 100.0, 1000.0]);
    assert_eq!(fit("log", &[1.0, 50.0]).ticks(6), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
    assert_eq!(fit("symlog:1", &[-100.0, 100.0]).ticks(8), [-100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0]);
    for norm in norms() {
        for seed in 0..20 {
            let values: Vec<f32> = mixture(seed, 200).iter().map(|v| v * 10f32.powi(seed as i32 - 8)).collect();
            let shade = Scale::new(norm).fit(&Summary::of(&values), true).expect("a fit");
            let (vmin, vmax) = shade.limits();
            for n in [2, 5, 9] {
                let ticks = shade.ticks(n);
                assert!(ticks.len() >= 2 && ticks.len() <= 2 * n + 1, "{norm} {vmin}..{vmax}: {ticks:?} for {n}");
                assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]), "{norm}: {ticks:?} ascend");
                assert!(ticks.iter().all(|tick| (vmin..=vmax).contains(tick)), "{norm} {vmin}..{vmax}: {ticks:?}");
            }
        }
    }
}

/// What [`Levels::index`] must equal.
fn naive(shade: &Shade, value: f32) -> u8 {
    (shade.intensity(f64::from(value)) * 256.0).floor().min(255.0) as u8
}

fn same_levels(shade: &Shade, levels: &Levels, values: &[f32]) {
    for value in values {
        assert_eq!(levels.index(*value), naive(shade, *value), "{shade:?} at {value}");
    }
    // All at once, as they come and as smooth as they can be.
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    for values in [values, &sorted] {
        let mut found = vec![0; values.len()];
        levels.find(values, &mut found);
        assert!(values.iter().zip(&found).all(|(value, level)| levels.index(*value) == *level), "all at once");
    }
}

#[test]
fn fast_levels_equal_the_naive_ones() {
    let values = mixture(4, 20_000);
    let summary = Summary::of(&values);
    let extreme = [f32::MIN, f32::MAX, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, f32::MIN_POSITIVE, 1e-45];
    let narrow = ["linear,vmin=1000,vmax=1000.01", "linear,vmin=1,vmax=1.0000002", "linear,center=5", "log,robust"];
    let mut scales: Vec<Scale> = norms().into_iter().map(Scale::new).collect();
    scales.extend(narrow.iter().map(|text| text.parse::<Scale>().expect("a scale")));
    for scale in scales {
        let shade = scale.fit(&summary, true).expect("a fit");
        let levels = shade.levels();
        same_levels(&shade, &levels, &values);
        same_levels(&shade, &levels, &extreme);
        for level in 0..=256 {
            let edge = shade.value(f64::from(level) / 256.0) as f32;
            same_levels(&shade, &levels, &[edge.next_down(), edge, edge.next_up()]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn summaries_merge_in_any_order(
        seed in any::<u64>(),
        cuts in proptest::collection::vec(0usize..90_000, 0..5),
        reverse in any::<bool>(),
    ) {
        let values = mixture(seed, 90_000);
        let whole = Summary::of(&values);
        let mut cuts = [vec![0, values.len()], cuts].concat();
        cuts.sort_unstable();
        let mut parts: Vec<&[f32]> = cuts.windows(2).map(|pair| &values[pair[0]..pair[1]]).collect();
        if reverse {
            parts.reverse();
        }
        let mut merged = Summary::empty();
        for part in &parts {
            merged.merge(&Summary::of(part));
        }
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn summaries_do_not_know_the_order_of_values(seed in any::<u64>(), n in 1usize..100_000) {
        let mut values = mixture(seed, n);
        let before = Summary::of(&values);
        values.sort_by(f32::total_cmp);
        let double: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        prop_assert_eq!(&before, &Summary::of(&values));
        prop_assert_eq!(&before, &Summary::of_f64(&double));
    }

    #[test]
    fn any_limits_give_the_same_levels(a in any::<f32>(), b in any::<f32>(), probes in proptest::collection::vec(any::<f32>(), 50)) {
        prop_assume!(a.is_finite() && b.is_finite() && a < b);
        for norm in [Norm::Linear, Norm::Power(0.3), Norm::Symlog(0.01), Norm::Asinh(3.0)] {
            let scale = Scale { vmin: Some(f64::from(a)), vmax: Some(f64::from(b)), ..Scale::new(norm) };
            let shade = scale.fit(&Summary::empty(), false).expect("a fit");
            let levels = shade.levels();
            let between = probes.iter().map(|p| a + (b - a) * p.fract().abs()).filter(|v| !v.is_nan());
            let all: Vec<f32> = probes.iter().copied().filter(|v| !v.is_nan()).chain(between).collect();
            same_levels(&shade, &levels, &all);
        }
    }
}
