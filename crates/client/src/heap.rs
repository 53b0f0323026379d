//! The allocator: sizes go in, blocks of the next power of two come out, from a list of free blocks of
//! that size or from fresh memory. Blocks are not split and not joined.
//!
//! What it costs: up to half of a block stays unused, and memory that held many small values does not
//! serve large ones later. What it gains (docs/decisions/size.md): allocating and freeing are a few
//! instructions each, and a general allocator is 0.8 KB more.

use core::{
    alloc::{GlobalAlloc, Layout},
    arch::wasm32::memory_grow,
    cell::Cell,
    ptr::{copy_nonoverlapping, null_mut},
};

/// The smallest block is 2 to the 4, and so is the alignment of all.
const SMALLEST: u32 = 4;
/// What the browser hands out.
const PAGE: usize = 65_536;

/// All memory beyond the stack.
pub struct Heap {
    /// A free block of each power of two; it begins with the address of the next one.
    free: [Cell<*mut u8>; 32],
    /// Where fresh memory begins and ends.
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: an instance has one thread.
unsafe impl Sync for Heap {}

impl Heap {
    /// Without memory yet.
    pub const fn new() -> Self {
        Self { free: [const { Cell::new(null_mut()) }; 32], next: Cell::new(0), end: Cell::new(0) }
    }

    /// Fresh memory, or null if there is none. Other memory than ours grows only before us.
    fn fresh(&self, size: usize) -> *mut u8 {
        if self.end.get() - self.next.get() < size {
            let pages = size.div_ceil(PAGE);
            let Some(start) = memory_grow::<0>(pages).checked_mul(PAGE) else { return null_mut() };
            // What is left before a new piece of memory is part of it.
            if start != self.end.get() {
                self.next.set(start);
            }
            self.end.set(start + pages * PAGE);
        }
        self.next.replace(self.next.get() + size) as *mut u8
    }
}

/// Which power of two holds a size.
fn power(size: usize) -> u32 {
    size.next_power_of_two().trailing_zeros().max(SMALLEST)
}

// SAFETY: a block is handed out to one owner at a time, is as large as was asked for or larger, and
// no type here needs an alignment beyond 16 bytes.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let power = power(layout.size());
        let Some(free) = self.free.get(power as usize) else { return null_mut() };
        let block = free.get();
        if block.is_null() {
            return self.fresh(1 << power);
        }
        // SAFETY: a free block begins with the address of the next one.
        free.set(unsafe { *block.cast() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(free) = self.free.get(power(layout.size()) as usize) {
            // SAFETY: the block is not used any more, and holds an address at least.
            unsafe { *block.cast() = free.get() };
            free.set(block);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if power(size) == power(layout.size()) {
            return block;
        }
        // SAFETY: as the caller promises.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                copy_nonoverlapping(block, new, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}
