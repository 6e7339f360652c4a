//! What the seam costs before any filter does anything: the probe, told to do nothing with what it sees.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use serde_json::json;
use testkit::Link;

/// How many filters the product has, and so the longest chain that is usual.
const ALL_FILTERS: usize = 6;

/// The suite.
pub fn suite() -> Suite {
    let mut cases: Vec<Case> = [1, 8, 64].map(json_case).into();
    cases.push(stream_case());
    Suite { name: "seam", about: "filters that do nothing, by what they ask to see", work: Work::Requests(cases) }
}

fn json_case(kilobytes: usize) -> Case {
    let whole = json!({"body": "whole"});
    let both = json!({"attachment": "full", "request": whole, "response": whole});
    let edits = json!({"request": {"set": {"x-probe": "1"}}, "response": {"set": {"x-probe": "1"}}});
    Case {
        name: format!("{kilobytes} KB"),
        request: Request::chat("demo-small", kilobytes << 10),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("pass", [Link::probe(json!({}))]),
            Chain::new("header edits", [Link::probe(edits)]).showing("x-probe"),
            Chain::new("both ways", [Link::probe(both)]),
            six(Noop::HoldsRequest),
        ],
    }
}

fn stream_case() -> Case {
    Case {
        name: "SSE".into(),
        request: Request::chat_stream("demo-small", 1 << 10),
        noop: Noop::HoldsRequestSeesPieces,
        chains: vec![Chain::new("pass", [Link::probe(json!({}))]), six(Noop::HoldsRequestSeesPieces)],
    }
}

fn six(noop: Noop) -> Chain {
    Chain::new("six noop", (0..ALL_FILTERS).map(|_| Link::probe(noop.config())))
}
