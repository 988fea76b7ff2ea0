//! Several inputs as one source: their parts in the order of the inputs.

use crate::error::Error;
use crate::source::{Columns, Input, Part, Query, Source};

/// Several inputs, one after the other.
pub(super) struct Chain {
    inputs: Vec<Input>,
    query: Query,
    next: usize,
    current: Option<Box<dyn Source>>,
    /// Stored bytes of the inputs before the current one, and of the current one.
    done: u64,
    ahead: u64,
}

impl Chain {
    /// All of them as one source; the first is opened at once, each other one when its turn comes.
    ///
    /// # Errors
    /// When the first cannot be opened.
    pub(super) fn new(inputs: Vec<Input>, query: &Query) -> Result<Chain, Error> {
        let mut chain = Chain { inputs, query: query.clone(), next: 0, current: None, done: 0, ahead: 0 };
        chain.open_next()?;
        Ok(chain)
    }

    fn open_next(&mut self) -> Result<(), Error> {
        self.done += self.ahead;
        self.ahead = 0;
        self.current = None;
        if let Some(input) = self.inputs.get(self.next) {
            self.next += 1;
            self.ahead = input.size;
            self.current = Some(input.open(&self.query)?);
        }
        Ok(())
    }
}

impl Source for Chain {
    fn next_part(&mut self) -> Result<Option<Box<dyn Part>>, Error> {
        while let Some(source) = &mut self.current {
            if let Some(part) = source.next_part()? {
                return Ok(Some(part));
            }
            self.open_next()?;
        }
        Ok(None)
    }

    /// Those of the input that is being read; see [`Inputs::columns`] for those of each.
    fn columns(&self) -> Columns {
        self.current.as_ref().map(|source| source.columns()).unwrap_or_default()
    }

    fn stated_bounds(&self) -> Option<[f64; 4]> {
        let stated = |input: &Input| input.open(&self.query).ok()?.stated_bounds();
        let mut all = self.inputs.iter();
        let first = stated(all.next()?)?;
        all.try_fold(first, |[w, s, e, n], input| {
            let [west, south, east, north] = stated(input)?;
            Some([w.min(west), s.min(south), e.max(east), n.max(north)])
        })
    }

    fn progress(&self) -> f64 {
        let total: u64 = self.inputs.iter().map(|input| input.size).sum();
        let inside = self.current.as_ref().map_or(0.0, |source| source.progress()) * self.ahead as f64;
        if total == 0 { 1.0 } else { (self.done as f64 + inside) / total as f64 }
    }
}
