//! Everything with text: legend, title, scale bar, attribution.
