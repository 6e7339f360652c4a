//! Streams of JSON that are no server-sent events: where each message ends.

/// How messages of JSON are told apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framing {
    /// By the ends of lines (Ollama, Cohere).
    Lines,
    /// By their lengths (`application/vnd.amazon.eventstream`, Bedrock's Converse).
    Lengths,
}

impl Framing {
    /// How a response of this media type is framed, if it is.
    pub fn of(media_type: &str) -> Option<Self> {
        let is = |kind: &&str| names(media_type.as_bytes(), kind);
        if is(&"amazon.eventstream") {
            return Some(Self::Lengths);
        }
        ["ndjson", "jsonl", "stream+json"].iter().any(is).then_some(Self::Lines)
    }

    /// The first message; `None` while it has not come whole.
    pub fn first(self, bytes: &[u8], last: bool) -> Option<Message<'_>> {
        match self {
            Self::Lines => {
                let end = memchr::memchr(b'\n', bytes).map(|end| end + 1);
                let length = end.or(Some(bytes.len()).filter(|length| last && *length > 0))?;
                Some(Message { length, json: bytes.get(..length)?, is_error: false })
            }
            // The length, that of the headers, a checksum, the headers, the payload, a checksum.
            Self::Lengths => {
                let (length, rest) = bytes.split_first_chunk()?;
                let length = u32::from_be_bytes(*length) as usize;
                let headers = (u32::from_be_bytes(*rest.first_chunk()?) as usize).saturating_add(12);
                let whole = bytes.get(..length)?;
                let is_error = names(whole.get(12..headers).unwrap_or_default(), ":exception-type");
                let json = whole.get(headers..length.saturating_sub(4)).unwrap_or_default();
                Some(Message { length: length.max(12), json, is_error })
            }
        }
    }
}

/// A message that came whole.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// How long it is, all in all.
    pub length: usize,
    pub json: &'a [u8],
    pub is_error: bool,
}

/// The event that a message holds in Base64 (RFC 4648), if it does: `{"bytes":"…"}`, as Bedrock sends the events of models' own APIs.
pub(crate) fn enclosed(message: &[u8]) -> Option<Vec<u8>> {
    let text = message.strip_prefix(b"{\"bytes\":\"")?;
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// Whether a media type, or another head, has this word in it.
pub(crate) fn names(head: &[u8], word: &str) -> bool {
    head.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Framing, enclosed};

    fn all(framing: Framing, bytes: &[u8]) -> Vec<&[u8]> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(message) = framing.first(bytes.get(at..).unwrap_or_default(), true) {
            assert!(message.length > 0 && !message.is_error);
            found.push(message.json);
            at += message.length;
        }
        found
    }

    #[test]
    fn messages_end_where_they_say() {
        assert_eq!(all(Framing::Lines, b"{}\r\n\n[1]"), [&b"{}\r\n"[..], b"\n", b"[1]"]);
        assert!(Framing::Lines.first(b"{}", false).is_none());
        let frame = b"\0\0\0\x14\0\0\0\x02....hh{}....";
        assert_eq!(all(Framing::Lengths, &[&frame[..], frame].concat()), [b"{}", b"{}"]);
        for at in 0..frame.len() {
            assert!(all(Framing::Lengths, &frame[..at]).is_empty(), "{at}");
        }
    }

    #[test]
    fn events_are_decoded() {
        for (text, event) in [("", &b""[..]), ("YQ==", b"a"), ("YWI", b"ab"), ("YWJj", b"abc"), ("/+8\\x", b"\xff\xef")]
        {
            let message = format!("{{\"bytes\":\"{text}\",\"p\":\"ab\"}}");
            assert_eq!(enclosed(message.as_bytes()).as_deref(), Some(event), "{text}");
        }
        assert_eq!(enclosed(b"{}"), None);
    }

    #[test]
    fn nonsense_ends_too() {
        for odd in [
            [0; 40],
            [255; 40],
            [0, 0, 0, 1].repeat(10).try_into().unwrap(),
            [0, 0, 0, 9].repeat(10).try_into().unwrap(),
        ] {
            assert!(all(Framing::Lengths, &odd).iter().all(|message| message.is_empty()));
        }
    }
}
