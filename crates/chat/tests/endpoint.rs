//! Which API a path speaks, also through tricks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use chat::{Api, Family, endpoint, path_model};
use proptest::prelude::*;

/// `api model version api-version` of a POST, `-` for none.
fn post(path: &str) -> String {
    let found = endpoint("POST", path);
    let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
    format!(
        "{:?} {} {} {}",
        found.api,
        or_dash(found.model.as_deref()),
        or_dash(found.model_version.as_deref()),
        or_dash(found.api_version.as_deref())
    )
}

#[test]
fn paths_of_the_apis() {
    for (path, expected) in [
        ("/v1/chat/completions", "ChatCompletions - - v1"),
        ("/v1/completions", "Completions - - v1"),
        ("/v1/embeddings?x=1", "Embeddings - - v1"),
        ("/v1/responses", "Responses - - v1"),
        ("/v1/messages", "Messages - - v1"),
        ("/v1/messages?beta=true", "Messages - - v1"),
        ("/openai/v1/chat/completions?api-version=preview", "ChatCompletions - - v1"),
        ("/tenant-a/v1/responses", "Responses - - v1"),
        ("/anthropic/v1/messages", "Messages - - v1"),
        ("/api/paas/v4/chat/completions", "ChatCompletions - - v4"),
        ("/v1beta/openai/embeddings", "Embeddings - - -"),
        ("/chat/completions", "ChatCompletions - - -"),
        ("/embeddings", "Embeddings - - -"),
        ("/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21", "ChatCompletions my gpt - 2024-10-21"),
        ("/openai/deployments/e3/embeddings?api-version=2024-10-21", "Embeddings e3 - 2024-10-21"),
        ("/v1/engines/davinci/completions", "Completions davinci - -"),
        ("/v2/models/resnet/infer", "InferV2 resnet - v2"),
        ("/v2/models/resnet/versions/3/infer", "InferV2 resnet 3 v2"),
        ("/ns/isvc/v2/models/org%2Fname/infer", "InferV2 org/name - v2"),
        ("/v1/models/sklearn:predict", "PredictV1 sklearn - v1"),
        ("/v1/models/org%2Fname%3Apredict", "PredictV1 org/name - v1"),
        ("/v1/models/half_plus_two/versions/12:predict", "PredictV1 half_plus_two 12 v1"),
        ("/v1/models/ft:gpt:org:predict", "PredictV1 ft:gpt:org - v1"),
        ("/v1/models/sklearn:explain", "Other sklearn - v1"),
        ("/v2/models/resnet/versions/3/ready", "Other resnet 3 v2"),
        ("/v2/models/resnet/generate_stream", "Other resnet - v2"),
        ("/v1/models/resnet/labels/stable:predict", "PredictV1 resnet stable v1"),
        ("/v1beta/models/gemini-2.5-pro:generateContent", "Other gemini-2.5-pro - v1beta"),
        ("/v1beta/models/x:unheardOf", "Other x:unheardOf - v1beta"),
        ("/v2/repository/models/resnet/load", "Other resnet - -"),
        ("/v2/repository/index", "Other - - -"),
        ("/openai/deployments/dall-e/images/generations?api-version=2024-10-21", "Other dall-e - 2024-10-21"),
        ("/v1/engines/davinci/search", "Other davinci - -"),
        ("/model/us.amazon.nova-lite-v1%3A0/converse", "Other us.amazon.nova-lite-v1:0 - -"),
        (
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprompt-router%2Fx/converse-stream",
            "Other arn:aws:bedrock:us-east-1:1:prompt-router/x - -",
        ),
        ("/model/m/invoke-with-response-stream", "Other m - -"),
        ("/model/m/status", "Other - - -"),
        ("/openai/deployments/d/extensions/chat/completions", "ChatCompletions d - -"),
        ("/model/anthropic.claude-v1%3A0/converse-stream", "Other anthropic.claude-v1:0 - -"),
        (
            "/aws/model/arn:aws:bedrock:x:1:inference-profile%2Fm/invoke",
            "Other arn:aws:bedrock:x:1:inference-profile/m - -",
        ),
        ("/endpoints/e/invocations", "Other e - -"),
        ("/serving-endpoints/e/invocations", "Other e - -"),
        ("/serving-endpoints/chat/completions", "ChatCompletions - - -"),
        ("/invocations", "Other - - -"),
        ("/model/info", "Other - - -"),
        ("/v1beta/tunedModels/t:generateContent", "Other t - v1beta"),
        ("/apps/deployments/blue/status", "Other - - -"),
        ("/v1/chat/completions/abc", "Other - - -"),
        ("/v1/threads/t/messages", "Other - - -"),
        ("/tenant/completions", "Other - - -"),
        ("/v1/files", "Other - - -"),
        ("/", "Other - - -"),
        ("", "Other - - -"),
    ] {
        assert_eq!(post(path), expected, "{path}");
    }
}

#[test]
fn tricks_change_nothing() {
    for path in [
        "//v1//chat//completions",
        "/v1/chat/completions/",
        "/v1/./chat/completions",
        "/v1/models/../chat/completions",
        "/v1/models/x/%2e%2E/..//chat/completions",
        "/v1/ch%61t/completions",
        "/v1%2Fchat%2fcompletions",
        "/v1/chat%2Fx/..%2Fcompletions/../../chat/completions",
        "/V1/Chat/COMPLETIONS",
        "/v1/chat/completions;jsessionid=1",
        "\\v1\\chat/completions",
        "/v1/chat/completions#/v1/models",
        "/v1/chat/completions?/v1/messages",
    ] {
        assert_eq!(endpoint("POST", path).api, Api::ChatCompletions, "{path}");
    }
    assert_eq!(post("/model%2Fpaid%2Fconverse"), "Other paid - -");
    assert_eq!(post("/openai%2Fdeployments/paid/images%2Fgenerations"), "Other paid - -");
    assert_eq!(post("/v2/models/free/v2/models/paid/infer"), "InferV2 paid - v2");
    assert_eq!(post("/v2/models/free/../paid/infer"), "InferV2 paid - v2");
    assert_eq!(post("/v2/models/free%2F..%2Fpaid/infer"), "InferV2 free/../paid - v2");
    assert_eq!(post("/v2/models/a%252Fb/infer"), "InferV2 a%2Fb - v2");
}

#[test]
fn methods_count() {
    let get = endpoint("GET", "/v1/models/meta%2Fllama");
    assert_eq!(
        (get.api, get.model.as_deref(), get.api_version.as_deref()),
        (Api::Models, Some("meta/llama"), Some("v1"))
    );
    assert_eq!(endpoint("GET", "/openai/v1/models").api, Api::Models);
    assert_eq!(endpoint("HEAD", "/models").api, Api::Models);
    assert_eq!(endpoint("GET", "/v1/models").model, None);
    assert_eq!(endpoint("DELETE", "/v1/models/ft:x").api, Api::Other);
    assert_eq!(endpoint("GET", "/v1/chat/completions").api, Api::Other);
    assert_eq!(endpoint("post", "/v1/chat/completions").api, Api::Other);
}

#[test]
fn counting_is_told_apart() {
    for (path, api) in [("/v1/messages/count_tokens", Api::Messages), ("/v1/responses/input_tokens", Api::Responses)] {
        let found = endpoint("POST", path);
        assert_eq!((found.api, found.counts_tokens), (api, true), "{path}");
        assert!(!endpoint("GET", path).counts_tokens);
    }
    assert!(!endpoint("POST", "/v1/messages").counts_tokens);
    assert!(endpoint("POST", "/v1beta/models/gemini-3:countTokens").counts_tokens);
    assert!(!endpoint("POST", "/v1beta/models/gemini-3:countTokens/../gemini-3:generateContent").counts_tokens);
}

#[test]
fn vertex_names_a_model_behind_its_publisher() {
    let base = "/v1/projects/p/locations/l/publishers";
    for (path, model) in [
        ("google/models/gemini-3:generateContent", Some("gemini-3")),
        ("anthropic/models/claude-5@1:streamRawPredict", Some("claude-5@1")),
        ("google", None),
    ] {
        assert_eq!(endpoint("POST", &format!("{base}/{path}")).model.as_deref(), model, "{path}");
    }
    assert_eq!(post("/v1/projects/p/locations/l/endpoints/7:predict"), "PredictV1 7 - -");
    assert_eq!(post("/v1/projects/p/locations/l/endpoints/7:generateContent"), "Other 7 - -");
    assert_eq!(post("/v1/projects/p/locations/l/endpoints/openapi/chat/completions"), "ChatCompletions - - -");
    assert_eq!(endpoint("POST", "/models/x/models/y:generateContent").model, None);
}

#[test]
fn families_follow_the_path() {
    for (path, family) in [
        ("/v1/chat/completions", Family::OpenAi),
        ("/v1/messages", Family::Anthropic),
        ("/v1/messages/batches", Family::Anthropic),
        ("/v2/models/m/infer", Family::KServe),
        ("/v2/models/m/ready", Family::KServe),
        ("/v2/repository/index", Family::KServe),
        ("/v1/models/m:predict", Family::KServe),
        ("/v1/files", Family::OpenAi),
    ] {
        assert_eq!(endpoint("POST", path).family, family, "{path}");
    }
}

/// `path` of a POST with `<new>` in place of its model, and with what is decoded of it in braces.
fn renamed(path: &str) -> String {
    let Some(found) = path_model("POST", path) else { return "-".into() };
    let new = if found.is_spread { "<new/name>" } else { "<new>" };
    format!("{}{new}{{{}}}{}", found.before, found.rest, found.after)
}

#[test]
fn what_stands_around_a_model() {
    for (path, expected) in [
        (
            "/openai/deployments/my%20gpt/chat/completions?api-version=1",
            "/openai/deployments/<new>{}/chat/completions?api-version=1",
        ),
        (
            "/x/deployments/y/../openai/deployments/a/images/generations",
            "/x/deployments/y/../openai/deployments/<new>{}/images/generations",
        ),
        ("/v1/engines/davinci/completions", "/v1/engines/<new>{}/completions"),
        ("//v2/./models/org%2Fname/infer#?", "//v2/./models/<new>{}/infer#?"),
        ("/v2/models/org//name/versions/3/infer", "/v2/models/<new/name>{}/versions/3/infer"),
        ("/v2/repository/models/resnet/load", "/v2/repository/models/<new>{}/load"),
        ("/v1/models/m:predict?x=/m", "/v1/models/<new>{:predict}?x=/m"),
        ("/v1/models/a:b%3Apredict", "/v1/models/<new>{:predict}"),
        ("/v1/models/org/m/versions/12:predict", "/v1/models/<new/name>{}/versions/12:predict"),
        ("/v1/models/m%2Fversions%2F12:predict", "/v1/models/<new>{/versions/12:predict}"),
        ("/v1beta/models/g:streamGenerateContent?alt=sse", "/v1beta/models/<new>{:streamGenerateContent}?alt=sse"),
        (
            "/v1/projects/p/locations/l/publishers/google/models/g:rawPredict",
            "/v1/projects/p/locations/l/publishers/google/models/<new>{:rawPredict}",
        ),
        ("/model/us.nova%3A0/converse", "/model/<new>{}/converse"),
        ("/endpoints/e/invocations", "/endpoints/<new>{}/invocations"),
        ("/serving-endpoints/invocations/invocations", "/serving-endpoints/<new>{}/invocations"),
        (
            "/openai%2Fdeployments%2fmy%20gpt%2Fchat%5Ccompletions?x",
            "/openai%2Fdeployments%2f<new>{}%2Fchat%5Ccompletions?x",
        ),
        ("/v1/chat/completions?model=m", "-"),
        ("/v1/models", "-"),
    ] {
        assert_eq!(renamed(path), expected, "{path}");
    }
}

proptest! {
    #[test]
    fn no_path_panics(path in "(/|//|\\.\\.|%2[fFeE]|%|v[12]|models|:predict|versions|infer|chat|completions|\\?|é|;|\\\\){0,30}") {
        for method in ["GET", "POST"] {
            let _ = endpoint(method, &path);
        }
    }

    #[test]
    fn another_name_stands_where_the_model_stood(
        path in "(/|//|\\.\\.|%2[fFeE5]|%5c|%|é|v[12]|models|openai|deployments|model|:predict|versions|infer|chat|converse|\\?|;|\\\\){0,30}"
    ) {
        let before = endpoint("POST", &path);
        let found = path_model("POST", &path);
        prop_assert_eq!(found.is_some(), before.model.is_some());
        if let Some(found) = found {
            let mut rest = String::new();
            for mark in found.rest.chars() {
                match mark {
                    '/' | '\\' | '%' | '?' | '#' => rest.push_str(&format!("%{:02X}", u32::from(mark))),
                    _ => rest.push(mark),
                }
            }
            let renamed = format!("{}n{rest}{}", found.before, found.after);
            let after = endpoint("POST", &renamed);
            prop_assert_eq!(after.model.as_deref(), Some("n"), "{} {}", path, renamed);
            prop_assert_eq!((after.api, after.model_version), (before.api, before.model_version), "{} {}", path, renamed);
        }
    }
}
