//! Interactions to places on a picture of their page: by pixels, by shares of a width, or by elements that have moved since.
//! What lands outside the picture is told and never clamped. Besides: bursts of angry clicks ([`rage`]), how long a pointer
//! rested ([`dwell`]), how far pages were scrolled ([`reached`]) and what was looked at ([`attention`]), whom to count once
//! ([`firsts`]), and the elements that are hottest ([`hottest`]). Nothing here reads a log or draws.

mod dwell;
mod elements;
mod hottest;
mod rage;
mod scroll;
mod selector;
mod visits;
mod widths;

pub use dwell::dwell;
pub use elements::Elements;
pub use hottest::{Hot, Struck, hottest};
pub use rage::{Burst, rage};
pub use scroll::{Bands, Reached, STEP, attention, reached};
pub use selector::normalised;
pub use visits::{Person, firsts, person, visit};
pub use widths::{CLASSES, Widths};

use crate::interaction::{Across, Anchor, Interaction, Spot};

/// Windows whose widths differ by no more than this have one layout: a scroll bar takes up to 17 CSS pixels, and logs tell
/// the width with it or without.
pub const SAME_WIDTH: f64 = 20.0;

/// The picture that interactions are to land on. Lengths are CSS pixels.
#[derive(Debug, Clone, Copy)]
pub struct Surface<'a> {
    /// How wide the page is on it.
    pub width: f64,
    /// How high.
    pub height: f64,
    /// The height of the window that it was laid out in, where that is known.
    pub window: Option<f64>,
    /// Where its elements are, where that is known.
    pub elements: Option<&'a Elements>,
}

/// How a place in a log becomes one on the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// By the element where both sides know it; else by the share of the width where widths differ; else by pixels.
    #[default]
    Auto,
    /// By pixels from the left and the top, whatever the width: pages of a fixed width that stick to the left.
    Pixels,
    /// By the share of the width: fluid pages.
    Relative,
    /// By pixels from the middle: pages of a fixed width that are centred.
    Centred,
    /// By the element, and by nothing else.
    Elements,
}

/// The layouts by the name that `--layout` knows them by.
pub const LAYOUTS: &[(&str, Layout)] = &[
    ("auto", Layout::Auto),
    ("pixels", Layout::Pixels),
    ("relative", Layout::Relative),
    ("centred", Layout::Centred),
    ("elements", Layout::Elements),
];

/// Where an interaction landed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Landing {
    /// CSS pixels from the left edge of the picture.
    pub x: f64,
    /// CSS pixels from its top; from the top of the window, which lies on the first screenful, where `fixed`.
    pub y: f64,
    /// Whether it was done to something that stays in the window while the page scrolls.
    pub fixed: bool,
    /// The element it was laid on, as a number among those of the page.
    pub element: Option<usize>,
    /// How it was laid.
    pub by: By,
}

/// How an interaction was laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// At its place in its element.
    Element,
    /// At the middle of its element, because the log does not tell the place inside.
    Middle,
    /// By a share of the width.
    Share,
    /// By pixels.
    Pixels,
}

/// Why an interaction did not land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missed {
    /// It has neither a place nor an element.
    Placeless,
    /// It names no element, and only elements count.
    Elementless,
    /// Its element is not on the page.
    Unknown,
    /// The width of its page is not known, without which there is no share and no middle.
    Widthless,
    /// It lies outside the picture.
    Outside,
}

/// The reasons in words, as they follow a number of interactions.
pub const MISSES: &[(Missed, &str)] = &[
    (Missed::Placeless, "have neither a position nor an element"),
    (Missed::Elementless, "name no element"),
    (Missed::Unknown, "are of an element that is not on the page"),
    (Missed::Widthless, "do not tell how wide their page was"),
    (Missed::Outside, "lie outside the picture"),
];

/// Lays an interaction on a picture.
///
/// ```
/// use torrid::interaction::{Across, Interaction, Kind, Spot};
/// use torrid::land::{Layout, Missed, Surface, land};
/// let surface = Surface { width: 1280.0, height: 3000.0, window: None, elements: None };
/// let spot = Some(Spot { x: Across::Pixels(100.0), y: 50.0, fixed: false });
/// let click = Interaction { spot, viewport: Some([400.0, 800.0]), ..Interaction::of(Kind::Click) };
/// assert_eq!(land(&click, &surface, Layout::Pixels).map(|at| at.x), Ok(100.0));
/// assert_eq!(land(&click, &surface, Layout::Relative).map(|at| at.x), Ok(320.0));
/// assert_eq!(land(&click, &surface, Layout::Centred).map(|at| at.x), Ok(540.0));
/// assert_eq!(land(&click, &surface, Layout::Elements), Err(Missed::Elementless));
/// ```
///
/// # Errors
/// When it does not land on the picture.
pub fn land(interaction: &Interaction, surface: &Surface<'_>, layout: Layout) -> Result<Landing, Missed> {
    let landing = match (layout, interaction.spot) {
        (Layout::Elements, _) => {
            let anchor = interaction.anchor.as_ref().ok_or(Missed::Elementless)?;
            in_element(anchor, None, surface).ok_or(Missed::Unknown)?
        }
        (Layout::Auto, _) => best(interaction, surface)?,
        (_, None) => return Err(Missed::Placeless),
        (_, Some(spot)) => by_spot(spot, interaction, surface, layout)?,
    };
    let inside = (0.0..surface.width).contains(&landing.x) && (0.0..surface.height).contains(&landing.y);
    if inside { Ok(landing) } else { Err(Missed::Outside) }
}

/// The width that an interaction was recorded at: that of its page, which scroll bars and overflow make another one than
/// that of its window.
fn recorded_width(interaction: &Interaction) -> Option<f64> {
    let widths = [interaction.page, interaction.viewport].into_iter().flatten().map(|[width, _]| width);
    widths.into_iter().find(|width| width.is_finite() && *width > 0.0)
}

/// Whether an interaction was recorded at another width than the picture's.
pub fn is_of_another_width(interaction: &Interaction, width: f64) -> bool {
    recorded_width(interaction).is_some_and(|recorded| (recorded - width).abs() > SAME_WIDTH)
}

/// By the element where there is one; else by the spot.
fn best(interaction: &Interaction, surface: &Surface<'_>) -> Result<Landing, Missed> {
    let another = is_of_another_width(interaction, surface.width);
    let layout = if another { Layout::Relative } else { Layout::Pixels };
    let spot = interaction.spot.map(|spot| by_spot(spot, interaction, surface, layout)).transpose()?;
    let Some(anchor) = &interaction.anchor else { return spot.ok_or(Missed::Placeless) };
    let nowhere = spot.ok_or(if surface.elements.is_some() { Missed::Unknown } else { Missed::Placeless });
    in_element(anchor, spot, surface).map_or(nowhere, Ok)
}

fn by_spot(spot: Spot, of: &Interaction, surface: &Surface<'_>, layout: Layout) -> Result<Landing, Missed> {
    let recorded = recorded_width(of);
    let (x, by) = match (spot.x, layout) {
        // Pixels of a share are those of the window that it is a share of.
        (Across::Share(share), Layout::Pixels) => (share * recorded.unwrap_or(surface.width), By::Share),
        (Across::Share(share), Layout::Centred) => {
            let width = recorded.ok_or(Missed::Widthless)?;
            ((share - 0.5) * width + surface.width / 2.0, By::Share)
        }
        (Across::Share(share), _) => (share * surface.width, By::Share),
        (Across::Pixels(x), Layout::Relative) => (x / recorded.ok_or(Missed::Widthless)? * surface.width, By::Share),
        (Across::Pixels(x), Layout::Centred) => {
            (x + (surface.width - recorded.ok_or(Missed::Widthless)?) / 2.0, By::Pixels)
        }
        (Across::Pixels(x), _) => (x, By::Pixels),
    };
    let y = if spot.fixed { in_window(spot.y, of, surface) } else { spot.y };
    Ok(Landing { x, y, fixed: spot.fixed, element: None, by })
}

/// The height in the picture's window: from the bottom for what lies in the lower half, because bars are fixed to the edge
/// that they are near.
fn in_window(y: f64, of: &Interaction, surface: &Surface<'_>) -> f64 {
    match (of.viewport, surface.window) {
        (Some([_, height]), Some(window)) if height > 0.0 && y > height / 2.0 => window - (height - y),
        _ => y,
    }
}

/// The place in an element; without one that the log tells, that which is known otherwise if it lies in the element, and
/// else its middle.
fn in_element(anchor: &Anchor, spot: Option<Landing>, surface: &Surface<'_>) -> Option<Landing> {
    let elements = surface.elements?;
    let element = elements.find(&anchor.selector)?;
    let found = elements.get(element);
    let inside = spot.filter(|at| found.fixed == at.fixed && found.holds(at.x, at.y));
    if let (None, None, Some(at)) = (anchor.x, anchor.y, inside) {
        return Some(Landing { element: Some(element), ..at });
    }
    let told = anchor.x.is_some() || anchor.y.is_some();
    let by = if told { By::Element } else { By::Middle };
    // The right and the lower edge of a box are outside of it, but a share of 1 is on it.
    let along = |share: Option<f64>| share.unwrap_or(0.5).clamp(0.0, 1.0 - 1e-9);
    let (x, y) = (found.x + along(anchor.x) * found.width, found.y + along(anchor.y) * found.height);
    Some(Landing { x, y, fixed: found.fixed, element: Some(element), by })
}
