//! A stream gives the same text wherever its deltas and its chunks are split, and hostile texts end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use chat::{Frames, Message};
use pii_guard::detect::{Bits, Detector, Look, Script};
use pii_guard::mask::Placeholders;
use pii_guard::text::{Guard, Tally};
use pii_guard::{Config, Framing, Stream, StreamOut};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Instant;

thread_local! {
    static CONFIG: Config = Config::read(
        br#"{"default_policy": "p", "policies": {"p": {
            "request": [{"entities": ["*"], "action": "restore"}],
            "response": [{"entities": ["*"], "action": "replace"}]}}}"#,
    ).unwrap();
}

/// What goes on of a stream of this API, at once or in pieces.
fn passed(api: chat::Api, stream: &str, piece: usize) -> String {
    String::from_utf8(passed_framed(api, Framing::Events, stream.as_bytes(), piece).unwrap()).unwrap()
}

/// The same of any framing; none if the stream may not go on.
fn passed_framed(api: chat::Api, framing: Framing, stream: &[u8], piece: usize) -> Option<Vec<u8>> {
    CONFIG.with(|config| {
        let policy = config.policies.get("p").unwrap();
        let (mut placeholders, mut tally) = (Placeholders::new(b""), Tally::default());
        placeholders.of("EMAIL_ADDRESS", "jane@example.com", true);
        let mut course = Stream::new(api, framing, &[]);
        let mut out = Vec::new();
        let pieces: Vec<&[u8]> = stream.chunks(piece).collect();
        for (at, piece) in pieces.iter().enumerate() {
            let mut guard = Guard {
                config,
                direction: &policy.response,
                placeholders: &mut placeholders,
                tally: &mut tally,
                places: None,
                restores: true,
            };
            match course.push(&mut guard, piece, at + 1 == pieces.len()) {
                StreamOut::Go(bytes) => out.extend_from_slice(&bytes),
                _ => return None,
            }
        }
        Some(out)
    })
}

/// What the client reads of a stream whose deltas are these.
fn read(deltas: &[String], chunk: usize) -> String {
    let mut bytes = String::new();
    for delta in deltas {
        let data = serde_json::json!({"choices": [{"index": 0, "delta": {"content": delta}}]});
        bytes += &format!("data: {data}\n\n");
    }
    bytes += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let out = passed(chat::Api::ChatCompletions, &bytes, chunk.max(1));
    let mut text = String::new();
    for line in out.lines().filter_map(|line| line.strip_prefix("data: {")) {
        let event: serde_json::Value = serde_json::from_str(&format!("{{{line}")).unwrap();
        text += event["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
    }
    text
}

/// A message of an event stream of AWS, like this one but for what it says.
fn like(message: &[u8], data: &str) -> Vec<u8> {
    let mut frames = Frames::new(Framing::Lengths, 1 << 20);
    frames.push(message, true);
    frames.next_frame().unwrap().with_data(data)
}

/// A message that says this.
fn message(payload: &str) -> Vec<u8> {
    like(&Message::error("", ""), payload)
}

/// The text and the arguments that the client of Bedrock reads, of Converse or of a model's own events.
fn read_messages(stream: &[u8]) -> (String, String) {
    let mut frames = Frames::new(Framing::Lengths, 1 << 20);
    frames.push(stream, true);
    let (mut text, mut arguments, mut over) = (String::new(), String::new(), false);
    while let Some(frame) = frames.next_frame() {
        let data = frame.data().unwrap();
        assert_eq!(frame.with_data(&data), frame.raw(), "its lengths and checksums");
        let event: serde_json::Value = serde_json::from_str(&data).unwrap();
        over |= event.get("stopReason").is_some();
        let said = event["delta"]["text"].as_str().unwrap_or_default();
        let argument = event["delta"]["toolUse"]["input"].as_str().unwrap_or_default();
        assert!(!over || said.len() + argument.len() == 0, "{said}{argument}");
        text += said;
        arguments += argument;
    }
    (text, arguments)
}

#[test]
fn bedrock_streams_are_masked_and_restored() {
    let deltas =
        ["Dear <EMA", "IL_1>, your card 4111 11", "11 1111 1111 was ", "charged, ", "call +1 415-555-", "0132"];
    let expected = "Dear jane@example.com, your card <CREDIT_CARD_1> was charged, call <PHONE_1>";
    let events = deltas.map(|delta| serde_json::json!({"contentBlockIndex": 0, "delta": {"text": delta}, "p": "abc"}));
    let mut converse = vec![message(r#"{"role":"assistant"}"#)];
    converse.extend(events.iter().map(|event| message(&event.to_string())));
    let arguments = [r#"{"to": "<EMAI"#, r#"L_1>"}"#].map(|input| {
        let event = serde_json::json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": input}}});
        message(&event.to_string())
    });
    converse.extend(arguments);
    for event in [r#"{"contentBlockIndex":1}"#, r#"{"stopReason":"end_turn"}"#, r#"{"usage":{"inputTokens":1}}"#] {
        converse.push(message(event));
    }
    let own = deltas.map(|delta| {
        let event = serde_json::json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": delta}});
        like(&message(r#"{"bytes":"e30=","p":"abcdef"}"#), &event.to_string())
    });
    for (stream, called) in [(converse.concat(), r#"{"to": "jane@example.com"}"#), (own.concat(), "")] {
        for piece in [1, 7, 100, 10_000] {
            let out = passed_framed(chat::Api::Other, Framing::Lengths, &stream, piece).unwrap();
            assert_eq!(read_messages(&out), (expected.to_owned(), called.to_owned()), "in pieces of {piece}");
        }
        // Nothing of a message that is torn or says nonsense goes on.
        assert_eq!(passed_framed(chat::Api::Other, Framing::Lengths, &stream[..stream.len() - 3], 50), None);
    }
}

const TEXTS: &[&str] = &[
    "Dear <EMAIL_1>, your card 4111 1111 1111 1111 was charged on 3 March 1985, bye.",
    "Call +1 415-555-0132 or (415) 555-0132 now; mail joe@example.com, see https://www.example.com/a?b=1.",
    "她的卡是4111111111111111吗 and <EMAIL_1> <EMAIL_2> < 3",
    "IBAN DE89 3704 0044 0532 0130 00 and AB 12 34 56 C end. She is 42 years old.",
    "her password: hunter2Xy! is known, ok? 536-90-4399",
    r#"it says {\"pan\": \"4111 1111 1111 1111\"}\n536-90-4399\nbye, jane\_doe@example.com, \u0034"#,
    "Номер машины А123ВС 77, plate B-MA 1234 there, 차량번호 12가 3456, пиши на почта@пример.рф, и всё",
    "at 52°31'12\"N 13°24'18\"E, lat: 52.521, lng: 13.4051; see a?mail=jane%40example.com&x=1 or x > 668848584 there",
    "the password: Sommer, thanks a lot. Passwort: Geheim und mehr\npassword: see below. pwd: Winter! Or password: Tiger is it",
    "Bitte prüfen Sie Kennzeichen 'B-UP 8648' und M-A 158, plate (HH FW 367); born April 4, 1977 or on Sept. 12, 1981.",
    "the card—4111 1111 1111 1111—and _536-90-4399_, call +1-347-519-1398 ext. 12 or (+30) 2444 670987 «now»",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn any_split_of_the_text_gives_the_same(which in 0..TEXTS.len(), cuts in proptest::collection::vec(0_usize..100, 0..12), chunk in 1_usize..90) {
        let text = TEXTS[which];
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len() && text.is_char_boundary(*cut)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut deltas = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([text.len()]) {
            deltas.push(text[from..cut].to_owned());
            from = cut;
        }
        let whole = read(&[text.to_owned()], 10_000);
        prop_assert_eq!(read(&deltas, chunk), whole);
    }

    #[test]
    fn no_text_is_too_strange(text in "(?s).{0,200}", json: bool) {
        static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(Vec::new()).unwrap());
        let look = Look { script: if json { Script::Json } else { Script::Plain }, ahead: true };
        for finding in DETECTOR.scan(&text, look, &Bits::ALL, 0.0) {
            prop_assert!(text.get(finding.start..finding.end).is_some_and(|value| !value.is_empty()));
        }
    }
}

/// What a text becomes that is there as a whole.
fn edited(text: &str) -> String {
    CONFIG.with(|config| {
        let (mut placeholders, mut tally) = (Placeholders::new(b""), Tally::default());
        placeholders.of("EMAIL_ADDRESS", "jane@example.com", true);
        let mut guard = Guard {
            config,
            direction: &config.policies.get("p").unwrap().response,
            placeholders: &mut placeholders,
            tally: &mut tally,
            places: None,
            restores: false,
        };
        guard.edit(text, Look::WHOLE, 0).unwrap_or_else(|| text.to_owned())
    })
}

/// Texts in which a stream finds what is found in the whole.
const ALIKE: &[&str] = &[
    "mail \"jane doe\"@example.com now, he said \"hello there\" to us.",
    "ईमेल उपयोगकर्ता@उदाहरण.भारत है",
    "메일은 사용자@예시.한국 입니다",
    "hunter22 is my password, ok",
    "Sommer!23 is the password for it, and sommer12 is my new wifi password.",
    "password: \"correct horse battery staple\" is it",
    "Passwort: 'mein langes Passwort hier' danke",
    "| id | username | ssn |\n|---|---|---|\n| 1 | mkeller | 536904399 |\n| 2 | jroe77 | 612331123 |\n\nThat is all, 668848584 ok",
    "name,passport,dob\nJane,X1234567,1985-03-12\nJoe,Y7654321,1990-01-02\n",
    "INSERT INTO users (id, name, password) VALUES\n(1, 'jane', 'sommer'),\n(2, 'joe', 'winter');\nThat is all.",
    "Name, Passwort\nThat was a head, and this is a sentence that goes on. Bye.",
    "Here:\n```json\n{\"card\": 4111111111111111, \"n\": \"4111 1111 1111 1111\", \"x\": 3}\n```\nbye 4111111111111111",
    "see https://x.example/?q=my+card+is+4111+1111+1111+1111&x=a%20b there",
    "card=4111+1111+1111+1111&phone=%2B49+30+901820&x=1 there",
    "the login is bob1 / matrix6827 there",
    "login: jane / hunter22, and the credentials are bob and matrix6827 too.",
    "My credentials: jane.doe, hunter22! Or is it joe:hunter33?",
    "the password is Sommer, thanks. Das Passwort ist Geheim. And the password is wrong, the pwd was dragon.",
    "Write to P.O. Box 4821, or to Postfach 12 34 56 there, the post was late.",
    "485423239 belongs to the customer.",
    "**1955839661** was what she said, 536904399 items were sold, 485423239, which is long",
    "see https://en.example.org/wiki/Foo_(bar)_baz;a,b?x=(1) there, or (https://example.org/a) then.",
    "Cookie: theme=dark; sid=8f3ac2d1e5b7a9; lang=en\nthe cookie: a small file; it has x=1",
    "Set-Cookie: sid=8f3ac2d1e5b7a9; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/; HttpOnly\nand more",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36\nnext",
    "it was Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/120.0 that we saw",
    "so the password is Sommer and the user is gone",
    "[{'ssn': '536904399', 'card': '4111111111111111'}, `4111111111111111`] and more",
    "```json\n{'card': '4111111111111111'}\n```",
    "665788678は顧客のものです。665788678 は顧客のものです。",
    "665788678号码是客户的，这是665788678吧，谢谢你们",
    "665788678은 고객의 번호입니다",
    "1985年3月12日生まれ、1985年3月12日出生",
    "nació el 3 de abril de 1990 en Roma, la reunión del 12 de marzo de 2024 fue larga",
    "3 апреля 1990 года, 12 сентября 1990 года рождения",
    "pw: {SSHA}q7Xk2Mz4vB3nTr5wJ6lDp9HsAq7Xk2Mz ok",
    "tool -p Winter!2024 -u bob and it's hunter22 (password), ok",
    "PID|1||00482913^^^HOSP^MR||ROE^JANE^A||19850312|F|||1420 OCEAN DR",
    "生年月日：昭和60年3月12日です、DOB 12-Mar-85, and so on",
    "requests.get(url, auth=('jane.roe@example.com', 'Winter2024x')) and <password encrypted=\"false\">Winter2024x</password>",
    "| password di accesso | Winter7007 |\n|clave API|e7de0949cb15a12653513461b22af0b3185302be|\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_stream_finds_what_the_whole_text_shows(which in 0..ALIKE.len(), cuts in proptest::collection::vec(0_usize..160, 0..24)) {
        let text = ALIKE[which];
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len() && text.is_char_boundary(*cut)).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let starts: Vec<usize> = std::iter::once(0).chain(cuts.iter().copied()).collect();
        let ends = cuts.into_iter().chain([text.len()]);
        let deltas: Vec<String> = starts.into_iter().zip(ends).map(|(from, to)| text[from..to].to_owned()).collect();
        prop_assert_eq!(read(&deltas, 10_000), edited(text));
    }
}

#[test]
fn what_was_masked_is_not_in_what_is_read() {
    for text in TEXTS {
        let out = read(&[(*text).to_owned()], 10_000);
        assert!(
            !out.contains("4111")
                && !out.contains("joe@")
                && !out.contains("hunter2")
                && !out.contains("Sommer,")
                && !out.contains("8648")
                && !out.contains("April")
                && !out.contains("Geheim u")
                && !out.contains("<EMAIL_1>"),
            "{out}"
        );
    }
}

#[test]
fn all_texts_of_an_event_are_looked_at() {
    for (api, before, after) in [
        // What a tool said, what a search asked for, and the title of a source.
        (
            chat::Api::Responses,
            r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"mcp_call","id":"mcp_1","arguments":"{}","output":"joe@example.com said <EMAIL_1>"}}"#,
            r#"{"type":"response.output_item.done","output_index":1,"item":{"type":"mcp_call","id":"mcp_1","arguments":"{}","output":"<EMAIL_2> said jane@example.com"}}"#,
        ),
        (
            chat::Api::ChatCompletions,
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"title":"joe@example.com"}}]}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"title":"<EMAIL_2>"}}]}}]}"#,
        ),
        (
            chat::Api::Messages,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"by joe@example.com"}}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"by <EMAIL_2>"}}}"#,
        ),
        // Tokens and their probabilities repeat the text, however they are written.
        (
            chat::Api::Responses,
            r#"{"type": "response.output_text.delta", "delta": "hi ", "logprobs": [{"token": "joe@example.com", "logprob": -1}]}"#,
            r#"{"type": "response.output_text.delta", "delta": "hi ", "logprobs": []}"#,
        ),
        (
            chat::Api::ChatCompletions,
            r#"{"choices": [{"index": 0, "delta": {"content": "hi "}, "logprobs": {"content": [{"token": "{joe"}]}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {"content": "hi "}, "logprobs": null}]}"#,
        ),
        // An API that is none of ours.
        (
            chat::Api::Other,
            r#"{"candidates":[{"content":{"parts":[{"text":"joe@example.com, <EMAIL_1>"},{"inlineData":{"data":"joe@example.com"}}]}}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"<EMAIL_2>, jane@example.com"},{"inlineData":{"data":"joe@example.com"}}]}}]}"#,
        ),
        // Images of tools (MCP) are media, their texts are not.
        (
            chat::Api::Other,
            r#"{"result":{"content":[{"type":"image","data":"joe@example.com"},{"data":"joe@example.com","type":"audio"},{"type":"resource","resource":{"blob":"joe@example.com"}}]}}"#,
            r#"{"result":{"content":[{"type":"image","data":"joe@example.com"},{"data":"joe@example.com","type":"audio"},{"type":"resource","resource":{"blob":"joe@example.com"}}]}}"#,
        ),
        (
            chat::Api::Other,
            r#"{"content":[{"type":"text","text":"joe@example.com","data":"joe@example.com"}],"data":"joe@example.com"}"#,
            r#"{"content":[{"type":"text","text":"<EMAIL_2>","data":"<EMAIL_2>"}],"data":"<EMAIL_2>"}"#,
        ),
        // Nothing of these is a text.
        (
            chat::Api::Responses,
            r#"{"type":"response.output_audio.delta","delta":"joe@example.com"}"#,
            r#"{"type":"response.output_audio.delta","delta":"joe@example.com"}"#,
        ),
    ] {
        for piece in [3, 4096] {
            assert_eq!(passed(api, &format!("data: {before}\n\n"), piece), format!("data: {after}\n\n"));
        }
    }
}

#[test]
fn a_value_in_two_events_of_gemini_is_found() {
    let stream = concat!(
        r#"data: {"candidates":[{"content":{"parts":[{"text":"card 4111 1111 11"}]}}],"modelVersion":"m"}"#,
        "\n\n",
        r#"data: {"candidates":[{"content":{"parts":[{"text":"11 1111"}]},"finishReason":"STOP"}]}"#,
        "\n\n",
    );
    let read = passed(chat::Api::Other, stream, 5);
    assert!(read.contains("<CREDIT_CARD_1>") && !read.contains("11"), "{read}");
}

#[test]
fn what_is_held_of_two_answers_in_one_event_comes_once_each() {
    let stream = concat!(
        r#"data: {"id":"a@example.com","note":"b@example.com","choices":[{"index":0,"delta":{"content":"card 4111 1111"}},{"index":1,"delta":{"content":"to joe@example.c"}}]}"#,
        "\n\n",
        r#"data: {"choices":[{"index":0,"delta":{"content":" 1111 1111"}},{"index":1,"delta":{"content":"om"}}]}"#,
        "\n\n",
        r#"data: {"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#,
        "\n\n",
        r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "\n\ndata: [DONE]\n\n",
    );
    for piece in [1, 4096] {
        let read = passed(chat::Api::ChatCompletions, stream, piece);
        let mut texts = [String::new(), String::new()];
        for data in read.lines().filter_map(|line| line.strip_prefix("data: {")) {
            let event: serde_json::Value = serde_json::from_str(&format!("{{{data}")).unwrap();
            for choice in event["choices"].as_array().unwrap() {
                let index = choice["index"].as_u64().unwrap();
                texts[usize::try_from(index).unwrap()] += choice["delta"]["content"].as_str().unwrap_or_default();
            }
        }
        assert_eq!(texts, ["card <CREDIT_CARD_1>", "to <EMAIL_3>"], "{read}");
        assert!(!read.contains("b@example.com"), "{read}");
    }
}

#[test]
fn a_summary_ends_before_its_last_event() {
    let stream = concat!(
        r#"data: {"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":1,"delta":"to joe@example.com"}"#,
        "\n\n",
        r#"data: {"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":1,"text":"to joe@example.com"}"#,
        "\n\n",
    );
    let read = passed(chat::Api::Responses, stream, 4096);
    let at = |what: &str| read.find(what).unwrap_or_else(|| panic!("{what}: {read}"));
    assert!(at(r#""delta":"<EMAIL_2>""#) < at("summary_text.done"), "{read}");
}

/// The seconds that this thread was on a processor, where the kernel tells: others on the machine do not count.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.map_or_else(|| START.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

#[test]
fn hostile_texts_take_linear_time() {
    const BYTES: usize = 320_000;
    let detector = Detector::new(Vec::new()).unwrap();
    for unit in [
        ".",
        "@",
        "1 ",
        "a@b.",
        ":",
        "-----BEGIN ",
        "<<",
        "eyJ",
        "password",
        "://",
        "1-",
        "A1",
        "+1 ",
        "é1",
        "\u{200b}",
        "ssn ",
        "(",
        "0x",
    ] {
        // As many bytes both times: in pieces, and at once. The kernel may count in milliseconds.
        let time = |pieces: usize| {
            let text = unit.repeat(BYTES / unit.len() / pieces);
            let start = seconds();
            for _ in 0..pieces {
                std::hint::black_box(detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4));
            }
            seconds() - start
        };
        let (short, long) = (time(16), time(1));
        assert!(long < short * 6.0 + 0.05, "{unit:?}: {short} s in pieces, {long} s at once");
    }
}
