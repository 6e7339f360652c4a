//! Any body: no panic, and whatever is read agrees with a full JSON parser.
#![no_main]

use chat::{Answer, AnyRequest, Api, NamedModels, Request, splice, with_include_usage, with_model};
use libfuzzer_sys::fuzz_target;

const APIS: [Api; 9] = [
    Api::ChatCompletions,
    Api::Completions,
    Api::Embeddings,
    Api::Responses,
    Api::Messages,
    Api::InferV2,
    Api::PredictV1,
    Api::Models,
    Api::Other,
];

fuzz_target!(|body: &[u8]| {
    for api in APIS {
        let _ = (Answer::parse(api, body), chat::each_answer(api, body, &mut |_| {}), chat::rows(api, body));
        let Ok(request) = Request::parse(api, body) else { continue };
        let mut edits = Vec::new();
        let read = request.visit(&mut |part| {
            assert!(body.get(part.span.clone()).is_some(), "a span outside the body");
            edits.push((part.span, "\"x\"".to_owned()));
        });
        if read.is_ok() {
            edits.sort_by_key(|(span, _)| span.start);
            let _ = splice(body, &edits);
        }
        let renamed = with_model(body, "a \"b\"").expect("a request that parsed");
        assert_eq!(Request::parse(api, &renamed).expect("an edited request").model.as_deref(), Some("a \"b\""));
    }
    let _ = (AnyRequest::parse(body), chat::batch_requests(body), NamedModels::parse(body));
    for kind in [b"multipart/form-data; boundary=b".as_slice(), b"application/x-www-form-urlencoded"] {
        let _ = NamedModels::of_form(kind, body);
    }
    if let Ok(streamed) = with_include_usage(body) {
        assert_eq!(streamed, with_include_usage(&streamed).expect("an edited request"));
    }
});
