//! The embedded map under the heat: sea, land, coasts and borders, drawn without a network. Everything is cut to a
//! box a little larger than the frame before it is drawn, because the rasterizer counts in `f32`, in which the
//! coasts of a continent would jitter when a city is drawn.

use resvg::tiny_skia::{Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};

use super::theme::Theme;
use super::topology::{EARTH, Line};
use crate::error::Error;
use crate::events::Space;
use crate::frame::Frame;
use crate::image::{Image, Premultiplied, Straight};

/// How far the box reaches beyond the frame, in pixels: farther than any line is wide.
const MARGIN: f64 = 16.0;

/// Points nearer to each other than this, in pixels, are drawn as one.
const NEAR: f64 = 0.3;

/// A position in pixels from the north-west corner of the frame.
type Point = (f64, f64);

/// Draws land and sea.
///
/// ```
/// use torrid::paint::{Theme, land};
/// use torrid::{Extent, Frame, Space};
/// let sahara = Extent::of_bounds(Space::Earth, [5.0, 20.0, 6.0, 21.0]);
/// let frame = Frame::new(Space::Earth, sahara, 8, 8)?;
/// let map = land(&frame, &Theme::LIGHT)?;
/// assert_eq!(map.pixels()[0].straight(), Theme::LIGHT.land);
/// # Ok::<(), torrid::Error>(())
/// ```
///
/// # Errors
/// When the frame is not on the Earth.
pub fn land(frame: &Frame, theme: &Theme) -> Result<Image, Error> {
    let (width, height) = (frame.width(), frame.height());
    let pixmap = Pixmap::new(width, height).filter(|_| frame.space() == Space::Earth);
    let Some(mut pixmap) = pixmap else {
        return Err(Error::caller("--base land")
            .found("a page or a local grid")
            .expected("positions on the Earth")
            .advice("use --base with a picture, or none"));
    };
    let view = View::of(frame);
    pixmap.fill(colour(theme.sea));
    let paint = |straight: Straight| {
        let mut paint = Paint::default();
        paint.set_color(colour(straight));
        paint
    };
    if let Some(path) = view.filled(&EARTH.land) {
        pixmap.fill_path(&path, &paint(theme.land), FillRule::EvenOdd, Transform::identity(), None);
    }
    let lines = [(&EARTH.borders, theme.border, theme.border_px), (&EARTH.coasts, theme.coast, theme.coast_px)];
    for (lines, straight, width) in lines {
        if let Some(path) = view.stroked(lines) {
            let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
            pixmap.stroke_path(&path, &paint(straight), &stroke, Transform::identity(), None);
        }
    }
    let pixel = |pixel: &[u8]| Premultiplied([pixel[0], pixel[1], pixel[2], pixel[3]]);
    Ok(Image::new(width, height, pixmap.data().chunks_exact(4).map(pixel).collect()))
}

fn colour(straight: Straight) -> Color {
    let [r, g, b, a] = straight.0;
    Color::from_rgba8(r, g, b, a)
}

/// From World to pixels, and what can be seen.
struct View {
    west: f64,
    north: f64,
    density: (f64, f64),
    /// The pixels that are drawn on: from minus [`MARGIN`] to these.
    right: f64,
    bottom: f64,
}

impl View {
    fn of(frame: &Frame) -> View {
        let extent = frame.extent();
        let (right, bottom) = (f64::from(frame.width()) + MARGIN, f64::from(frame.height()) + MARGIN);
        View { west: extent.west, north: extent.north, density: frame.cells_per_unit(), right, bottom }
    }

    /// The points of a copy of a line, less those that are too near to the one before to be seen: in a picture of the
    /// world that is most of them.
    fn placed(&self, line: &Line, copy: f64) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        let last = line.points.len().saturating_sub(1);
        for (i, world) in line.points.iter().enumerate() {
            let x = (world.x + copy - self.west) * self.density.0;
            let y = (world.y - self.north) * self.density.1;
            let near = |before: &Point| (x - before.0).abs() + (y - before.1).abs() < NEAR;
            if i == last || !points.last().is_some_and(near) {
                points.push((x, y));
            }
        }
        points
    }

    /// The copies of a line that reach into the box.
    fn seen(&self, line: &Line) -> impl Iterator<Item = f64> + use<> {
        let margin = MARGIN / self.density.0;
        let (west, east) = (self.west - margin, self.west + self.right / self.density.0);
        let top = self.north - MARGIN / self.density.1;
        let bottom = self.north + self.bottom / self.density.1;
        let extent = line.extent;
        let copies = (west - extent.east).ceil() as i64..=(east - extent.west).floor() as i64;
        let beside = extent.south < top || extent.north > bottom;
        copies.map(|copy| copy as f64).filter(move |_| !beside)
    }

    /// All rings as one path: two copies of Antarctica then share an edge that the rasterizer counts as inside, and
    /// there is no seam.
    fn filled(&self, rings: &[Line]) -> Option<Path> {
        let mut path = PathBuilder::new();
        for ring in rings {
            for copy in self.seen(ring) {
                let mut points = self.cut(self.placed(ring, copy)).into_iter();
                if let Some((x, y)) = points.next() {
                    path.move_to(x as f32, y as f32);
                    points.for_each(|(x, y)| path.line_to(x as f32, y as f32));
                    path.close();
                }
            }
        }
        path.finish()
    }

    /// A ring cut to the box (Sutherland and Hodgman 1974). Parts that leave it are joined along its sides, where
    /// nobody sees them.
    fn cut(&self, ring: Vec<Point>) -> Vec<Point> {
        let left = cut_at(ring, |p| p.0 + MARGIN);
        let right = cut_at(left, |p| self.right - p.0);
        let top = cut_at(right, |p| p.1 + MARGIN);
        cut_at(top, |p| self.bottom - p.1)
    }

    fn stroked(&self, lines: &[Line]) -> Option<Path> {
        let mut path = PathBuilder::new();
        for line in lines {
            for copy in self.seen(line) {
                let mut end = None;
                for pair in self.placed(line, copy).windows(2) {
                    let Some((a, b)) = self.cut_segment(pair[0], pair[1]) else { continue };
                    if end != Some(a) {
                        path.move_to(a.0 as f32, a.1 as f32);
                    }
                    path.line_to(b.0 as f32, b.1 as f32);
                    end = Some(b);
                }
            }
        }
        path.finish()
    }

    /// The part of a segment inside the box (Liang and Barsky 1984).
    fn cut_segment(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let sides = [(-dx, a.0 + MARGIN), (dx, self.right - a.0), (-dy, a.1 + MARGIN), (dy, self.bottom - a.1)];
        for (towards, room) in sides {
            if towards == 0.0 && room < 0.0 {
                return None;
            }
            match room / towards {
                share if towards < 0.0 => from = from.max(share),
                share if towards > 0.0 => to = to.min(share),
                _ => {}
            }
        }
        let at = |share: f64| (a.0 + share * dx, a.1 + share * dy);
        let start = if from > 0.0 { at(from) } else { a };
        let end = if to < 1.0 { at(to) } else { b };
        (from <= to).then_some((start, end))
    }
}

/// The part of a ring where `inside`, which is linear, is not negative.
fn cut_at(ring: Vec<Point>, inside: impl Fn(Point) -> f64) -> Vec<Point> {
    if ring.iter().all(|point| inside(*point) >= 0.0) {
        return ring;
    }
    let mut kept = Vec::new();
    let mut before = *ring.last().unwrap_or(&(0.0, 0.0));
    for &point in &ring {
        let (a, b) = (inside(before), inside(point));
        if (a < 0.0) != (b < 0.0) {
            let share = a / (a - b);
            kept.push((before.0 + share * (point.0 - before.0), before.1 + share * (point.1 - before.1)));
        }
        if b >= 0.0 {
            kept.push(point);
        }
        before = point;
    }
    kept
}
