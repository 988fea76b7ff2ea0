//! `--where` against its twin: random conditions evaluated plainly, with the tables of SQL's logic written out;
//! and against text that is no condition.

use proptest::prelude::*;
use torrid::source::{Field, Filter};

/// A condition and its plain evaluation: the twin of the compiled one.
#[derive(Debug, Clone)]
enum Plain {
    Word(Option<bool>),
    /// Column, relation, literal; columns are a: missing, b: 1, c: 2, d: 'x'.
    Test(usize, usize, usize),
    In(usize, Vec<usize>, bool),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
}

const COLUMNS: [(&str, Field); 4] =
    [("a", Field::Missing), ("b", Field::Number(1.0)), ("c", Field::Text("2")), ("d", Field::Text("x"))];
const RELATIONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
const LITERALS: [(&str, Field); 5] = [
    ("1", Field::Number(1.0)),
    ("2", Field::Number(2.0)),
    ("'x'", Field::Text("x")),
    ("'2'", Field::Text("2")),
    ("NULL", Field::Missing),
];

impl Plain {
    fn sql(&self) -> String {
        match self {
            Plain::Word(word) => word.map_or("NULL", |t| if t { "true" } else { "FALSE" }).into(),
            Plain::Test(c, r, l) => format!("{} {} {}", COLUMNS[*c].0, RELATIONS[*r], LITERALS[*l].0),
            Plain::In(c, list, negated) => {
                let list: Vec<&str> = list.iter().map(|l| LITERALS[*l].0).collect();
                format!("{} {}IN ({})", COLUMNS[*c].0, if *negated { "NOT " } else { "" }, list.join(", "))
            }
            Plain::Not(p) => format!("NOT ({})", p.sql()),
            Plain::And(p, q) => format!("({}) AND ({})", p.sql(), q.sql()),
            Plain::Or(p, q) => format!("({}) OR {}", p.sql(), q.sql()),
        }
    }

    fn truth(&self) -> Option<bool> {
        match self {
            Plain::Word(word) => *word,
            Plain::Test(c, r, l) => {
                let order = match (COLUMNS[*c].1, LITERALS[*l].1) {
                    (Field::Missing, _) | (_, Field::Missing) => return None,
                    (Field::Text(a), Field::Text(b)) => a.cmp(b),
                    (a, b) => a.number()?.partial_cmp(&b.number()?)?,
                };
                Some([order.is_eq(), order.is_ne(), order.is_lt(), order.is_le(), order.is_gt(), order.is_ge()][*r])
            }
            Plain::In(c, list, negated) => {
                let truths: Vec<_> = list.iter().map(|l| Plain::Test(*c, 0, *l).truth()).collect();
                let unknown = truths.contains(&None).then_some(()).map_or(Some(false), |()| None);
                let truth = if truths.contains(&Some(true)) { Some(true) } else { unknown };
                truth.map(|t| t != *negated)
            }
            Plain::Not(p) => p.truth().map(|t| !t),
            Plain::And(p, q) => match (p.truth(), q.truth()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Plain::Or(p, q) => match (p.truth(), q.truth()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        any::<Option<bool>>().prop_map(Plain::Word),
        (0..4usize, 0..6usize, 0..5usize).prop_map(|(c, r, l)| Plain::Test(c, r, l)),
        (0..4usize, prop::collection::vec(0..5usize, 1..4), any::<bool>())
            .prop_map(|(c, list, n)| Plain::In(c, list, n)),
    ];
    leaf.prop_recursive(4, 24, 2, |inner| {
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            inner.clone().prop_map(|p| Plain::Not(Box::new(p))),
            pair().prop_map(|(p, q)| Plain::And(Box::new(p), Box::new(q))),
            pair().prop_map(|(p, q)| Plain::Or(Box::new(p), Box::new(q))),
        ]
    })
}

const WORDS: &[&str] = &[
    "a", "b.c", "1", "'x'", "\"y\"", "AND", "OR", "NOT", "IN", "(", ")", ",", "=", "<", "LIKE", "IS", "NULL",
    "BETWEEN", "+", "-", "*", "::", "CASE", "WHEN", "END", "SELECT", "[", "]",
];

proptest! {
    #[test]
    fn the_compiled_condition_equals_the_plain_one(plain in plain()) {
        let opposite = (format!("NOT ({})", plain.sql()), plain.truth().map(|t| !t));
        for (sql, expected) in [(plain.sql(), plain.truth()), opposite] {
            let filter = Filter::parse(&sql).expect("a condition");
            let field = |column: usize| {
                COLUMNS.iter().find(|(name, _)| *name == filter.columns()[column]).expect("a column").1
            };
            prop_assert_eq!(filter.accepts(&field), expected == Some(true), "{}", sql);
        }
    }

    #[test]
    fn garbage_gives_an_error_or_a_filter(
        text in "\\PC{0,60}",
        words in prop::collection::vec(prop::sample::select(WORDS), 0..16),
    ) {
        for text in [text, words.join(" ")] {
            if let Err(error) = Filter::parse(&text) {
                prop_assert!(error.to_string().starts_with("--where: found "), "{}", error);
            }
        }
    }
}
