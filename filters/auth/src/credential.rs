//! Where the credential of a request is, and how it is taken out before the upstream sees it.

pub mod cache;
pub mod certificate;
pub mod date;
pub mod introspection;

use crate::caller::Owned;
use crate::config::api_keys::ApiKeys;
use crate::config::tokens::{Subprotocol, TokenSources};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugin::{Edits, RequestHead};
use policy::{Faults, is_token};
use std::borrow::Cow;

/// The places where credentials may be.
#[derive(Debug, Default)]
pub struct Places {
    /// The lengths of all names of headers that are looked at, as bits; of 63 and more, the last one. Few headers pass it.
    lengths: u64,
    authorization: bool,
    token_headers: Vec<(String, String)>,
    token_query: Vec<String>,
    cookies: Vec<String>,
    subprotocols: Vec<Subprotocol>,
    key_headers: Vec<String>,
    key_query: Vec<String>,
}

/// What a credential is, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// `Authorization: Bearer` and its like: a token or a key.
    Either,
    /// A token.
    Token,
    /// An API key.
    Key,
}

/// A place where a credential was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place<'h> {
    Header(Cow<'h, str>),
    Query(Cow<'h, str>),
    Cookie(Cow<'h, str>),
    /// An entry of `Sec-WebSocket-Protocol` that begins so.
    Subprotocol(Cow<'h, str>),
}

/// A credential, as it stands in a head. What is known of it is found by its bytes: whether they are text, and one credential
/// alone, is looked at only where nothing is.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential<'h> {
    /// The token or key itself.
    pub bytes: Cow<'h, [u8]>,
    /// What it is, by its place.
    pub hint: Hint,
    place: Place<'h>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'h> {
    /// Nothing, or a scheme that is not spoken here.
    Nothing,
    /// One credential.
    One(Credential<'h>),
    /// More than one, or one that could be read in two ways.
    Several,
    /// Bytes that are no credential.
    Unreadable,
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "a credential in {:?}", self.place)
    }
}

impl Places {
    /// Checks the sources.
    ///
    /// # Errors
    /// Names that cannot be, or stand twice.
    pub fn new(
        tokens: &TokenSources,
        keys: Option<&ApiKeys>,
        takes_tokens: bool,
        owned: &mut Owned,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut take = |list: &str, at: usize, name: &String| {
            let key = format!("{list}.headers[{at}]");
            // Where no token is looked for there, it may hold a key without a scheme.
            if list == "api_keys" && name.eq_ignore_ascii_case(AUTHORIZATION) {
                if tokens.authorization {
                    faults.push(
                        key,
                        "is read already, with `Bearer` before the key; for keys without it say `tokens.authorization: false`",
                    );
                }
                return AUTHORIZATION.to_owned();
            }
            let instead = match (list, name.to_ascii_lowercase().as_str()) {
                ("tokens", AUTHORIZATION) => {
                    "is what `tokens.authorization` is for, which is on unless it says `false`"
                }
                ("tokens", COOKIE) => "is what `tokens.cookies` is for: name the cookie there",
                ("tokens", SUBPROTOCOLS) => "is what `tokens.subprotocols` is for",
                _ => {
                    return faults.gather(&key, owned.take(name)).unwrap_or_default();
                }
            };
            faults.push(key, instead);
            String::new()
        };
        let of_tokens = tokens.headers.iter().enumerate();
        let of_keys = keys.map(|keys| keys.headers.as_slice()).unwrap_or_default().iter().enumerate();
        let mut places = Self {
            lengths: 0,
            authorization: tokens.authorization && (takes_tokens || keys.is_some()),
            token_headers: of_tokens.map(|(at, one)| (take("tokens", at, &one.name), one.prefix.clone())).collect(),
            token_query: tokens.query.clone(),
            cookies: tokens.cookies.clone(),
            subprotocols: tokens.subprotocols.clone(),
            key_headers: of_keys.map(|(at, name)| take("api_keys", at, name)).collect(),
            key_query: keys.map(|keys| keys.query.clone()).unwrap_or_default(),
        };
        let mut known = Vec::new();
        let lists = [
            ("tokens.query", &places.token_query),
            ("api_keys.query", &places.key_query),
            ("tokens.cookies", &places.cookies),
        ];
        for (key, names) in lists {
            // RFC 6265 section 4.1.1. In a query every name can be written.
            let is_cookie = key == "tokens.cookies";
            for (at, name) in names.iter().enumerate() {
                let wrong = match known.contains(&(is_cookie, name)) {
                    true => Some("stands twice"),
                    false if name.is_empty() => Some("is empty"),
                    false => (is_cookie && !is_token(name)).then_some("is no name that a cookie can have"),
                };
                if let Some(wrong) = wrong {
                    faults.push(format!("{key}[{at}]"), wrong);
                }
                known.push((is_cookie, name));
            }
        }
        for (at, entry) in places.subprotocols.iter().enumerate() {
            if !is_token(&entry.prefix) {
                let message = "is no beginning of a subprotocol, such as `openai-insecure-api-key.`";
                faults.push(format!("tokens.subprotocols[{at}].prefix"), message);
            }
        }
        let named = places.token_headers.iter().map(|(name, _)| name).chain(&places.key_headers).map(String::len);
        let usual = [AUTHORIZATION.len(), COOKIE.len(), SUBPROTOCOLS.len()];
        places.lengths = named.chain(usual).fold(0, |lengths, length| lengths | length_bit(length));
        faults.into_result().map(|()| places)
    }

    /// Looks for the credential of a request.
    pub fn find<'h>(&'h self, head: &'h RequestHead) -> Found<'h> {
        let mut search = Search { authorizations: 0, found: None, verdict: None };
        for (name, value) in head.headers.iter() {
            if self.lengths & length_bit(name.len()) == 0 {
                continue;
            }
            if name == AUTHORIZATION.as_bytes() && self.authorization {
                search.authorization(value);
            } else if let Some(name) = self.key_headers.iter().find(|known| known.as_bytes() == name) {
                search.header(name, "", value, Hint::Key);
            } else if let Some((name, prefix)) = self.token_headers.iter().find(|(known, _)| known.as_bytes() == name) {
                search.header(name, prefix, value, Hint::Token);
            } else if name == COOKIE.as_bytes() && !self.cookies.is_empty() {
                search.cookies(value, &self.cookies);
            } else if name == SUBPROTOCOLS.as_bytes() {
                search.subprotocols(value, &self.subprotocols);
            }
        }
        if !self.token_query.is_empty() || !self.key_query.is_empty() {
            for (name, value) in parameters(head.path()) {
                let name = decode(name);
                if self.token_query.contains(&name) {
                    search.add(decode(value).into_bytes().into(), Place::Query(name.into()), Hint::Token);
                } else if self.key_query.contains(&name) {
                    search.add(decode(value).into_bytes().into(), Place::Query(name.into()), Hint::Key);
                }
            }
        }
        match (search.verdict, search.found) {
            (Some(verdict), _) => verdict,
            (None, Some(credential)) => Found::One(credential),
            (None, None) => Found::Nothing,
        }
    }
}

const AUTHORIZATION: &str = "authorization";
const COOKIE: &str = "cookie";
const SUBPROTOCOLS: &str = "sec-websocket-protocol";

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn trimmed(mut value: &[u8]) -> &[u8] {
    while let Some((_, rest)) = value.split_first().filter(|(first, _)| is_blank(**first)) {
        value = rest;
    }
    while let Some((_, rest)) = value.split_last().filter(|(last, _)| is_blank(**last)) {
        value = rest;
    }
    value
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}

struct Search<'h> {
    authorizations: usize,
    found: Option<Credential<'h>>,
    verdict: Option<Found<'h>>,
}

impl<'h> Search<'h> {
    /// RFC 6750 section 2.1. A scheme knows no case (RFC 9110 section 11.1). Of a request's one field: two are two credentials,
    /// whatever their schemes, as they are where a proxy joins them by a comma; for those that are spoken, see
    /// [`Credential::is_joined`].
    fn authorization(&mut self, value: &'h [u8]) {
        self.authorizations += 1;
        if self.authorizations > 1 {
            self.verdict = Some(Found::Several);
            return;
        }
        let value = trimmed(value);
        let end = value.iter().position(|byte| is_blank(*byte)).unwrap_or(value.len());
        let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
        // RFC 9449 section 7.1: so comes a token that is bound to a key, which is judged by what it says itself.
        if [b"bearer".as_slice(), b"dpop"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            self.add(trimmed(rest).into(), Place::Header(AUTHORIZATION.into()), Hint::Either);
            return;
        }
        if std::str::from_utf8(value).is_err() {
            self.verdict = Some(Found::Unreadable);
        } else if is_joined(value) {
            self.verdict = Some(Found::Several);
        }
    }

    fn header(&mut self, name: &'h str, prefix: &str, value: &'h [u8], hint: Hint) {
        if let Some(bytes) = value.strip_prefix(prefix.as_bytes()) {
            self.add(trimmed(bytes).into(), Place::Header(name.into()), hint);
        }
    }

    fn cookies(&mut self, value: &'h [u8], names: &[String]) {
        for pair in value.split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            let Some(end) = pair.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = (pair.get(..end).unwrap_or_default(), pair.get(end + 1..).unwrap_or_default());
            if let Some(name) = names.iter().find(|known| known.as_bytes() == name) {
                let value = value.strip_prefix(b"\"").unwrap_or(value);
                let value = value.strip_suffix(b"\"").unwrap_or(value);
                self.add(value.into(), Place::Cookie(name.clone().into()), Hint::Token);
            }
        }
    }

    /// RFC 6455 section 11.3.4: a list, whose order says what the client likes best.
    fn subprotocols(&mut self, value: &'h [u8], known: &'h [Subprotocol]) {
        for entry in value.split(|byte| *byte == b',').map(trimmed) {
            let found = known.iter().find_map(|known| Some((known, entry.strip_prefix(known.prefix.as_bytes())?)));
            let Some((known, rest)) = found else { continue };
            let place = Place::Subprotocol(known.prefix.as_str().into());
            if !known.base64url {
                self.add(rest.into(), place, Hint::Either);
            } else if let Ok(decoded) = URL_SAFE_NO_PAD.decode(rest) {
                self.add(decoded.into(), place, Hint::Either);
            } else {
                self.verdict = Some(Found::Unreadable);
            }
        }
    }

    fn add(&mut self, bytes: Cow<'h, [u8]>, place: Place<'h>, hint: Hint) {
        if bytes.is_empty() {
            return;
        }
        if self.found.replace(Credential { bytes, hint, place }).is_some() {
            self.verdict.get_or_insert(Found::Several);
        }
    }
}

impl Credential<'_> {
    /// A copy that outlives the head.
    pub fn into_owned(self) -> Credential<'static> {
        let owned = |name: Cow<'_, str>| Cow::Owned(name.into_owned());
        let place = match self.place {
            Place::Header(name) => Place::Header(owned(name)),
            Place::Query(name) => Place::Query(owned(name)),
            Place::Cookie(name) => Place::Cookie(owned(name)),
            Place::Subprotocol(prefix) => Place::Subprotocol(owned(prefix)),
        };
        Credential { bytes: Cow::Owned(self.bytes.into_owned()), hint: self.hint, place }
    }

    /// Whether it is what a proxy makes of several `Authorization` fields: joined by a comma, which no token of RFC 6750 has.
    pub fn is_joined(&self) -> bool {
        self.hint == Hint::Either && self.bytes.contains(&b',')
    }

    /// Takes it out of the request.
    pub fn strip(&self, head: &RequestHead, edits: &mut Edits) {
        match &self.place {
            Place::Header(name) => {
                edits.remove_header(&**name);
            }
            Place::Query(name) => {
                edits.set_header(":path", without_parameter(head.path(), name));
            }
            Place::Cookie(name) => {
                let is_other = |pair: &[u8]| pair.split(|byte| *byte == b'=').next() != Some(name.as_bytes());
                keep(head, COOKIE, (b';', b"; "), is_other, edits);
            }
            Place::Subprotocol(prefix) => {
                let is_other = |entry: &[u8]| !entry.starts_with(prefix.as_bytes());
                keep(head, SUBPROTOCOLS, (b',', b", "), is_other, edits);
            }
        }
    }
}

/// Leaves of a header, whose entries are parted by the first and joined by the second, those that are wanted.
fn keep(
    head: &RequestHead,
    name: &str,
    (parted, joined): (u8, &[u8]),
    is_wanted: impl Fn(&[u8]) -> bool,
    edits: &mut Edits,
) {
    let entries = head.headers.get_all(name).flat_map(|value| value.split(|byte| *byte == parted));
    let entries = entries.map(<[u8]>::trim_ascii).filter(|entry| !entry.is_empty() && is_wanted(entry));
    let kept: Vec<&[u8]> = entries.collect();
    if kept.is_empty() {
        edits.remove_header(name);
    } else {
        edits.set_header(name, kept.join(joined));
    }
}

/// Whether several credentials stand in one field: behind a comma is something other than one more parameter of the scheme, as
/// `Digest` has them (RFC 9110 section 11.4). An empty element counts for nothing (section 5.6.1), and a comma in a quoted
/// string parts nothing (5.6.4).
fn is_joined(value: &[u8]) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    let mut elements = value.split(|sign| {
        let parts = *sign == b',' && !quoted;
        quoted ^= *sign == b'"' && !escaped;
        escaped = quoted && *sign == b'\\' && !escaped;
        parts
    });
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    elements.next();
    elements.map(trimmed).any(|part| {
        let name = trimmed(part.split(|sign| *sign == b'=').next().unwrap_or_default());
        !part.is_empty() && (!part.contains(&b'=') || name.is_empty() || !name.iter().all(token))
    })
}

/// The parameters of a path's query, as they are written.
fn parameters(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = path.split('#').next().unwrap_or_default().split_once('?').map_or("", |(_, query)| query);
    query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn without_parameter(path: &str, name: &str) -> String {
    let (rest, fragment) = path.find('#').map_or((path, ""), |at| path.split_at(at));
    let (bare, query) = rest.split_once('?').unwrap_or((rest, ""));
    let kept: Vec<&str> =
        query.split('&').filter(|pair| decode(pair.split('=').next().unwrap_or_default()) != name).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{bare}{mark}{}{fragment}", kept.join("&"))
}

/// Undoes percent-encoding, as of a form: `+` stays, because tokens may hold one.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let hex = |pair: &&str| *first == b'%' && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = pair.filter(hex).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
