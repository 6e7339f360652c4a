//! Whether a form names a model. Transcriptions and image edits send their model as a form field beside the file; it is
//! not read here, only noticed, so that such a call is not taken for one without a model.

use percent_encoding::percent_decode;

/// Whether a body of this `content-type` has a field `model`. In doubt it has.
pub(super) fn names_model(content_type: &[u8], body: &[u8]) -> bool {
    let kind = content_type.trim_ascii_start();
    let is = |name: &[u8]| kind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if is(b"multipart/") {
        part_is_model(body)
    } else if is(b"application/x-www-form-urlencoded") {
        pair_is_model(body)
    } else {
        false
    }
}

/// Whether some part calls itself `model` (RFC 7578, section 4.2): `name=model`, quoted or not, in any case and with any
/// space. A file that holds such text looks the same.
fn part_is_model(body: &[u8]) -> bool {
    memchr::memchr2_iter(b'm', b'M', body).any(|at| {
        let (before, from) = body.split_at_checked(at).unwrap_or_default();
        from.split_at_checked(5).is_some_and(|(word, after)| {
            word.eq_ignore_ascii_case(b"model") && !after.first().is_some_and(is_of_word) && ends_with_name(before)
        })
    })
}

/// Whether `before` ends with `name=`, and not with `filename=`.
fn ends_with_name(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
    let Some(name) = before.strip_suffix(b"=").map(<[u8]>::trim_ascii_end) else { return false };
    let Some((before, name)) = name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)) else { return false };
    name.eq_ignore_ascii_case(b"name") && !before.last().is_some_and(is_of_word)
}

fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(byte)
}

/// Whether some pair's key is `model` once it is decoded (WHATWG URL, section 5.1).
fn pair_is_model(body: &[u8]) -> bool {
    body.split(|byte| *byte == b'&').any(|pair| {
        let key = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        percent_decode(key).eq(b"model".iter().copied())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_called_model_are_noticed() {
        for part in [
            "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1",
            "content-disposition:form-data;NAME = \" Model\"",
            "Content-Disposition: form-data; name=model\r\n",
        ] {
            assert!(names_model(b"Multipart/Form-Data; boundary=x", part.as_bytes()), "{part}");
        }
        for part in [
            "Content-Disposition: form-data; name=\"purpose\"\r\n\r\nmodel",
            "Content-Disposition: form-data; name=\"file\"; filename=\"model.bin\"",
            "Content-Disposition: form-data; name=\"file\"; filename=\"model\"",
            "Content-Disposition: form-data; name=\"models\"",
            "my=model",
            "model",
            "",
        ] {
            assert!(!names_model(b"multipart/form-data", part.as_bytes()), "{part}");
        }
        assert!(!names_model(b"text/plain", b"name=model"));
    }

    #[test]
    fn pairs_called_model_are_noticed() {
        let kind = b"application/x-www-form-urlencoded; charset=utf-8";
        for pairs in ["model=a", "a=b&model=c", "%6dodel=a", "model"] {
            assert!(names_model(kind, pairs.as_bytes()), "{pairs}");
        }
        for pairs in ["", "a=model", "models=a"] {
            assert!(!names_model(kind, pairs.as_bytes()), "{pairs}");
        }
    }
}
