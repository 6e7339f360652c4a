//! A value that could be something: groups of letters and digits with single separators between, without them.

use super::block::Group;
use super::checks::dates::yyyymmdd;
use super::shape::{LONGEST, Make};

/// The most groups of one value.
const MOST_GROUPS: usize = 9;

/// Letters beside a number that are no part of a plate.
const UNITS: [&[u8]; 22] = [
    b"EUR", b"USD", b"GBP", b"CHF", b"PLN", b"SEK", b"KM", b"KMH", b"MPH", b"KG", b"KW", b"MM", b"CM", b"HP", b"PS",
    b"AM", b"PM", b"CET", b"UTC", b"GMT", b"CEST", b"GB",
];

/// What numbers of standards and tickets start with.
const LISTS: [&[u8]; 11] = [b"RFC", b"ISO", b"DIN", b"IEC", b"CVE", b"KB", b"REQ", b"INC", b"CHG", b"ECN", b"RMA"];

/// A value on its way through the shapes. It grows group by group.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// With room for a group that is copied sixteen bytes at once.
    bytes: [u8; LONGEST + 15],
    len: usize,
    digits: usize,
    /// Bit k: a separator stands before place k.
    pub mask: u64,
    separators: [u8; MOST_GROUPS],
    groups: usize,
    /// It has a small letter.
    pub small: bool,
    /// Where it starts in the view.
    pub start: usize,
    /// Where it ends in the view.
    pub end: usize,
}

impl Candidate {
    /// Nothing yet, at `start`.
    pub fn new(start: usize) -> Self {
        Self {
            bytes: [0; _],
            len: 0,
            digits: 0,
            mask: 0,
            separators: [0; MOST_GROUPS],
            groups: 0,
            small: false,
            start,
            end: start,
        }
    }

    /// Adds a group. `false` if it does not fit any more.
    pub fn push(&mut self, bytes: &[u8], separator: Option<u8>, group: &Group) -> bool {
        let length = self.len + group.end - group.start;
        if length > LONGEST || !group.copy_capital(bytes, &mut self.bytes, self.len) {
            return false;
        }
        if let Some(separator) = separator {
            let Some(place) = self.groups.checked_sub(1).and_then(|at| self.separators.get_mut(at)) else {
                return false;
            };
            *place = separator;
            self.mask |= 1 << self.len;
        }
        self.small |= group.small;
        self.digits += group.digits;
        self.len = length;
        self.groups += 1;
        self.end = group.end;
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

    /// Whether it is what textbooks, keyboards and code have: one digit alone, or each the next of the one before (`0123456789`,
    /// `9876543210`), and what else is written often. Nobody's, but beside a word for it.
    pub fn is_textbook(&self) -> bool {
        let runs = |step: u8| {
            self.bytes().windows(2).all(|pair| matches!(pair, [one, next] if (one - b'0' + step) % 10 == next - b'0'))
        };
        let digits = || self.len >= 6 && [0, 1, 9].into_iter().any(runs);
        // Zeros and ones, round numbers, a day, powers of two and the last number before one.
        let known = || {
            let text = self.bytes();
            text.iter().all(|digit| matches!(digit, b'0' | b'1'))
                || text.ends_with(b"000000")
                || (text.len() == 8 && (text.starts_with(b"19") || text.starts_with(b"20")) && yyyymmdd(text))
                || is_power(text)
        };
        // Bytes of a machine: `0037 0000 0000`. There are cards for tests with as many zeros, but none starts with one.
        let zeros = || {
            let text = self.bytes();
            let count = text.iter().filter(|digit| **digit == b'0').count();
            text.ends_with(b"000000") || ((self.len < 16 || text.starts_with(b"0000")) && count * 3 >= self.len * 2)
        };
        match (self.is_digits(), self.mask) {
            (true, 0) => digits() || known(),
            (true, _) => digits() || zeros(),
            (false, _) => self.is_listed(),
        }
    }

    /// Whether it is a number of an article or a change, not of a person: three letters, a space and six digits. The identity cards of
    /// Poland that are so made have had series from A to D so far.
    pub fn is_article(&self) -> bool {
        self.len == 9
            && self.mask == 1 << 3
            && self.separators() == b" "
            && self.digits == 6
            && self.bytes().first().is_some_and(|first| *first > b'D')
    }

    /// Whether it begins as an IBAN does: two capital letters, two digits, and some more.
    pub fn is_iban(&self) -> bool {
        let starts = matches!(self.bytes(), [a, b, c, d, ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit());
        starts && !self.small && self.len >= 8 && self.len < 32 && self.digits >= 6
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

    /// Whether no plate is so made: a number and a word (`1234 and`), or with a unit or a standard (`1200 EUR`, `ISO 9001`).
    pub fn is_counted(&self) -> bool {
        let digits = self.bytes().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let word =
            self.small && digits == self.digits && digits > 0 && self.separators() == b" " && self.mask == 1 << digits;
        let mut runs = self.runs();
        let (first, last) = (runs.next(), runs.next());
        let two = self.separators() == b" " && runs.next().is_none();
        word || (two && (first.is_some_and(|run| LISTS.contains(&run)) || last.is_some_and(|run| UNITS.contains(&run))))
    }

    /// Whether it is a number in a list of standards or of tickets: `RFC5322`.
    fn is_listed(&self) -> bool {
        let mut runs = self.runs();
        runs.next().is_some_and(|run| LISTS.contains(&run)) && runs.count() == 1
    }

    /// Its runs of letters and of digits.
    fn runs(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.bytes().chunk_by(|one, other| one.is_ascii_digit() == other.is_ascii_digit())
    }

    /// Whether it is made as plates of vehicles are: capital letters and at least two digits in at most four groups, none with more
    /// than four letters or six digits in a row.
    pub fn is_plate(&self) -> bool {
        let fits = |run: &[u8]| {
            let digit = run.first().is_some_and(u8::is_ascii_digit);
            run.len() <= if digit { 6 } else { 4 }
        };
        // `plate B-MA 1234 I think`
        let spoken = self.bytes().last() == Some(&b'I') && self.mask >> (self.len - 1) & 1 == 1;
        !self.small
            && !spoken
            && (self.digits >= 2 || self.separators().contains(&b'-'))
            && self.digits < self.len
            && self.groups <= 4
            && self.separators().iter().all(|separator| matches!(separator, b' ' | b'-' | b'.'))
            && self.runs().count() <= 4
            && self.runs().all(fits)
    }

    /// Whether a plate can begin with it and more groups.
    pub fn starts_plate(&self) -> bool {
        !self.small && self.groups < 4 && self.len < 9
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

/// Whether digits are a power of two or one less: sizes of memory and limits of integers.
fn is_power(digits: &[u8]) -> bool {
    let number = str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u64>().ok());
    number.is_some_and(|number| number.is_power_of_two() || (number + 1).is_power_of_two())
}
