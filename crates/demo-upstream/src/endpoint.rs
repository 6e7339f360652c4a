//! Which API a path belongs to.

use http::Method;

use crate::api::ollama::Shape;
use crate::header_bytes;
use crate::refusal::Dialect;

/// A call that this server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Chat,
    Completions,
    Embeddings,
    Responses,
    CountInput,
    Messages,
    CountTokens,
    Moderations,
    Models,
    Model(String),
    /// KServe v2: `/v2/models/{model}[/versions/{version}]/infer`.
    Infer {
        model: String,
        version: Option<String>,
    },
    /// KServe v1: `/v1/models/{model}:predict`.
    Predict,
    /// KServe v2: `/v2/models/{model}[/versions/{version}]`.
    Metadata {
        model: String,
    },
    /// Gemini: `/v1beta/models/{model}:generateContent`, or `:streamGenerateContent`.
    Generate {
        model: String,
        stream: bool,
    },
    /// Ollama: `/api/chat`, `/api/generate`.
    Ollama(Shape),
    /// Ollama: `/api/tags`.
    Tags,
    /// Whether server or model is ready: always.
    Ready,
}

/// A call, and the model that its path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) endpoint: Endpoint,
    pub(crate) path_model: Option<String>,
}

impl Target {
    /// `None` if nothing answers here.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let (path_model, rest) = match segments.as_slice() {
            ["openai", "deployments", model, rest @ ..] => (Some(decoded(model)), rest),
            ["openai", rest @ ..] => (None, rest),
            rest => (None, rest),
        };
        let endpoint = match *method {
            Method::GET if path_model.is_none() => read(rest),
            Method::POST if path_model.is_some() => generate(rest),
            Method::POST => post(rest),
            _ => None,
        }?;
        Some(Self { endpoint, path_model })
    }
}

/// The dialect of errors for a path, known or not.
pub(crate) fn dialect(path: &str) -> Dialect {
    match path {
        _ if path.starts_with("/v1/messages") => Dialect::Anthropic,
        _ if path.starts_with("/v2/") || path.starts_with("/api/") || path.ends_with(":predict") => Dialect::Kserve,
        _ => Dialect::OpenAi,
    }
}

/// What OpenAI and Azure have in common.
fn generate(rest: &[&str]) -> Option<Endpoint> {
    match rest {
        ["chat", "completions"] => Some(Endpoint::Chat),
        ["completions"] => Some(Endpoint::Completions),
        ["embeddings"] => Some(Endpoint::Embeddings),
        ["responses"] => Some(Endpoint::Responses),
        ["responses", "input_tokens"] => Some(Endpoint::CountInput),
        _ => None,
    }
}

fn post(segments: &[&str]) -> Option<Endpoint> {
    match segments {
        ["v1", "messages"] => Some(Endpoint::Messages),
        ["v1", "messages", "count_tokens"] => Some(Endpoint::CountTokens),
        ["v1", "moderations"] => Some(Endpoint::Moderations),
        ["v1beta", "models", last] => gemini(last),
        ["api", "chat"] => Some(Endpoint::Ollama(Shape::Message)),
        ["api", "generate"] => Some(Endpoint::Ollama(Shape::Text)),
        ["v1", "models", .., last] if last.ends_with(":predict") => Some(Endpoint::Predict),
        ["v1", rest @ ..] => generate(rest),
        ["v2", "models", model, "infer"] => Some(Endpoint::Infer { model: decoded(model), version: None }),
        ["v2", "models", model, "versions", version, "infer"] => {
            Some(Endpoint::Infer { model: decoded(model), version: Some(decoded(version)) })
        }
        _ => None,
    }
}

/// `{model}:{what is asked of it}`.
fn gemini(segment: &str) -> Option<Endpoint> {
    let (model, verb) = segment.rsplit_once(':')?;
    let stream = match verb {
        "generateContent" => false,
        "streamGenerateContent" => true,
        _ => return None,
    };
    Some(Endpoint::Generate { model: decoded(model), stream })
}

fn read(segments: &[&str]) -> Option<Endpoint> {
    match segments {
        ["healthz"] | ["v2", "health", "ready" | "live"] => Some(Endpoint::Ready),
        ["v1", "models"] => Some(Endpoint::Models),
        ["api", "tags"] => Some(Endpoint::Tags),
        ["v1", "models", model @ ..] => Some(Endpoint::Model(decoded(&model.join("/")))),
        ["v2", "models", _, "ready"] | ["v2", "models", _, "versions", _, "ready"] => Some(Endpoint::Ready),
        ["v2", "models", model] | ["v2", "models", model, "versions", _] => {
            Some(Endpoint::Metadata { model: decoded(model) })
        }
        _ => None,
    }
}

fn decoded(segment: &str) -> String {
    String::from_utf8_lossy(&header_bytes::decode(segment.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(method: Method, path: &str) -> Option<Target> {
        Target::of(&method, path)
    }

    #[test]
    fn knows_the_paths_of_the_apis() {
        let azure = target(Method::POST, "/openai/deployments/gpt%2D4/chat/completions").unwrap();
        assert_eq!(azure, Target { endpoint: Endpoint::Chat, path_model: Some("gpt-4".into()) });
        for (path, endpoint) in [
            ("/v1/chat/completions", Endpoint::Chat),
            ("/openai/v1/responses", Endpoint::Responses),
            ("/v1/messages", Endpoint::Messages),
            ("/v1/moderations", Endpoint::Moderations),
            ("/v1/responses/input_tokens", Endpoint::CountInput),
            ("/v1beta/models/g%2D1:generateContent", Endpoint::Generate { model: "g-1".into(), stream: false }),
            ("/api/chat", Endpoint::Ollama(Shape::Message)),
            ("/v1/models/m:predict", Endpoint::Predict),
            ("/v2/models/m/infer", Endpoint::Infer { model: "m".into(), version: None }),
            ("/v2/models/m/versions/2/infer", Endpoint::Infer { model: "m".into(), version: Some("2".into()) }),
        ] {
            assert_eq!(target(Method::POST, path).unwrap().endpoint, endpoint, "{path}");
            assert_eq!(target(Method::PUT, path), None, "{path}");
        }
        assert_eq!(target(Method::GET, "/v1/models/a/b").unwrap().endpoint, Endpoint::Model("a/b".into()));
        assert_eq!(target(Method::POST, "/nowhere"), None);
    }

    proptest! {
        #[test]
        fn takes_any_path_without_a_panic(path in "[/a-z0-9%:]{0,40}") {
            let _ = target(Method::POST, &path);
            let _ = target(Method::GET, &path);
        }
    }
}
