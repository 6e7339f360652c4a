//! Any stored bytes in any form: an answer or none, and what is made of a whole answer can be made whole again. The first byte
//! chooses the API, the stored form and the wanted one.
#![no_main]

use chat::Api;
use libfuzzer_sys::fuzz_target;
use semantic_cache::convert::{EVENTS, JSON, replay};
use semantic_cache::question::Form;
use serde_json::Value;

const APIS: [Api; 4] = [Api::ChatCompletions, Api::Completions, Api::Responses, Api::Messages];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, body) = input;
    let api = APIS[usize::from(choice & 3)];
    let kept = if choice & 4 == 0 { JSON } else { EVENTS };
    let form = Form { stream: choice & 8 != 0, include_usage: choice & 16 != 0 };
    let Some(made) = replay(api, kept, body, form) else { return };
    assert_eq!(made.content_type, if form.stream { EVENTS } else { JSON });
    if kept == EVENTS && !form.stream {
        assert!(serde_json::from_slice::<Value>(&made.body).is_ok_and(|whole| whole.is_object()));
    }
    if kept == JSON && form.stream {
        // A caller of the stream's form may be followed by one of the other.
        let _ = replay(api, EVENTS, &made.body, Form { stream: false, include_usage: false });
    }
});
