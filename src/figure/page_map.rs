//! A picture of a page with what belongs to it beside: what it shows and the legend above, a band to the right that tells
//! how far down visitors came, and a line across where the window ends when the page is opened. The picture itself keeps
//! every pixel.

use std::fmt::Write;

use super::Legend;
use super::layout::{INK, PALE_INK, padding};
use super::legend;
use super::scene::{Ground, Piece, Rect, Scene};
use super::text::{Face, SMALLEST};
use crate::error::Error;
use crate::image::{Image, Straight};

/// What is beside a picture of a page. Heights are pixels of the picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PageMap {
    /// What the picture shows.
    pub title: String,
    /// What else is to be said of it, one line each.
    pub facts: Vec<String>,
    /// What its colours mean.
    pub legend: Legend,
    /// How far down visitors came.
    pub band: Option<Band>,
    /// Where the window ends when the page is opened, and what the line is called.
    pub fold: Option<(f64, String)>,
    /// Who is to be named.
    pub attribution: Option<String>,
}

/// A band of bars beside a picture, from its top to its bottom.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Band {
    /// What the bars are shares of.
    pub title: String,
    /// The height of each bar; the last may be cut by the end of the picture.
    pub step: f64,
    /// How long each bar is, as a share of the width of the band.
    pub shares: Vec<f64>,
}

/// Letters, in pixels: a share of the width of the picture, within reason.
const LETTERS: f64 = 85.0;
const LARGEST: f64 = 64.0;

/// The band and the letters of its title, in em.
const BAND: f64 = 5.6;
const BAND_TITLE: f64 = 0.85;

/// From one number beside the bars to the next, in em at least.
const BETWEEN: f64 = 4.5;

/// A pale blue that is none of the colours of heat.
const BAR: &str = "#9db4cf";
const PAPER: Straight = Straight([255; 4]);

/// Pixels to the inch of a screen.
const SCREEN: f64 = 96.0;

impl PageMap {
    /// The page with its picture, as a scene of its own.
    ///
    /// ```
    /// use torrid::figure::{Band, PageMap};
    /// use torrid::image::{Image, Premultiplied};
    /// let band = Band { title: "visits that came here".into(), step: 100.0, shares: vec![1.0, 0.6, 0.25] };
    /// let page = PageMap { title: "Clicks".into(), band: Some(band), ..PageMap::default() };
    /// let scene = page.scene(&Image::filled(640, 300, Premultiplied::CLEAR))?;
    /// assert!(scene.size()[0] > 640 && scene.size()[1] > 300);
    /// # Ok::<(), torrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a text cannot be drawn; none is known that cannot.
    pub fn scene(&self, picture: &Image) -> Result<Scene, Error> {
        let size = (f64::from(picture.width()) / LETTERS).clamp(SMALLEST, LARGEST);
        let band = if self.band.is_some() { (BAND * size).round() as u32 } else { 0 };
        let width = picture.width() + band;
        let (head, mut notes) = self.head(size, width)?;
        let top = head.place.height;
        let place = Rect { x: 0, y: top, width: picture.width(), height: picture.height() };
        let mut pieces = vec![head];
        pieces.extend(self.fold_line(size, place)?);
        pieces.extend(self.bars(size, Rect { x: picture.width(), width: band, ..place })?);
        let mut height = top + picture.height();
        if let Some(foot) = self.foot(size, Rect { x: 0, y: height, width, height: 0 })? {
            height = foot.place.bottom();
            pieces.push(foot);
        }
        notes.dedup();
        let cells = [picture.width(), picture.height()];
        let ground = Ground { paper: PAPER, dpi: SCREEN, cells, picture: Some((place, picture.clone())) };
        Ok(Scene { width, height, pieces, notes, ground: Some(ground) })
    }

    /// Title and facts to the left and the legend to the right, or below where there is no room beside.
    fn head(&self, size: f64, width: u32) -> Result<(Piece, Vec<String>), Error> {
        let (pad, room) = (padding(size), f64::from(width));
        let body = legend::body(&self.legend, size, (room / 2.0).max(22.0 * size).min(room))?;
        let beside = body.as_ref().is_some_and(|body| room - body.width >= 20.0 * size);
        let left = if beside { room - body.as_ref().map_or(0.0, |body| body.width) } else { room } - 2.0 * pad;
        let title = Face::new(size * 1.4, true, INK).wrap(&self.title, left, 3)?;
        let mut svg = String::new();
        let mut y = title.write(&mut svg, pad, pad * 0.7) + (size * 0.2).round();
        let mut shortened = title.shortened;
        for fact in &self.facts {
            let lines = Face::new(size * 0.92, false, PALE_INK).wrap(fact, left, 3)?;
            y = lines.write(&mut svg, pad, y);
            shortened |= lines.shortened;
        }
        let mut notes = Vec::new();
        if shortened {
            notes.push("the words above the picture are shortened".to_owned());
        }
        match body {
            Some(body) => {
                let (x, at) = if beside { (room - body.width, 0.0) } else { (0.0, y) };
                _ = write!(svg, "<g transform=\"translate({x:.1} {at:.1})\">{}</g>", body.svg);
                y = y.max(at + body.height);
            }
            None => notes.push("no room for the legend".to_owned()),
        }
        let height = (y + pad * 0.6).ceil() as u32;
        Ok((Piece { place: Rect { x: 0, y: 0, width, height }, svg }, notes))
    }

    /// A dashed line across the picture, with its name on a panel at its right end.
    fn fold_line(&self, size: f64, picture: Rect) -> Result<Option<Piece>, Error> {
        let Some((at, name)) = self.fold.as_ref().filter(|(at, _)| (0.0..f64::from(picture.height)).contains(at))
        else {
            return Ok(None);
        };
        let face = Face::new(size * 0.92, false, INK);
        let (width, wide) = (f64::from(picture.width), face.width(name)? + size);
        let height = (size * 1.6).ceil();
        // The panel stays on the picture where the line is near its edge.
        let top = (at - height / 2.0).clamp(0.0, (f64::from(picture.height) - height).max(0.0)).round();
        let thick = (size / 8.0).round().max(1.0);
        // Whole pixels, so that a thin line is not a pale one.
        let (line, dash) = ((at - top).round().clamp(1.0, height - 1.0) + thick % 2.0 / 2.0, (size * 0.7).round());
        let mut svg = String::new();
        for (colour, pattern) in [("white", String::new()), (INK, format!(" stroke-dasharray=\"{dash} {dash}\""))] {
            _ = write!(svg, "<path d=\"M0 {line}H{width}\" stroke=\"{colour}\" stroke-width=\"{thick}\"{pattern}/>");
        }
        let x = (width - wide - size).max(0.0);
        _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"0\" width=\"{wide:.1}\" height=\"{height}\" rx=\"{:.1}\" fill=\"white\" \
             fill-opacity=\"0.92\"/>",
            size * 0.3
        );
        face.write(&mut svg, x + wide / 2.0, size * 0.2, "middle", name);
        let height = (height as u32).min(picture.height);
        Ok(Some(Piece { place: Rect { y: picture.y + top as u32, height, ..picture }, svg }))
    }

    /// The bars, with numbers beside some of them, and the title of the band above the first.
    fn bars(&self, size: f64, place: Rect) -> Result<Vec<Piece>, Error> {
        let Some(band) = &self.band else { return Ok(Vec::new()) };
        let (width, height) = (f64::from(place.width), f64::from(place.height));
        let mut svg = String::new();
        for (number, share) in band.shares.iter().enumerate() {
            let top = number as f64 * band.step;
            let high = band.step.min(height - top).max(0.0);
            let wide = share.clamp(0.0, 1.0) * width;
            _ = write!(
                svg,
                "<rect x=\"0\" y=\"{top:.2}\" width=\"{wide:.2}\" height=\"{high:.2}\" fill=\"{BAR}\" \
                 shape-rendering=\"crispEdges\"/>"
            );
        }
        let title = Face::new(size * BAND_TITLE, false, INK).wrap(&band.title, width - size * 0.8, 4)?;
        let below = title.write(&mut svg, size * 0.4, size * 0.3);
        let face = Face::new(size, true, INK);
        let every = (BETWEEN * size / band.step).ceil().max(1.0) as usize;
        for (number, share) in band.shares.iter().enumerate().step_by(every) {
            let top = number as f64 * band.step;
            let y = if number == 0 { below + size * 0.2 } else { top };
            let next = (every as f64 * band.step).min(height);
            if y + face.height(1) > height || (number == 0 && y + face.height(1) > next && every < band.shares.len()) {
                continue;
            }
            if number > 0 {
                _ = write!(
                    svg,
                    "<rect x=\"0\" y=\"{top:.2}\" width=\"{:.1}\" height=\"1\" fill=\"{INK}\"/>",
                    size * 0.8
                );
            }
            face.write(&mut svg, size * 0.4, y, "start", &percent(*share));
        }
        Ok(vec![Piece { place, svg }])
    }

    fn foot(&self, size: f64, at: Rect) -> Result<Option<Piece>, Error> {
        let Some(text) = &self.attribution else { return Ok(None) };
        let pad = padding(size);
        let lines = Face::new(size * 0.85, false, PALE_INK).wrap(text, f64::from(at.width) - 2.0 * pad, 4)?;
        let mut svg = String::new();
        let height = (lines.write(&mut svg, pad, pad * 0.3) + pad * 0.4).ceil() as u32;
        Ok((!lines.texts.is_empty()).then_some(Piece { place: Rect { height, ..at }, svg }))
    }
}

/// A share in whole percent; what is there is never written as nothing, nor what is not all as all.
fn percent(share: f64) -> String {
    match (100.0 * share).round() {
        0.0 if share > 0.0 => "<1%".to_owned(),
        100.0 if share < 1.0 => ">99%".to_owned(),
        whole => format!("{whole:.0}%"),
    }
}
