//! A request path as segments, read the way the most tolerant server would read it.
//!
//! A filter that reads a path more strictly than the upstream can be walked around: `//v1/chat/completions` is no chat
//! completion to the filter and one to the model server. So empty and `.` segments are dropped, `..` goes back, `\` is
//! a slash (as in the WHATWG URL standard), percent-encoding is undone once, and fixed words are compared without case
//! and without `;parameters`. Envoy's `normalize_path` and `merge_slashes` do part of this earlier; nothing here
//! relies on them.

use std::borrow::Cow;
use std::ops::Range;

/// The decoded segments of `path` up to `?` or `#`. An encoded slash is data inside its segment.
pub(crate) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    let mut segments = Vec::new();
    for raw in without_query(path).split(['/', '\\']) {
        push(&mut segments, decode(raw));
    }
    segments
}

/// Where each of the [`segments`] of `path` stands in it.
pub(crate) fn places(path: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut start = 0;
    for raw in without_query(path).split(['/', '\\']) {
        let end = start + raw.len();
        keep(&mut places, &decode(raw), start..end);
        start = end + 1;
    }
    places
}

/// Where each segment stands once encoded slashes are separators too, as [`resplit`] has them.
pub(crate) fn resplit_places(path: &str, places: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut split = Vec::new();
    for place in places {
        let raw = path.get(place.clone()).unwrap_or_default();
        let mut start = 0;
        for (at, _) in raw.match_indices('%').filter(|(at, _)| is_encoded_slash(raw, *at)) {
            let word = raw.get(start..at).unwrap_or_default();
            keep(&mut split, &decode(word), place.start + start..place.start + at);
            start = at + 3;
        }
        keep(&mut split, &decode(raw.get(start..).unwrap_or_default()), place.start + start..place.end);
    }
    split
}

/// Whether a slash or backslash is spelt in hex at `at`.
fn is_encoded_slash(raw: &str, at: usize) -> bool {
    matches!(raw.as_bytes().get(at + 1..).and_then(hex_byte), Some(b'/' | b'\\'))
}

/// `segments` with encoded slashes taken as separators too: how a server routes that decodes before it splits.
pub(crate) fn resplit<'a>(segments: &[Cow<'a, str>]) -> Vec<Cow<'a, str>> {
    let mut split = Vec::new();
    for segment in segments {
        for word in segment.split(['/', '\\']) {
            push(&mut split, Cow::Owned(word.to_owned()));
        }
    }
    split
}

/// Adds one segment, resolving `.` and `..`.
fn push<'a>(segments: &mut Vec<Cow<'a, str>>, segment: Cow<'a, str>) {
    match segment.as_ref() {
        "" | "." => {}
        ".." => drop(segments.pop()),
        _ => segments.push(segment),
    }
}

/// Adds the place of one segment, as [`push`] adds the segment.
fn keep(places: &mut Vec<Range<usize>>, segment: &str, place: Range<usize>) {
    match segment {
        "" | "." => {}
        ".." => drop(places.pop()),
        _ => places.push(place),
    }
}

/// Whether `segment` is the fixed word `word` to a tolerant router, parameters of it (`;…`) aside.
///
/// Never inlined: it is asked in so many places that it would be 4 KB of every module.
#[inline(never)]
pub(crate) fn is_word(segment: &str, word: &str) -> bool {
    let (start, behind) = (segment.get(..word.len()), segment.as_bytes().get(word.len()));
    matches!(behind, None | Some(b';')) && start.is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The first value of the query parameter `name`, decoded.
pub(crate) fn query<'a>(path: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let (_, query) = path.split('#').next()?.split_once('?')?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| decode(key) == name)
        .map(|(_, v)| decode(v))
}

/// The pairs of a query or of a form that is written like one. What stands behind `;` is one as well, because some servers read it
/// so: then a pair comes both ways.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').chain(text.split(['&', ';'])).filter_map(|pair| pair.split_once('='))
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}

/// Undoes percent-encoding once. A `%` without two hex digits stays; bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let byte = if first == b'%' { hex_byte(tail) } else { None };
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The byte that the first two characters spell in hex.
fn hex_byte(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_as_a_tolerant_server_does() {
        for path in
            ["/a/b", "//a//b/", "/a/./b?x=/../c", "/x/../a/b#/z", "/a/%2e%2E/a/b", "\\a\\b", "/../a/b", "/%61/b"]
        {
            assert_eq!(segments(path), ["a", "b"], "{path}");
        }
        assert_eq!(segments("/a%2Fb/%252F/%zz%4"), ["a/b", "%2F", "%zz%4"]);
        assert_eq!(resplit(&segments("/a%2Fb/c%2F..%2Fd")), ["a", "b", "d"]);
        assert_eq!(segments("/%ff"), ["\u{fffd}"]);
    }

    #[test]
    fn knows_where_segments_stand() {
        let path = "//x/../a%2Fb/./%252F%5cc%2F../d?/e";
        let texts =
            |places: &[Range<usize>]| places.iter().map(|place| path[place.clone()].to_owned()).collect::<Vec<_>>();
        let whole = places(path);
        assert_eq!(texts(&whole), ["a%2Fb", "%252F%5cc%2F..", "d"]);
        assert_eq!(texts(&resplit_places(path, &whole)), ["a", "b", "%252F", "d"]);
        assert_eq!(resplit(&segments(path)), ["a", "b", "%2F", "d"]);
    }

    #[test]
    fn reads_the_query() {
        assert_eq!(query("/a?b=1&api-version=2024-10-21#c=2", "api-version").as_deref(), Some("2024-10-21"));
        assert_eq!(query("/a?api%2Dversion=pre%76iew&api-version=x", "api-version").as_deref(), Some("preview"));
        assert_eq!(query("/a#?api-version=1", "api-version"), None);
        assert_eq!(query("/a?api-version", "api-version"), None);
    }
}
