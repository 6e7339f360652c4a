//! A value that could be something: groups of letters and digits with single separators between, without them.

use super::shape::{LONGEST, Make};

/// The most groups of one value.
const MOST_GROUPS: usize = 9;

/// A value on its way through the shapes. It grows group by group.
#[derive(Debug, Clone)]
pub struct Candidate {
    bytes: [u8; LONGEST],
    len: usize,
    digits: usize,
    /// Bit k: a separator stands before place k.
    pub mask: u64,
    separators: [u8; MOST_GROUPS],
    groups: usize,
    /// Where it starts in the view.
    pub start: usize,
    /// Where it ends in the view.
    pub end: usize,
}

impl Candidate {
    /// Nothing yet, at `start`.
    pub fn new(start: usize) -> Self {
        Self {
            bytes: [0; LONGEST],
            len: 0,
            digits: 0,
            mask: 0,
            separators: [0; MOST_GROUPS],
            groups: 0,
            start,
            end: start,
        }
    }

    /// Adds the group at the end of which `end` is. `false` if it does not fit any more.
    pub fn push(&mut self, separator: Option<u8>, group: &[u8], end: usize) -> bool {
        let Some(room) = self.bytes.get_mut(self.len..self.len + group.len()) else { return false };
        if let Some(separator) = separator {
            let Some(place) = self.groups.checked_sub(1).and_then(|at| self.separators.get_mut(at)) else {
                return false;
            };
            *place = separator;
            self.mask |= 1 << self.len;
        }
        for (to, from) in room.iter_mut().zip(group) {
            *to = from.to_ascii_uppercase();
            self.digits += usize::from(from.is_ascii_digit());
        }
        self.len += group.len();
        self.groups += 1;
        self.end = end;
        true
    }

    /// The value without separators, in upper case.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// How long it is.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether all of it are digits.
    pub fn is_digits(&self) -> bool {
        self.digits == self.len
    }

    /// How many of it are digits.
    pub fn digits(&self) -> usize {
        self.digits
    }

    /// The separators between its groups.
    pub fn separators(&self) -> &[u8] {
        self.separators.get(..self.groups.saturating_sub(1)).unwrap_or_default()
    }

    /// Whether it is written as large numbers are in much of Europe: `560.011.994`.
    pub fn is_thousands(&self) -> bool {
        let places = |mask: u64| (0..64_usize).filter(move |place| mask >> place & 1 == 1);
        self.mask != 0
            && self.digits == self.len
            && self.separators().iter().all(|separator| *separator == b'.')
            && places(self.mask).all(|place| (self.len - place).is_multiple_of(3))
            && places(self.mask).next().is_some_and(|first| first <= 3)
            && places(self.mask).count() * 3 + 3 >= self.len
    }

    /// Whether its groups are those in which long numbers are written: all of one length but for a shorter last one, or four,
    /// six and the rest.
    pub fn is_regular(&self) -> bool {
        let ends = (1..=self.len).filter(|place| *place == self.len || self.mask >> place & 1 == 1);
        let mut lengths = ends.scan(0, |from, to| Some(to - std::mem::replace(from, to)));
        let Some(first) = lengths.next() else { return true };
        let rest: Vec<usize> = lengths.collect();
        let Some((last, middle)) = rest.split_last() else { return true };
        (first <= 6 && *last <= first && middle.iter().all(|length| *length == first)) || (first == 4 && middle == [6])
    }

    /// How long its groups of digits are, where all are so long, and what parts them.
    pub fn rhythm(&self) -> Option<(usize, u8)> {
        let (length, separator) = (self.mask.trailing_zeros() as usize, *self.separators().first()?);
        let even = self.len.is_multiple_of(length)
            && (1..self.len).all(|place| (self.mask >> place & 1 == 1) == place.is_multiple_of(length))
            && self.separators().iter().all(|other| *other == separator);
        (even && self.is_digits()).then_some((length, separator))
    }

    /// What it is made of.
    pub fn make(&self) -> Make {
        if self.digits == self.len {
            Make::Digits
        } else if self.bytes.first().is_some_and(u8::is_ascii_uppercase) {
            Make::Letter
        } else {
            Make::Mixed
        }
    }
}
