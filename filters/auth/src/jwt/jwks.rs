//! Key sets from the network: fetched once for all callers and workers, ahead of time; old keys stay while a fetch fails.

use crate::config::provider;
use crate::jwt::algorithm::Algorithm;
use crate::jwt::board::{Lease, Shared, Status};
use crate::jwt::discovery;
use crate::jwt::key_set::{KeySet, Origin};
use plugin::{Answer, Call, HttpCall, Tag, Target};
use policy::Faults;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// The largest document that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How much longer than a fetch its lease is, in milliseconds: for the worker that ends in the middle of one.
const LEASE_SLACK: u64 = 1500;

/// The key set of one issuer, in one worker.
#[derive(Debug)]
pub struct Remote {
    /// The first of the two tags of its calls.
    number: Tag,
    place: Place,
    /// Where else an OpenID configuration may say that the keys are.
    keys_at: Option<Place>,
    path: String,
    discovery: bool,
    issuers: Vec<String>,
    algorithms: Vec<Algorithm>,
    timeout: Duration,
    refresh: u64,
    retry: u64,
    min_refetch: u64,
    status_key: String,
    set_key: String,
    set: RefCell<Option<Rc<KeySet>>>,
    seen: Cell<Status>,
    generation: Cell<u32>,
}

/// A host, and the cluster that leads there.
#[derive(Debug)]
pub struct Place {
    target: Target,
    /// The `:authority`.
    pub host: String,
}

/// What became of the wish for newer keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Make this call; it will be answered.
    Fetch(Call),
    /// A fetch is under way.
    UnderWay,
    /// There may be none for so many seconds.
    NotNow(u64),
}

/// Why newer keys are wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The set is due, or there is none.
    Due,
    /// A token's key may be one that is not in it.
    UnknownKey,
}

/// What came of a fetch.
#[derive(Debug, PartialEq, Eq)]
pub enum Fetched {
    /// A set: how many keys, and how many entries of it were left out.
    Set(usize, usize),
    /// The next call of the same fetch.
    Next(Call),
    /// Nothing of use.
    Failed(&'static str),
}

impl Remote {
    /// Checks where a set is; `number` is its provider's place.
    ///
    /// # Errors
    /// A host or path that is none.
    pub fn new(
        raw: provider::Remote,
        number: usize,
        discovery: bool,
        issuers: &[String],
        algorithms: &[Algorithm],
    ) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let path = match (raw.path, discovery) {
            (Some(path), _) => path,
            (None, true) => "/.well-known/openid-configuration".to_owned(),
            (None, false) => String::new(),
        };
        check_address(&raw.host, &path, &mut faults);
        check_timeout(raw.timeout_ms, "timeout_ms", &mut faults);
        let keys_at = raw.keys_at.map(|other| Place { target: other.cluster, host: other.host });
        if let Some(other) = &keys_at {
            if !discovery {
                faults
                    .push("keys_at", "is for `discovery`: here `cluster` and `host` are those of the keys themselves");
            }
            check_host(&other.host, "keys_at.host", &mut faults);
        }
        faults.into_result()?;
        let place = Place { target: raw.cluster, host: raw.host };
        let identity = format!("{place:?} {keys_at:?} {path} {discovery} {issuers:?} {algorithms:?}");
        let digest = version_of(identity.as_bytes());
        Ok(Self {
            number: Tag::try_from(number * 2).unwrap_or(Tag::MAX - 1),
            place,
            keys_at,
            path,
            discovery,
            issuers: issuers.to_vec(),
            algorithms: algorithms.to_vec(),
            timeout: Duration::from_millis(u64::from(raw.timeout_ms)),
            refresh: raw.refresh_secs.max(1) * 1000,
            retry: raw.retry_secs.max(1) * 1000,
            min_refetch: raw.min_refetch_secs.max(1) * 1000,
            status_key: format!("modelgate.auth.keys.{digest:016x}.status"),
            set_key: format!("modelgate.auth.keys.{digest:016x}.set"),
            set: RefCell::new(None),
            seen: Cell::new(Status::default()),
            generation: Cell::new(0),
        })
    }

    /// The keys, where there are any.
    pub fn set(&self) -> Option<Rc<KeySet>> {
        self.set.borrow().clone()
    }

    /// A number that changes when the keys do.
    pub fn generation(&self) -> u32 {
        self.generation.get()
    }

    /// How many fetches came to an end, as far as this worker knows.
    pub fn attempts(&self) -> u64 {
        self.seen.get().attempts
    }

    /// Longer than a fetch can take, seen from an exchange that waits for it.
    pub fn patience(&self) -> Duration {
        let legs = if self.discovery { 2 } else { 1 };
        self.timeout * legs + Duration::from_millis(LEASE_SLACK + 1500)
    }

    /// Takes over what other workers found. Whether anything is new.
    pub fn sync(&self, shared: &dyn Shared) -> bool {
        let Some((status, _)) = Status::read(shared, &self.status_key) else { return false };
        let seen = self.seen.replace(status);
        if status.version != 0 && status.version != seen.version {
            self.take_over(shared);
        }
        status.attempts != seen.attempts
    }

    fn take_over(&self, shared: &dyn Shared) {
        let Some((text, _)) = shared.get(&self.set_key) else { return };
        if let Ok(set) = KeySet::parse(&text, Origin::Network, &self.algorithms) {
            self.install(set);
        }
    }

    fn install(&self, set: KeySet) {
        self.set.replace(Some(Rc::new(set)));
        self.generation.set(self.generation.get().wrapping_add(1));
    }

    /// Asks for newer keys.
    pub fn wish(&self, shared: &mut dyn Shared, why: Why) -> Wish {
        let legs = if self.discovery { 2 } else { 1 };
        let hold = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX) * legs + LEASE_SLACK;
        let (has_set, min_refetch) = (self.set.borrow().is_some(), self.min_refetch);
        let may = |status: &Status, now: u64| match why {
            Why::UnknownKey if has_set => status.begun.saturating_add(min_refetch).saturating_sub(now),
            Why::UnknownKey | Why::Due => status.due.saturating_sub(now),
        };
        match Status::lease(shared, &self.status_key, hold, &may) {
            Lease::Taken => Wish::Fetch(self.call(self.number + u32::from(self.discovery), &self.place, &self.path)),
            Lease::Others => Wish::UnderWay,
            Lease::NotYet(millis) => Wish::NotNow(millis.div_ceil(1000)),
        }
    }

    fn call(&self, tag: Tag, place: &Place, path: &str) -> Call {
        let fields = [
            (":method", "GET"),
            (":path", path),
            (":authority", place.host.as_str()),
            (":scheme", "https"),
            ("accept", "application/json"),
        ];
        Call::Http(HttpCall {
            tag,
            target: place.target.clone(),
            headers: fields.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec(),
            body: Vec::new(),
            timeout: self.timeout,
        })
    }

    /// Takes an answer. `random` spreads the next fetches of many gateways.
    pub fn answered(&self, shared: &mut dyn Shared, tag: Tag, answer: Answer, random: u64) -> Fetched {
        let fetched = self.read(shared, tag, answer);
        let now = shared.millis();
        let due = match fetched {
            Fetched::Next(_) => return fetched,
            Fetched::Set(..) => now + self.refresh - random % (self.refresh / 10).max(1),
            Fetched::Failed(_) => now + self.retry,
        };
        let version = self.set.borrow().is_some().then(|| self.seen.get().version);
        Status::finish(shared, &self.status_key, version.filter(|version| *version != 0), due);
        if let Some((status, _)) = Status::read(shared, &self.status_key) {
            self.seen.set(status);
        }
        fetched
    }

    fn read(&self, shared: &mut dyn Shared, tag: Tag, answer: Answer) -> Fetched {
        let body = match answer {
            Answer::Http { status: 200, body } if body.len() <= MAX_BYTES => body,
            Answer::Http { status: 200, .. } => return Fetched::Failed("the document is over 1 MiB"),
            Answer::Http { .. } => return Fetched::Failed("the status is not 200; redirects are not followed"),
            _ => return Fetched::Failed("no answer"),
        };
        if tag != self.number {
            let places = std::iter::once(&self.place).chain(&self.keys_at);
            return match discovery::place_of_keys(&body, &self.issuers, places) {
                Ok((place, path)) => Fetched::Next(self.call(self.number, place, &path)),
                Err(reason) => Fetched::Failed(reason),
            };
        }
        let set = match KeySet::parse(&body, Origin::Network, &self.algorithms) {
            Ok(set) => set,
            Err(reason) => return Fetched::Failed(reason),
        };
        let found = Fetched::Set(set.count(), set.skipped.len());
        let version = version_of(&body);
        let known = self.seen.get();
        if version != known.version || self.set.borrow().is_none() {
            if shared.set(&self.set_key, &body, None).is_err() {
                return Fetched::Failed("the workers' shared data takes no more");
            }
            self.install(set);
            self.seen.set(Status { version, ..known });
        }
        found
    }
}

/// Whether an answer is waited for at all.
pub fn check_timeout(timeout_ms: u32, key: &str, faults: &mut Faults) {
    if timeout_ms == 0 {
        faults.push(key, "is 0, so that no answer would be waited for");
    }
}

/// Notes a host or a path that cannot be sent.
pub fn check_address(host: &str, path: &str, faults: &mut Faults) {
    if !path.starts_with('/') || !is_plain(path) {
        faults.push("path", "is no path such as /.well-known/jwks.json: it starts with `/` and has no space in it");
    }
    check_host(host, "host", faults);
}

fn check_host(host: &str, key: &str, faults: &mut Faults) {
    if host.is_empty() || host.contains('/') || !is_plain(host) {
        faults.push(key, "is no host such as login.example, without `https://` and path: it is sent as `:authority`");
    }
}

/// Whether a text can stand in the head of a request as it is.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A number for a text, never 0.
fn version_of(text: &[u8]) -> u64 {
    let digest = hmac_sha256::Hash::hash(text);
    let (head, _) = digest.split_at(8);
    head.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte)).max(1)
}
