//! Whether colours that mean different things can be told apart by people who lack one kind of cones.

use super::colormap::{Colormap, Kind};
use super::difference::difference;
use super::vision::{DEFICIENCIES, Deficiency, seen};
use crate::image::Straight;

/// The least [`difference`] of the colours of classes.
///
/// About 1 is just seen side by side, but colours of a figure are compared over some distance, in small areas, and with a
/// legend. Gregor Aisch's palette helper (<https://gka.github.io/palettes>) warns below 9 under simulated deficiencies.
/// Okabe and Ito's eight colours, which were chosen together with colour-blind people, come down to 8.3, and are to pass.
pub const LEAST_APART: f64 = 8.0;

/// The least [`difference`] of colours of a continuous colormap that are a quarter of it or more apart.
///
/// Half of people notice a difference of 5.1 to 5.3 along an axis of CIE L*a*b* between large areas that do not touch: Stone,
/// Szafir and Setlur, "An engineering model for color difference as a function of size", Color and Imaging Conference 22
/// (2014).
pub const LEAST_ALONG: f64 = 5.0;

/// How many colours of a continuous colormap are compared, from its first to its last.
pub const SAMPLES: usize = 9;

/// The least number of steps between samples that have to be apart: a quarter of the colormap.
const QUARTER: usize = 2;

/// Which two of some colours are the hardest to tell apart for people with a deficiency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// Who sees them.
    pub deficiency: Deficiency,
    /// How different the two look to them.
    pub least: f64,
    /// Their places among the colours, the lower one first.
    pub pair: (usize, usize),
    /// How different the same two look to others.
    pub usual: f64,
    /// Whether that is enough: [`LEAST_APART`] for classes, [`LEAST_ALONG`] along a colormap.
    pub apart: bool,
}

/// Whether any two of the colours of classes look different, to people with each deficiency; nothing where there are
/// fewer than two colours.
///
/// ```
/// use torrid::paint::{Colormap, apart};
/// let colours = Colormap::named("Set1")?.sample(3);
/// assert!(apart(&colours[..2]).iter().all(|found| found.apart), "red and blue");
/// # Ok::<(), torrid::Error>(())
/// ```
pub fn apart(colours: &[Straight]) -> Vec<Apart> {
    DEFICIENCIES.into_iter().filter_map(|deficiency| closest(colours, deficiency, LEAST_APART, |_, _| true)).collect()
}

/// Whether values that lie a quarter of a colormap or more from each other look different: [`SAMPLES`] colours of it
/// are compared, so the places of a pair are eighths of the way. Two ends of a diverging colormap that look alike are
/// found, and a stretch that looks flat. The ends of a cyclic one are one place. Of a qualitative one, all classes are
/// compared, as by [`apart`].
///
/// ```
/// use torrid::paint::{Colormap, Deficiency, apart_along};
/// let deutan = |name| Ok::<_, torrid::Error>(apart_along(&Colormap::named(name)?)[1]);
/// assert_eq!(deutan("viridis")?.deficiency, Deficiency::Deutan);
/// assert!(deutan("viridis")?.apart && !deutan("RdYlGn")?.apart);
/// # Ok::<(), torrid::Error>(())
/// ```
pub fn apart_along(colormap: &Colormap) -> Vec<Apart> {
    if let Some(classes) = colormap.classes() {
        return apart(&colormap.sample(classes));
    }
    let cyclic = colormap.kind() == Some(Kind::Cyclic);
    let far = |i: usize, j: usize| j - i >= QUARTER && (!cyclic || SAMPLES - 1 - (j - i) >= QUARTER);
    let colours = colormap.sample(SAMPLES);
    DEFICIENCIES.into_iter().filter_map(|deficiency| closest(&colours, deficiency, LEAST_ALONG, far)).collect()
}

/// The two colours of the least difference, of those whose places are to be compared.
fn closest(
    colours: &[Straight],
    deficiency: Deficiency,
    enough: f64,
    compared: impl Fn(usize, usize) -> bool,
) -> Option<Apart> {
    let looks: Vec<Straight> = colours.iter().map(|colour| seen(*colour, deficiency)).collect();
    let pairs = (0..colours.len()).flat_map(|j| (0..j).map(move |i| (i, j))).filter(|(i, j)| compared(*i, *j));
    let differences = pairs.map(|(i, j)| (difference(looks[i], looks[j]), (i, j)));
    let (least, pair) = differences.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let usual = difference(colours[pair.0], colours[pair.1]);
    Some(Apart { deficiency, least, pair, usual, apart: least >= enough })
}
