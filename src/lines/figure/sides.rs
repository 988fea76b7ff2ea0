//! Rows and columns as the figure shows them: where they begin and end, what is written where, side colours.

use std::collections::HashMap;

use super::{LabelWish, Wish};
use crate::error::Error;
use crate::figure::{Key, Side, Strip, labels};
use crate::image::Straight;
use crate::matrix::{Attribute, Axis};
use crate::paint::Colormap;
use crate::scale::rounds;
use crate::tree::Tree;

/// Where rows or columns begin and end.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Edges {
    /// All of one width; where the table itself tells their edges, there.
    #[default]
    Even,
    /// Halfway between the numbers that are their labels.
    Labels,
    /// At these numbers, of which there is one more than there are rows or columns.
    At(Vec<f64>),
    /// Evenly from the first number to the last.
    Extent(f64, f64),
}

/// Ticks of a side that shows numbers.
const TICKS: usize = 7;

/// A side with its ticks, without tree and strips. Numbers fall along it where it shows the last row first.
pub fn side(axis: &Axis, edges: &Edges, falling: bool, option: &str) -> Result<Side, Error> {
    let count = axis.len();
    let even = || (0..=count).map(|i| i as f64 / count as f64).collect::<Vec<_>>();
    let turned = |mut numbers: Vec<f64>| {
        if falling {
            numbers.reverse();
        }
        numbers
    };
    let numbers = match edges {
        Edges::Even => axis.edges.clone().map(turned),
        Edges::Labels => Some(turned(halfway(axis, falling, option)?)),
        Edges::At(numbers) => Some(turned(checked(numbers, count, option)?)),
        Edges::Extent(first, last) => {
            let side =
                Side { title: axis.title.clone(), edges: even(), ticks: numbered(*first, *last), ..Side::default() };
            return Ok(side);
        }
    };
    let Some(numbers) = numbers else {
        let ticks = axis.labels.iter().enumerate().map(|(i, label)| ((i as f64 + 0.5) / count as f64, label.clone()));
        return Ok(Side { title: axis.title.clone(), ticks: ticks.collect(), edges: even(), ..Side::default() });
    };
    let (first, last) = (numbers[0], numbers[count]);
    let shares = numbers.iter().map(|number| (number - first) / (last - first)).collect();
    Ok(Side { title: axis.title.clone(), edges: shares, ticks: numbered(first, last), ..Side::default() })
}

/// Round numbers between two, as shares of the way from the first to the last.
fn numbered(first: f64, last: f64) -> Vec<(f64, String)> {
    let values = rounds(first.min(last), first.max(last), TICKS);
    values.iter().map(|value| (value - first) / (last - first)).zip(labels(&values)).collect()
}

/// Edges halfway between labels that are numbers; the outer ones as far away as the inner ones are.
fn halfway(axis: &Axis, falling: bool, option: &str) -> Result<Vec<f64>, Error> {
    let mut parsed: Option<Vec<f64>> = axis.labels.iter().map(|label| label.trim().parse().ok()).collect();
    if let Some(numbers) = parsed.as_mut().filter(|_| falling) {
        numbers.reverse();
    }
    let numbers = parsed.filter(|numbers| numbers.len() > 1 && numbers.windows(2).all(|pair| pair[0] < pair[1]));
    let numbers = numbers.ok_or_else(|| {
        Error::caller(option)
            .found("labels that are not ascending numbers")
            .expected("at least two labels such as 10, 20, 50")
            .advice("give the edges themselves, such as 0,15,35,65")
    })?;
    let mut edges: Vec<f64> = numbers.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect();
    let last = numbers.len() - 1;
    edges.insert(0, numbers[0] - (edges[0] - numbers[0]));
    edges.push(numbers[last] + (numbers[last] - edges[last]));
    Ok(edges)
}

fn checked(numbers: &[f64], count: usize, option: &str) -> Result<Vec<f64>, Error> {
    let ascending = numbers.windows(2).all(|pair| pair[0] < pair[1]) && numbers.iter().all(|number| number.is_finite());
    if numbers.len() == count + 1 && ascending {
        return Ok(numbers.to_vec());
    }
    Err(Error::caller(option)
        .found(format!("{} numbers{}", numbers.len(), if ascending { "" } else { " that do not ascend" }))
        .expected(format!("{} ascending numbers, one more than there are cells", count + 1)))
}

/// The legs and bars of a tree, as figures take them.
pub fn limbs(tree: Option<&Tree>) -> Vec<[f64; 5]> {
    let branches = tree.map(Tree::branches).unwrap_or_default();
    branches.iter().map(|b| [b.left.at, b.left.from, b.right.at, b.right.from, b.height]).collect()
}

/// The most words that are told apart by colours of their own; of more, colours come from a row of them.
const MOST_CLASSES: usize = 20;

/// Strips for the attributes of these names, and what their colours mean. Attributes that both sides have are told once.
pub fn strips(axis: &Axis, names: &[String], option: &str, keys: &mut Vec<Key>) -> Result<Vec<Strip>, Error> {
    let strip = |name: &String| {
        let attribute = axis
            .attributes
            .iter()
            .find(|attribute| attribute.name == *name)
            .ok_or_else(|| unknown(axis, name, option))?;
        let (colours, key) = coloured(attribute)?;
        if let Some(key) = key.filter(|key| !keys.contains(key)) {
            keys.push(key);
        }
        Ok(Strip { name: name.clone(), colours })
    };
    names.iter().map(strip).collect()
}

fn unknown(axis: &Axis, name: &str, option: &str) -> Error {
    let known: Vec<&str> = axis.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
    Error::caller(option)
        .found(format!("`{name}`"))
        .expected(format!("what is known beside the labels: {known}"))
        .advice("columns of words, header rows (--header) and metadata of GCT are known")
}

/// A colour for each word of an attribute: the word itself where all are colours, else one of its own.
fn coloured(attribute: &Attribute) -> Result<(Vec<Straight>, Option<Key>), Error> {
    let clear = Straight([0; 4]);
    let own: Option<Vec<Straight>> = attribute.words.iter().map(|word| css(word)).collect();
    if let Some(colours) = own {
        return Ok((colours, None));
    }
    let mut words: Vec<&str> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for word in attribute.words.iter().map(String::as_str).filter(|word| !word.is_empty()) {
        places.entry(word).or_insert_with(|| {
            words.push(word);
            words.len() - 1
        });
    }
    let colours = classes(words.len())?;
    let entries = words.iter().zip(&colours).map(|(word, colour)| (*colour, (*word).to_owned())).collect();
    let of = |word: &String| places.get(word.as_str()).map_or(clear, |place| colours[*place]);
    let key = Key { name: attribute.name.clone(), entries };
    Ok((attribute.words.iter().map(of).collect(), Some(key)))
}

/// So many colours that can be told apart, as far as there are.
fn classes(count: usize) -> Result<Vec<Straight>, Error> {
    let name = match count {
        0..=10 => "tab10",
        11..=MOST_CLASSES => "tab20",
        _ => "twilight_shifted",
    };
    let colormap = Colormap::named(name)?;
    Ok(match colormap.classes() {
        Some(classes) => colormap.sample(classes).into_iter().take(count).collect(),
        // Its ends are one colour.
        None => colormap.sample(count + 1).into_iter().take(count).collect(),
    })
}

/// The colour that a word is: `#fa0`, `rgb(255, 160, 0)` or `tomato`, but not `101` or `fee`.
fn css(word: &str) -> Option<Straight> {
    let name = word.bytes().all(|b| b.is_ascii_alphabetic()) && !word.bytes().all(|b| b.is_ascii_hexdigit());
    if !(word.starts_with('#') || word.contains('(') || name) {
        return None;
    }
    csscolorparser::parse(word).ok().map(|colour| Straight(colour.to_rgba8()))
}

/// Labels of the caller in place of those of the table.
pub fn relabel(axis: &mut Axis, labels: &LabelWish, option: &str) -> Result<(), Error> {
    let LabelWish::These(words) = labels else { return Ok(()) };
    if words.len() != axis.len() {
        return Err(Error::caller(option)
            .found(format!("{} labels", words.len()))
            .expected(format!("{}, one for each", axis.len()))
            .advice("give auto, all, none, a number, or as many labels as there are"));
    }
    axis.labels.clone_from(words);
    Ok(())
}

/// Which labels are shown, and how they are turned.
pub fn labelled(side: Side, labels: &LabelWish, rotation: Option<f64>) -> Side {
    Side { shown: labels.shown(), rotation, ..side }
}

/// Titles of the sides: as the wish says, else as the table does.
pub fn titled(side: Side, title: Option<&String>) -> Side {
    Side { title: title.cloned().unwrap_or(side.title), ..side }
}

/// Whether strips, trees and edges of the wish go together.
pub fn check(wish: &Wish) -> Result<(), Error> {
    let placed =
        [("--xedges", &wish.x_edges, wish.cluster_columns()), ("--yedges", &wish.y_edges, wish.cluster_rows())];
    for (option, edges, clustered) in placed {
        if clustered && *edges != Edges::Even {
            return Err(Error::caller(option)
                .found(format!("{option} of what is clustered"))
                .expected("no places, as the tree decides about the order")
                .advice(format!("leave {option} or --extent out, or --cluster")));
        }
    }
    for (option, edges, labels) in
        [("--xticklabels", &wish.x_edges, &wish.x_labels), ("--yticklabels", &wish.y_edges, &wish.y_labels)]
    {
        if matches!(labels, LabelWish::These(_)) && matches!(edges, Edges::At(_) | Edges::Extent(..)) {
            return Err(Error::caller(option)
                .found("labels for a side that shows numbers")
                .expected("either labels or coordinates")
                .advice("leave out the labels, or --extent and the edges"));
        }
    }
    if wish.origin_lower && wish.cluster_rows() {
        return Err(Error::caller("--origin")
            .found("lower, with --cluster of rows")
            .expected("an order of rows that the tree decides")
            .advice("leave --origin out"));
    }
    Ok(())
}
