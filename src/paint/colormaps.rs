//! The one list of colormaps. To add one: its colours in `assets/colormaps/FOLDER/NAME.hex`, and its name here, under what
//! its lightness makes it (`tests/paint.rs` measures) and whose it is.

use super::colormap::{Family, Kind};

/// A colormap of the list.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) family: Family,
    /// Colours of 6 or, with alpha, 8 hexadecimal digits, from cold to hot: 256, or one for each class.
    pub(super) text: &'static str,
}

impl Entry {
    /// The name without that of the family: `batlow` for `cmc.batlow`.
    pub(super) fn bare(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, bare)| bare)
    }
}

macro_rules! colormaps {
    ($($kind:ident { $($family:ident $folder:literal $prefix:literal: $($name:literal)*;)* })*) => {
        pub(super) const COLORMAPS: &[Entry] = &[
            $($($(Entry {
                name: concat!($prefix, $name),
                kind: Kind::$kind,
                family: Family::$family,
                text: include_str!(concat!("../../assets/colormaps/", $folder, "/", $name, ".hex")),
            },)*)*)*
        ];
    };
}

colormaps! {
    Overlay {
        Torrid "torrid" "": "torrid" "classic";
    }
    Sequential {
        Matplotlib "matplotlib" "": "viridis" "magma" "inferno" "plasma" "cividis";
        Seaborn "seaborn" "": "rocket" "mako" "flare" "crest";
        ColorBrewer "colorbrewer" "": "Blues" "Greens" "Greys" "Oranges" "Purples" "Reds";
        ColorBrewer "colorbrewer" "": "BuGn" "BuPu" "GnBu" "OrRd" "PuBu" "PuBuGn" "PuRd" "RdPu" "YlGn" "YlGnBu" "YlOrBr"
            "YlOrRd";
        Matplotlib "matplotlib" "": "gray" "binary" "bone" "copper" "pink" "hot" "afmhot" "gist_heat" "cubehelix" "gnuplot2"
            "CMRmap" "spring" "summer" "autumn" "winter" "Wistia";
        Cmocean "cmocean" "cmo.": "thermal" "haline" "solar" "ice" "gray" "deep" "dense" "algae" "matter" "turbid" "speed"
            "amp" "tempo" "rain";
        Crameri "crameri" "cmc.": "batlow" "batlowK" "batlowW" "acton" "bamako" "bilbao" "buda" "davos" "devon" "glasgow"
            "grayC" "hawaii" "imola" "lajolla" "lapaz" "lipari" "navia" "nuuk" "oslo" "tokyo" "turku";
    }
    MultiSequential {
        Cmocean "cmocean" "cmo.": "topo" "oxy";
        Crameri "crameri" "cmc.": "oleron" "bukavu" "fes";
    }
    Diverging {
        ColorBrewer "colorbrewer" "": "RdBu" "BrBG" "PRGn" "PiYG" "PuOr" "RdGy" "RdYlBu" "RdYlGn" "Spectral";
        Matplotlib "matplotlib" "": "coolwarm" "bwr" "seismic" "berlin" "managua" "vanimo";
        Seaborn "seaborn" "": "vlag" "icefire";
        Cmocean "cmocean" "cmo.": "balance" "delta" "curl" "diff" "tarn";
        Crameri "crameri" "cmc.": "bam" "berlin" "broc" "cork" "lisbon" "roma" "tofino" "vik";
    }
    Cyclic {
        Matplotlib "matplotlib" "": "twilight" "twilight_shifted";
        Cmocean "cmocean" "cmo.": "phase";
        Crameri "crameri" "cmc.": "bamO" "brocO" "corkO" "romaO" "vikO";
    }
    Rainbow {
        Matplotlib "matplotlib" "": "turbo" "jet" "rainbow" "gist_rainbow" "hsv" "nipy_spectral" "gist_ncar" "gist_stern"
            "gist_earth" "terrain" "ocean" "gnuplot" "brg" "cool" "flag" "prism";
    }
    Qualitative {
        ColorBrewer "colorbrewer" "": "Set1" "Set2" "Set3" "Pastel1" "Pastel2" "Dark2" "Paired" "Accent";
        Matplotlib "matplotlib" "": "okabe_ito" "tab10" "tab20" "tab20b" "tab20c";
    }
}

/// Other names of listed colormaps, as matplotlib and cmcrameri have them; the colours are the same.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("Grays", "Greys"),
    ("grey", "gray"),
    ("gist_gray", "gray"),
    ("gist_grey", "gray"),
    ("gist_yarg", "binary"),
    ("gist_yerg", "binary"),
    ("cmc.managua", "managua"),
    ("cmc.vanimo", "vanimo"),
];
