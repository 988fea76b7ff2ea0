//! Everything with text: legend, title, scale bar, attribution.
#![allow(missing_docs)]
use crate::frame::Frame;
use crate::image::{Image, Straight};
pub struct Legend {
    pub title: String,
    pub colours: Vec<Straight>,
    pub ticks: Vec<(f64, String)>,
    pub note: Option<String>,
}
pub struct Furniture {
    pub title: Option<String>,
    pub legend: Option<Legend>,
    pub scale_bar: bool,
    pub attribution: Option<String>,
}
pub fn furnish(_: &Furniture, _: &Frame, _: &mut Image) -> Vec<String> {
    Vec::new()
}
pub fn labels(t: &[f64]) -> Vec<String> {
    t.iter().map(f64::to_string).collect()
}
pub fn chart_of_colormaps(_: &[(String, Vec<Straight>)]) -> Image {
    Image::filled(1, 1, crate::image::Premultiplied::CLEAR)
}
