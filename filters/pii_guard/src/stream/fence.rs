//! Blocks of JSON in a text that flows by (Markdown, fenced code): a number in one becomes a string where something stands in its place.

/// Where in a text with fenced blocks of code a place is.
#[derive(Debug, Default, Clone)]
pub struct Fence {
    /// Backticks in a row right before it.
    ticks: usize,
    block: Block,
    /// Inside of a string of the JSON, and behind a backslash in it.
    inside: bool,
    escaped: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// No block.
    #[default]
    Out,
    /// In the line of its first fence.
    Opening,
    /// Nothing but spaces of it came.
    Fresh,
    Json,
    Other,
}

impl Fence {
    /// Goes on over `text`.
    pub fn pass(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.step(byte));
    }

    /// Whether what stands behind `text` is in a block of JSON and in no string of it.
    pub fn is_number(&self, text: &str) -> bool {
        let mut there = self.clone();
        there.pass(text);
        there.block == Block::Json && !there.inside
    }

    fn step(&mut self, byte: u8) {
        self.ticks = if byte == b'`' { self.ticks + 1 } else { 0 };
        if self.ticks == 3 {
            self.block = if self.block == Block::Out { Block::Opening } else { Block::Out };
            (self.inside, self.escaped) = (false, false);
            return;
        }
        match (self.block, byte) {
            (Block::Opening, b'\n') => self.block = Block::Fresh,
            (Block::Fresh, b'{' | b'[') => self.block = Block::Json,
            (Block::Fresh, _) if !byte.is_ascii_whitespace() => self.block = Block::Other,
            (Block::Json, _) if self.escaped => self.escaped = false,
            (Block::Json, b'\\') => self.escaped = self.inside,
            (Block::Json, b'"') => self.inside = !self.inside,
            _ => {}
        }
    }
}
