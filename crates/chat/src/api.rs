//! The model APIs by name, and the families whose error shapes they share.

/// A model API, as far as Modelgate reads its bodies.
///
/// Every other call, also one to the same service (`/v1/files`, `/v2/models/m/ready`), is [`Api::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// OpenAI `POST /v1/chat/completions`.
    ChatCompletions,
    /// OpenAI `POST /v1/completions` (legacy text completion; what vLLM and llama.cpp speak too).
    Completions,
    /// OpenAI `POST /v1/embeddings`.
    Embeddings,
    /// OpenAI `POST /v1/responses`, and `POST /v1/responses/input_tokens`, which only counts.
    Responses,
    /// Anthropic `POST /v1/messages`, and `POST /v1/messages/count_tokens`, which only counts.
    Messages,
    /// KServe Open Inference Protocol `POST /v2/models/{model}[/versions/{version}]/infer`.
    InferV2,
    /// KServe V1 and TensorFlow Serving `POST /v1/models/{model}[/versions/{version}]:predict`.
    PredictV1,
    /// `GET` or `HEAD` of `/v1/models` and `/v1/models/{id}`.
    Models,
    /// Anything else.
    Other,
}

impl Api {
    /// The error shape that this API's clients parse. [`Api::Other`] and [`Api::Models`] get OpenAI's;
    /// [`Endpoint::family`](crate::Endpoint) knows the path and is more exact for [`Api::Other`].
    pub fn family(self) -> Family {
        match self {
            Api::Messages => Family::Anthropic,
            Api::InferV2 | Api::PredictV1 => Family::KServe,
            _ => Family::OpenAi,
        }
    }

    /// Whether a model writes an answer of unknown length: where output bounds and streams make sense.
    pub fn generates(self) -> bool {
        matches!(self, Api::ChatCompletions | Api::Completions | Api::Responses | Api::Messages)
    }
}

/// The shape in which a client expects to be refused. [`ApiError`](crate::ApiError) writes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `{"error": {"message", "type", "param", "code"}}`.
    OpenAi,
    /// `{"type": "error", "error": {"type", "message"}}`.
    Anthropic,
    /// `{"error": "…"}`.
    KServe,
}
