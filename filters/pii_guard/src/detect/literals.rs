//! All literals of [`super::words`] by how they begin, so that a text is compared with few of them: by the [`Code`] of their first
//! bytes and the length of their first word, then by a few of their next letters, then by their first eight bytes.

use super::pass::{Code, start};

/// How many bytes of a literal are compared at once.
pub const KEY: usize = 8;

/// The first bytes of a text, alike for both cases of a letter.
#[inline]
pub fn key(text: &[u8]) -> u64 {
    start(text) | 0x2020_2020_2020_2020
}

/// A literal in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its first bytes, and the bits of them that count.
    pub key: (u64, u64),
    /// How long it is, where the key is all of it; else 0.
    pub length: u8,
    /// It has to end alone.
    pub alone: bool,
    /// The number of its meaning.
    pub number: u16,
}

/// By code: how long the first word of a text can be that starts a literal. This fits the first cache.
#[derive(Debug)]
pub struct Lengths(Box<[u16; Code::COUNT]>);

impl Lengths {
    /// Those of a code: a bit for each.
    #[inline]
    pub fn of(&self, code: Code) -> u64 {
        self.0.get(code.0).copied().map_or(0, u64::from)
    }
}

/// Literals by their codes.
#[derive(Debug)]
pub struct Table {
    lengths: Lengths,
    /// By code: the number of its bucket. The first bucket is empty.
    numbers: Vec<u16>,
    buckets: Vec<Bucket>,
    listed: Vec<Entry>,
}

impl Table {
    /// Of literals by their code, with the lengths of their first words.
    pub fn new(mut entries: Vec<(Code, u16, Entry)>) -> Option<Self> {
        entries.sort_by_key(|(code, _, entry)| (*code, entry.number, entry.key));
        entries.dedup();
        let (mut lengths, mut numbers) = (Lengths(Box::new([0; Code::COUNT])), vec![0; Code::COUNT]);
        let (mut buckets, mut listed) = (vec![Bucket::default()], Vec::new());
        for alike in entries.chunk_by(|one, next| one.0 == next.0) {
            let from = listed.len();
            for (code, length, entry) in alike {
                *lengths.0.get_mut(code.0)? |= length;
                *numbers.get_mut(code.0)? = u16::try_from(buckets.len()).ok()?;
                listed.push(*entry);
            }
            buckets.push(Bucket::new(u16::try_from(from).ok()?, listed.get(from..)?)?);
        }
        Some(Self { lengths, numbers, buckets, listed })
    }

    /// How long first words are, by code.
    pub fn lengths(&self) -> &Lengths {
        &self.lengths
    }

    /// Whether a text of this code and key could start with a literal. For most there is none, which a look at a few letters tells.
    #[inline]
    pub fn has(&self, code: Code, key: u64) -> bool {
        self.of(code).is_some_and(|bucket| bucket.has(key))
    }

    /// The literals of this code whose first bytes are those of a text.
    #[inline]
    pub fn alike(&self, code: Code, key: u64) -> impl Iterator<Item = &Entry> {
        let place = |bucket: &Bucket| usize::from(bucket.from)..usize::from(bucket.to);
        let listed = self.of(code).and_then(|bucket| self.listed.get(place(bucket))).unwrap_or_default();
        listed.iter().filter(move |entry| (entry.key.0 ^ key) & entry.key.1 == 0)
    }

    #[inline]
    fn of(&self, code: Code) -> Option<&Bucket> {
        self.buckets.get(usize::from(*self.numbers.get(code.0)?))
    }
}

/// The literals of one code.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// Where they are in `listed`.
    from: u16,
    to: u16,
    /// A few places behind the first byte (how many bits of a key are before each), with the letters that these literals have
    /// there: a bit for each of the 32 that the lower bits of a byte tell apart.
    letters: [(u8, u32); Self::PLACES],
}

impl Bucket {
    /// More would tell a few more apart, and cost more than that.
    const PLACES: usize = 3;

    /// With the places at which the fewest letters are possible.
    fn new(from: u16, entries: &[Entry]) -> Option<Self> {
        let to = from.checked_add(u16::try_from(entries.len()).ok()?)?;
        let letters = |shift: u8| {
            let of = |entry: &Entry| match entry.key.1 >> shift & 0xff {
                0xff => 1 << (entry.key.0 >> shift & 31),
                _ => u32::MAX,
            };
            (shift, entries.iter().map(of).fold(0, |all, one| all | one))
        };
        let mut letters = [8, 16, 24, 32, 40, 48, 56].map(letters);
        letters.sort_by_key(|(_, letters)| letters.count_ones());
        Some(Self { from, to, letters: *letters.first_chunk()? })
    }

    /// Whether a text with this key can start with one of its literals.
    #[inline]
    fn has(&self, key: u64) -> bool {
        self.letters.iter().fold(1, |can, (shift, letters)| can & letters >> (key >> shift & 31)) == 1
    }
}
