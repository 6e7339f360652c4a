//! Which members of a model API's body are texts. All are, but for those listed here: what the API itself reads (names, ids,
//! kinds, schemas), and what is no text (images, sound, signatures). By position alone: a text that merely looks like an
//! image is a text.

/// What kind of body is walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body of a model API: the positions here count.
    Api,
    /// Other JSON, and the arguments of tools: every string and every number is looked at.
    Free,
}

/// What a member of a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Looked into by the rules of the API.
    Text,
    /// Looked into, every string and number.
    Free,
    /// A schema: its descriptions are texts.
    Schema,
    /// A string that holds JSON.
    Arguments,
    /// Bytes in base64 if its object is of that type, else a text.
    Source,
    /// Repeats the text token by token.
    Logprobs,
    /// Not looked at.
    Skip,
}

/// What the member `key` is, in an object that is itself the member `parent` (of an object or an array), `depth` objects and
/// arrays deep.
pub fn place(parent: &str, key: &str, within: Place, depth: usize) -> Place {
    match within {
        Place::Free => return Place::Free,
        Place::Skip => return Place::Skip,
        Place::Schema if key == "description" => return Place::Text,
        Place::Schema => return Place::Schema,
        _ => {}
    }
    match key {
        "model"
        | "role"
        | "type"
        | "id"
        | "object"
        | "name"
        | "tool_call_id"
        | "call_id"
        | "tool_use_id"
        | "item_id"
        | "previous_response_id"
        | "response_id"
        | "signature"
        | "encrypted_content"
        | "file_data"
        | "b64_json"
        | "partial_image_b64"
        | "file_id"
        | "file_url"
        | "media_type"
        | "mime_type"
        | "detail"
        | "finish_reason"
        | "stop_reason"
        | "system_fingerprint"
        | "service_tier"
        | "status"
        | "encoding_format"
        | "datatype"
        | "reasoning_effort"
        | "prompt_cache_key"
        | "safety_identifier"
        | "obfuscation" => Place::Skip,
        "url" if matches!(parent, "image_url" | "video_url" | "audio_url" | "file" | "source") => Place::Skip,
        "image_url" | "video_url" | "audio_url" => Place::Skip,
        "data" if matches!(parent, "input_audio" | "audio" | "inline_data") => Place::Skip,
        "data" if parent == "source" => Place::Source,
        "data" if parent == "content" => Place::Skip,
        // An image that was made (Responses API).
        "result" if matches!(parent, "item" | "output") => Place::Skip,
        "tools" | "functions" | "response_format" | "input_schema" | "tool_choice" | "function_call_schema" => {
            Place::Schema
        }
        "format" if parent == "text" => Place::Schema,
        "arguments" | "partial_json" => Place::Arguments,
        "input" if depth > 2 => Place::Arguments,
        "metadata" | "instances" | "predictions" | "parameters" => Place::Free,
        "logprobs" | "top_logprobs" => Place::Logprobs,
        _ => Place::Text,
    }
}
