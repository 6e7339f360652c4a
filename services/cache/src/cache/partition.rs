//! Names that nobody can guess or make collide: partitions, entries, epochs. Each is a keyed hash (BLAKE3) over fields with
//! their lengths, so that no two lists of fields run together.
//!
//! What a partition keeps apart is decided by the gateway, in [`Scope`]; this file only makes sure that every field counts.

use cache_api::cache::Scope;
use std::fmt;

/// Bytes of the digests that a caller gives: SHA-256.
pub const DIGEST: usize = 32;

/// The service's secret. Instances that share a store share it; whoever has it can tell whether a request is cached.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A fresh one from the system's randomness.
    ///
    /// # Errors
    /// The system has none to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// From its 32 bytes, as [`Secret::bytes`] gave them.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// From what an operator wrote: any text of at least 32 bytes.
    #[must_use]
    pub fn from_passphrase(text: &str) -> Option<Self> {
        (text.len() >= 32).then(|| Self(blake3::derive_key("modelgate-cache v1 configured secret", text.as_bytes())))
    }

    /// The bytes, to keep beside the store.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The keys that are made from one [`Secret`], one per use.
#[derive(Clone)]
pub struct Keys {
    partition: [u8; 32],
    entry: [u8; 32],
    epoch: [u8; 32],
    ticket: [u8; 32],
    print: [u8; 8],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// Whose answers may be shared: everything in [`Scope`], the embedder and the epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct PartitionId(pub [u8; 32]);

/// One canonical request in one partition: the key of the exact tier, and the entry's name towards administrators.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct EntryId(pub [u8; 16]);

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl EntryId {
    /// From its 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|number| Self(number.to_be_bytes()))
    }
}

/// The counter that is raised to forget all that a [`Selector`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct EpochKey(pub [u8; 16]);

/// What an invalidation by epoch names. All that is given must agree; nothing given is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The filter's policy.
    pub policy: Option<String>,
    /// The model that serves.
    pub model: Option<String>,
    /// Its version; only together with the model.
    pub version: Option<String>,
}

/// A keyed hash over fields, each with its length in front.
struct Fields(blake3::Hasher);

impl Fields {
    fn under(key: &[u8; 32]) -> Self {
        Self(blake3::Hasher::new_keyed(key))
    }

    fn with(mut self, field: &[u8]) -> Self {
        self.0.update(&(field.len() as u64).to_le_bytes());
        self.0.update(field);
        self
    }

    /// A field that may be absent: absent and empty differ.
    fn with_option(self, field: Option<&str>) -> Self {
        match field {
            Some(field) => self.with(&[1]).with(field.as_bytes()),
            None => self.with(&[0]),
        }
    }

    fn scope(self, scope: &Scope) -> Self {
        let Scope { tenant, consumer, shared, policy, api, model, version, context } = scope;
        self.with(tenant.as_bytes())
            .with(consumer.as_bytes())
            .with(&[u8::from(*shared)])
            .with(policy.as_bytes())
            .with(api.as_bytes())
            .with(model.as_bytes())
            .with(version.as_bytes())
            .with(context)
    }

    fn end(self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }

    fn half(self) -> [u8; 16] {
        let mut half = [0; 16];
        self.0.finalize_xof().fill(&mut half);
        half
    }
}

impl Keys {
    /// The keys of a secret.
    #[must_use]
    pub fn of(secret: &Secret) -> Self {
        let key = |purpose: &str| blake3::derive_key(&format!("modelgate-cache v1 {purpose}"), secret.bytes());
        let mut print = [0; 8];
        blake3::Hasher::new_keyed(&key("fingerprint")).finalize_xof().fill(&mut print);
        Self { partition: key("partition"), entry: key("entry"), epoch: key("epoch"), ticket: key("ticket"), print }
    }

    /// Tells two secrets apart without giving either away.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 8] {
        self.print
    }

    /// The partition of a scope, for an embedder, in the epochs that [`Keys::epochs`] named. A file that changes what
    /// counts here changes the derivation's name in [`Keys::of`], or old entries answer new questions.
    #[must_use]
    pub fn partition(&self, scope: &Scope, embedder: &str, epochs: &[u64]) -> PartitionId {
        let fields = Fields::under(&self.partition).scope(scope).with(embedder.as_bytes());
        let fields = epochs.iter().fold(fields, |fields, epoch| fields.with(&epoch.to_le_bytes()));
        PartitionId(fields.end())
    }

    /// The name of a canonical request in a partition. `request` is its digest.
    #[must_use]
    pub fn entry(&self, partition: PartitionId, request: &[u8]) -> EntryId {
        EntryId(Fields::under(&self.entry).with(&partition.0).with(request).half())
    }

    /// What a ticket is bound to: it serves to store this request and text in this scope, and nothing else.
    #[must_use]
    pub fn binding(&self, scope: &Scope, request: &[u8], text: &str) -> [u8; 32] {
        Fields::under(&self.ticket).with(b"binding").scope(scope).with(request).with(text.as_bytes()).end()
    }

    /// Authenticates a ticket.
    #[must_use]
    pub fn seal(&self, ticket: &[u8]) -> blake3::Hash {
        blake3::Hash::from_bytes(Fields::under(&self.ticket).with(b"seal").with(ticket).end())
    }

    /// The counter of a selector.
    #[must_use]
    pub fn epoch(&self, selector: &Selector) -> EpochKey {
        let Selector { tenant, policy, model, version } = selector;
        let fields = [tenant, policy, model, version];
        EpochKey(fields.iter().fold(Fields::under(&self.epoch), |all, field| all.with_option(field.as_deref())).half())
    }

    /// The counters that a scope depends on: one per selector that names it. Always in the same order.
    #[must_use]
    pub fn epochs(&self, tenant: &str, policy: &str, model: &str, version: &str) -> Vec<EpochKey> {
        let some = |text: &str| Some(text.to_owned());
        let models = [(None, None), (some(model), None), (some(model), some(version))];
        let mut keys = Vec::with_capacity(12);
        for tenant in [None, some(tenant)] {
            for policy in [None, some(policy)] {
                for (model, version) in models.clone() {
                    keys.push(self.epoch(&Selector { tenant: tenant.clone(), policy: policy.clone(), model, version }));
                }
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::{EntryId, Keys, Secret, Selector};
    use cache_api::cache::Scope;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn keys() -> Keys {
        Keys::of(&Secret::from_bytes(&[7; 32]).unwrap())
    }

    /// Every field of a scope, the embedder, an epoch and the request, set to `values`.
    fn names(values: &[String; 10]) -> (super::PartitionId, EntryId) {
        let [tenant, consumer, policy, api, model, version, context, embedder, request, rest] = values.clone();
        let shared = rest.len() % 2 == 1;
        let context = context.into_bytes();
        let scope = Scope { tenant, consumer, shared, policy, api, model, version, context };
        let partition = keys().partition(&scope, &embedder, &[rest.len() as u64 / 2, 0]);
        (partition, keys().entry(partition, request.as_bytes()))
    }

    fn values() -> impl Strategy<Value = [String; 10]> {
        // Few letters, so that fields run into each other wherever they can.
        prop::array::uniform10("[ab]{0,3}")
    }

    proptest! {
        #[test]
        fn equal_fields_are_one_name_and_others_are_not(a in values(), b in values()) {
            prop_assert_eq!(names(&a).1 == names(&b).1, a == b || {
                // Of the last one only the length counts.
                a[..9] == b[..9] && a[9].len() == b[9].len()
            });
        }
    }

    /// Isolation: each field and each pair of fields moves the name, also where the text only moves from one to the other.
    #[test]
    fn every_pair_of_fields_moves_the_name() {
        let plain = std::array::from_fn::<String, 10, _>(|_| "x".to_owned());
        let mut seen = HashSet::from([names(&plain)]);
        for first in 0..10 {
            for second in first..10 {
                for (one, other) in [("xx", "xx"), ("", "xx"), ("xx", "")] {
                    let mut changed = plain.clone();
                    changed[first] = one.to_owned();
                    changed[second] = other.to_owned();
                    let name = names(&changed);
                    if first != second {
                        assert!(seen.insert(name), "fields {first} and {second} as {one:?} and {other:?}");
                        assert_ne!(name.1, names(&plain).1);
                    }
                }
            }
        }
    }

    #[test]
    fn another_secret_names_everything_differently() {
        let other = Keys::of(&Secret::from_bytes(&[8; 32]).unwrap());
        let scope = Scope { tenant: "a".into(), ..Scope::default() };
        let partition = keys().partition(&scope, "", &[]);
        assert_ne!(partition, other.partition(&scope, "", &[]));
        assert_ne!(keys().entry(partition, b""), other.entry(partition, b""));
        assert_ne!(keys().fingerprint(), other.fingerprint());
    }

    #[test]
    fn a_scope_depends_on_every_selector_that_names_it() {
        let depends: HashSet<_> = keys().epochs("t", "p", "m", "v").into_iter().collect();
        assert_eq!(depends.len(), 12);
        let some = |text: &str| Some(text.to_owned());
        for tenant in [None, some("t"), some("x")] {
            for policy in [None, some("p"), some("x")] {
                for model in [None, some("m"), some("x")] {
                    let names = ![&tenant, &policy, &model].contains(&&some("x"));
                    let selector = Selector { tenant: tenant.clone(), policy: policy.clone(), model, version: None };
                    assert_eq!(depends.contains(&keys().epoch(&selector)), names, "{selector:?}");
                }
            }
        }
        // An empty name is not an absent one.
        let empty = keys().epochs("", "", "", "");
        assert_eq!(empty.iter().collect::<HashSet<_>>().len(), 12);
    }

    #[test]
    fn an_entry_is_read_as_it_is_written() {
        let id = EntryId([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255]);
        assert_eq!(EntryId::parse(&id.to_string()), Some(id));
        assert_eq!(EntryId::parse("+102030405060708090a0b0c0d0e0fff"), None);
        assert_eq!(EntryId::parse("1"), None);
    }
}
