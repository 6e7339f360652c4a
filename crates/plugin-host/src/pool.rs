//! The memory of a module: what is given back goes to the next that asks for as much.
//!
//! A request takes a hundred small pieces of memory and gives them back. The allocator of the C library files each of them with
//! its neighbours, which costs several times as much as to keep it at hand. What is kept is bounded, whatever a body makes a
//! filter do; all else is that allocator's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Sizes are rounded up to a multiple of this, in bytes.
const STEP: usize = 16;
/// How many sizes there are.
const SIZES: usize = 64;
/// How all that is kept is aligned.
const ALIGN: usize = 8;
/// How much of each size is kept at most, in bytes: 1 MiB of all.
const KEPT: usize = 16 << 10;

#[cfg(target_family = "wasm")]
#[global_allocator]
static POOL: Pool<System> = Pool::new(System);

// SAFETY: a VM has one thread.
#[cfg(target_family = "wasm")]
unsafe impl Sync for Pool<System> {}

/// Pieces at hand, by their size.
struct Pool<A> {
    below: A,
    kept: [Kept; SIZES],
}

/// Pieces of one size that are at hand.
struct Kept {
    /// The first; each holds the address of the next.
    first: Cell<*mut u8>,
    /// How many more may be kept, in bytes.
    room: Cell<usize>,
}

impl<A> Pool<A> {
    const fn new(below: A) -> Self {
        Self { below, kept: [const { Kept { first: Cell::new(ptr::null_mut()), room: Cell::new(KEPT) } }; SIZES] }
    }

    /// Where pieces of this layout are kept, and how large they are.
    #[inline]
    fn of(&self, layout: Layout) -> Option<(&Kept, usize)> {
        let step = layout.size().wrapping_sub(1) / STEP;
        let kept = self.kept.get(step)?;
        (layout.align() <= ALIGN).then_some((kept, (step + 1) * STEP))
    }
}

// SAFETY: what is kept belongs to nobody. It came from below with the size and the alignment of all that is kept beside it, which
// are at least those that the caller asks for; and it goes back there with these.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Pool<A> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((kept, size)) = self.of(layout) else { return unsafe { self.below.alloc(layout) } };
        let first = kept.first.get();
        if first.is_null() {
            return unsafe { self.below.alloc(Layout::from_size_align_unchecked(size, ALIGN)) };
        }
        kept.first.set(unsafe { first.cast::<*mut u8>().read() });
        kept.room.set(kept.room.get() + size);
        first
    }

    #[inline(never)]
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let Some((kept, size)) = self.of(layout) else { return unsafe { self.below.dealloc(at, layout) } };
        let Some(room) = kept.room.get().checked_sub(size) else {
            return unsafe { self.below.dealloc(at, Layout::from_size_align_unchecked(size, ALIGN)) };
        };
        kept.room.set(room);
        unsafe { at.cast::<*mut u8>().write(kept.first.get()) };
        kept.first.set(at);
    }

    #[inline(never)]
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (self.of(layout), self.of(new)) {
            (Some((_, old)), Some((_, new))) if old == new => return at,
            (None, None) => return unsafe { self.below.realloc(at, layout, size) },
            _ => {}
        }
        let to = unsafe { self.alloc(new) };
        if !to.is_null() {
            unsafe {
                ptr::copy_nonoverlapping(at, to, layout.size().min(size));
                self.dealloc(at, layout);
            }
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The allocator below, which counts what it has given out, in bytes.
    #[derive(Default)]
    struct Below(Cell<usize>);

    // SAFETY: all is passed on.
    unsafe impl GlobalAlloc for Below {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            self.0.set(self.0.get() + layout.size());
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            self.0.set(self.0.get() - layout.size());
            unsafe { System.dealloc(at, layout) }
        }
    }

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    #[test]
    fn a_piece_comes_back_to_who_asks_for_as_much() {
        let pool = Pool::new(Below::default());
        unsafe {
            let at = pool.alloc(layout(20, 8));
            pool.dealloc(at, layout(20, 8));
            assert_eq!(pool.alloc(layout(32, 1)), at);
            assert_ne!(pool.alloc(layout(32, 1)), at);
            assert_eq!(pool.realloc(at, layout(32, 1), 17), at);
            at.write_bytes(7, 17);
            let moved = pool.realloc(at, layout(17, 1), 100_000);
            assert_eq!(std::slice::from_raw_parts(moved, 17), [7; 17]);
            let shrunk = pool.realloc(moved, layout(100_000, 1), 5);
            assert_eq!(std::slice::from_raw_parts(shrunk, 5), [7; 5]);
            assert_eq!(pool.alloc(layout(32, 4)), at);
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let pool = Pool::new(Below::default());
        for size in 1..=1100 {
            let pieces: Vec<_> = (0..500).map(|_| unsafe { pool.alloc(layout(size, 8)) }).collect();
            pieces.into_iter().for_each(|at| unsafe { pool.dealloc(at, layout(size, 8)) });
        }
        assert!(pool.below.0.get() <= SIZES * KEPT);
        let wide = unsafe { pool.alloc(layout(64, 64)) };
        assert_eq!(wide.addr() % 64, 0);
        unsafe { pool.dealloc(wide, layout(64, 64)) };
        assert!(pool.below.0.get() <= SIZES * KEPT);
    }
}
