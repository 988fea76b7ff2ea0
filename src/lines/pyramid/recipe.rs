//! How tiles were drawn: what was chosen for them from their events, and the options that were given. With it tiles of more
//! events are drawn as those were, in the same colours.

use serde_json::{Value, json};
use twox_hash::XxHash3_64;

use crate::bandwidth::Bandwidth;
use crate::frame::Extent;
use crate::scale::Summary;

/// What scales are fitted to, by zoom, from the least on; one alone is that of all.
pub type Fitted = Vec<(Option<u8>, Summary)>;

/// How tiles were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The options that were given, as the command line has them.
    pub options: Vec<String>,
    /// The bandwidth used; never [`Bandwidth::Rule`].
    pub bandwidth: Bandwidth,
    /// The greatest zoom.
    pub greatest: u8,
    /// The least extent that holds the events.
    pub extent: Extent,
    /// The weight that an event is taken to have where it is to be told whether there is enough evidence, by natural zoom.
    pub weights: Vec<(u8, f64)>,
    /// What the scales were fitted to.
    pub fitted: Fitted,
}

impl Recipe {
    /// The key under which the file of cells beside an archive has it.
    pub const KEY: &str = "torrid:tiles";

    /// Its text form, a JSON object. Numbers with fractions are texts, which can be read back to the last bit.
    pub fn text(&self) -> String {
        let Extent { west, north, east, south } = self.extent;
        let extent = [west, north, east, south].map(|number| number.to_string());
        let weight = |(zoom, weight): &(u8, f64)| json!([zoom, weight.to_string()]);
        let fitted = |(zoom, summary): &(Option<u8>, Summary)| json!([zoom, summary.to_json()]);
        json!({
            "version": 1,
            "options": self.options,
            "bandwidth": self.bandwidth.to_string(),
            "greatest": self.greatest,
            "extent": extent,
            "weights": self.weights.iter().map(weight).collect::<Vec<_>>(),
            "fitted": self.fitted.iter().map(fitted).collect::<Vec<_>>(),
        })
        .to_string()
    }

    /// A number that tells recipes apart, whatever the events.
    pub fn mark(&self) -> String {
        let same = Recipe { extent: Extent::EARTH, ..self.clone() };
        format!("{:016x}", XxHash3_64::oneshot(same.text().as_bytes()))
    }

    /// Reads the text form; none where it is not one of this version.
    pub fn parse(text: &str) -> Option<Recipe> {
        let all: Value = serde_json::from_str(text).ok().filter(|all: &Value| all["version"] == 1)?;
        let list = |name: &str| all[name].as_array();
        let options = list("options")?.iter().map(|option| Some(option.as_str()?.to_owned())).collect::<Option<_>>()?;
        let extent = list("extent")?.iter().map(number).collect::<Option<Vec<f64>>>()?;
        let [west, north, east, south] = extent.try_into().ok()?;
        let weight = |pair: &Value| Some((zoom(&pair[0])?, number(&pair[1])?));
        let fitted = |pair: &Value| {
            let of = if pair[0].is_null() { None } else { Some(zoom(&pair[0])?) };
            Some((of, Summary::from_json(&pair[1])?))
        };
        Some(Recipe {
            options,
            bandwidth: all["bandwidth"].as_str()?.parse().ok()?,
            greatest: zoom(&all["greatest"])?,
            extent: Extent { west, north, east, south },
            weights: list("weights")?.iter().map(weight).collect::<Option<_>>()?,
            fitted: list("fitted")?.iter().map(fitted).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())?,
        })
    }
}

fn zoom(value: &Value) -> Option<u8> {
    value.as_u64()?.try_into().ok()
}

fn number(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_reads_back() {
        let extent = Extent { west: 0.1, north: 1.0 / 3.0, east: 1.7, south: 0.7 };
        let fitted = vec![(None, Summary::of(&[1.0, 2.0])), (Some(3), Summary::empty())];
        let (options, weights) = (vec!["--minzoom=3".to_owned(), "--retina".to_owned()], vec![(11, 0.1)]);
        let bandwidth = "317.123456789m".parse().expect("a bandwidth");
        let recipe = Recipe { options, bandwidth, greatest: 14, extent, weights, fitted };
        assert_eq!(Recipe::parse(&recipe.text()), Some(recipe));
    }

    #[test]
    fn other_texts_are_none() {
        for text in ["", "[]", "{}", r#"{"version":2}"#, r#"{"version":1,"options":[]}"#] {
            assert_eq!(Recipe::parse(text), None, "{text}");
        }
    }
}
