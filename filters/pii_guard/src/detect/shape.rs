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
    joins: Joins,
}

/// Which values can be the first groups of a longer one.
#[derive(Debug, Default)]
struct Joins {
    /// By their separators, and one behind them: a few too many, for they are known by a number of twelve bits.
    known: Vec<u64>,
    /// The longest of the shapes with separators anywhere.
    anywhere: Vec<Shape>,
}

#[derive(Debug, Default)]
struct Slot {
    bits: Bits,
    /// Those of shapes with separators anywhere, and of plates.
    anywhere: Bits,
    plates: Bits,
    /// Those of the others, by where their separators stand.
    joined: Vec<(u64, Bits)>,
    /// Those of recognizers that need a word beside them: most.
    weak: Vec<Shape>,
    free: Vec<Shape>,
}

impl Index {
    /// Files the shapes of all recognizers.
    pub fn new<'a>(recognizers: impl Iterator<Item = &'a Recognizer>) -> Self {
        let mut slots = Vec::new();
        slots.resize_with((LONGEST + 1) * 3, Slot::default);
        let mut index = Self { slots, joins: Joins::default() };
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
                match slot.joined.iter_mut().find(|(mask, _)| *mask == shape.mask) {
                    _ if anywhere => slot.anywhere.set(number),
                    _ if plate => slot.plates.set(number),
                    Some((_, bits)) => bits.set(number),
                    None => {
                        let mut bits = Bits::default();
                        bits.set(number);
                        slot.joined.push((shape.mask, bits));
                    }
                }
                let shapes = if recognizer.strength > Strength::Weak { &mut slot.free } else { &mut slot.weak };
                shapes.push(shape.clone());
            }
        }
        self.joins.add(shape);
    }

    /// The recognizers that have a shape of this make and length.
    pub fn of(&self, make: Make, length: usize) -> Bits {
        self.slots.get(slot_of(make, length)).map(|slot| slot.bits).unwrap_or_default()
    }

    /// The recognizers that have a shape of the make, the length and the groups of a value.
    pub fn like(&self, candidate: &Candidate) -> Bits {
        let Some(slot) = self.slots.get(slot_of(candidate.make(), candidate.len())) else { return Bits::default() };
        if candidate.mask == 0 {
            return slot.bits;
        }
        let bits = if candidate.small { slot.anywhere } else { slot.anywhere.or(&slot.plates) };
        let joined = slot.joined.iter().find(|(mask, _)| *mask == candidate.mask);
        joined.map_or(bits, |(_, joined)| bits.or(joined))
    }

    /// Whether a value can be one with more groups.
    pub fn goes_on(&self, candidate: &Candidate) -> bool {
        self.joins.has(candidate.mask | 1 << candidate.len())
            || candidate.starts_plate()
            || self.joins.anywhere.iter().any(|shape| shape.starts(candidate))
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

impl Joins {
    const BITS: u32 = 12;

    fn add(&mut self, shape: Shape) {
        self.known.resize(1 << (Self::BITS - u64::BITS.ilog2()), 0);
        for place in (1..LONGEST).filter(|place| shape.mask >> place & 1 == 1) {
            let (word, bit) = Self::place(shape.mask & !(u64::MAX << place << 1));
            if let Some(word) = self.known.get_mut(word) {
                *word |= bit;
            }
        }
        if shape.anywhere {
            self.anywhere.retain(|other| other.recognizer != shape.recognizer);
            self.anywhere.push(shape);
        }
    }

    fn place(mask: u64) -> (usize, u64) {
        let number = mask.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - Self::BITS);
        ((number / u64::from(u64::BITS)) as usize, 1 << (number % u64::from(u64::BITS)))
    }

    fn has(&self, mask: u64) -> bool {
        let (word, bit) = Self::place(mask);
        self.known.get(word).is_some_and(|word| word & bit != 0)
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
        (self.any_digits && candidate.make() == Make::Digits) || self.is_begun(candidate)
    }

    /// Whether the candidate is the first part of a value of this shape.
    fn starts(&self, candidate: &Candidate) -> bool {
        candidate.len() < self.classes.len() && self.is_begun(candidate)
    }

    fn is_begun(&self, candidate: &Candidate) -> bool {
        self.classes.iter().zip(candidate.bytes()).all(|(class, byte)| match class {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::all;
    use crate::detect::block::Group;

    /// A value of a shape, with the separators that it names; of two kinds where a plate or a card has them anywhere.
    fn sample(shape: &str) -> String {
        match shape {
            "~CARD" => "4111 1111 1111 1111".into(),
            "~IBAN" => "DE89 3704-0044 0532 0130 00".into(),
            "^PLATE" => "AB CD-12 3".into(),
            _ => shape.trim_start_matches('!').replace('d', "7").replace('a', "A").replace('x', "X"),
        }
    }

    #[test]
    fn no_value_of_a_shape_is_given_up_before_its_end() {
        let index = Index::new(all());
        for (number, row) in all().enumerate() {
            for shape in row.shapes {
                let text = sample(shape);
                let mut candidate = Candidate::new(0);
                let (mut from, mut separator) = (0, None);
                loop {
                    let group = Group::at(text.as_bytes(), from);
                    assert!(candidate.push(text.as_bytes(), separator, &group), "{shape}");
                    separator = text.as_bytes().get(group.end).copied();
                    if separator.is_none() {
                        break;
                    }
                    assert!(index.goes_on(&candidate), "{} {shape} ends at {}", row.entity, group.end);
                    from = group.end + 1;
                }
                assert!(index.like(&candidate).has(number), "{} {shape}", row.entity);
                let wanted = index.like(&candidate);
                assert!(
                    index.fitting(&candidate, &wanted, &wanted).any(|fits| fits == number),
                    "{} {shape}",
                    row.entity
                );
            }
        }
    }

    #[test]
    fn words_behind_a_number_are_no_part_of_it() {
        let index = Index::new(all());
        let text = b"39 quickly ran away";
        let mut candidate = Candidate::new(0);
        candidate.push(text, None, &Group::at(text, 0));
        candidate.push(text, Some(b' '), &Group::at(text, 3));
        assert!(index.like(&candidate).is_empty());
        candidate.push(text, Some(b' '), &Group::at(text, 11));
        assert!(!index.goes_on(&candidate));
    }
}
