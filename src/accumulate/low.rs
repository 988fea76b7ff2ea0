//! Memory for cells that events are scattered over: a random cell costs a look-up of its page, and pages of 2 MB
//! instead of 4 kB make that look-up a hit. Where the system has none to give, ordinary pages serve.

use memmap2::MmapMut;

/// Size of a huge page, in bytes.
const HUGE: usize = 2 << 20;

/// 8-bit cells, all zero at first.
#[derive(Debug)]
pub struct Low {
    memory: MmapMut,
    /// Where the first whole huge page begins, in bytes.
    start: usize,
    cells: usize,
}

impl Low {
    /// So many cells of 0.
    ///
    /// # Panics
    /// If the system has no memory left, as a `Vec` would.
    pub fn new(cells: usize) -> Low {
        let bytes = (cells).next_multiple_of(HUGE) + HUGE;
        let memory = MmapMut::map_anon(bytes).expect("memory for the cells");
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage); // merely slower where it is refused
        let start = memory.as_ptr().align_offset(HUGE);
        Low { memory, start, cells }
    }

    /// The cells.
    pub fn cells(&self) -> &[u8] {
        &self.memory[self.start..][..self.cells]
    }

    /// The cells, to add to.
    pub fn cells_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.start..][..self.cells]
    }
}
