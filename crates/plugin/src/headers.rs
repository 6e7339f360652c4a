//! Header fields of one message, as bytes.
//!
//! A header value is not text: a client may send any byte from 0x80 to 0xff. Nothing here assumes UTF-8, and reading a
//! value as text is a question that can be answered with no.

use std::ops::Range;

/// Header fields in wire order. Names are lower case, as Envoy hands them over. Immutable: edits are part of a
/// [`Step`](crate::Step).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers {
    bytes: Vec<u8>,
    fields: Vec<(Range<usize>, Range<usize>)>,
}

impl Headers {
    /// Reads the pairs encoding of the proxy-wasm ABI: a count, then a name size and a value size per field, then each
    /// name and value with a NUL byte behind it; all integers are 32 bits, little endian. What does not fit the buffer
    /// is left out.
    pub fn from_pairs(bytes: Vec<u8>) -> Self {
        let count = read_u32(&bytes, 0).unwrap_or(0);
        let mut fields = Vec::with_capacity(count.min(bytes.len() / 8));
        let mut at = 4 + count * 8;
        for field in 0..count {
            let (Some(name), Some(value)) = (read_u32(&bytes, 4 + field * 8), read_u32(&bytes, 8 + field * 8)) else {
                break;
            };
            let name = at..at.saturating_add(name);
            let value = name.end.saturating_add(1)..name.end.saturating_add(1).saturating_add(value);
            at = value.end.saturating_add(1);
            if value.end > bytes.len() {
                break;
            }
            fields.push((name, value));
        }
        Self { bytes, fields }
    }

    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|(name, value)| (self.slice(name), self.slice(value)))
    }

    /// The value of the first field of this name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(field, _)| *field == name.as_bytes()).map(|(_, value)| value)
    }

    /// The values of all fields of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(field, _)| *field == name.as_bytes()).map(|(_, value)| value)
    }

    /// The value of the first field of this name, where it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Whether a field of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let fields: Vec<(N, V)> = fields.into_iter().collect();
        Self::from_pairs(encode_pairs(fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))))
    }
}

/// Writes the pairs encoding that [`Headers::from_pairs`] reads.
pub fn encode_pairs<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone) -> Vec<u8> {
    let count = pairs.clone().count();
    let size: usize = pairs.clone().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut out = Vec::with_capacity(4 + count * 8 + size);
    push_u32(&mut out, count);
    for (name, value) in pairs.clone() {
        push_u32(&mut out, name.len());
        push_u32(&mut out, value.len());
    }
    for (name, value) in pairs {
        out.extend_from_slice(name);
        out.push(0);
        out.extend_from_slice(value);
        out.push(0);
    }
    out
}

fn read_u32(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?) as usize)
}

fn push_u32(out: &mut Vec<u8>, value: usize) {
    out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_round_trip_with_any_byte() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let headers: Headers =
            [(&b"x-any"[..], &every_byte[..]), (b"x-empty", b""), (b"x-any", b"second")].into_iter().collect();
        assert_eq!(headers.len(), 3);
        assert_eq!(headers.get("x-any"), Some(&every_byte[..]));
        assert_eq!(headers.text("x-any"), None);
        assert_eq!(headers.text("x-empty"), Some(""));
        assert_eq!(headers.get_all("x-any").count(), 2);
        assert_eq!(headers.get("x-none"), None);
    }

    #[test]
    fn a_torn_buffer_loses_fields_and_nothing_else() {
        let whole = encode_pairs([(&b"name"[..], &b"value"[..]), (b"other", b"x")].into_iter());
        for end in 0..whole.len() {
            let headers = Headers::from_pairs(whole[..end].to_vec());
            assert!(headers.len() <= 2);
            assert!(headers.iter().all(|(name, _)| name == b"name" || name == b"other"));
        }
        assert!(Headers::from_pairs(vec![0xff; 64]).is_empty());
    }
}
