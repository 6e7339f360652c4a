//! The built-in schemas: documents of `schemas/`, written by hand from the public references of each API.

use crate::exchange::call::{Call, Kind};
use crate::shape::{Reading, Schema};

macro_rules! documents {
    ($($name:literal),* $(,)?) => {
        /// Every document by its name, without `.json`.
        pub const DOCUMENTS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../schemas/", $name, ".json")))),*];
    };
}

documents![
    "anthropic.messages",
    "anthropic.messages.answer",
    "anthropic.messages.event",
    "kserve.infer",
    "kserve.infer.answer",
    "kserve.predict",
    "kserve.predict.answer",
    "mlflow.invocations",
    "openai.chat",
    "openai.chat.answer",
    "openai.chat.event",
    "openai.completions",
    "openai.completions.answer",
    "openai.embeddings",
    "openai.embeddings.answer",
    "openai.images",
    "openai.moderations",
    "openai.responses",
    "openai.responses.answer",
    "openai.responses.event",
    "tokens.answer",
];

/// What of a call a schema is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The request's body.
    Request,
    /// The body of a JSON answer.
    Answer,
    /// The data of one event of a streamed answer.
    Event,
}

/// The name of the document about a part of a call, where there is one.
pub fn name(call: &Call, part: Part) -> Option<&'static str> {
    Some(match (call.kind, part) {
        (_, Part::Answer | Part::Event) if call.counts_only => "tokens.answer",
        (Kind::Chat, Part::Request) => "openai.chat",
        (Kind::Chat, Part::Answer) => "openai.chat.answer",
        (Kind::Chat, Part::Event) => "openai.chat.event",
        (Kind::Completions, Part::Request) => "openai.completions",
        (Kind::Completions, _) => "openai.completions.answer",
        (Kind::Embeddings, Part::Request) => "openai.embeddings",
        (Kind::Embeddings, Part::Answer) => "openai.embeddings.answer",
        (Kind::Responses, Part::Request) => "openai.responses",
        (Kind::Responses, Part::Answer) => "openai.responses.answer",
        (Kind::Responses, Part::Event) => "openai.responses.event",
        (Kind::Moderations, Part::Request) => "openai.moderations",
        (Kind::Images, Part::Request) => "openai.images",
        (Kind::Messages, Part::Request) => "anthropic.messages",
        (Kind::Messages, Part::Answer) => "anthropic.messages.answer",
        (Kind::Messages, Part::Event) => "anthropic.messages.event",
        (Kind::Infer, Part::Request) => "kserve.infer",
        (Kind::Infer, Part::Answer) => "kserve.infer.answer",
        (Kind::Predict, Part::Request) => "kserve.predict",
        (Kind::Predict, Part::Answer) => "kserve.predict.answer",
        (Kind::Invocations, Part::Request) => "mlflow.invocations",
        _ => return None,
    })
}

/// The document of that name, compiled.
///
/// # Errors
/// There is no such document. (That each compiles is tested.)
pub fn schema(name: &str, reading: Reading) -> Result<Schema, String> {
    let (_, text) = DOCUMENTS.iter().find(|(known, _)| *known == name).ok_or("is no built-in schema")?;
    let document = serde_json::from_str(text).map_err(|_| "is no JSON")?;
    Schema::compile(&document, reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_compiles_in_each_reading() {
        for (name, _) in DOCUMENTS {
            for reading in [Reading::Strict, Reading::Compatible, Reading::Outline] {
                schema(name, reading).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            }
        }
    }
}
