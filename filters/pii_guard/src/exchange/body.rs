//! What a body is, by its media type.

use chat::{Api, Framing};

/// What a body is, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none, or none to look at.
    None,
    /// JSON.
    Json,
    /// Lines that are JSON each.
    Lines,
    /// Text, form fields.
    Text,
    /// JSON, or else text: nobody said which.
    Untyped,
    /// Files, sound, images.
    Upload,
    /// Anything else.
    Unknown,
}

impl Body {
    /// What the media type says. Without one a model API's body is JSON.
    pub fn of(content_type: Option<&str>, api: Api) -> Self {
        let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            // A model server reads JSON whatever it is called.
            _ if api != Api::Other && api != Api::Models => Self::Json,
            "" => Self::Untyped,
            "application/json" | "text/json" => Self::Json,
            _ if matches!(Framing::of(&kind), Some(Framing::Lines | Framing::Sequence)) => Self::Lines,
            kind if kind.ends_with("+json") => Self::Json,
            kind if kind.starts_with("text/") => Self::Text,
            "application/x-www-form-urlencoded" => Self::Text,
            kind if ["multipart/", "audio/", "image/", "video/"].iter().any(|upload| kind.starts_with(upload)) => {
                Self::Upload
            }
            "application/octet-stream" | "application/pdf" | "application/zip" => Self::Upload,
            _ => Self::Unknown,
        }
    }
}
