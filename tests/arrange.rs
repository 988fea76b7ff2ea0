//! Rows that are like each other: distances, hierarchies, the order of leaves, correlation and standards.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use proptest::prelude::*;
use torrid::arrange::{
    Along, Clustering, Correlation, METHODS, METRICS, Method, Metric, Standard, cluster, correlate, distances,
    standardise,
};
use torrid::matrix::Attribute;
use torrid::{Axis, Error, Matrix, Merge, Tree};

/// A matrix whose rows and columns are called r0, r1, … and c0, c1, …
fn matrix(width: usize, values: Vec<f64>) -> Matrix {
    let axis = |letter: char, count: usize| Axis::of((0..count).map(|i| format!("{letter}{i}")));
    Matrix::new(axis('r', values.len() / width), axis('c', width), values)
}

/// Numbers from 0 to 1 that any language makes from a seed.
fn made_up(height: usize, width: usize, seed: u64) -> Matrix {
    let mut state = seed;
    let next = |_| {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / f64::from(1_u32 << 31)
    };
    matrix(width, (0..height * width).map(next).collect())
}

fn wish(method: Method, metric: Metric, optimal: bool) -> Clustering {
    Clustering { method, metric, optimal }
}

fn heights(tree: &Tree) -> Vec<f64> {
    tree.merges().iter().map(|merge| merge.height).collect()
}

/// The place of the distance of two of `n` items among all.
fn place(n: usize, i: usize, j: usize) -> usize {
    let (i, j) = (i.min(j), i.max(j));
    i * (2 * n - i - 1) / 2 + j - i - 1
}

#[track_caller]
fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let equal = found.is_nan() && expected.is_nan() || (found - expected).abs() <= tolerance;
        assert!(equal, "{found} is not {expected}");
    }
}

fn methods() -> impl Iterator<Item = Method> {
    METHODS.iter().map(|(name, _)| name.parse().unwrap())
}

fn metrics() -> impl Iterator<Item = Metric> {
    METRICS.iter().map(|(name, _)| name.replace(":P", ":3").parse().unwrap())
}

#[test]
fn heights_equal_the_reference() {
    let Some(dir) = common::shared("reference/linkage") else { return };
    let text = std::fs::read_to_string(dir.join("input.csv")).unwrap();
    let values: Vec<f64> = text.split([',', '\n']).filter_map(|word| word.trim().parse().ok()).collect();
    let cases: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dir.join("case.json")).unwrap()).unwrap();
    let matrix = matrix(7, values);
    for (name, case) in cases.as_object().unwrap() {
        let (method, metric) = name.split_once('/').unwrap();
        let (method, metric) = (method.parse().unwrap(), metric.parse().unwrap());
        let numbers = |key: &str| case[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
        for optimal in [false, true] {
            let tree = cluster(&matrix, Along::Rows, &wish(method, metric, optimal)).unwrap();
            near(&heights(&tree), &numbers("merge_heights"), 1e-9);
            near(&tree.cophenetic(0)[1..], &numbers("cophenetic_row0"), 1e-9);
        }
    }
}

#[test]
fn distances_equal_those_of_scipy() {
    // The first, the eighteenth, and the sum of all, each 1 to 7 times in turn. Spearman's by pandas.
    for (metric, first, other, sum) in [
        ("euclidean", 1.039_117_503_208_988_3, 0.907_124_915_140_402_4, 121.146_177_254_810_87),
        ("sqeuclidean", 1.079_765_185_475_281_7, 0.822_875_611_668_482_2, 111.299_660_157_504_43),
        ("cityblock", 1.813_512_523_192_912_7, 1.524_069_585_371_762_5, 233.615_292_829_461_4),
        ("chebyshev", 0.822_907_605_674_117_8, 0.833_305_673_208_087_7, 84.856_228_955_090_05),
        ("canberra", 2.058_366_135_660_927, 1.514_952_919_319_907, 237.321_851_276_944_95),
        ("braycurtis", 0.431_756_147_028_631, 0.285_804_552_973_833_5, 44.263_498_840_942_72),
        ("cosine", 0.420_351_921_423_692_04, 0.202_357_667_027_563_97, 26.630_437_914_128_226),
        ("correlation", 1.654_723_206_822_724_2, 0.898_593_538_798_385_2, 139.962_344_747_059_2),
        ("hamming", 0.6, 0.4, 100.8),
        ("jaccard", 0.75, 0.4, 66.466_666_666_666_67),
        ("minkowski:3", 0.906_074_115_162_668_6, 0.845_357_437_354_565, 101.744_981_919_719_83),
        ("spearman", 1.7, 1.1, 145.2),
    ] {
        let mut matrix = made_up(9, 5, 1);
        if metric == "hamming" || metric == "jaccard" {
            matrix.values_mut().iter_mut().for_each(|value| *value = (*value * 3.0).floor());
        }
        let found = distances(&matrix, Along::Rows, metric.parse().unwrap()).unwrap();
        let all = found.iter().enumerate().map(|(k, distance)| distance * (k % 7 + 1) as f64).sum();
        near(&[found[0], found[17], all], &[first, other, sum], 1e-12);
    }
}

#[test]
fn leaves_are_in_the_order_of_scipys_dendrograms() {
    let matrix = made_up(14, 4, 7);
    for (method, order, sum) in [
        ("single", [3, 6, 1, 8, 7, 5, 13, 10, 2, 12, 0, 9, 4, 11], 5.427_889_012_274_675),
        ("complete", [1, 8, 3, 4, 11, 6, 7, 10, 0, 9, 2, 12, 5, 13], 8.863_123_483_555_06),
        ("average", [3, 6, 1, 8, 4, 11, 13, 5, 2, 12, 7, 10, 0, 9], 7.209_619_236_163_767),
        ("weighted", [3, 7, 4, 11, 6, 1, 8, 10, 0, 9, 13, 5, 2, 12], 7.064_182_386_686_37),
        ("centroid", [3, 6, 1, 8, 2, 12, 10, 0, 9, 5, 13, 7, 4, 11], 6.586_094_810_065_289),
        ("median", [3, 6, 1, 8, 10, 0, 9, 13, 5, 2, 12, 7, 4, 11], 6.505_956_103_549_245),
        ("ward", [3, 4, 11, 6, 7, 1, 8, 10, 0, 9, 2, 12, 5, 13], 9.197_348_689_058_218),
    ] {
        let wish = wish(method.parse().unwrap(), Metric::Euclidean, false);
        let tree = cluster(&matrix, Along::Rows, &wish).unwrap();
        assert_eq!(tree.order(), order, "{method}");
        near(&[heights(&tree).iter().sum()], &[sum], 1e-9);
        let columns = cluster(&matrix.transposed(), Along::Columns, &wish).unwrap();
        assert_eq!(tree, columns, "{method}");
    }
}

/// The sum of the distances between neighbouring leaves.
fn neighbours(tree: &Tree, distances: &[f64]) -> f64 {
    tree.order().windows(2).map(|pair| distances[place(tree.leaves(), pair[0], pair[1])]).sum()
}

#[test]
fn the_best_order_of_leaves_is_better_than_scipys() {
    // The order that SciPy calls optimal is not (https://github.com/scipy/scipy/issues/11227); the best sums are those
    // of the plain dynamic programme.
    let matrix = made_up(60, 6, 3);
    for (method, metric, plain, scipys, best) in [
        ("single", "euclidean", 39.413_192_033_369_05, 34.877_609_966_734_41, 33.117_181_026_325_52),
        ("single", "correlation", 23.591_705_691_293_48, 16.217_825_977_490_524, 12.867_750_552_804_328),
        ("average", "euclidean", 36.641_514_476_821_45, 34.875_971_772_210_18, 30.992_302_278_269_01),
        ("average", "correlation", 20.589_433_564_097_668, 15.184_643_303_301_877, 12.280_792_478_538_88),
        ("ward", "euclidean", 36.437_904_985_024_14, 33.298_888_806_139_24, 30.668_937_330_709_735),
    ] {
        let (method, metric) = (method.parse().unwrap(), metric.parse().unwrap());
        let distances = distances(&matrix, Along::Rows, metric).unwrap();
        let sum =
            |optimal| neighbours(&cluster(&matrix, Along::Rows, &wish(method, metric, optimal)).unwrap(), &distances);
        near(&[sum(false), sum(true)], &[plain, best], 1e-9);
        assert!(sum(true) < scipys);
    }
}

/// The same hierarchy with those merges turned whose bits are set.
fn turned(tree: &Tree, bits: usize) -> Tree {
    let turn = |(i, merge): (usize, &Merge)| match bits >> i & 1 {
        1 => Merge { left: merge.right, right: merge.left, ..*merge },
        _ => *merge,
    };
    Tree::new(tree.leaves(), tree.merges().iter().enumerate().map(turn).collect())
}

/// Tables of some sizes, now and then with equal values, and with some missing.
fn tables(rows: std::ops::Range<usize>, gaps: bool) -> impl Strategy<Value = Matrix> {
    let value = prop_oneof![
        6 => (-100..100).prop_map(|i| f64::from(i) / 8.0),
        6 => -10.0..10.0,
        u32::from(gaps) * 3 => Just(f64::NAN),
    ];
    (rows, 1..9_usize).prop_flat_map(move |(height, width)| {
        prop::collection::vec(value.clone(), height * width).prop_map(move |values| matrix(width, values))
    })
}

/// The plain form of each distance.
fn plain(metric: Metric, x: &[f64], y: &[f64]) -> f64 {
    let both: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).filter(|(x, y)| !(x + y).is_nan()).collect();
    let sum = |term: &dyn Fn(f64, f64) -> f64| both.iter().map(|(x, y)| term(*x, *y)).sum::<f64>();
    let up = x.len() as f64 / both.len() as f64;
    let ratio = |part: f64, of: f64| if part == 0.0 && !both.is_empty() { 0.0 } else { part / of };
    let angle = |x: Vec<f64>, y: Vec<f64>| {
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        1.0 - product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()
    };
    let centred = |x: Vec<f64>| {
        let (mean, constant) = (x.iter().sum::<f64>() / x.len() as f64, x.iter().all(|v| *v == x[0]));
        x.into_iter().map(|v| if constant { f64::NAN } else { v - mean }).collect::<Vec<f64>>()
    };
    let ranks = |x: Vec<f64>| {
        let count = |of: &dyn Fn(f64) -> bool| x.iter().filter(|v| of(**v)).count() as f64;
        x.iter().map(|v| count(&|w| w < *v) + f64::midpoint(count(&|w| w == *v), 1.0)).collect::<Vec<f64>>()
    };
    let (xs, ys): (Vec<f64>, Vec<f64>) = both.iter().copied().unzip();
    match metric {
        Metric::Euclidean => (sum(&|x, y| (x - y).powi(2)) * up).sqrt(),
        Metric::SqEuclidean => sum(&|x, y| (x - y).powi(2)) * up,
        Metric::Cityblock => sum(&|x, y| (x - y).abs()) * up,
        Metric::Chebyshev => both.iter().map(|(x, y)| (x - y).abs()).fold(f64::NAN, f64::max),
        Metric::Minkowski(p) => (sum(&|x, y| (x - y).abs().powf(p)) * up).powf(1.0 / p),
        Metric::Canberra => sum(&|x, y| if x == y { 0.0 } else { (x - y).abs() / (x.abs() + y.abs()) }) * up,
        Metric::BrayCurtis => ratio(sum(&|x, y| (x - y).abs()), sum(&|x, y| (x + y).abs())),
        Metric::Cosine => angle(xs, ys),
        Metric::Correlation => angle(centred(xs), centred(ys)),
        Metric::Spearman => angle(centred(ranks(xs)), centred(ranks(ys))),
        Metric::Hamming => sum(&|x, y| f64::from(u8::from(x != y))) / both.len() as f64,
        Metric::Jaccard => {
            let either = sum(&|x, y| f64::from(u8::from(x != 0.0 || y != 0.0)));
            ratio(sum(&|x, y| f64::from(u8::from((x != 0.0) != (y != 0.0)))), either)
        }
    }
}

/// Each pair of rows by the plain form.
fn plain_distances(matrix: &Matrix, metric: Metric) -> Vec<f64> {
    let rows = 0..matrix.height();
    let pairs = rows.clone().flat_map(|i| (i + 1..rows.end).map(move |j| (i, j)));
    pairs.map(|(i, j)| plain(metric, matrix.row(i), matrix.row(j))).collect()
}

/// What groups are made of, and how far each two are from each other, without anything clever: of each two groups the
/// nearest are merged, until there is one.
fn plain_heights(matrix: &Matrix, method: Method) -> Vec<f64> {
    struct Group {
        members: Vec<usize>,
        middle: Vec<f64>,
        parts: Option<(usize, usize)>,
    }
    fn between(groups: &[Group], distances: &[f64], method: Method, n: usize, a: usize, b: usize) -> f64 {
        let (one, other) = (&groups[a], &groups[b]);
        let pairs = one.members.iter().flat_map(|i| other.members.iter().map(|j| distances[place(n, *i, *j)]));
        let apart = || one.middle.iter().zip(&other.middle).map(|(x, y)| (x - y).powi(2)).sum::<f64>();
        let (size, others) = (one.members.len() as f64, other.members.len() as f64);
        match method {
            Method::Single => pairs.fold(f64::INFINITY, f64::min),
            Method::Complete => pairs.fold(0.0, f64::max),
            Method::Average => pairs.sum::<f64>() / (size * others),
            Method::Centroid | Method::Median => apart().sqrt(),
            Method::Ward => (apart() * 2.0 * size * others / (size + others)).sqrt(),
            Method::Weighted => match (one.parts.filter(|_| a > b), other.parts) {
                (Some((p, q)), _) => {
                    let part = |p| between(groups, distances, method, n, p, b);
                    f64::midpoint(part(p), part(q))
                }
                (None, Some((p, q))) => {
                    let part = |p| between(groups, distances, method, n, a, p);
                    f64::midpoint(part(p), part(q))
                }
                (None, None) => distances[place(n, a, b)],
            },
        }
    }
    let (n, all) = (matrix.height(), plain_distances(matrix, Metric::Euclidean));
    let leaf = |i| Group { members: vec![i], middle: matrix.row(i).to_vec(), parts: None };
    let mut groups: Vec<Group> = (0..n).map(leaf).collect();
    let mut left: Vec<usize> = (0..n).collect();
    let mut heights = Vec::new();
    while left.len() > 1 {
        let pairs = (0..left.len()).flat_map(|i| (i + 1..left.len()).map(move |j| (i, j)));
        let far = |(i, j): (usize, usize)| (between(&groups, &all, method, n, left[i], left[j]), i, j);
        let (height, i, j) = pairs.map(far).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let (b, a) = (left.remove(j), left.remove(i));
        let sizes = (groups[a].members.len() as f64, groups[b].members.len() as f64);
        let share = if method == Method::Median { 0.5 } else { sizes.0 / (sizes.0 + sizes.1) };
        let middles = groups[a].middle.iter().zip(&groups[b].middle);
        let middle = middles.map(|(x, y)| x * share + y * (1.0 - share)).collect();
        let members = [groups[a].members.clone(), groups[b].members.clone()].concat();
        left.push(groups.len());
        groups.push(Group { members, middle, parts: Some((a, b)) });
        heights.push(height);
    }
    heights
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn distances_equal_their_plain_forms(matrix in prop_oneof![tables(2..9, true), tables(60..70, false)]) {
        for metric in metrics() {
            let expected = plain_distances(&matrix, metric);
            match distances(&matrix, Along::Rows, metric) {
                Ok(found) => near(&found, &expected, 1e-9),
                Err(_) => prop_assert!(expected.iter().any(|distance| !distance.is_finite()), "{metric}"),
            }
        }
    }

    #[test]
    fn sums_do_not_depend_on_what_is_compared_beside(matrix in tables(34..70, false)) {
        for metric in [Metric::SqEuclidean, Metric::Cityblock, Metric::Chebyshev] {
            prop_assert_eq!(distances(&matrix, Along::Rows, metric).unwrap(), plain_distances(&matrix, metric));
        }
    }

    #[test]
    fn heights_equal_those_of_merging_the_nearest_groups(seed in 1..1_000_000_u64, rows in 1..12_usize) {
        let matrix = made_up(rows, 3, seed);
        for method in methods() {
            let tree = cluster(&matrix, Along::Rows, &wish(method, Metric::Euclidean, false)).unwrap();
            near(&heights(&tree), &plain_heights(&matrix, method), 1e-7);
        }
    }

    #[test]
    fn the_order_of_rows_changes_no_height(seed in 1..1_000_000_u64, rows in 2..40_usize, by in 1..40_usize) {
        let matrix = made_up(rows, 3, seed);
        let order: Vec<usize> = (0..rows).map(|i| (i + by) % rows).rev().collect();
        let shuffled = matrix.select(&order, &[0, 1, 2]);
        for method in methods() {
            for optimal in [false, true] {
                let wish = wish(method, Metric::Euclidean, optimal);
                let found = [&matrix, &shuffled].map(|m| heights(&cluster(m, Along::Rows, &wish).unwrap()));
                near(&found[0], &found[1], 1e-9);
            }
        }
    }

    #[test]
    fn no_other_way_to_turn_groups_brings_neighbours_nearer(matrix in tables(2..9, false), ward in any::<bool>()) {
        let method = if ward { Method::Ward } else { Method::Single };
        let distances = distances(&matrix, Along::Rows, Metric::Euclidean).unwrap();
        let tree = cluster(&matrix, Along::Rows, &wish(method, Metric::Euclidean, true)).unwrap();
        let all = (0..1 << tree.merges().len()).map(|bits| neighbours(&turned(&tree, bits), &distances));
        near(&[neighbours(&tree, &distances)], &[all.fold(f64::INFINITY, f64::min)], 1e-9);
    }

    #[test]
    fn correlations_are_those_of_rows_that_both_columns_have(matrix in tables(2..40, true)) {
        for (kind, metric) in [(Correlation::Pearson, Metric::Correlation), (Correlation::Spearman, Metric::Spearman)] {
            let found = correlate(&matrix, kind).unwrap();
            let across = matrix.transposed();
            for i in 0..matrix.width() {
                for j in 0..matrix.width() {
                    let expected = 1.0 - plain(metric, across.row(i), across.row(j));
                    near(&[found.get(i, j)], &[expected], 1e-9);
                }
            }
        }
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut matrix = made_up(70, 150, 5);
    let run = |matrix: &Matrix| {
        let of = |metric| distances(matrix, Along::Rows, metric).unwrap();
        let distances: Vec<Vec<f64>> = metrics().map(of).collect();
        let wish = wish(Method::Average, Metric::Euclidean, true);
        let tree = cluster(matrix, Along::Rows, &wish).unwrap();
        (distances, tree, correlate(matrix, Correlation::Pearson).unwrap())
    };
    for gaps in [false, true] {
        if gaps {
            matrix.values_mut().iter_mut().step_by(17).for_each(|value| *value = f64::NAN);
        }
        let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let [one, two, five] = [1, 2, 5].map(|threads| pool(threads).install(|| run(&matrix)));
        assert!(one == two && one == five);
    }
}

#[test]
fn correlations_equal_those_of_pandas() {
    let mut matrix = made_up(40, 4, 9);
    matrix.values_mut().iter_mut().for_each(|value| *value = (*value * 12.0).floor());
    for row in matrix.values_mut().chunks_mut(4) {
        row[3] = row[0] * 2.0 - row[1];
    }
    for (row, column) in [(3, 0), (7, 0), (7, 1), (11, 2), (30, 3)] {
        matrix.values_mut()[row * 4 + column] = f64::NAN;
    }
    let attribute = Attribute { name: "kind".to_owned(), words: ["a", "b", "a", "c"].map(String::from).to_vec() };
    matrix.columns.attributes.push(attribute);
    for (kind, name, expected) in [
        (
            Correlation::Pearson,
            "Pearson correlation",
            [
                -0.082_029_960_004_908_27,
                -0.063_519_700_874_690_79,
                0.858_512_305_543_216_3,
                0.029_167_604_705_167_844,
                -0.584_526_208_383_225_6,
                -0.056_833_612_033_567_67,
            ],
        ),
        (
            Correlation::Spearman,
            "Spearman correlation",
            [
                -0.129_173_414_178_249_68,
                -0.073_024_287_158_363_82,
                0.878_839_412_674_618_7,
                0.027_000_111_317_412_75,
                -0.529_449_150_211_544_3,
                -0.033_210_292_725_620_33,
            ],
        ),
    ] {
        let found = correlate(&matrix, kind).unwrap();
        let pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        near(&pairs.map(|(i, j)| found.get(i, j)), &expected, 1e-12);
        near(&pairs.map(|(i, j)| found.get(j, i)), &expected, 1e-12);
        assert!((0..4).all(|i| found.get(i, i) == 1.0));
        assert_eq!((found.name.as_str(), &found.rows, &found.columns), (name, &matrix.columns, &matrix.columns));
    }
}

#[test]
fn a_constant_column_correlates_with_nothing() {
    let found = correlate(&matrix(2, vec![0.1, 1.0, 0.1, 2.0, 0.1, 4.0]), Correlation::Pearson).unwrap();
    assert!(found.get(0, 0).is_nan() && found.get(0, 1).is_nan() && found.get(1, 0).is_nan());
    assert_eq!(found.get(1, 1), 1.0);
}

#[test]
fn infinite_values_have_ranks_only() {
    let table = matrix(2, vec![1.0, 1.0, f64::INFINITY, 3.0, 2.0, 2.0]);
    let found = correlate(&table, Correlation::Pearson).unwrap();
    assert!(found.get(0, 0).is_nan() && found.get(0, 1).is_nan() && found.get(1, 1) == 1.0);
    assert_eq!(correlate(&table, Correlation::Spearman).unwrap().values(), [1.0; 4]);
}

#[test]
fn standards_equal_those_of_pandas() {
    const NONE: f64 = f64::NAN;
    let rows = [6.0, 3.0, 3.0, 0.1, 3.0, 7.0, NONE, 0.1, 7.0, 8.0, 1.0, 0.1, 3.0, 0.0, 3.0, 0.1, NONE, 3.0, NONE, NONE];
    let (a, b, c, d, e) = (
        0.606_339_062_590_832_5,
        -0.366_850_704_309_445_9,
        0.577_350_269_189_625_6,
        -0.848_874_687_627_165_4,
        0.855_984_976_722_040_2,
    );
    let (f, g, h, i) =
        (1.091_410_312_663_498_4, 1.161_693_896_979_911_8, -1.154_700_538_379_251_7, -1.283_977_465_083_060_4);
    let scores = [a, b, c, NONE, d, e, NONE, NONE, f, g, h, NONE, d, i, c, NONE, NONE, b, NONE, NONE];
    let shares = [
        1.0,
        0.491_525_423_728_813_5,
        0.491_525_423_728_813_5,
        0.0,
        0.420_289_855_072_463_75,
        1.0,
        NONE,
        0.0,
        0.873_417_721_518_987_3,
        1.0,
        0.113_924_050_632_911_39,
        0.0,
        1.0,
        0.0,
        1.0,
        0.033_333_333_333_333_33,
        NONE,
        NONE,
        NONE,
        NONE,
    ];
    let mut table = matrix(4, rows.to_vec());
    table.name = "rain".to_owned();
    let (found, constant) = standardise(table.clone(), Along::Columns, Standard::ZScore);
    assert_eq!((found.name.as_str(), constant), ("z-score of rain", 1));
    near(found.values(), &scores, 1e-12);
    let (found, constant) = standardise(table.clone(), Along::Rows, Standard::Range);
    assert_eq!((found.name.as_str(), constant), ("share of the range of rain", 1));
    near(found.values(), &shares, 1e-12);
    for standard in [Standard::ZScore, Standard::Range] {
        let (rows, _) = standardise(table.clone(), Along::Rows, standard);
        let (columns, _) = standardise(table.transposed(), Along::Columns, standard);
        near(rows.values(), columns.transposed().values(), 0.0);
    }
}

#[test]
fn one_row_is_a_tree_without_merges() {
    for optimal in [false, true] {
        let tree = cluster(&made_up(1, 3, 1), Along::Rows, &wish(Method::Ward, Metric::Euclidean, optimal)).unwrap();
        assert_eq!((tree.order(), tree.merges()), (vec![0], &[][..]));
        assert_eq!(tree.newick(&["it's".to_owned()]), "'it''s';");
    }
}

#[test]
fn tables_without_rows_or_columns_are_no_trouble() {
    let table = |rows: &[&str], columns: &[&str]| {
        Matrix::new(Axis::of(rows.iter().copied()), Axis::of(columns.iter().copied()), Vec::new())
    };
    let (no_columns, no_rows) = (table(&["a", "b"], &[]), table(&[], &["a", "b"]));
    for metric in metrics() {
        assert!(cluster(&no_columns, Along::Rows, &wish(Method::Single, metric, true)).is_err(), "{metric}");
        assert!(cluster(&no_rows, Along::Rows, &wish(Method::Single, metric, true)).is_err(), "{metric}");
    }
    for kind in [Correlation::Pearson, Correlation::Spearman] {
        assert!(correlate(&no_columns, kind).unwrap().values().is_empty());
        assert!(correlate(&no_rows, kind).unwrap().values().iter().all(|value| value.is_nan()));
    }
    for along in [Along::Rows, Along::Columns] {
        assert_eq!(standardise(no_rows.clone(), along, Standard::ZScore).1, 0);
        assert_eq!(standardise(no_columns.clone(), along, Standard::Range).1, 0);
    }
    let none = Tree::new(0, Vec::new());
    assert_eq!((none.order(), none.branches(), none.newick(&[]).as_str()), (vec![], vec![], ";"));
}

#[test]
fn what_cannot_be_clustered_is_refused_with_a_name() {
    let message = |matrix: &Matrix, along, wish| cluster(matrix, along, &wish).unwrap_err().to_string();
    let (average, euclidean) = (Method::Average, Metric::Euclidean);
    let rows = |values: &[f64], metric| message(&matrix(3, values.to_vec()), Along::Rows, wish(average, metric, false));
    let nan = f64::NAN;
    let apart = [1.0, nan, nan, nan, 2.0, 3.0, 1.0, 1.0, 1.0];
    assert!(rows(&apart, euclidean).starts_with("the rows `r0` and `r1`: found no euclidean distance"));
    let columns = message(&matrix(3, apart.to_vec()).transposed(), Along::Columns, wish(average, euclidean, false));
    assert!(columns.starts_with("the columns `r0` and `r1`: ") && columns.contains("some rows that"), "{columns}");
    let constant = [1.0, 2.0, 4.0, 5.0, 5.0, 5.0];
    assert!(rows(&constant, Metric::Correlation).contains("constant values correlate with nothing"));
    assert!(rows(&[0.0, 0.0, 0.0, 1.0, 2.0, 3.0], Metric::Cosine).contains("zeros have no direction"));
    assert!(rows(&[1.0, f64::INFINITY, 0.0], euclidean).starts_with("row `r0`, column `c1`: found inf"));
    assert!(rows(&[1e200, 0.0, 0.0, 0.0, 0.0, 0.0], euclidean).contains("standardise"));
    for metric in [Metric::SqEuclidean, Metric::Cityblock, Metric::Minkowski(3.0)] {
        assert!(rows(&[1e308, 0.0, 0.0, -1e308, 0.0, 0.0], metric).contains("standardise"), "{metric}");
    }
    let none = Matrix::new(Axis::default(), Axis::of(["x"]), Vec::new());
    assert!(message(&none, Along::Rows, wish(average, euclidean, false)).contains("no rows"));
    let ward = message(&made_up(3, 3, 1), Along::Rows, wish(Method::Ward, Metric::Cosine, false));
    assert!(ward.contains("`ward` with the metric cosine") && ward.contains("--method average"), "{ward}");
    let many = matrix(1, vec![0.0; 40_000]);
    assert!(message(&many, Along::Rows, wish(average, euclidean, false)).contains("at most 32768"));
    assert!(message(&many, Along::Rows, wish(average, euclidean, true)).contains("at most 5000"));
}

#[test]
fn words_are_read_as_they_are_written() {
    for method in methods() {
        assert_eq!(method.to_string().parse(), Ok::<Method, Error>(method));
    }
    for metric in metrics() {
        assert_eq!(metric.to_string().parse(), Ok::<Metric, Error>(metric));
    }
    for wrong in ["minkowski", "minkowski:0", "minkowski:-1", "minkowski:x", "manhattan"] {
        assert!(wrong.parse::<Metric>().is_err(), "{wrong}");
    }
    assert!("upgma".parse::<Method>().unwrap_err().to_string().contains("single, complete"));
}

#[test]
fn a_chain_of_many_leaves_is_walked_without_recursion() {
    let count = 100_000;
    let link = |i: usize| Merge { left: if i == 0 { 0 } else { count + i - 1 }, right: i + 1, height: i as f64 };
    let tree = Tree::new(count, (0..count - 1).map(link).collect());
    assert_eq!(tree.order(), (0..count).collect::<Vec<_>>());
    let labels: Vec<String> = (0..count).map(|i| i.to_string()).collect();
    assert!(tree.newick(&labels).ends_with(",99999:99998);"));
    assert_eq!(tree.cophenetic(count - 1)[0], (count - 2) as f64);
    assert_eq!(tree.branches().len(), count - 1);
}

#[test]
fn newick_quotes_what_would_mean_something_else_and_has_no_negative_lengths() {
    let merges = vec![Merge { left: 0, right: 1, height: 2.0 }, Merge { left: 2, right: 3, height: 1.5 }];
    let text = Tree::new(3, merges).newick(&["Homo sapiens", "a_b", "(x)'"].map(String::from));
    assert_eq!(text, "('(x)''':1.5,('Homo sapiens':2,'a_b':2):0);");
}

#[test]
fn branches_stand_on_what_they_join() {
    let matrix = made_up(30, 3, 4);
    let tree = cluster(&matrix, Along::Rows, &Clustering::default()).unwrap();
    for (branch, merge) in tree.branches().iter().zip(tree.merges()) {
        assert_eq!(branch.height, merge.height);
        for (leg, part) in [(branch.left, merge.left), (branch.right, merge.right)] {
            let below = part.checked_sub(30).map_or(0.0, |i| tree.merges()[i].height);
            assert_eq!(leg.from, below);
        }
        assert!(branch.left.at < branch.right.at);
    }
}

#[test]
fn json_has_what_scipy_draws() {
    let tree = cluster(&made_up(6, 3, 4), Along::Rows, &Clustering::default()).unwrap();
    let labels: Vec<String> = (0..6).map(|i| format!("r{i}")).collect();
    let json = tree.json(&labels);
    let last = json["linkage"].as_array().unwrap().last().unwrap();
    assert_eq!((last[3].as_u64(), last[2].as_f64()), (Some(6), Some(tree.merges()[4].height)));
    assert_eq!(json["order"].as_array().unwrap().len(), 6);
    assert_eq!(json["labels"][2], "r2");
}
