//! Streams of events, cut everywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::sse::{Framer, Item, write_event};
use proptest::prelude::*;

/// An item, owned: raw bytes, `event`, `data`, and whether it ended as it should; `None` as data for pieces.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    raw: Vec<u8>,
    event: Option<String>,
    data: Option<String>,
    oversized: bool,
    ended: bool,
}

fn seen(item: Item<'_>) -> Seen {
    let raw = item.raw().to_vec();
    match item {
        Item::Event(event) => Seen {
            raw,
            event: event.event().map(Into::into),
            data: event.data().map(Into::into),
            oversized: false,
            ended: event.is_complete(),
        },
        Item::Oversized { last, .. } => Seen { raw, event: None, data: None, oversized: true, ended: last },
    }
}

fn frame<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, limit: usize) -> Vec<Seen> {
    let mut framer = Framer::new(limit);
    let mut items = Vec::new();
    for chunk in chunks {
        framer.push(chunk);
        while let Some(item) = framer.next_item() {
            items.push(seen(item));
        }
        assert!(framer.pending_bytes() <= limit, "holds {} bytes over {limit}", framer.pending_bytes());
    }
    framer.finish();
    while let Some(item) = framer.next_item() {
        items.push(seen(item));
    }
    items
}

fn joined(items: &[Seen]) -> Vec<u8> {
    items.iter().flat_map(|item| item.raw.clone()).collect()
}

/// What a client of the standard is given: read from the whole stream, in the standard's own words and order.
fn standard(stream: &[u8]) -> Vec<(Option<String>, String)> {
    let text = String::from_utf8_lossy(stream).into_owned();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.pop();
    let (mut dispatched, mut data, mut event) = (Vec::new(), String::new(), String::new());
    for line in lines {
        if line.is_empty() {
            if !data.is_empty() {
                data.pop();
                dispatched.push((Some(event.clone()).filter(|event| !event.is_empty()), data.clone()));
            }
            data.clear();
            event.clear();
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => data = data + value + "\n",
            "event" => event = value.to_owned(),
            _ => {}
        }
    }
    dispatched
}

fn dispatched(items: &[Seen]) -> Vec<(Option<String>, String)> {
    let complete = items.iter().filter(|item| item.ended && !item.oversized);
    complete.filter_map(|item| Some((item.event.clone(), item.data.clone()?))).collect()
}

const STREAMS: &[&[u8]] = &[
    b"",
    b"\n",
    b"data: {\"a\":1}\n\ndata: [DONE]\n\n",
    b"data: a\r\n\r\ndata: b\r\n\r\n",
    b"data: a\r\rdata: b\r\r",
    b"data: a\n\r\ndata: b\r\n\ndata: c\r\n\rdata: d\n\r\r\n",
    b"\r\n\r\n\r\rdata: a\r\n\r\n\n",
    b"\xef\xbb\xbfdata: marked\n\n\xef\xbb\xbfdata: not a field\n\n",
    b"\xef\xbb\xbf\n\xef\xbb\xbf\n\n",
    b"\xef\xbbdata: half a mark\n\n",
    b": keep-alive\n\n:\n\nevent: ping\ndata\n\ndata:\ndata:\n\n",
    b"event: a\nevent:b\nid: 1\nid: \x002\nretry: 10\nretry: x\ndata:  two\ndata:x:y\n\n",
    b"data: \xff\xfe caf\xc3\xa9\n\ndata: \xf0\x9f\x92",
    b"data: [DONE]",
    b"data: [DONE]\n",
    b"data: a\r\n\r",
    b"data: a\r\n\rdata: b\n",
];

#[test]
fn every_cut_gives_the_same_items() {
    for stream in STREAMS {
        for limit in [1, 2, 3, 5, 8, 1 << 20] {
            let whole = frame([*stream], limit);
            assert_eq!(joined(&whole), *stream);
            assert_eq!(frame(stream.chunks(1), limit), whole, "{:?} byte by byte", stream.escape_ascii());
            for at in 0..=stream.len() {
                let (one, two) = stream.split_at(at);
                assert_eq!(frame([one, two], limit), whole, "{} at {at}", stream.escape_ascii());
            }
        }
    }
}

#[test]
fn clients_get_what_the_standard_says() {
    for stream in STREAMS {
        assert_eq!(dispatched(&frame([*stream], 1 << 20)), standard(stream), "{}", stream.escape_ascii());
    }
}

#[test]
fn crlf_stays_with_its_event_and_cr_alone_does_not_wait() {
    let raws = |stream: &[u8]| frame([stream], 100).into_iter().map(|item| item.raw).collect::<Vec<_>>();
    assert_eq!(raws(b"data: a\r\n\r\ndata: b\r\n\r\n"), [b"data: a\r\n\r\n", b"data: b\r\n\r\n"]);
    let mut framer = Framer::new(100);
    framer.push(b"data: a\r\r");
    assert_eq!(framer.next_item().map(seen).unwrap().data.as_deref(), Some("a"));
}

#[test]
fn fields_follow_the_standard() {
    let mut framer = Framer::new(1000);
    framer.push(b"event: a\nevent:b\nid: 1\nid: \x002\nretry: 10\nretry: x\nDATA: no\ndata:  two\ndata:x:y\ndata\n\n");
    let Some(Item::Event(event)) = framer.next_item() else { panic!("no event") };
    assert_eq!(event.event().as_deref(), Some("b"));
    assert_eq!(event.id().as_deref(), Some("1"));
    assert_eq!(event.retry_ms(), Some(10));
    assert_eq!(event.data().as_deref(), Some(" two\nx:y\n"));
}

#[test]
fn an_event_over_the_limit_comes_in_pieces_and_the_next_is_whole() {
    let long = [b"data: ".as_slice(), &[b'x'; 100], b"\n\ndata: y\n\n"].concat();
    let items = frame(long.chunks(7), 16);
    let (last, pieces) = items.split_last().unwrap();
    assert_eq!(last.data.as_deref(), Some("y"));
    assert!(pieces.iter().all(|piece| piece.oversized));
    assert_eq!(pieces.iter().map(|piece| piece.raw.len()).collect::<Vec<_>>(), [16, 16, 16, 16, 16, 16, 12]);
    assert_eq!(pieces.iter().position(|piece| piece.ended), Some(6));
    assert!(!frame([b"data: 89\n\n".as_slice()], 10)[0].oversized);
    assert!(frame([b"data: 89\n\n".as_slice()], 9)[0].oversized);
    assert!(!frame([b"d: 8\r\n\rdata: 9\n\n".as_slice()], 7)[0].oversized);
}

#[test]
fn new_data_keeps_the_other_fields() {
    let mut framer = Framer::new(1000);
    framer.push(b"\xef\xbb\xbf: hi\r\nevent: a\r\ndata: 1\r\ndata: 2\r\nid: 3\r\n\r\n:\n\ndata: cut");
    let Some(Item::Event(event)) = framer.next_item() else { panic!("no event") };
    assert_eq!(event.with_data("x\ny"), b": hi\nevent: a\ndata: x\ndata: y\nid: 3\n\n");
    framer.next_item();
    framer.finish();
    let Some(Item::Event(event)) = framer.next_item() else { panic!("no event") };
    assert_eq!(event.with_data("x"), b"data: x\n");
}

/// Bytes of which many are line ends and field names.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"data: ".to_vec()),
        Just(b"event:".to_vec()),
        Just(b":".to_vec()),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just("é".as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn any_stream_cut_anywhere(stream in streams(), cuts in prop::collection::vec(1_usize..9, 1..20), limit in 1_usize..40) {
        let whole = frame([stream.as_slice()], limit);
        prop_assert_eq!(joined(&whole), stream.clone());
        let (mut chunks, mut rest) = (Vec::new(), stream.as_slice());
        for cut in cuts.iter().cycle() {
            let (chunk, tail) = rest.split_at((*cut).min(rest.len()));
            chunks.push(chunk);
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(frame(chunks, limit), whole);
    }

    #[test]
    fn any_stream_reads_as_the_standard_says(stream in streams()) {
        prop_assert_eq!(dispatched(&frame(stream.chunks(3), 1 << 20)), standard(&stream));
    }

    #[test]
    fn what_is_written_is_read(data in any::<String>(), name in "[a-z_]{1,9}") {
        let items = frame([write_event(Some(&name), &data).as_bytes()], 1 << 20);
        let lf = data.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(dispatched(&items), vec![(Some(name), lf)]);
    }
}
