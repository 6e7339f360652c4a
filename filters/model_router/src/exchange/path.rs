//! The path of a call with another name for its model.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plugin::RequestHead;

/// All but the unreserved characters (RFC 3986, section 2.3): what a name in one segment is encoded in.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// In a name of several segments slashes part them.
const SPREAD: &AsciiSet = &NAME.remove(b'/');

/// What is asked of a model keeps the marks that part it from the name (`:predict`).
const REST: &AsciiSet = &NAME.remove(b':').remove(b';').remove(b'=');

/// The request's path with `name` for its model; each other byte of it and of the query stays. `None` where it names none. Of a
/// realtime call the query names it.
///
/// Slashes in `name` are encoded, as in `/v2/models/org%2Fname/infer`, unless the caller wrote its name in several segments.
pub(super) fn renamed(head: &RequestHead, name: &str) -> Option<String> {
    let Some(found) = chat::path_model(head.method(), head.path()) else {
        let named = chat::is_named_in_query(head.path());
        return named.then(|| chat::with_model_in_query(head.path(), &utf8_percent_encode(name, NAME).to_string()));
    };
    let name = utf8_percent_encode(name, if found.is_spread { SPREAD } else { NAME });
    let rest = utf8_percent_encode(&found.rest, REST);
    Some(format!("{}{name}{rest}{}", found.before, found.after))
}
