//! Intensity to pixels: colormaps, base maps, blending.
