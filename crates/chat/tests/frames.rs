//! Streams of messages, cut everywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::{Frame, Frames, Framing, Message};
use proptest::prelude::*;

const FRAMINGS: [Framing; 5] = [Framing::Events, Framing::Lines, Framing::Sequence, Framing::Array, Framing::Lengths];

/// A frame, owned: its raw bytes, its data, and whether the stream's end cut it.
type Seen = (Vec<u8>, Option<String>, bool);

fn cut<'a>(framing: Framing, chunks: impl IntoIterator<Item = &'a [u8]>, most: usize) -> Vec<Seen> {
    let mut frames = Frames::new(framing, most);
    let mut all = Vec::new();
    let mut take = |frames: &mut Frames| {
        while let Some(frame) = frames.next_frame() {
            let data = frame.data().map(|data| data.into_owned());
            if let Frame::Message(message) = frame {
                check_edit(&frame, &message, framing);
            }
            all.push((frame.raw().to_vec(), data, frame.is_cut()));
        }
    };
    for chunk in chunks {
        frames.push(chunk, false);
        take(&mut frames);
    }
    frames.push(b"", true);
    take(&mut frames);
    all
}

/// A frame with other data says that, and nothing else is changed.
fn check_edit(frame: &Frame<'_>, message: &Message<'_>, framing: Framing) {
    let edited = frame.with_data("x");
    if framing != Framing::Lengths {
        assert_eq!(edited.len() + message.data().len(), frame.raw().len() + 1, "{frame:?}");
    } else if !message.is_broken() {
        let mut frames = Frames::new(framing, usize::MAX);
        frames.push(&edited, true);
        let again = frames.next_frame().expect("a message");
        assert_eq!(again.data().as_deref(), Some("x"), "{frame:?}");
        assert_eq!(again.with_data(&frame.data().unwrap_or_default()).len(), frame.raw().len(), "{frame:?}");
    }
}

fn data(framing: Framing, stream: &str) -> Vec<String> {
    cut(framing, [stream.as_bytes()], 1000).into_iter().filter_map(|(_, data, _)| data).collect()
}

/// A message of an event stream of AWS.
fn message(header: &str, payload: &str) -> Vec<u8> {
    let lengths = [16 + header.len() + payload.len(), header.len()].map(|length| (length as u32).to_be_bytes());
    [&lengths[0], &lengths[1], &b"...."[..], header.as_bytes(), payload.as_bytes(), b"...."].concat()
}

#[test]
fn media_types_tell_the_framing() {
    for (kind, framing) in [
        ("text/event-stream; charset=utf-8", Some(Framing::Events)),
        ("Application/X-NDJSON", Some(Framing::Lines)),
        ("application/jsonl ; charset=utf-8", Some(Framing::Lines)),
        ("application/x-jsonlines", Some(Framing::Lines)),
        ("application/stream+json", Some(Framing::Lines)),
        ("application/json-seq", Some(Framing::Sequence)),
        ("application/geo+json-seq", Some(Framing::Sequence)),
        ("application/vnd.amazon.eventstream", Some(Framing::Lengths)),
        ("application/json; profile=ndjson", None),
        ("application/ld+json", None),
        ("text/plain", None),
        ("", None),
    ] {
        assert_eq!(Framing::of(kind), framing, "{kind}");
    }
}

#[test]
fn each_framing_has_its_messages() {
    for (framing, stream, messages) in [
        (Framing::Lines, "{\"a\":1}\r\n\n [2] \n{\"b\"", &["{\"a\":1}", "[2]", "{\"b\""][..]),
        (
            Framing::Sequence,
            "\u{1e}{\"a\":1}\n\u{1e}{\n \"b\": \"\u{e9}\\\"}\",\n}\n\u{1e}7\n",
            &["{\"a\":1}", "{\n \"b\": \"\u{e9}\\\"}\",\n}", "7"],
        ),
        // What is torn ends where the next one begins (RFC 7464, section 2.3).
        (
            Framing::Sequence,
            "\u{1e}{\"a\": {\u{1e}{\"b\":\"x\n\u{1e}\u{1e}[1\n]\n",
            &["{\"a\": {", "{\"b\":\"x", "[1\n]"],
        ),
        (
            Framing::Array,
            "[{\"a\":[1,{}]},\n{\"b\":\"],}\\\"\"}\n, 7,\"x ,y\" ,[[]]]\n",
            &["{\"a\":[1,{}]}", "{\"b\":\"],}\\\"\"}", "7", "\"x ,y\"", "[[]]"],
        ),
        (Framing::Array, " [ ] ", &[]),
        (Framing::Array, "[{\"a\":1}, {\"b\"", &["{\"a\":1}", "{\"b\""]),
        (Framing::Events, "data: 1\n\n: x\n\ndata: 2\n\n", &["1", "2"]),
    ] {
        assert_eq!(data(framing, stream), messages, "{stream}");
    }
}

#[test]
fn what_is_whole_needs_nothing_behind_it() {
    for (framing, stream) in
        [(Framing::Sequence, "\u{1e}{\"a\":1}\n"), (Framing::Array, "[{\"a\":1}"), (Framing::Array, "[1,")]
    {
        let mut frames = Frames::new(framing, 1000);
        frames.push(stream.as_bytes(), false);
        assert!(frames.next_frame().is_some_and(|frame| frame.data().is_some() && !frame.is_cut()), "{stream}");
    }
}

#[test]
fn messages_with_lengths_are_opened() {
    let stream = [
        message(":event-type", "{\"a\":1}"),
        message("", "{\"bytes\":\"eyJiIjoyfQ==\",\"p\":\"abc\"}"),
        message("", "{\"bytes\":\"?\"}"),
        message(":exception-type", "{\"message\":\"no\"}"),
        message(":error-code", ""),
    ]
    .concat();
    let mut frames = Frames::new(Framing::Lengths, 1000);
    frames.push(&stream, false);
    let mut seen = Vec::new();
    while let Some(Frame::Message(message)) = frames.next_frame() {
        let data = message.enclosed().unwrap_or_else(|| message.data().to_vec());
        seen.push((String::from_utf8(data).unwrap(), message.is_error()));
    }
    let expected = [
        ("{\"a\":1}", false),
        ("{\"b\":2}", false),
        ("{\"bytes\":\"?\"}", false),
        ("{\"message\":\"no\"}", true),
        ("", true),
    ];
    assert_eq!(seen, expected.map(|(data, is_error)| (data.to_owned(), is_error)));
    // Only there is an event enclosed.
    let mut lines = Frames::new(Framing::Lines, 1000);
    lines.push(b"{\"bytes\":\"eyJiIjoyfQ==\"}\n", false);
    assert!(matches!(lines.next_frame(), Some(Frame::Message(message)) if message.enclosed().is_none()));
}

/// The empty message of the specification's tests, and one with a header and a payload.
#[test]
fn messages_have_their_checksums() {
    let empty = b"\x00\x00\x00\x10\x00\x00\x00\x00\x05\xc2\x48\xeb\x7d\x98\xc8\xff";
    let whole = b"\x00\x00\x00\x3d\x00\x00\x00\x20\x07\xfd\x83\x96\x0ccontent-type\x07\x00\x10application/json{'foo':'bar'}\x8d\x9c\x08\xb1";
    for message in [&empty[..], whole] {
        let mut frames = Frames::new(Framing::Lengths, 1000);
        frames.push(message, true);
        let frame = frames.next_frame().unwrap();
        assert_eq!(frame.with_data(&frame.data().unwrap_or_default()), message);
    }
    let error = Message::error("pii_blocked", "no");
    let mut frames = Frames::new(Framing::Lengths, 1000);
    frames.push(&error, true);
    let Some(Frame::Message(message)) = frames.next_frame() else { panic!() };
    assert!(message.is_error() && !message.is_broken() && message.data().is_empty());
}

#[test]
fn what_is_too_long_is_passed_over() {
    let long = "x".repeat(50);
    for (framing, stream) in [
        (Framing::Lines, format!("{{}}\n\"{long}\"\n[7]\n").into_bytes()),
        (Framing::Sequence, format!("\u{1e}{{}}\n\u{1e}\"{long}\"\n\u{1e}[7]\n").into_bytes()),
        (Framing::Array, format!("[{{}},\"{long}\",[7]]").into_bytes()),
        (Framing::Lengths, [message("", "{}"), message("", &long), message("", "[7]")].concat()),
    ] {
        for size in [1, 7, 1000] {
            let frames = cut(framing, stream.chunks(size), 30);
            let found: Vec<&str> = frames.iter().filter_map(|(_, data, _)| data.as_deref()).collect();
            assert_eq!(found, ["{}", "[7]"], "{framing:?} in pieces of {size}");
        }
    }
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        "[\\[\\]{}\",:\\\\\n\r \u{1e}a1]{0,12}".prop_map(String::into_bytes),
        "[a-z]{0,9}".prop_map(|text| format!("{{\"a\":\"{text}\"}}").into_bytes()),
        "[a-z]{0,9}".prop_map(|text| message(&text, &text)),
        prop::collection::vec(any::<u8>(), 0..6),
        Just(b"\n".to_vec()),
        Just(b"data: 1\n\n".to_vec()),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn frames_are_the_same_at_every_split(stream in stream(), size in 1_usize..9, at in 0..FRAMINGS.len()) {
        let framing = FRAMINGS[at];
        let whole = cut(framing, [&stream[..]], 10_000);
        prop_assert_eq!(&whole, &cut(framing, stream.chunks(size), 10_000), "{:?}", framing);
        let raw: Vec<u8> = whole.iter().flat_map(|(raw, ..)| raw.clone()).collect();
        prop_assert_eq!(raw, stream);
    }

    #[test]
    fn nothing_is_held_for_long(stream in stream(), size in 1_usize..9, most in 1_usize..20, at in 0..FRAMINGS.len()) {
        let cuts = cut(FRAMINGS[at], stream.chunks(size), most);
        prop_assert!(cuts.iter().all(|(raw, data, _)| data.is_none() || raw.len() <= most.max(1)));
        prop_assert_eq!(cuts.iter().map(|(raw, ..)| raw.len()).sum::<usize>(), stream.len());
    }

    #[test]
    fn elements_are_those_of_the_array(values in prop::collection::vec(prop::sample::select(vec![
        "{}", "[]", "7", "-1.5e3", "null", "\"a,]\\\"\"", "{\"a\":[{\"b\":\"}\"}]}", "[[1],[2]]",
    ]), 0..6), space in "[ \n]{0,2}") {
        let text = format!("{space}[{space}{}{space}]{space}", values.join(&format!("{space},{space}")));
        prop_assert_eq!(data(Framing::Array, &text), values);
    }
}
