//! The rows of a table that flows by. The head names the columns, so a row is looked at whole, under its head.

use crate::detect::Detector;

/// The longest row that is held until it is whole, in bytes.
const LONGEST: usize = 512;

/// How much of a line comes before it has a separator, if it is a row.
const FIRST_CELL: usize = 48;

/// The line at hand, and the head of the table that it may be a row of.
#[derive(Debug, Default)]
pub struct Rows {
    head: String,
    line: String,
}

impl Rows {
    /// Adds a part of a line, with its line break at most.
    pub fn push(&mut self, part: &str) {
        if self.line.len() <= LONGEST {
            self.line.push_str(part);
        }
        if !self.head.is_empty() && !self.can_be_row() {
            self.head.clear();
        }
    }

    /// The head above the line at hand, where there is one.
    pub fn head(&self) -> Option<&str> {
        (!self.head.is_empty()).then_some(&self.head)
    }

    /// The line at hand is over. `open`: nothing of it is held, so that a table can begin.
    pub fn end_line(&mut self, detector: &Detector, open: bool) {
        let line = self.line.trim_end_matches(['\n', '\r']);
        if self.head.is_empty() && open && line.len() <= LONGEST && detector.is_head(line) {
            line.clone_into(&mut self.head);
        }
        self.line.clear();
    }

    /// Whether the line can become a row like the head, or is one.
    fn can_be_row(&self) -> bool {
        let Some(separator) = self.head.chars().find(|c| matches!(c, ',' | ';' | '\t' | '|')) else { return false };
        let count = |text: &str| text.matches(separator).count();
        let (of, found) = (count(&self.head), count(&self.line));
        let whole = self.line.ends_with('\n');
        self.line.len() <= LONGEST
            && (!whole || found >= of)
            && (found > 0 || self.line.len() < FIRST_CELL)
            && !(whole && self.line.trim().is_empty())
    }
}
