//! Any two texts: the guard says what differs, of a text and itself nothing, and the whole decision gives a probability.
#![no_main]

use cache_api::cache::Rules;
use libfuzzer_sys::fuzz_target;
use modelgate_cache::cache::decide::guard::differs;
use modelgate_cache::cache::decide::{Asked, Candidate, Decision, Verdict};

fuzz_target!(|texts: (&str, &str)| {
    let (asked, kept) = texts;
    assert_eq!(differs(asked, asked), None);
    let _ = differs(asked, kept);
    let rules = Rules { max_wrong_hits: 0.5, ..Rules::default() };
    let candidate = Candidate { entry: "", text: kept, similarity: 0.9, vector: None };
    let decision = Decision::of("all-MiniLM-L6-v2");
    if let Verdict::Accepted(hit) = decision.judge(&rules, Asked { text: asked, vector: &[] }, &[candidate]) {
        assert!((0.0..=1.0).contains(&hit.score));
    }
});
