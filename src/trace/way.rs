//! A prepared track as lines in the plane of pictures, what each is worth, and what has no extent: the walk that
//! cutting and counting have in common.

use crate::events::Space;
use crate::trace::fixes::seconds;
use crate::trace::lattice::Lattice;
use crate::trace::line::Line;
use crate::trace::sphere::{Arc, degrees, metres, vector};
use crate::tracing::Weight;
use crate::track::Track;
use crate::world::{World, mercator_x, mercator_y, project, sin_cos_below_quarter_pi};

/// Degrees of latitude beyond which lines are no longer straight in the plane: every picture ends before.
const POLAR: f64 = 86.0;

/// The most lines of one way between two fixes; longer ways become so many events.
const MOST_LINES: f64 = 1_048_576.0;

/// The most cells that one way between two fixes is cut at: 40,000 km in cells of 10 m.
const MOST_CELLS: f64 = 4_194_304.0;

/// What a way is made of.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// A straight line.
    Line(&'a Line),
    /// An amount at one place: longitude and latitude in degrees.
    Point((f64, f64), f64),
}

/// Columns of what is needed of each fix; lent, so that they are made once.
#[derive(Debug, Clone, Default)]
pub struct Way {
    x: Vec<f64>,
    y: Vec<f64>,
    cosine: Vec<f64>,
}

impl Way {
    /// Gives the parts of a prepared track in order. Lines are at most `reach` long, in World units.
    #[inline(always)]
    pub fn walk(
        &mut self,
        track: &Track,
        weight: Weight,
        (lattice, reach): (&Lattice, f64),
        each: &mut impl FnMut(Part),
    ) {
        self.project(track, lattice);
        for leg in track.legs() {
            if leg.len() == 1 && matches!(weight, Weight::Pass | Weight::User) {
                each(Part::Point((track.lng[leg.start], track.lat[leg.start]), 1.0));
            }
            for fix in leg.start..leg.end - 1 {
                self.step((track, fix), weight, (lattice, reach), each);
            }
        }
    }

    fn project(&mut self, track: &Track, lattice: &Lattice) {
        for column in [&mut self.x, &mut self.y, &mut self.cosine] {
            column.resize(track.len(), 0.0);
        }
        pulp::Arch::new().dispatch(Columns { track, lattice, way: self });
    }

    /// The way from a fix to the next.
    #[inline(always)]
    fn step(
        &self,
        (track, fix): (&Track, usize),
        weight: Weight,
        (lattice, reach): (&Lattice, f64),
        each: &mut impl FnMut(Part),
    ) {
        let next = fix + 1;
        let cosine = (self.cosine[fix], self.cosine[next]);
        let (lng, lat) = (track.lng[next] - track.lng[fix], track.lat[next] - track.lat[fix]);
        let length = metres(lng, lat, cosine);
        let amount = match weight {
            Weight::Length => length,
            Weight::Time => seconds(track, fix, next).unwrap_or(0.0),
            Weight::Pass | Weight::User => 1.0,
        };
        if amount <= 0.0 {
            return;
        }
        if length == 0.0 {
            return each(Part::Point((track.lng[fix], track.lat[fix]), amount));
        }
        let by = (short(self.x[next] - self.x[fix]), self.y[next] - self.y[fix]);
        let from = World { x: self.x[fix], y: self.y[fix] };
        // Not so where a pole is infinitely far.
        if by.0 * by.0 + by.1 * by.1 <= reach * reach {
            let lat = (track.lat[fix], track.lat[next]);
            return each(Part::Line(&Line { from, by, lat, cosine, amount }));
        }
        far((track, fix), amount, (lattice, reach), each);
    }
}

/// The shorter way around the Earth, in World units.
#[inline(always)]
fn short(x: f64) -> f64 {
    if x > 0.5 {
        x - 1.0
    } else if x < -0.5 {
        x + 1.0
    } else {
        x
    }
}

/// The way between distant fixes, along the great circle, in equal steps.
fn far((track, fix): (&Track, usize), amount: f64, (lattice, reach): (&Lattice, f64), each: &mut impl FnMut(Part)) {
    let ends = [fix, fix + 1].map(|fix| (track.lng[fix], track.lat[fix]));
    let arc = Arc::between(vector(ends[0]), vector(ends[1]));
    // No place of the way is further than half of it from one of its ends, and a cosine changes no faster than its
    // angle.
    let least = ends.map(|(_, lat)| lat.to_radians().cos()).into_iter().fold(1.0, f64::min) - arc.angle / 2.0;
    let widest = least.max(POLAR.to_radians().cos());
    let lines = (arc.angle / (reach * std::f64::consts::TAU * widest)).ceil().clamp(1.0, MOST_LINES);
    let density = lattice.density();
    let scattered = lines * reach * (density.0 + density.1) > MOST_CELLS;
    let lines = if scattered { MOST_LINES } else { lines };
    let (share, mut last) = (amount / lines, ends[0]);
    for line in 1..=lines as u64 {
        let along = |line: f64| degrees(arc.at(arc.angle * line / lines));
        let place = if line as f64 == lines { ends[1] } else { along(line as f64) };
        if scattered || place.1.abs() > POLAR || last.1.abs() > POLAR {
            each(Part::Point(along(line as f64 - 0.5), share));
        } else {
            each(Part::Line(&between(lattice, (last, place), share)));
        }
        last = place;
    }
}

/// The straight line between two places.
fn between(lattice: &Lattice, (a, b): ((f64, f64), (f64, f64)), amount: f64) -> Line {
    let of = |(lng, lat)| World { x: lattice.unwrapped(mercator_x(lng)), y: mercator_y(lat) };
    let (from, to) = (of(a), of(b));
    let by = (short(to.x - from.x), to.y - from.y);
    Line { from, by, lat: (a.1, b.1), cosine: (a.1.to_radians().cos(), b.1.to_radians().cos()), amount }
}

/// The columns of a track, with the vector instructions of the machine it runs on.
struct Columns<'a> {
    track: &'a Track,
    lattice: &'a Lattice,
    way: &'a mut Way,
}

impl pulp::WithSimd for Columns<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Way { x, y, cosine } = self.way;
        project(Space::Earth, (&self.track.lng, &self.track.lat), (&mut *x, &mut *y));
        for x in x {
            *x = self.lattice.unwrapped(*x);
        }
        for (cosine, lat) in cosine.iter_mut().zip(&self.track.lat) {
            let (sin, cos) = sin_cos_below_quarter_pi(lat * (std::f64::consts::PI / 360.0));
            *cosine = (cos + sin) * (cos - sin);
        }
    }
}
