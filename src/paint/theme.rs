//! The colours of the embedded map.

use crate::error::Error;
use crate::image::Straight;

/// Colours and line widths of land and sea.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    /// Everything that is not land.
    pub sea: Straight,
    /// Land, lakes included.
    pub land: Straight,
    /// The line where land meets sea.
    pub coast: Straight,
    /// The line where countries meet on land.
    pub border: Straight,
    /// Width of coasts in pixels.
    pub coast_px: f32,
    /// Width of borders in pixels.
    pub border_px: f32,
}

impl Theme {
    /// Quiet and pale, to be covered by something hot.
    pub const LIGHT: Theme = Theme {
        sea: Straight([214, 224, 232, 255]),
        land: Straight([243, 241, 236, 255]),
        coast: Straight([158, 174, 188, 255]),
        border: Straight([206, 202, 194, 255]),
        coast_px: 0.9,
        border_px: 0.7,
    };

    /// Night, for colormaps that end in light colours.
    pub const DARK: Theme = Theme {
        sea: Straight([20, 23, 30, 255]),
        land: Straight([37, 41, 49, 255]),
        coast: Straight([78, 88, 102, 255]),
        border: Straight([62, 68, 79, 255]),
        coast_px: 0.9,
        border_px: 0.7,
    };

    /// The theme of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<Theme, Error> {
        let names: Vec<&str> = THEMES.iter().map(|(name, _)| *name).collect();
        THEMES.iter().find(|(listed, _)| *listed == name).map(|(_, theme)| *theme).ok_or_else(|| {
            Error::caller("--theme").found(format!("`{name}`")).expected(format!("one of {}", names.join(", ")))
        })
    }
}

/// The themes by name.
pub const THEMES: &[(&str, Theme)] = &[("light", Theme::LIGHT), ("dark", Theme::DARK)];
