//! Forms with files (RFC 7578), taken apart in the one way that all servers share: what some of them could take apart in another is
//! none. Not a judgement of what stands in a field.

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name, as it stands there.
    pub name: &'a [u8],
    /// Its bytes.
    pub value: &'a [u8],
    /// It has a file's name.
    pub is_file: bool,
    /// Its bytes are a text in an encoding of its own (base64, UTF-16), and not the text that stands there.
    pub is_encoded: bool,
}

/// What stands behind the media type `known`, if it is that.
pub fn parameters_of<'a>(kind: &'a [u8], known: &[u8]) -> Option<&'a [u8]> {
    let (essence, rest) = until(kind, b';');
    essence.trim_ascii().eq_ignore_ascii_case(known).then_some(rest)
}

/// What stands before the first of these signs, and from there on.
fn until(text: &[u8], sign: u8) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| *byte == sign).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, &[]))
}

/// The first of `; name=value; name="value"`, and what is behind it; `None` where that is not what stands there. A quote inside of
/// quotes is none of it: servers do not agree on how it is written.
fn parameter(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, value) = until(text.trim_ascii_start().strip_prefix(b";")?, b'=');
    let value = value.strip_prefix(b"=")?;
    let (value, rest) = match value.strip_prefix(b"\"") {
        None => until(value, b';'),
        Some(quoted) => {
            let (value, rest) = until(quoted, b'"');
            (value, rest.strip_prefix(b"\"")?)
        }
    };
    let is_one = value.last() != Some(&b'\\') && !name.iter().any(|sign| matches!(sign, b'"' | b';'));
    is_one.then_some((name.trim_ascii(), value.trim_ascii(), rest))
}

/// Whether the first bytes of a name are these, in whatever case.
fn begins(name: &[u8], known: &[u8]) -> bool {
    name.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
}

/// The one value of a parameter; none where it is there twice, or under a longer name (`name*`, RFC 8187).
fn only<'a>(mut rest: &'a [u8], known: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    while !rest.trim_ascii().is_empty() {
        let (name, value, behind) = parameter(rest)?;
        if begins(name, known) && (name.len() > known.len() || found.replace(value).is_some()) {
            return None;
        }
        rest = behind;
    }
    found
}

/// Shows the fields of a form, whose media type has these parameters. `None` for one that servers could take apart in two ways: nothing
/// stands before its first boundary and behind its last, and none elsewhere than at the beginning of a line, whatever a server takes
/// for one.
pub fn each_field<'a>(parameters: &[u8], body: &'a [u8], see: &mut dyn FnMut(Field<'a>)) -> Option<()> {
    let delimiter = delimiter(parameters)?;
    let mut rest = body.strip_prefix(delimiter.as_slice())?;
    while let Some(behind) = rest.strip_prefix(b"\r\n") {
        let mut dashes = memchr::memchr_iter(b'-', behind);
        let end = dashes.find(|at| {
            let before = at.checked_sub(1).and_then(|before| behind.get(before));
            matches!(before, Some(b'\r' | b'\n')) && behind.get(*at..).is_some_and(|line| line.starts_with(&delimiter))
        })?;
        let (part, next) = behind.split_at_checked(end)?;
        see(part.strip_suffix(b"\r\n").and_then(field)?);
        rest = next.get(delimiter.len()..).unwrap_or_default();
    }
    rest.strip_prefix(b"--")?.trim_ascii().is_empty().then_some(())
}

/// What parts the fields: the boundary of RFC 2046 section 5.1.1 behind two dashes.
fn delimiter(parameters: &[u8]) -> Option<Vec<u8>> {
    let boundary = only(parameters, b"boundary")?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(byte);
    ((1..=70).contains(&boundary.len()) && boundary.iter().all(fits)).then(|| [b"--", boundary].concat())
}

/// The field of one part.
fn field(part: &[u8]) -> Option<Field<'_>> {
    let (mut name, mut is_file, mut is_encoded) = (None, false, false);
    let mut rest = part;
    loop {
        let (line, behind) = until(rest, b'\r');
        rest = behind.strip_prefix(b"\r\n")?;
        if line.is_empty() {
            return Some(Field { name: name?, value: rest, is_file, is_encoded });
        }
        // A line that goes on in the next begins with a space.
        if line.iter().any(|sign| *sign < b' ' && *sign != b'\t' || *sign == 0x7f) || line.trim_ascii_start() != line {
            return None;
        }
        let (header, value) = until(line, b':');
        let value = value.strip_prefix(b":")?.trim_ascii();
        if header.eq_ignore_ascii_case(b"content-disposition") {
            let (kind, parameters) = until(value, b';');
            let of_form = kind.trim_ascii().eq_ignore_ascii_case(b"form-data");
            let found = only(parameters, b"name").filter(|found| of_form && !found.contains(&b'\\'))?;
            if name.replace(found).is_some() {
                return None;
            }
            is_file = has(parameters, b"filename");
        } else if header.eq_ignore_ascii_case(b"content-transfer-encoding") {
            let plain: [&[u8]; 3] = [b"7bit", b"8bit", b"binary"];
            is_encoded |= !plain.iter().any(|plain| value.eq_ignore_ascii_case(plain));
        } else if header.eq_ignore_ascii_case(b"content-type") && has(until(value, b';').1, b"charset") {
            let plain: [&[u8]; 3] = [b"utf-8", b"us-ascii", b"iso-8859-1"];
            let charset = only(until(value, b';').1, b"charset").unwrap_or_default();
            is_encoded |= !plain.iter().any(|plain| charset.eq_ignore_ascii_case(plain));
        }
    }
}

/// Whether there is a parameter whose name begins so.
fn has(mut rest: &[u8], known: &[u8]) -> bool {
    while let Some((name, _, behind)) = parameter(rest) {
        if begins(name, known) {
            return true;
        }
        rest = behind;
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The fields, as `name=value`, a file with a star and an encoded one with a plus before it.
    fn fields(kind: &str, body: &str) -> Option<Vec<String>> {
        let mut found = Vec::new();
        let parameters = parameters_of(kind.as_bytes(), b"multipart/form-data")?;
        each_field(parameters, body.as_bytes(), &mut |field| {
            let text = |bytes| std::str::from_utf8(bytes).unwrap();
            let (file, code) = (if field.is_file { "*" } else { "" }, if field.is_encoded { "+" } else { "" });
            found.push(format!("{file}{code}{}={}", text(field.name), text(field.value)));
        })?;
        Some(found)
    }

    const KIND: &str = "multipart/form-data; boundary=b";

    /// A form of one part with this head.
    fn of_head(head: &str) -> Option<Vec<String>> {
        fields(KIND, &format!("--b\r\n{head}\r\n\r\nv\r\n--b--\r\n"))
    }

    #[test]
    fn a_form_is_taken_apart() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\r\n2\r\n--b\r\n\
                    content-type: text/plain\r\ncontent-disposition:form-data;filename=\"x;y=\\z\" ; name=f\r\n\r\n\r\n--b--";
        let wanted = Some(vec!["a=1\r\n\r\n2".to_owned(), "*f=".to_owned()]);
        for kind in [KIND, "Multipart/Form-Data;charset=utf-8;Boundary=\"b\"", "multipart/form-data ; boundary= b "] {
            assert_eq!(fields(kind, body), wanted, "{kind}");
        }
        assert_eq!(fields(KIND, "--b--\r\n"), Some(vec![]));
        for kind in
            ["multipart/mixed; boundary=b", "multipart/form-data", "multipart/form-data; boundary=", "text/plain"]
        {
            assert_eq!(fields(kind, body), None, "{kind}");
        }
        for more in [
            "boundary=b; boundary=b",
            "boundary=b; boundary*=utf-8''b",
            "boundary*0=b",
            "boundary=\"b",
            "boundary=b b",
            "x",
        ] {
            assert_eq!(fields(&format!("multipart/form-data; {more}"), body), None, "{more}");
        }
    }

    #[test]
    fn what_servers_read_in_two_ways_is_none() {
        let part = "Content-Disposition: form-data; name=\"a\"\r\n\r\nv";
        for body in [
            "",
            "--b",
            "--b-",
            "x\r\n--b\r\n{part}\r\n--b--",
            "\r\n--b\r\n{part}\r\n--b--",
            "--b\r\n{part}",
            "--b\r\n{part}\r\n--b",
            "--b\r\n{part}\r\n--b\r\n",
            "--b\r\n{part}\n--b--",
            "--b\r\n{part}\r--b--",
            "--b\n{part}\r\n--b--",
            "--b \r\n{part}\r\n--b--",
            "--b\r\n{part}\r\n--bc\r\n--b--",
            "--b\r\n{part}\r\n--b--\r\nx",
            "--b\r\n{part}\r\n--b--\r\n--b\r\n{part}\r\n--b--",
            "--b\r\n--b--",
            "--b\r\n\r\nv\r\n--b--",
        ] {
            assert_eq!(fields(KIND, &body.replace("{part}", part)), None, "{body:?}");
        }
        for head in [
            "Content-Disposition: attachment; name=\"a\"",
            "Content-Disposition: form-data",
            "Content-Disposition: form-data; name",
            "Content-Disposition: form-data; name=\"a",
            "Content-Disposition: form-data; name=\"a\\\"; name=\"b\"",
            "Content-Disposition: form-data; filename=\"a\\\"; name=\"b\"",
            "Content-Disposition: form-data; name=\"a\\b\"",
            "Content-Disposition: form-data; name=a; name=b",
            "Content-Disposition: form-data; name=a; name*=utf-8''b",
            "Content-Disposition: form-data; name=\"a\"b",
            "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b",
            "Content-Disposition: form-data;\r\n name=a",
            "Content-Disposition: form-data; name=a\0",
            "Content-Disposition : form-data; name=a\nx: y",
            "Content-Disposition",
            " Content-Disposition: form-data; name=a",
            "",
        ] {
            assert_eq!(of_head(head), None, "{head:?}");
        }
    }

    #[test]
    fn an_encoding_is_told() {
        for (more, encoded) in [
            ("Content-Type: text/plain; charset=UTF-8", false),
            ("Content-Type: application/json", false),
            ("Content-Transfer-Encoding: 8bit", false),
            ("Content-Transfer-Encoding: base64", true),
            ("Content-Type: text/plain; charset=utf-16", true),
            ("Content-Type: text/plain; charset=utf-8; charset=utf-7", true),
        ] {
            let found = of_head(&format!("content-disposition: form-data; name=a\r\n{more}")).unwrap();
            assert_eq!(found, [if encoded { "+a=v" } else { "a=v" }], "{more}");
        }
    }
}
