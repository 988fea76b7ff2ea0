//! What the cells of a pyramid hold, from the events to the values that are shown.

use rayon::prelude::*;

use crate::accumulate::Accumulator;
use crate::counts::Aggregate;
use crate::error::Error;
use crate::estimate::{Gains, REACH, Smoothing};
use crate::frame::{Extent, Frame};
use crate::grid::Grid;
use crate::lines::gathering::deposit;
use crate::lines::pyramid::Pyramid;
use crate::lines::pyramid::ladder::{Block, Ladder, Way};
use crate::lines::pyramid::patches::{Patch, Site, sites};
use crate::lines::pyramid::planes::{Keeping, Level, Planes};
use crate::lines::pyramid::stock::{Piece, Stock};
use crate::lines::sums::{EVIDENCE, cut};
use crate::lines::tracks::veil;
use crate::tile::Tile;

/// The share of its peak that a kernel has where it ends.
fn share_at_reach() -> f64 {
    (-REACH * REACH / 2.0).exp()
}

impl Pyramid {
    /// What is kept of cells.
    pub(super) fn keeping(&self) -> Keeping {
        Keeping::of(self.aggregate, self.way == Way::Bins)
    }

    /// What a block holds at its natural zoom: nothing lies outside of its patches.
    pub(super) fn natural(&self, ladder: Ladder, block: Block) -> Result<Vec<Patch>, Error> {
        let (near, sites) = self.sites(ladder, (block, ladder.beyond()), self.stock(ladder.natural))?;
        let of_site = |site: Site| {
            let planes = self.estimated(&self.way.over(site.reached)?, &near)?;
            Ok(planes.hold_something().then_some(Patch { own: site.own, planes }))
        };
        sites.into_iter().filter_map(|site| of_site(site).transpose()).collect()
    }

    /// The cells of a stock near a block, and the parts of it, with so many cells beyond, that their kernels reach.
    pub(super) fn sites(
        &self,
        ladder: Ladder,
        (block, beyond): (Block, u32),
        stock: &Stock,
    ) -> Result<(Vec<Piece>, Vec<Site>), Error> {
        let frame = ladder.block_frame(block)?;
        let reach = |frame| self.way.reach(frame);
        let (near, holds) = stock.within(&reach(frame.grow(beyond))?.extent())?;
        let Some(holds) = holds else { return Ok((near, Vec::new())) };
        let sites = sites((frame, beyond), (&near, cells_of(&frame, &holds)), reach)?;
        Ok((near, sites))
    }

    fn estimated(&self, way: &Smoothing, near: &[Piece]) -> Result<Planes, Error> {
        let of_thread = |parts: &[Piece]| {
            let mut cells = Accumulator::of_cells(way.gather, deposit(way), self.aggregate);
            parts.iter().try_for_each(|piece| cells.add_cells(&piece.cells, &piece.rows)).map(|()| cells)
        };
        // Cells of its own for a thread are zeroed and added up, which takes longer than to share few places.
        let shares = shared(near, way.gather.len() / 8);
        let threads = shares.par_iter().map(|parts| of_thread(parts)).collect::<Result<Vec<_>, Error>>()?;
        let counts = Accumulator::finish(threads);
        let (weight, product) = Gains::of(&counts).expect("pyramids are made of sums");
        let (mut weight, product) = (way.estimate(weight), product.map(|product| way.estimate(product)));
        if product.is_none() && way.sigma.is_some() {
            cut(&mut weight, &self.shares_of_peak(way, share_at_reach()));
        }
        Ok(Planes::new(weight, product, self.keeping()))
    }

    /// The zoom that is computed from cells, of whose cells, or of those above or below, a frame is.
    fn natural_of(&self, frame: &Frame) -> u8 {
        let Way::Pixels(_) = self.way else { return self.ladder.natural };
        (frame.cells_per_unit().0 / f64::from(self.ladder.side)).log2() as u8
    }

    /// This share of one typical event's peak, in each row.
    fn shares_of_peak(&self, way: &Smoothing, share: f64) -> Vec<f32> {
        let least = share * self.stock(self.natural_of(&way.frame)).typical_weight;
        (0..way.frame.height()).map(|row| (least * way.peak(row)) as f32).collect()
    }

    /// Makes nothing of cells where there is too little evidence for a mean.
    fn evident(&self, mut planes: Planes) -> Result<Planes, Error> {
        if planes.product.is_none() || self.way == Way::Bins {
            return Ok(planes);
        }
        let frame = *planes.frame();
        let least = if let Way::Pixels(_) = self.way {
            self.shares_of_peak(&self.way.over(frame)?, EVIDENCE)
        } else {
            vec![self.share_of_peak(EVIDENCE)?; frame.height() as usize]
        };
        planes.keep_above(&least);
        Ok(planes)
    }

    /// This share of one typical event's peak, where the kernel is as high at every zoom and latitude.
    fn share_of_peak(&self, share: f64) -> Result<f32, Error> {
        let one = self.way.over(Frame::on_lattice(self.ladder.natural + self.ladder.deeper(), 0, 0, 1, 1)?)?;
        Ok(self.shares_of_peak(&one, share)[0])
    }

    /// What a block holds at its natural zoom, and folded so far towards a zoom above as the block is whole tiles.
    pub(super) fn levels(&self, ladder: Ladder, natural: &[Patch], to: u8) -> Result<Vec<Level>, Error> {
        let own = natural.iter().map(|patch| self.evident(patch.planes.over(patch.own)));
        Ok(ladder.levels(Level { zoom: ladder.natural, patches: own.collect::<Result<_, Error>>()? }, to))
    }

    /// A tile of a zoom below the natural one, where there is something in it.
    pub(super) fn below(&self, ladder: Ladder, tile: Tile, natural: &[Patch]) -> Result<Option<Planes>, Error> {
        let Some(mut planes) = ladder.interpolated(tile, natural) else { return Ok(None) };
        if planes.product.is_none() {
            // Where the density ends, interpolation ripples around nothing.
            let least = vec![self.share_of_peak(share_at_reach())?; planes.frame().height() as usize];
            cut(&mut planes.weight, &least);
        }
        self.evident(planes).map(Some)
    }

    /// Values as they are shown: of a mean the quotients; what bins gathered by the area of their cells, a density by
    /// cells.
    pub(super) fn shown(&self, planes: Planes) -> Grid<f32> {
        let mut grid = self.unveiled(planes);
        self.tracing.iter().for_each(|tracing| veil(tracing, &mut grid));
        grid
    }

    fn unveiled(&self, planes: Planes) -> Grid<f32> {
        let summed = matches!(self.aggregate, Aggregate::Count | Aggregate::Sum);
        let mut grid = planes.into_values();
        let times = match (self.way, self.per_cell) {
            _ if !summed => return grid,
            (Way::Bins, true) | (Way::Gaussian(_) | Way::Pixels(_), false) => return grid,
            (Way::Bins, false) => |area: f64| 1.0 / area,
            (Way::Gaussian(_) | Way::Pixels(_), true) => |area: f64| area,
        };
        let frame = *grid.frame();
        for (row, line) in grid.values_mut().chunks_mut(frame.width() as usize).enumerate() {
            let times = times(frame.cell_area(row as i64)) as f32;
            for value in line {
                *value *= times;
            }
        }
        grid
    }
}

/// Pieces in as many shares as there are threads, of at least so many places.
fn shared(near: &[Piece], least: usize) -> Vec<Vec<Piece>> {
    let all: usize = near.iter().map(|piece| piece.rows.len()).sum();
    let share = all.div_ceil(rayon::current_num_threads()).max(least.max(1));
    let mut shares = vec![Vec::new()];
    let mut room = share;
    for piece in near {
        let mut rows = piece.rows.clone();
        while !rows.is_empty() {
            if room == 0 {
                shares.push(Vec::new());
                room = share;
            }
            let end = rows.end.min(rows.start + room);
            room -= end - rows.start;
            let last = shares.last_mut().expect("at least one share");
            last.push(Piece { cells: piece.cells.clone(), rows: rows.start..end });
            rows.start = end;
        }
    }
    shares
}

/// The cells on the lattice of a frame that hold an extent.
fn cells_of(frame: &Frame, extent: &Extent) -> Frame {
    let (x, y) = frame.cells_per_unit();
    let cells = |from: f64, to: f64, density: f64| ((from * density).floor() as i64, (to * density).floor() as i64);
    let ((left, right), (top, bottom)) = (cells(extent.west, extent.east, x), cells(extent.north, extent.south, y));
    let (first, size) = (frame.first(), ((right - left + 1) as u32, (bottom - top + 1) as u32));
    frame.moved((left - first.0, top - first.1), size)
}
