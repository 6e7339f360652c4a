//! Writes events.

/// An event of type `event` (the default type if `None`) with `data`, ended by a blank line.
///
/// Line ends in `data` become several `data` fields, so it arrives with LF in their place; in `event`, which cannot hold
/// them, they are left out.
///
/// ```
/// assert_eq!(chat::sse::write_event(Some("error"), "a\r\nb"), "event: error\ndata: a\ndata: b\n\n");
/// assert_eq!(chat::sse::write_event(None, ""), "data: \n\n");
/// ```
pub fn write_event(event: Option<&str>, data: &str) -> String {
    let mut written = String::with_capacity(data.len() + 32);
    if let Some(event) = event {
        written.push_str("event: ");
        written.extend(event.chars().filter(|character| !matches!(character, '\r' | '\n')));
        written.push('\n');
    }
    written.push_str(&data_lines(data));
    written.push('\n');
    written
}

/// `data` as `data` fields, each with its line end.
pub(super) fn data_lines(data: &str) -> String {
    let mut written = String::with_capacity(data.len() + 8);
    let mut rest = data;
    loop {
        let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let (line, tail) = rest.split_at(end);
        written.push_str("data: ");
        written.push_str(line);
        written.push('\n');
        if tail.is_empty() {
            return written;
        }
        rest = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
    }
}
