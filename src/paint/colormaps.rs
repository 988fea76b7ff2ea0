//! The one list of colormaps. To add one: its 256 colours in `assets/colormaps/NAME.csv`, and its name here.

use super::colormap::Kind::{self, Cyclic, Diverging, Overlay, Rainbow, Sequential};

macro_rules! colormaps {
    ($($kind:ident: $($name:literal)*;)*) => {
        /// Name, kind, and the text of the file.
        pub(super) const COLORMAPS: &[(&str, Kind, &str)] = &[
            $($(($name, $kind, include_str!(concat!("../../assets/colormaps/", $name, ".csv"))),)*)*
        ];
    };
}

colormaps! {
    Overlay: "torrid" "classic";
    Sequential: "viridis" "magma" "inferno" "plasma" "cividis" "rocket" "mako" "flare" "crest";
    Sequential: "gray" "bone" "copper" "hot" "afmhot" "gist_heat" "cubehelix";
    Sequential: "Blues" "Greens" "Greys" "Oranges" "Purples" "Reds";
    Sequential: "BuGn" "BuPu" "GnBu" "OrRd" "PuBu" "PuBuGn" "PuRd" "RdPu" "YlGn" "YlGnBu" "YlOrBr" "YlOrRd";
    Diverging: "RdBu" "BrBG" "PRGn" "PiYG" "PuOr" "RdGy" "RdYlBu" "RdYlGn" "Spectral";
    Diverging: "coolwarm" "bwr" "seismic" "vlag" "icefire";
    Cyclic: "twilight" "twilight_shifted";
    Rainbow: "turbo" "jet" "rainbow" "cool";
}
