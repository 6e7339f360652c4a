//! Whether a path means one thing to every server.

/// Whether all servers read this path alike: no empty, `.` or `..` segment, no parameter of a segment (`;`), no backslash,
/// no fragment, and nothing percent-encoded that has no need to be (CVE-2021-31920, CVE-2021-39156, CVE-2020-8595).
pub fn is_plain(path: &str) -> bool {
    if path.contains('#') {
        return false;
    }
    let bare = path.split('?').next().unwrap_or_default();
    let Some(rest) = bare.strip_prefix('/') else { return bare == "*" };
    let segments = rest.strip_suffix('/').unwrap_or(rest);
    let odd =
        |segment: &str| matches!(segment, "" | "." | "..") || segment.contains(['\\', ';']) || has_needless(segment);
    rest.is_empty() || !segments.split('/').any(odd)
}

/// Whether an encoded byte is one that means something to a path, or that stands for itself.
fn has_needless(segment: &str) -> bool {
    segment.split('%').skip(1).any(|after| {
        let byte = after.get(..2).filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            None => true,
            Some(byte) => byte.is_ascii_alphanumeric() || byte < 0x20 || b"-._~/\\;%?#\x7f".contains(&byte),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn tricks_are_not_plain() {
        for path in ["/", "/v1/chat/completions", "/v1/models/", "/v1/x?a=//b&c=%2f", "/v1/a%20b", "/v1/%C3%A9", "*"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "//v1/x",
            "/v1//x",
            "/v1/./x",
            "/v1/../x",
            "/v1/x/..",
            "/v1%2fx",
            "/v1%5Cx",
            "/v1\\x",
            "/v1/x;a",
            "/v1/x#a",
            "/v1/%61dmin",
            "/v1/%2e%2e/x",
            "/v1/%zz",
            "/v1/%",
            "/v1/%252f",
            "/v1/x%00",
            "",
            "v1",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
