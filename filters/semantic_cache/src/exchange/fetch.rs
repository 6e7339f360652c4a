//! An answer that the model gives and the service may keep: from the miss to the end of the stream.

use super::Inquiry;
use crate::admission::{Collected, Refused, Rules, judge};
use crate::cache::Rulebook;
use crate::config::{Service, Share};
use crate::convert;
use crate::event;
use crate::question::{Directives, Placeholders};
use crate::service::{self, Asked, Stored};
use cache_api::cache::{Answer, Miss};
use chat::Api;
use plugin::{Call, Cx, End, Next, Origin, ResponseHead};
use std::rc::Rc;

/// What is known of it.
#[derive(Debug)]
pub(super) struct Fetch {
    policy: Rc<Rulebook>,
    api: Api,
    asked: Asked,
    placeholders: Placeholders,
    writer: String,
    ticket: Vec<u8>,
    leader: bool,
    content_type: String,
    ttl_ms: u64,
    collected: Collected,
}

impl Fetch {
    /// A request that goes to the model with this ticket.
    pub fn new(inquiry: Inquiry, miss: Miss) -> Self {
        let Inquiry { policy, api, asked, placeholders, writer, .. } = inquiry;
        let ttl_ms = policy.ttl_ms;
        Self {
            policy,
            api,
            asked,
            placeholders,
            writer,
            ticket: miss.ticket,
            leader: miss.leader,
            content_type: String::new(),
            ttl_ms,
            collected: Collected::default(),
        }
    }

    /// Whether the response that begins may be stored, as far as its head tells.
    pub fn begins(&mut self, head: &ResponseHead) -> Result<Next, Refused> {
        if head.origin != Origin::Upstream || head.status() != 200 {
            return Err(Refused::Status);
        }
        let content_type = head.headers.text("content-type").unwrap_or_default();
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(media.as_str(), convert::JSON | convert::EVENTS) || head.is_encoded() {
            return Err(Refused::MediaType);
        }
        let directives = Directives::of(&head.headers);
        // `no-cache` and an age of 0 come with every stream of many servers, to keep browsers from caching it.
        let is_stream = media == convert::EVENTS;
        let stale = !is_stream && (directives.no_cache || directives.max_age_secs == Some(0));
        if directives.no_store || stale || (directives.private && self.policy.share != Share::Consumer) {
            return Err(Refused::NoStore);
        }
        if let Some(secs) = directives.max_age_secs.filter(|secs| *secs > 0) {
            self.ttl_ms = self.ttl_ms.min(secs.saturating_mul(1000));
        }
        if head.complete {
            return Err(Refused::Empty);
        }
        self.content_type = media;
        Ok(Next::Chunks { edit: false })
    }

    /// A piece of it flows by.
    pub fn add(&mut self, chunk: &[u8], last: bool) -> Result<(), Refused> {
        self.collected.add(chunk, last, self.policy.max_answer_bytes)
    }

    /// All is over: it is stored, or those who wait are let go.
    pub fn ends(mut self, cx: &mut Cx<'_>, service: &Service, end: &End) -> Vec<Call> {
        // The request runs again through all filters, and asks again.
        if end.is_redirect(cx) {
            return self.let_go(service);
        }
        let is_stream = convert::is_stream(&self.content_type);
        let tool_calls = !self.policy.reading.bypass.tool_calls;
        let rules = Rules { api: self.api, tool_calls, placeholders: &self.placeholders };
        let verdict = match end.origin {
            Some(Origin::Upstream) if self.collected.complete => judge(&self.collected.body, is_stream, &rules),
            Some(Origin::Upstream) | None => Err(Refused::Incomplete),
            Some(_) => Err(Refused::Status),
        };
        if let Err(reason) = verdict {
            return self.abandoned(cx, service, reason);
        }
        cx.emit(&event::Stored { policy: &self.policy.name, refused: None });
        let answer = Answer { content_type: self.content_type, body: std::mem::take(&mut self.collected.body) };
        let Self { asked, ticket, ttl_ms, writer, policy, .. } = self;
        let stored = Stored { ticket, answer, ttl_ms, tags: policy.tags.clone(), writer };
        vec![service::store(service, asked, stored)]
    }

    /// It is not stored, for this reason.
    pub fn abandoned(self, cx: &mut Cx<'_>, service: &Service, reason: Refused) -> Vec<Call> {
        cx.emit(&event::Stored { policy: &self.policy.name, refused: Some(reason) });
        self.let_go(service)
    }

    fn let_go(self, service: &Service) -> Vec<Call> {
        if self.leader { vec![service::abandon(service, self.ticket)] } else { Vec::new() }
    }
}
