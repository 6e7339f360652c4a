//! The look of a value, as a short text: `ddd-dd-dddd`.
//!
//! `d` is a digit, `a` a letter, `x` either; capital letters and digits are themselves. A space, `-`, `.`, `/` or `(` is a
//! place where a separator may stand: the value has all of them or none, and one separator is as good as another. `!` in
//! front: they must be there, and be these. `~` in front: separators may stand anywhere (cards, account numbers). `^` in front:
//! a vehicle's plate of any country ([`Candidate::is_plate`]).

use super::bits::Bits;
use super::candidate::Candidate;
use super::recognizer::{Recognizer, Strength};

/// The longest value, without separators.
pub const LONGEST: usize = 34;

/// One shape of one recognizer.
#[derive(Debug, Clone)]
struct Shape {
    recognizer: u16,
    classes: Vec<u8>,
    /// Any digits fit, if they are so many.
    any_digits: bool,
    /// Bit k: a separator may stand before place k.
    mask: u64,
    separators: Vec<u8>,
    strict: bool,
    anywhere: bool,
    plate: bool,
}

/// What a value starts with, and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// Digits alone.
    Digits,
    /// A letter first.
    Letter,
    /// A digit first, and letters.
    Mixed,
}

/// All shapes, by the length and the make of the values that they fit.
#[derive(Debug)]
pub struct Index {
    slots: Vec<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    bits: Bits,
    /// Those of recognizers that need a word beside them: most.
    weak: Vec<Shape>,
    free: Vec<Shape>,
}

impl Index {
    /// Files the shapes of all recognizers.
    pub fn new<'a>(recognizers: impl Iterator<Item = &'a Recognizer>) -> Self {
        let mut slots = Vec::new();
        slots.resize_with((LONGEST + 1) * 3, Slot::default);
        let mut index = Self { slots };
        for (number, recognizer) in recognizers.enumerate() {
            for shape in recognizer.shapes {
                match *shape {
                    "~CARD" => (12..=19).for_each(|n| index.file(recognizer, number, &format!("~{}", "d".repeat(n)))),
                    "~IBAN" => {
                        (15..=33).for_each(|n| index.file(recognizer, number, &format!("~aadd{}", "x".repeat(n - 4))))
                    }
                    "^PLATE" => (4..=9).for_each(|n| index.file(recognizer, number, &format!("^{}", "x".repeat(n)))),
                    shape => index.file(recognizer, number, shape),
                }
            }
        }
        index
    }

    fn file(&mut self, recognizer: &Recognizer, number: usize, text: &str) {
        let strict = text.starts_with('!');
        let anywhere = text.starts_with('~');
        let plate = text.starts_with('^');
        let mut shape = Shape {
            recognizer: u16::try_from(number).unwrap_or(u16::MAX),
            classes: Vec::new(),
            any_digits: false,
            mask: 0,
            separators: Vec::new(),
            strict,
            anywhere,
            plate,
        };
        for byte in text.bytes().skip(usize::from(strict || anywhere || plate)) {
            match byte {
                b' ' | b'-' | b'.' | b'/' | b'(' | b'+' => {
                    shape.mask |= 1 << shape.classes.len();
                    shape.separators.push(byte);
                }
                class => shape.classes.push(class),
            }
        }
        let Some(first) = shape.classes.first().copied() else { return };
        shape.any_digits = shape.classes.iter().all(|class| matches!(class, b'd' | b'x'));
        let all_digits = shape.classes.iter().all(|class| *class == b'd' || *class == b'x' || class.is_ascii_digit());
        let has_letter = shape.classes.iter().any(|class| !(*class == b'd' || class.is_ascii_digit()));
        let digit_first = first == b'd' || first == b'x' || first.is_ascii_digit();
        let letter_first = first == b'a' || first == b'x' || first.is_ascii_uppercase();
        for (make, fits) in [
            (Make::Digits, all_digits && !plate),
            (Make::Letter, letter_first),
            (Make::Mixed, digit_first && has_letter),
        ] {
            let at = slot_of(make, shape.classes.len());
            if let Some(slot) = self.slots.get_mut(at).filter(|_| fits) {
                slot.bits.set(number);
                let shapes = if recognizer.strength > Strength::Weak { &mut slot.free } else { &mut slot.weak };
                shapes.push(shape.clone());
            }
        }
    }

    /// The recognizers that have a shape of this make and length.
    pub fn of(&self, make: Make, length: usize) -> Bits {
        self.slots.get(slot_of(make, length)).map(|slot| slot.bits).unwrap_or_default()
    }

    /// The recognizers of `wanted` that have a shape that fits the candidate; of those that need a word beside them, where there
    /// is one for `spoken`.
    pub fn fitting(&self, candidate: &Candidate, wanted: &Bits, spoken: &Bits) -> impl Iterator<Item = usize> {
        let slot = self.slots.get(slot_of(candidate.make(), candidate.len()));
        let (weak, free) = slot.map_or((&[][..], &[][..]), |slot| (&slot.weak[..], &slot.free[..]));
        let weak = if wanted.and(spoken).is_empty() { &[][..] } else { weak };
        let mut last = usize::MAX;
        weak.iter().chain(free).filter_map(move |shape| {
            let number = usize::from(shape.recognizer);
            let fits = number != last && wanted.has(number) && shape.fits(candidate);
            fits.then(|| last = number).map(|()| number)
        })
    }
}

fn slot_of(make: Make, length: usize) -> usize {
    length * 3 + make as usize
}

impl Shape {
    fn fits(&self, candidate: &Candidate) -> bool {
        if self.plate {
            return candidate.is_plate();
        }
        if !self.anywhere {
            let mask = candidate.mask;
            if self.strict {
                if mask != self.mask || candidate.separators() != self.separators.as_slice() {
                    return false;
                }
            } else if mask != 0
                && (mask != self.mask
                    || !self.uniform(candidate)
                    || (candidate.is_thousands() && !self.separators.contains(&b'.')))
            {
                return false;
            }
        }
        (self.any_digits && candidate.make() == Make::Digits)
            || self.classes.iter().zip(candidate.bytes()).all(|(class, byte)| match class {
                b'd' => byte.is_ascii_digit(),
                b'a' => byte.is_ascii_uppercase(),
                b'x' => true,
                literal => literal == byte,
            })
    }

    /// Where the shape has one kind of separator, the value has too.
    fn uniform(&self, candidate: &Candidate) -> bool {
        let same = |separators: &[u8]| separators.windows(2).all(|pair| pair.first() == pair.last());
        !same(&self.separators) || same(candidate.separators())
    }
}
