//! What is kept of cells between the events and the picture, and how four cells become one.

use crate::counts::Aggregate;
use crate::estimate::{fold, upsample};
use crate::frame::Frame;
use crate::grid::Grid;

/// What a cell is of the four that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sums,
    /// Their mean, by their area.
    Means,
}

impl Fold {
    fn folded(self, grid: &Grid<f32>) -> Grid<f32> {
        match self {
            Fold::Sums => fold::sums(grid),
            Fold::Means => fold::means(grid),
        }
    }
}

/// What is kept of the cells of a pyramid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keeping {
    /// How cells are folded.
    pub fold: Fold,
    /// Whether a mean is wanted, and so products of weight and reading beside weights.
    pub mean: bool,
}

impl Keeping {
    /// What is kept of plain bins, or of a density, that gather so.
    pub fn of(aggregate: Aggregate, bins: bool) -> Keeping {
        let fold = if bins { Fold::Sums } else { Fold::Means };
        Keeping { fold, mean: aggregate == Aggregate::Mean }
    }
}

/// The sums of cells. A mean is the quotient of two of them, which are folded and interpolated each by itself: so the mean
/// over a large cell is that of the readings in it, and not one of means.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// Of weights, or of events.
    pub weight: Grid<f32>,
    /// Of products of weight and reading, where a mean is wanted.
    pub product: Option<Grid<f32>>,
    fold: Fold,
}

impl Planes {
    /// What cells gathered or were estimated to hold.
    pub fn new(weight: Grid<f32>, product: Option<Grid<f32>>, keeping: Keeping) -> Planes {
        Planes { weight, product, fold: keeping.fold }
    }

    /// Nothing over a frame.
    pub fn nothing(frame: Frame, keeping: Keeping) -> Planes {
        let grid = || Grid::new(frame, vec![0.0; frame.len()]);
        Planes { weight: grid(), product: keeping.mean.then(grid), fold: keeping.fold }
    }

    /// The cells.
    pub fn frame(&self) -> &Frame {
        self.weight.frame()
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> usize {
        size_of_val(self.weight.values()) * (1 + usize::from(self.product.is_some()))
    }

    /// Whether there is something in any cell.
    pub fn hold_something(&self) -> bool {
        self.weight.values().iter().any(|value| *value != 0.0)
    }

    /// The same over another frame of the lattice, with nothing in the cells that this one does not have.
    #[must_use]
    pub fn over(&self, frame: Frame) -> Planes {
        self.each(|grid| grid.over(frame, 0.0))
    }

    /// The cells of the zoom above.
    #[must_use]
    pub fn folded(&self) -> Planes {
        self.each(|grid| self.fold.folded(grid))
    }

    /// The values at the centres of the cells of a frame, `factor` of which are as wide as one of these.
    #[must_use]
    pub fn interpolated(&self, frame: &Frame, factor: u32) -> Planes {
        // Whether a reading elsewhere is negative is nothing to these cells.
        let product = self.product.as_ref().map(|product| upsample::signed_cubic(product, frame, factor));
        Planes { weight: upsample::cubic(&self.weight, frame, factor), product, fold: self.fold }
    }

    /// What becomes of each plane.
    fn each(&self, of: impl Fn(&Grid<f32>) -> Grid<f32>) -> Planes {
        Planes { weight: of(&self.weight), product: self.product.as_ref().map(&of), fold: self.fold }
    }

    /// Takes the values of others of the same lattice, where the two have cells in common.
    pub fn put(&mut self, other: &Planes) {
        self.weight.put(&other.weight);
        if let (Some(product), Some(other)) = (&mut self.product, &other.product) {
            product.put(other);
        }
    }

    /// Takes the values of others of the same zoom, in each copy of the world that these show.
    pub fn put_copies(&mut self, other: &Planes) {
        let world = other.frame().cells_per_unit().0 as i64;
        let (width, height) = (other.frame().width(), other.frame().height());
        for copy in self.frame().copies() {
            let frame = other.frame().moved((copy as i64 * world, 0), (width, height));
            if self.frame().common(&frame).is_some() {
                self.put(&other.each(|grid| Grid::new(frame, grid.values().to_vec())));
            }
        }
    }

    /// Makes nothing of cells where there is not more than so much evidence for a mean, in each row.
    pub fn keep_above(&mut self, least: &[f32]) {
        let Some(product) = &mut self.product else { return };
        let width = self.weight.frame().width() as usize;
        let lines = self.weight.values_mut().chunks_mut(width).zip(product.values_mut().chunks_mut(width));
        for ((weights, products), least) in lines.zip(least) {
            for (weight, product) in weights.iter_mut().zip(products) {
                if *weight <= *least {
                    (*weight, *product) = (0.0, 0.0);
                }
            }
        }
    }

    /// The means where they are wanted, NaN where there is no evidence; else the sums.
    pub fn into_values(self) -> Grid<f32> {
        let Planes { mut weight, product, .. } = self;
        for (weight, product) in weight.values_mut().iter_mut().zip(product.iter().flat_map(Grid::values)) {
            *weight = if *weight > 0.0 { product / *weight } else { f32::NAN };
        }
        weight
    }
}

/// All of one zoom that a block holds, or a part of it: nothing lies outside of its patches.
#[derive(Debug, Clone)]
pub struct Level {
    /// The zoom.
    pub zoom: u8,
    /// Rectangles of cells, which may have some in common.
    pub patches: Vec<Planes>,
}

impl Level {
    /// What lies in the cells of a frame; none where that is none of the patches.
    pub fn over(&self, frame: Frame) -> Option<Planes> {
        over(self.patches.iter(), frame)
    }

    /// The cells of the zoom above.
    #[must_use]
    pub fn folded(&self) -> Level {
        Level { zoom: self.zoom - 1, patches: self.patches.iter().map(Planes::folded).collect() }
    }
}

/// What some patches hold in the cells of a frame; none where that is none of theirs.
pub fn over<'a>(patches: impl Iterator<Item = &'a Planes>, frame: Frame) -> Option<Planes> {
    let mut near = patches.filter(|patch| patch.frame().common(&frame).is_some());
    let mut all = near.next()?.over(frame);
    near.for_each(|patch| all.put(patch));
    Some(all)
}
