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
        match () {
            () if names(media_type, "amazon.eventstream") => Some(Self::Lengths),
            () if ["ndjson", "jsonl", "stream+json"].iter().any(|kind| names(media_type, kind)) => Some(Self::Lines),
            () => None,
        }
    }

    /// How long the first message is, and its JSON; `None` while it has not come whole.
    pub fn first(self, bytes: &[u8], last: bool) -> Option<(usize, &[u8])> {
        match self {
            Self::Lines => match memchr::memchr(b'\n', bytes) {
                Some(end) => Some((end + 1, bytes.get(..end)?)),
                None => Some((bytes.len(), bytes)).filter(|_| last && !bytes.is_empty()),
            },
            // The length, that of the headers, a checksum, the headers, the payload, a checksum.
            Self::Lengths => {
                let (length, rest) = bytes.split_first_chunk()?;
                let length = u32::from_be_bytes(*length) as usize;
                let headers = u32::from_be_bytes(*rest.first_chunk()?) as usize;
                let payload = headers.saturating_add(12)..length.saturating_sub(4);
                Some((length.max(12), bytes.get(..length)?.get(payload).unwrap_or_default()))
            }
        }
    }
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

/// Whether a media type has this word in it.
pub(crate) fn names(media_type: &str, word: &str) -> bool {
    media_type.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Framing, enclosed};

    fn all(framing: Framing, bytes: &[u8]) -> Vec<&[u8]> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some((length, message)) = framing.first(bytes.get(at..).unwrap_or_default(), true) {
            assert!(length > 0);
            found.push(message);
            at += length;
        }
        found
    }

    #[test]
    fn messages_end_where_they_say() {
        assert_eq!(all(Framing::Lines, b"{}\r\n\n[1]"), [&b"{}\r"[..], b"", b"[1]"]);
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
