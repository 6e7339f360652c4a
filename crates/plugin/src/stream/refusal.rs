//! What the seam itself refuses, and what it says of it.

use super::{At, Stream, Verdict};
use crate::{Event, Exchange, Host, Level, Metric, REFUSAL, Reply, Side};
use chat::{ApiError, ErrorKind};
use std::borrow::Cow;

/// Why the seam ends an exchange by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLarge,
    EncodedRequest,
    EncodedResponse,
    Upgrade,
    FlagMissing,
    WaitsForNothing,
    UnaskedEdit,
    Host,
}

impl Fault {
    /// Status, kind, code, and what the caller can do.
    fn error(self, side: Side) -> ApiError {
        let (status, kind, code, message) = match (self, side) {
            (Self::TooLarge, Side::Request) => (
                413,
                ErrorKind::InvalidRequest,
                "request_body_too_large",
                "the request body is larger than this gateway reads",
            ),
            (Self::TooLarge, Side::Response) => (
                502,
                ErrorKind::Server,
                "response_body_too_large",
                "the model's response is larger than this gateway reads",
            ),
            (Self::EncodedRequest, _) => (
                415,
                ErrorKind::InvalidRequest,
                "unsupported_content_encoding",
                "the request body is compressed; send it without content-encoding",
            ),
            (Self::EncodedResponse, _) => (
                502,
                ErrorKind::Server,
                "unsupported_content_encoding",
                "the model's response is compressed and cannot be checked",
            ),
            (Self::Upgrade, _) => (
                403,
                ErrorKind::Permission,
                "upgrade_refused",
                "upgrades such as WebSocket are not allowed here, because their content cannot be checked",
            ),
            (Self::FlagMissing, _) => (
                503,
                ErrorKind::Server,
                "attachment_flag_missing",
                "this filter is configured with attachment: full, but Envoy's plugin configuration lacks \
                 allow_on_headers_stop_iteration: true; set the flag or use attachment: plain",
            ),
            (Self::WaitsForNothing | Self::UnaskedEdit | Self::Host, _) => {
                (500, ErrorKind::Server, "gateway_error", "the gateway could not handle this message")
            }
        };
        ApiError::new(status, kind, message).with_code(code)
    }
}

impl<E: Exchange> Stream<E> {
    /// Ends the exchange with a refusal of the seam's own.
    pub(super) fn refuse(&mut self, host: &mut dyn Host, at: At, fault: Fault) -> Verdict {
        let reply = Reply::refusal(self.head.family(), &fault.error(at.side()));
        self.reply(host, at, &reply)
    }
}

/// A reply of ours that refused.
pub(super) struct Refused {
    filter: &'static str,
    reason: String,
    status: u16,
}

impl Refused {
    pub(super) fn new(filter: &'static str, reply: &Reply) -> Self {
        let reason = reply.details().strip_prefix(REFUSAL).unwrap_or_default().to_string();
        Self { filter, reason, status: reply.status }
    }
}

impl Event for Refused {
    fn level(&self) -> Level {
        Level::Info
    }

    fn line(&self) -> Cow<'static, str> {
        format!("refused with {}: {}", self.status, self.reason).into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_refusals",
            labels: vec![("filter", self.filter.into()), ("reason", self.reason.clone())],
        }
    }
}

/// Something between the seam and the proxy that did not go as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeamFault {
    Resume,
    Reply,
    Reset,
    State,
    Body,
    LateHeader,
    LateRefusal,
    TailLost,
    PassedOversize,
}

impl SeamFault {
    fn reason(self) -> &'static str {
        match self {
            Self::Resume => "resume_failed",
            Self::Reply => "reply_failed",
            Self::Reset => "reset_failed",
            Self::State => "filter_state_not_written",
            Self::Body => "body_not_written",
            Self::LateHeader => "header_edit_after_head",
            Self::LateRefusal => "refused_by_reset",
            Self::TailLost => "held_back_text_lost_before_trailers",
            Self::PassedOversize => "oversize_response_passed",
        }
    }
}

pub(super) struct SeamFaultEvent {
    pub(super) filter: &'static str,
    pub(super) fault: SeamFault,
}

impl Event for SeamFaultEvent {
    fn level(&self) -> Level {
        match self.fault {
            SeamFault::State | SeamFault::LateRefusal => Level::Debug,
            _ => Level::Warn,
        }
    }

    fn line(&self) -> Cow<'static, str> {
        self.fault.reason().into()
    }

    fn metric(&self) -> Metric {
        Metric {
            name: "modelgate_seam_faults",
            labels: vec![("filter", self.filter.into()), ("reason", self.fault.reason().into())],
        }
    }
}
