//! The members and elements of text that was read as JSON before: where each begins and ends, and no second judgement.
//!
//! `serde_json` judges every byte of what it skips. Once is enough for each byte of a body, however deep it lies. `None` is
//! what looks odd here; of an object `serde_json` then finds the members, whose errors callers see.

use super::end_of_string;

/// A place in a JSON text.
pub(super) struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// At the first member or element of `text`, an object or an array.
    pub fn inside(text: &'a str) -> Self {
        Self { text, at: 1 }
    }

    /// The next member, its name as it is written and its value. The inner `None` is the end of the object.
    pub fn member(&mut self) -> Option<Option<(&'a str, &'a str)>> {
        let Some(quote) = self.next(b'}')? else { return Some(None) };
        let end = end_of_string(self.text.as_bytes(), quote + 1);
        let name = self.text.get(quote + 1..end)?;
        self.at = end + 1;
        self.skip_space();
        self.at += usize::from(self.byte()? == b':');
        self.skip_space();
        Some(Some((name, self.value()?)))
    }

    /// The next element. The inner `None` is the end of the array.
    pub fn element(&mut self) -> Option<Option<&'a str>> {
        let Some(_) = self.next(b']')? else { return Some(None) };
        Some(Some(self.value()?))
    }

    /// Where the next member or element begins, or that there is none.
    fn next(&mut self, end: u8) -> Option<Option<usize>> {
        self.skip_space();
        if self.byte()? == b',' {
            self.at += 1;
            self.skip_space();
        }
        Some((self.byte()? != end).then_some(self.at))
    }

    fn value(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at = end_of_value(self.text.as_bytes(), start)?;
        self.text.get(start..self.at)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
    }
}

/// The index behind the value that begins at `at`.
fn end_of_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = end_of_string(bytes, at + 1),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => {
                let rest = bytes.get(at..)?;
                let length =
                    rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r'));
                return Some(at + length.unwrap_or(rest.len()));
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
