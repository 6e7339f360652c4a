//! Any stream, cut anywhere: the items are the same, and their raw bytes are the stream.
#![no_main]

use chat::sse::{Framer, Item};
use libfuzzer_sys::fuzz_target;

/// What a client would see of one item.
fn seen(item: &Item<'_>) -> (Vec<u8>, Option<String>, bool) {
    match item {
        Item::Event(event) => {
            let _ = (event.event(), event.id(), event.retry_ms(), event.with_data("x\r\ny"));
            (event.raw().to_vec(), event.data().map(|data| data.into_owned()), event.is_complete())
        }
        Item::Oversized { raw, last } => (raw.to_vec(), None, *last),
    }
}

fn items<'a>(chunks: impl Iterator<Item = &'a [u8]>, limit: usize) -> Vec<(Vec<u8>, Option<String>, bool)> {
    let mut framer = Framer::new(limit);
    let mut items = Vec::new();
    for chunk in chunks {
        framer.push(chunk);
        while let Some(item) = framer.next_item() {
            items.push(seen(&item));
        }
    }
    framer.finish();
    while let Some(item) = framer.next_item() {
        items.push(seen(&item));
    }
    items
}

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (limit, cut, stream) = input;
    let limit = usize::from(limit) + 1;
    let whole = items(std::iter::once(stream), limit);
    assert_eq!(whole, items(stream.chunks(usize::from(cut % 16) + 1), limit));
    assert_eq!(whole.into_iter().flat_map(|(raw, ..)| raw).collect::<Vec<u8>>(), stream);
});
