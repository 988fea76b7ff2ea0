//! Memory for cells that events are scattered over: a random cell costs a look-up of its page, and pages of 2 MB
//! instead of 4 kB make that look-up a hit. Where the system has none to give, ordinary pages serve.

use std::marker::PhantomData;

use bytemuck::Pod;
use memmap2::MmapMut;

/// Size of a huge page, in bytes.
const HUGE: usize = 2 << 20;

/// Cells that hold integers, all zero at first.
#[derive(Debug)]
pub struct Scattered<T> {
    memory: MmapMut,
    /// The bytes of the cells, from the first whole huge page on.
    bytes: std::ops::Range<usize>,
    of: PhantomData<T>,
}

impl<T: Pod> Scattered<T> {
    /// So many cells of 0.
    ///
    /// # Panics
    /// If the system has no memory left, as a `Vec` would.
    pub fn new(cells: usize) -> Scattered<T> {
        let bytes = cells * size_of::<T>();
        let memory = MmapMut::map_anon(bytes.next_multiple_of(HUGE) + HUGE).expect("memory for the cells");
        #[cfg(target_os = "linux")]
        let _ = memory.advise(memmap2::Advice::HugePage); // merely slower where it is refused
        let start = memory.as_ptr().align_offset(HUGE);
        Scattered { memory, bytes: start..start + bytes, of: PhantomData }
    }

    /// The cells.
    pub fn cells(&self) -> &[T] {
        bytemuck::cast_slice(&self.memory[self.bytes.clone()])
    }

    /// The cells, to add to.
    pub fn cells_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.memory[self.bytes.clone()])
    }
}
