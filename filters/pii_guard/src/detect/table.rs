//! The column that a value is in: a word in its head is as good as one beside the value, in every row.

use super::find::{run, run_back};

/// The longest row that is read, in bytes.
pub const LONGEST_ROW: usize = 2048;

/// The table that was read last. Values come nearly in their order, so each row is read a few times at most.
#[derive(Debug, Clone, Copy, Default)]
pub struct Table {
    head: Row,
    row: Row,
    /// Rows up to this place are of the table.
    until: usize,
    /// How far the row was read, how many cells ended there, and whether a quote was open.
    place: (usize, usize, bool),
    /// A cell of the head by its number, and where it starts.
    above: (usize, usize),
}

/// A row with its separators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Row {
    from: usize,
    to: usize,
    separator: u8,
    separators: usize,
}

impl Row {
    /// The row around a place. One that is too long has no separators, as has one of a single cell.
    fn around(bytes: &[u8], at: usize) -> Self {
        let from = run_back(bytes, at, LONGEST_ROW, |byte| byte != b'\n');
        let to = run(bytes, at, LONGEST_ROW, |byte| byte != b'\n');
        let ends = |at: Option<&u8>| at.is_none_or(|byte| *byte == b'\n');
        let whole = (from == 0 || ends(bytes.get(from - 1))) && ends(bytes.get(to)) && to - from <= LONGEST_ROW;
        let text = bytes.get(from..to).filter(|_| whole).unwrap_or_default();
        // The rows of an `INSERT`: `(1, 'x'),`.
        let text = if text.trim_ascii_start().starts_with(b"(") {
            text.trim_ascii_end().strip_suffix(b",").unwrap_or(text)
        } else {
            text
        };
        let separator = separator(text).unwrap_or(0);
        let mut quoted = false;
        let separators = text.iter().filter(|byte| is_separator(**byte, separator, &mut quoted)).count();
        Self { from, to, separator, separators }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.separators > 0 && (self.separator, self.separators) == (other.separator, other.separators)
    }
}

/// What parts the cells of a row: the first of these signs in it.
pub fn separator(row: &[u8]) -> Option<u8> {
    row.iter().copied().find(|byte| matches!(byte, b',' | b';' | b'\t' | b'|'))
}

/// Whether a byte ends a cell: a separator outside of quotes, of which `quoted` keeps count from the row's start.
pub fn is_separator(byte: u8, separator: u8, quoted: &mut bool) -> bool {
    *quoted ^= byte == b'"';
    byte == separator && !*quoted
}

impl Table {
    /// The head of the column in whose later row a place is.
    pub fn head(&mut self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        if at < self.row.from || at > self.row.to {
            self.enter(bytes, Row::around(bytes, at));
        }
        if self.head == self.row || self.row.separators == 0 {
            return None;
        }
        let (mut from, mut ended, mut quoted) = self.place;
        if from > at {
            (from, ended, quoted) = (self.row.from, 0, false);
        }
        let passed = bytes.get(from..at)?.iter();
        ended += passed.filter(|byte| is_separator(**byte, self.row.separator, &mut quoted)).count();
        self.place = (at, ended, quoted);
        self.cell(bytes, ended)
    }

    /// The cell of the head with this number. Columns come in their order: it goes on from the one before.
    fn cell(&mut self, bytes: &[u8], number: usize) -> Option<(usize, usize)> {
        if self.above.0 > number || self.above.1 < self.head.from || self.above.1 > self.head.to {
            self.above = (0, self.head.from);
        }
        let mut quoted = false;
        for (at, byte) in (self.above.1..).zip(bytes.get(self.above.1..self.head.to)?) {
            if is_separator(*byte, self.head.separator, &mut quoted) {
                if self.above.0 == number {
                    return Some((self.above.1, at));
                }
                self.above = (self.above.0 + 1, at + 1);
            }
        }
        (self.above.0 == number).then_some((self.above.1, self.head.to))
    }

    fn enter(&mut self, bytes: &[u8], row: Row) {
        let known = row.is_like(&self.head) && self.head.from <= row.from;
        if !known || !self.reaches(bytes, &row) {
            (self.head, self.until) = (row, row.to);
            while let Some(end) = self.head.from.checked_sub(1) {
                let before = Row::around(bytes, end);
                if !before.is_like(&row) {
                    break;
                }
                self.head = before;
            }
        }
        self.row = row;
        self.place = (row.from, 0, false);
    }

    /// Whether all rows up to this one are like it.
    fn reaches(&mut self, bytes: &[u8], row: &Row) -> bool {
        while self.until < row.from {
            let next = Row::around(bytes, self.until + 1);
            if !next.is_like(row) {
                return false;
            }
            self.until = next.to;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str, value: &str) -> Option<String> {
        let at = text.find(value).unwrap_or_else(|| panic!("{value} is not in the text"));
        let (from, to) = Table::default().head(text.as_bytes(), at)?;
        text.get(from..to).map(str::to_owned)
    }

    #[test]
    fn the_head_of_a_column_is_in_the_first_row_like_it() {
        let text = "Here they are:\nname,nip,city\n\"Doe, Jane\",123,Berlin\nRoe,456,\"Bonn, Rhine\"\n\na,789\n";
        assert_eq!(head(text, "123").as_deref(), Some("nip"));
        assert_eq!(head(text, "456").as_deref(), Some("nip"));
        assert_eq!(head(text, "Bonn").as_deref(), Some("city"));
        assert_eq!(head(text, "nip"), None);
        assert_eq!(head(text, "789"), None, "another table");
        assert_eq!(head("| name | ssn |\n|---|---|\n| Roe | 123 |", "123").as_deref(), Some(" ssn "));
    }

    #[test]
    fn values_in_any_order_are_told_the_same() {
        let mut text = String::from("no table\n");
        for table in 0..3 {
            text.push_str(&"x;".repeat(table));
            text.push_str("first;second\n");
            (0..20).for_each(|row| text.push_str(&format!("{}{row};{row}\n", "y;".repeat(table))));
        }
        let places: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let alone = |at: &usize| Table::default().head(text.as_bytes(), *at);
        let forward: Vec<_> = places.iter().map(alone).collect();
        assert!(forward.iter().all(Option::is_some));
        let mut table = Table::default();
        for order in [1, 7, 11, places.len() - 1] {
            for step in 0..places.len() {
                let at = step * order % places.len();
                assert_eq!(table.head(text.as_bytes(), places[at]), forward[at]);
            }
        }
    }
}
