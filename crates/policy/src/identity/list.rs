//! Lists of strings in the form in which Envoy hands them to a wasm module.

/// The strings of a serialized list, or `None` where the bytes are none.
///
/// Envoy's `serializeValue` (source/extensions/common/wasm/context.cc) writes a list like a header map of the ABI,
/// with the elements as names and empty values: a count, then two lengths per pair, all 32 bits and little endian,
/// then each name and value with a zero byte after it.
pub(super) fn strings(bytes: &[u8]) -> Option<Vec<&str>> {
    let (count, mut lengths) = number(bytes)?;
    let mut texts = lengths.get(usize::try_from(count).ok()?.checked_mul(8)?..)?;
    let mut strings = Vec::new();
    for _ in 0..count {
        let (name, rest) = number(lengths)?;
        let (value, rest) = number(rest)?;
        lengths = rest;
        let (string, rest) = terminated(texts, usize::try_from(name).ok()?)?;
        texts = rest.strip_prefix(&[0]).filter(|_| value == 0)?;
        strings.push(std::str::from_utf8(string).ok()?);
    }
    texts.is_empty().then_some(strings)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*number), rest))
}

fn terminated(bytes: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
    let (text, rest) = bytes.split_at_checked(len)?;
    Some((text, rest.strip_prefix(&[0])?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(strings: &[String]) -> Vec<u8> {
        let mut bytes = u32::try_from(strings.len()).unwrap().to_le_bytes().to_vec();
        for string in strings {
            bytes.extend(u32::try_from(string.len()).unwrap().to_le_bytes());
            bytes.extend(0_u32.to_le_bytes());
        }
        for string in strings {
            bytes.extend(string.as_bytes());
            bytes.extend([0, 0]);
        }
        bytes
    }

    #[test]
    fn plain_text_is_no_list() {
        assert_eq!(strings(b"gpt-4*,llama-*"), None);
        assert_eq!(strings(b""), None);
        assert_eq!(strings(&[0; 4]), Some(vec![]));
        assert_eq!(strings(&[255; 64]), None);
    }

    proptest! {
        #[test]
        fn reads_what_was_written(list in prop::collection::vec("\\PC{0,9}", 0..6)) {
            let bytes = written(&list);
            prop_assert_eq!(strings(&bytes), Some(list.iter().map(String::as_str).collect()));
            for len in 0..bytes.len() {
                prop_assert_eq!(strings(&bytes[..len]), None);
            }
        }

        #[test]
        fn takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = strings(&bytes);
        }
    }
}
