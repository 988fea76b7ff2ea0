//! Click maps: a log of what visitors did, laid on a picture of their page and drawn as heat over it, as shares of visitors
//! that scrolled so far, or as two logs compared. Where on the picture something lies is said by `src/land`, how heat is
//! estimated by `src/lines/density.rs`.

mod bands;
mod compare;
mod ground;
mod heat;
mod landed;
mod sheet;
mod show;
mod table;

pub use compare::compare;
pub use ground::Ground;
pub use heat::heat;
pub use landed::{Landed, SQUARE, Tally, landed};
pub use sheet::{Beside, sheet};
pub use show::{SHOWS, Show};
pub use table::{Row, csv, rows};

use crate::bandwidth::{Bandwidth, Length};
use crate::interaction::Interaction;
use crate::kernel::Kernel;
use crate::land::{Bands, reached};
pub use crate::land::{Burst, By, Hot, LAYOUTS, Layout, MISSES, Missed, Reached, STEP, Widths};
use crate::lines::density::{Found, Method};

/// What is wanted of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// What is shown.
    pub show: Show,
    /// How places of the log become places on the picture.
    pub layout: Layout,
    /// What of the elements that stay in the window.
    pub fixed: Fixed,
    /// Whether a visitor counts once in each square of [`SQUARE`] CSS pixels a side.
    pub unique: bool,
    /// What makes clicks a burst.
    pub burst: Burst,
    /// The kernel's shape.
    pub kernel: Kernel,
    /// How wide it is: [`Length::Units`] are CSS pixels.
    pub bandwidth: Bandwidth,
    /// How near the truth the estimate has to be.
    pub method: Method,
    /// Cells from left to right; as many as the picture has pixels where absent.
    pub cells: Option<u32>,
    /// The most cells a side may have.
    pub most: u32,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            show: Show::Click,
            layout: Layout::Auto,
            fixed: Fixed::Show,
            unique: false,
            burst: Burst::default(),
            kernel: Kernel::Gaussian,
            bandwidth: Bandwidth::Fixed(Length::Units(20.0)),
            method: Method::Auto,
            cells: None,
            most: u32::MAX,
        }
    }
}

impl Wish {
    /// Width and height of the map in cells; smaller than asked for where a side would have more than the most.
    pub fn size(&self, ground: &Ground) -> [u32; 2] {
        let shape = ground.size[1] / ground.size[0];
        let wanted = f64::from(self.cells.unwrap_or(ground.pixels[0]));
        let most = f64::from(self.most);
        let width = wanted.min(most).min((most / shape).floor()).max(1.0);
        let height = if self.cells.is_none() && width == wanted { f64::from(ground.pixels[1]) } else { width * shape };
        [width as u32, height.round().clamp(1.0, most) as u32]
    }

    /// Whether what was recorded at another width is laid by shares.
    fn shares(&self) -> bool {
        matches!(self.layout, Layout::Auto | Layout::Relative | Layout::Elements)
    }
}

/// What of the elements that stay in the window while the page scrolls. They lie on the first screenful.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fixed {
    /// They are shown with the others.
    #[default]
    Show,
    /// Only they are shown.
    Only,
    /// They are left out.
    Hide,
}

/// The choices of `--fixed` by name.
pub const FIXED: &[(&str, Fixed)] = &[("show", Fixed::Show), ("only", Fixed::Only), ("hide", Fixed::Hide)];

/// A map of a log, and how it came about.
#[derive(Debug, Clone)]
pub struct Map {
    /// The values.
    pub found: Found,
    /// What became of what was to be shown; nothing of it for bands of the page.
    pub tally: Option<Tally>,
    /// How far visits came, where the log tells.
    pub reached: Option<Reached>,
    /// The elements, those to which most was done first.
    pub hot: Vec<Hot>,
    /// What was done outside of all elements.
    pub elsewhere: f64,
}

/// How far visits came, where something in the log tells of scrolling.
fn seen(log: &[Interaction], ground: &Ground, wish: &Wish) -> Option<Reached> {
    let scrolled = |one: &&Interaction| one.depth.is_some() || one.depth_share.is_some();
    let all: Vec<&Interaction> = log.iter().collect();
    let found = reached(&all, ground.size, wish.shares())?;
    let known = log.iter().any(|one| scrolled(&one));
    Some(if known { found } else { Reached { shares: Bands::new(), ..found } })
}
