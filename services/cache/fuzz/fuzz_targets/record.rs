//! Any bytes as what a store gives back, or a gateway: records of entries, packed ones, notes, tickets. None is believed, and
//! what is taken for an entry can be kept again, and searched.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelgate_cache::cache::decide::{ComparatorError, ErrorBudget};
use modelgate_cache::cache::index::{Bounds, Index, Life};
use modelgate_cache::cache::partition::{Keys, Secret};
use modelgate_cache::cache::store::coding::{decode, encode};
use modelgate_cache::cache::store::packing::unpack_entry;
use modelgate_cache::cache::store::{Entry, Labels};
use modelgate_cache::cache::ticket::Ticket;

const ERROR: ComparatorError = ComparatorError { different: 3000, missed: 6, same: 3000, blamed: 6 };

fuzz_target!(|bytes: &[u8]| {
    // Redis, and the packed form of Milvus and Weaviate.
    let packed = std::str::from_utf8(bytes).ok().and_then(unpack_entry);
    for entry in decode::<Entry>(bytes).into_iter().chain(packed) {
        kept_again(&entry);
    }
    // The embedded store's, with the cost in front.
    if let Some((_, entry)) = decode::<(u32, Entry)>(bytes) {
        kept_again(&entry);
    }
    decode::<Labels>(bytes);
    // What another instance says that it has learnt.
    if let Ok(pools) = serde_json::from_slice(bytes) {
        let mut budget = ErrorBudget::default();
        budget.adopt(pools);
        for bound in budget.bounds() {
            budget.consult(&bound.pool, 0.01, &ERROR, 0.9, 0.5);
            budget.learn(&bound.pool, 0.9, false);
        }
        assert!(budget.bounds().iter().all(|bound| (0.0..=1.0).contains(&bound.bound)));
    }
    let keys = Keys::of(&Secret::from_passphrase("a passphrase that is long enough for it").expect("it is"));
    assert!(Ticket::open(bytes, &keys, 0).is_err(), "nobody can guess a seal");
});

fn kept_again(entry: &Entry) {
    let bytes = encode(entry).expect("it was decoded from less");
    assert_eq!(decode::<Entry>(&bytes).as_ref(), Some(entry));
    let Some(vector) = &entry.vector else { return };
    let mut index = Index::new(vector.components().len());
    let life = Life { created_ms: 0, expires_ms: 1 };
    for row in 0..3 {
        index.push(vector, row, 0, life);
    }
    index.remove(1);
    let bounds = Bounds { count: 2, floor: -1.0, now_ms: 0, since_ms: 0 };
    let near = index.nearest(vector, &bounds);
    assert_eq!(near.len(), index.len().min(2));
    assert!(near.iter().all(|near| near.similarity == vector.cosine(vector)));
}
