//! How one answer is made and delivered. The one list of `x-demo-*` headers is [`Behaviour::SETTINGS`].

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::header_bytes;

const PREFIX: &str = "x-demo-";

/// How one answer is made and delivered: the server's default, overlaid by the request's `x-demo-*` headers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Behaviour {
    /// `answer`: what the model says, instead of the echo.
    pub answer: Option<String>,
    /// `tool-call`: the model calls this tool instead of saying something.
    pub tool_call: Option<ToolCall>,
    /// `usage`: which token counts are reported.
    pub usage: UsageReport,
    /// `status`: answer with this status; from 400 on, with the error body of the API that was called.
    pub status: Option<StatusCode>,
    /// `header`: further response headers; they replace those of the same name.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// `trailer`: trailers after the body.
    pub trailers: Vec<(HeaderName, HeaderValue)>,
    /// `body`: these bytes as the whole body, under the content type that the answer would have had.
    pub body: Option<Bytes>,
    /// `gzip`: compress the body. A stream is flushed after each event.
    pub gzip: bool,
    /// `cut`: end the body early, but cleanly: broken JSON, a stream without its end.
    pub cut: Option<Cut>,
    /// `abort`: close the connection (HTTP/1) or reset the stream (HTTP/2) early.
    pub abort: Option<Abort>,
    /// `delay-ms`: wait before the response headers.
    pub delay: Duration,
    /// `chunk-delay-ms`: wait between two writes of the body.
    pub chunk_delay: Duration,
    /// `chunk-bytes`: write the body in pieces of this size, regardless of events.
    pub chunk_bytes: Option<NonZeroUsize>,
    /// `chunks-per-event`: write each event of a stream in so many pieces.
    pub chunks_per_event: Option<NonZeroUsize>,
    /// `delta-chars`: characters per delta of a stream. Without it, a delta is one word.
    pub delta_chars: Option<NonZeroUsize>,
}

/// A tool that the model calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The function's name.
    pub name: String,
    /// Its arguments, a JSON text.
    pub arguments: String,
}

/// Which token counts an answer reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsageReport {
    /// One token for every four bytes begun: of the JSON of the input, and of the answer.
    #[default]
    Counted,
    /// These numbers, whatever was said.
    Fixed {
        /// Tokens of the input.
        input: u64,
        /// Tokens of the output.
        output: u64,
    },
    /// No usage at all, as some servers do.
    Absent,
}

/// Where a body ends cleanly before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// After half of its bytes.
    Half,
    /// After this many bytes.
    At(usize),
}

/// When a response is aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abort {
    /// Instead of an answer.
    BeforeHeaders,
    /// After the headers and this many bytes of the body (fewer, if there are not so many).
    AfterBytes(usize),
}

/// A setting that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourError {
    /// No setting has this name.
    #[error("unknown setting {0}")]
    Unknown(String),
    /// The value is not one of the setting's.
    #[error("bad value for setting {0}")]
    Value(&'static str),
}

impl Behaviour {
    /// Every setting and its values. Over HTTP a setting `x` is the request header `x-demo-x`; `header` and `trailer`
    /// may be repeated. Values marked `%` are percent-encoded, so that any byte can be named.
    pub const SETTINGS: &[(&str, &str)] = &[
        ("answer", "%: what the model says, instead of the echo"),
        ("tool-call", "%: name or name=<JSON arguments>: the model calls this tool"),
        ("usage", "<input>,<output> token counts; none: no usage at all; counted: the default"),
        ("status", "200 to 599: answer with this status; from 400 on, with the API's error body"),
        ("header", "<name>=%: a response header"),
        ("trailer", "<name>=%: a trailer (HTTP/1: only if the request says te: trailers)"),
        ("body", "%: these bytes as the whole body"),
        ("gzip", "true or false: compress the body"),
        ("cut", "half or <n>: the body ends there, cleanly"),
        ("abort", "headers: no answer at all; <n>: abort after n bytes of the body"),
        ("delay-ms", "<n>: wait before the headers"),
        ("chunk-delay-ms", "<n>: wait between two writes of the body"),
        ("chunk-bytes", "<n>: write the body in pieces of n bytes"),
        ("chunks-per-event", "<n>: write each event in n pieces"),
        ("delta-chars", "<n>: characters per delta of a stream; without it, words"),
    ];

    /// Changes one setting; the names and values are those of [`Self::SETTINGS`].
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<(), BehaviourError> {
        match name {
            "answer" => self.answer = Some(text(value).ok_or(BehaviourError::Value("answer"))?),
            "tool-call" => self.tool_call = Some(tool_call(value).ok_or(BehaviourError::Value("tool-call"))?),
            "usage" => self.usage = usage(value).ok_or(BehaviourError::Value("usage"))?,
            "status" => self.status = Some(status(value).ok_or(BehaviourError::Value("status"))?),
            "header" => self.headers.push(header_bytes::header(value).ok_or(BehaviourError::Value("header"))?),
            "trailer" => self.trailers.push(header_bytes::header(value).ok_or(BehaviourError::Value("trailer"))?),
            "body" => self.body = Some(header_bytes::decode(value).into()),
            "gzip" => self.gzip = number(value).ok_or(BehaviourError::Value("gzip"))?,
            "cut" => self.cut = Some(cut(value).ok_or(BehaviourError::Value("cut"))?),
            "abort" => self.abort = Some(abort(value).ok_or(BehaviourError::Value("abort"))?),
            "delay-ms" => self.delay = millis(value).ok_or(BehaviourError::Value("delay-ms"))?,
            "chunk-delay-ms" => self.chunk_delay = millis(value).ok_or(BehaviourError::Value("chunk-delay-ms"))?,
            "chunk-bytes" => self.chunk_bytes = Some(number(value).ok_or(BehaviourError::Value("chunk-bytes"))?),
            "chunks-per-event" => {
                self.chunks_per_event = Some(number(value).ok_or(BehaviourError::Value("chunks-per-event"))?);
            }
            "delta-chars" => self.delta_chars = Some(number(value).ok_or(BehaviourError::Value("delta-chars"))?),
            _ => return Err(BehaviourError::Unknown(name.to_owned())),
        }
        Ok(())
    }

    /// This behaviour, overlaid by the `x-demo-*` headers of a request. `None` if it has none.
    pub(crate) fn overlaid(&self, headers: &HeaderMap) -> Result<Option<Self>, BehaviourError> {
        let mut overlaid = None;
        for (name, value) in headers {
            if let Some(setting) = name.as_str().strip_prefix(PREFIX) {
                overlaid.get_or_insert_with(|| self.clone()).set(setting, value.as_bytes())?;
            }
        }
        Ok(overlaid)
    }
}

fn text(value: &[u8]) -> Option<String> {
    String::from_utf8(header_bytes::decode(value)).ok()
}

fn number<T: FromStr>(value: &[u8]) -> Option<T> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

fn millis(value: &[u8]) -> Option<Duration> {
    number::<u32>(value).map(|millis| Duration::from_millis(millis.into()))
}

fn status(value: &[u8]) -> Option<StatusCode> {
    let code = number::<u16>(value).filter(|code| (200..600).contains(code))?;
    StatusCode::from_u16(code).ok()
}

fn usage(value: &[u8]) -> Option<UsageReport> {
    match value {
        b"none" => Some(UsageReport::Absent),
        b"counted" => Some(UsageReport::Counted),
        _ => {
            let (input, output) = std::str::from_utf8(value).ok()?.split_once(',')?;
            Some(UsageReport::Fixed { input: number(input.as_bytes())?, output: number(output.as_bytes())? })
        }
    }
}

fn tool_call(value: &[u8]) -> Option<ToolCall> {
    let call = text(value)?;
    let (name, arguments) = call.split_once('=').unwrap_or((&call, "{}"));
    Some(ToolCall { name: name.to_owned(), arguments: arguments.to_owned() })
}

fn cut(value: &[u8]) -> Option<Cut> {
    if value == b"half" { Some(Cut::Half) } else { number(value).map(Cut::At) }
}

fn abort(value: &[u8]) -> Option<Abort> {
    if value == b"headers" { Some(Abort::BeforeHeaders) } else { number(value).map(Abort::AfterBytes) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_listed_setting_exists() {
        for (name, _) in Behaviour::SETTINGS {
            let known = Behaviour::default().set(name, b"\x00");
            assert_ne!(known, Err(BehaviourError::Unknown((*name).to_owned())), "{name}");
        }
    }

    #[test]
    fn headers_overlay_the_default() {
        let default = Behaviour { answer: Some("hi".into()), ..Behaviour::default() };
        let mut headers = HeaderMap::new();
        assert_eq!(default.overlaid(&headers), Ok(None));
        headers.insert("x-demo-usage", HeaderValue::from_static("3,4"));
        headers.append("x-demo-header", HeaderValue::from_static("a=1"));
        headers.append("x-demo-header", HeaderValue::from_static("a=2"));
        let overlaid = default.overlaid(&headers).unwrap().unwrap();
        assert_eq!(overlaid.answer.as_deref(), Some("hi"));
        assert_eq!(overlaid.usage, UsageReport::Fixed { input: 3, output: 4 });
        assert_eq!(overlaid.headers.len(), 2);
        headers.insert("x-demo-chunk-bytes", HeaderValue::from_static("0"));
        assert_eq!(default.overlaid(&headers), Err(BehaviourError::Value("chunk-bytes")));
    }

    proptest! {
        #[test]
        fn takes_any_value_without_a_panic(at in 0..Behaviour::SETTINGS.len(), value: Vec<u8>) {
            let _ = Behaviour::default().set(Behaviour::SETTINGS[at].0, &value);
        }
    }
}
