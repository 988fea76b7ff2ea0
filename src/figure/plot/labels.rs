//! Which labels of a side are shown, and whether they lie or stand: so many as do not touch.

use super::Side;
use crate::error::Error;
use crate::figure::text::{Face, tidy};

/// Which labels are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// As many as have room.
    #[default]
    Auto,
    /// All of them; fewer only where they would touch, which is told.
    All,
    /// The first and every so many-th after it, or fewer as for all.
    Every(usize),
    /// None.
    None,
}

/// Which way a side runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From left to right: labels of columns, below.
    Across,
    /// From top to bottom: labels of rows, beside.
    Down,
}

/// Labels as they are written.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    /// Where along the side, in shares, and what.
    pub(super) texts: Vec<(f64, String)>,
    pub(super) face: Face,
    /// Degrees by which they are turned against the clock.
    pub(super) angle: f64,
    /// How far they reach from the cells, in pixels.
    pub(super) reach: f64,
    /// How far the first reaches before the cells and the last beyond them, in pixels.
    pub(super) over: [f64; 2],
    /// Whether some were cut.
    pub(super) shortened: bool,
    /// Of how many labels one is shown, where more were asked for.
    pub(super) thinned: Option<usize>,
}

/// From one line to the next, in em.
pub(super) const LINE: f64 = 1.3;

/// Between lying labels, in em.
const GAP: f64 = 0.55;

/// Steps of labels that are left out between others: round numbers stay round.
const STEPS: [usize; 3] = [1, 2, 5];

/// Chooses labels for a side of `length` pixels whose labels may reach `most` pixels from it.
pub(super) fn chosen(side: &Side, face: Face, length: f64, way: Way, most: f64) -> Result<Labels, Error> {
    let asked = match side.shown {
        Shown::None => return Ok(Labels::none(face)),
        Shown::Every(step) => step.max(1),
        Shown::Auto | Shown::All => 1,
    };
    let candidates: Vec<&(f64, String)> = side.ticks.iter().step_by(asked).collect();
    // Where even standing labels are too many, most need not be measured.
    let crowd = candidates.len() as f64 * face.size * 0.5 / length.max(1.0);
    let first = step_from(crowd as usize);
    let some: Vec<&(f64, String)> = candidates.iter().skip(start(&candidates, first)).step_by(first).copied().collect();
    let texts: Vec<&str> = some.iter().map(|(_, text)| text.as_str()).collect();
    let mut row =
        Row { at: some.iter().map(|(at, _)| at * length).collect(), widths: face.widths(&texts)?, em: face.size };
    let (angle, step) = row.turned(side.rotation, way);
    let cut = most / if along(angle, way) { 1.0 } else { 0.0f64.max(reaching(angle, way).0) };
    let mut shortened = false;
    let mut shown = Vec::new();
    for (i, (at, text)) in some.iter().enumerate().skip(start(&some, step)).step_by(step) {
        let mut text = tidy(text);
        if cut.is_finite() && row.widths[i] > cut {
            let line = face.wrap(&text, cut, 1)?;
            row.widths[i] = line.width;
            text = line.texts.into_iter().next().unwrap_or_default();
            shortened = true;
        }
        shown.push((i, *at, text));
    }
    let reach = shown.iter().map(|(i, ..)| row.reach(*i, angle, way)).fold(0.0, f64::max);
    let over = row.over(&shown.iter().map(|(i, ..)| *i).collect::<Vec<_>>(), angle, way, length);
    let all = first * step;
    let thinned = (all > 1 && side.shown != Shown::Auto).then_some(all * asked);
    let texts = shown.into_iter().map(|(_, at, text)| (at, text)).collect();
    Ok(Labels { texts, face, angle, reach, over, shortened, thinned })
}

impl Labels {
    /// No label at all.
    pub(super) fn none(face: Face) -> Labels {
        Labels { texts: vec![], face, angle: 0.0, reach: 0.0, over: [0.0; 2], shortened: false, thinned: None }
    }
}

/// Whether labels of this angle run along their side.
fn along(angle: f64, way: Way) -> bool {
    match way {
        Way::Across => angle == 0.0,
        Way::Down => angle == 90.0,
    }
}

/// What of its width and of its height a label reaches from its side.
fn reaching(angle: f64, way: Way) -> (f64, f64) {
    let (sin, cos) = angle.to_radians().sin_cos();
    match way {
        Way::Across => (sin, cos),
        Way::Down => (cos, sin),
    }
}

/// The first of labels of which one of `step` is shown: of numbers that count up evenly, the first multiple of what the
/// shown ones count up by, as 1950 of years from 1948 on; else the first of all.
fn start(labels: &[&(f64, String)], step: usize) -> usize {
    let number = |i: usize| labels.get(i).and_then(|(_, text)| text.parse::<i64>().ok());
    let (Some(first), Some(second), Some(last)) = (number(0), number(1), number(labels.len().wrapping_sub(1))) else {
        return 0;
    };
    let by = second.saturating_sub(first);
    let even = by > 0 && i128::from(last) - i128::from(first) == i128::from(by) * (labels.len() as i128 - 1);
    if !even || first.rem_euclid(by) != 0 {
        return 0;
    }
    let place = (first / by).rem_euclid(step as i64) as usize;
    let start = (step - place) % step;
    if start < labels.len() { start } else { 0 }
}

/// The least of 1, 2, 5, 10, 20 and so on that is not below.
fn step_from(least: usize) -> usize {
    let mut unit = 1;
    loop {
        if let Some(step) = STEPS.iter().map(|step| step * unit).find(|step| *step >= least) {
            return step;
        }
        unit *= 10;
    }
}

/// Labels that might be shown: where, and how wide, in pixels.
struct Row {
    at: Vec<f64>,
    widths: Vec<f64>,
    em: f64,
}

impl Row {
    /// The angle, and of how many labels one is shown.
    fn turned(&self, rotation: Option<f64>, way: Way) -> (f64, usize) {
        if let Some(angle) = rotation {
            return (angle, self.step(angle, way));
        }
        if way == Way::Down {
            return (0.0, self.step(0.0, way));
        }
        let (lying, standing) = (self.step(0.0, way), self.step(90.0, way));
        // A few lying ones are easier to read than all standing, where those between them go without saying.
        if lying <= standing || (standing > 1 && lying <= standing * 5) { (0.0, lying) } else { (90.0, standing) }
    }

    /// Of how many labels one is shown so that none touches another.
    fn step(&self, angle: f64, way: Way) -> usize {
        let mut step = 1;
        while step < self.at.len() && !self.apart(step, angle, way) {
            step = step_from(step + 1);
        }
        step
    }

    fn apart(&self, step: usize, angle: f64, way: Way) -> bool {
        let shown: Vec<usize> = (0..self.at.len()).step_by(step).collect();
        shown
            .windows(2)
            .all(|pair| (self.at[pair[1]] - self.at[pair[0]]).abs() >= self.needed(pair[0], pair[1], angle, way))
    }

    /// Pixels along the side between the middles of two neighbours.
    fn needed(&self, a: usize, b: usize, angle: f64, way: Way) -> f64 {
        let lying = f64::midpoint(self.widths[a], self.widths[b]) + GAP * self.em;
        let (of_width, of_height) = reaching(angle, way);
        let line = LINE * self.em * 0.95;
        // Turned lines need their height across themselves.
        let turned = if of_width > 1e-9 { line / of_width } else { f64::INFINITY };
        if along(angle, way) || of_height > 1.0 - 1e-9 { lying } else { turned.min(lying.max(line)) }
    }

    /// How far one reaches from the cells.
    fn reach(&self, i: usize, angle: f64, way: Way) -> f64 {
        let (of_width, of_height) = reaching(angle, way);
        self.widths[i] * of_width + LINE * self.em * of_height
    }

    /// How far the shown ones reach beyond both ends of their side.
    fn over(&self, shown: &[usize], angle: f64, way: Way, length: f64) -> [f64; 2] {
        let (sin, cos) = angle.to_radians().sin_cos();
        let extent = |i: usize| match way {
            // Turned labels of columns end at their tick, others have their middle there.
            Way::Across if angle > 0.0 => [self.widths[i] * cos + LINE * self.em * 0.5, LINE * self.em * 0.5],
            Way::Across => [self.widths[i] / 2.0; 2],
            Way::Down => [f64::midpoint(self.widths[i] * sin, LINE * self.em * cos); 2],
        };
        shown.iter().fold([0.0; 2], |over: [f64; 2], i| {
            let [before, after] = extent(*i);
            [over[0].max(before - self.at[*i]), over[1].max(self.at[*i] + after - length)]
        })
    }
}
