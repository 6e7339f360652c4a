//! Finds the ends of JSON texts by their brackets and quotes alone.

/// Starts a record of a sequence (RFC 7464, section 2.2). JSON has none in it.
pub(super) const SEPARATOR: u8 = 0x1e;

/// A look at texts that stand one after the other, or in an array. Places are counted from the start of the present frame.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    is_array: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Where the present element of the array begins.
    from: Option<usize>,
    /// Where it ends, as far as it was seen.
    to: usize,
}

impl Scan {
    pub fn new(is_array: bool) -> Self {
        Self { is_array, depth: 0, in_string: false, escaped: false, from: None, to: 0 }
    }

    /// Where the present frame ends, of which `bytes` are next and so many were seen `before`.
    pub fn end(&mut self, bytes: &[u8], before: usize) -> Option<usize> {
        (before..).zip(bytes).find_map(|(at, byte)| self.see(*byte, at))
    }

    /// Begins another frame. Where in the last one its element was.
    pub fn take(&mut self) -> (usize, usize) {
        if !self.is_array {
            *self = Self::new(false);
        }
        self.from.take().map_or((0, 0), |from| (from, self.to))
    }

    /// Looks at one byte: where the frame ends, if this tells it.
    fn see(&mut self, byte: u8, at: usize) -> Option<usize> {
        let depth = self.depth;
        if self.in_string {
            (self.in_string, self.escaped) = match byte {
                _ if self.escaped => (true, false),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (true, false),
            };
        } else {
            match byte {
                b'"' => self.in_string = true,
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        match byte {
            _ if self.is_array => self.see_element(byte, at, depth),
            // A text that is not at its end here is broken: what is next begins anew.
            SEPARATOR => Some(at).filter(|at| *at > 0),
            b'\n' if depth == 0 || self.in_string => Some(at + 1),
            _ => None,
        }
    }

    /// Looks at one byte of an array, which was seen `depth` brackets deep.
    fn see_element(&mut self, byte: u8, at: usize, depth: usize) -> Option<usize> {
        let is_between = depth == 1 && (byte == b',' || byte == b']') && !self.in_string;
        if is_between {
            return self.from.map(|_| at + 1);
        }
        if depth == 0 || byte.is_ascii_whitespace() {
            return None;
        }
        self.from.get_or_insert(at);
        self.to = at + 1;
        (depth > 1 && self.depth == 1).then_some(self.to)
    }
}
