//! The comparators: what they say of two answers, and how they fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use modelgate_cache::cache::{
    decide::{AnswerEmbedding, Comparator, ComparatorError, Compared, Judge},
    embed::{EmbedError, Embedder, Embedding},
    http::{Server, Settings},
};

/// The vector of a text is how often it says `yes` and `no`.
struct YesNo;

impl Embedder for YesNo {
    fn id(&self) -> &str {
        "yes-no"
    }

    fn dims(&self) -> usize {
        2
    }

    fn embed<'a>(&'a self, text: &'a str) -> Embedding<'a> {
        Box::pin(async move {
            let of = |word: &str| text.matches(word).count() as f32;
            let (yes, no) = (of("yes"), of("nope"));
            let length = (yes * yes + no * no).sqrt();
            if length == 0.0 { Err(EmbedError::Empty) } else { Ok(vec![yes / length, no / length]) }
        })
    }
}

#[tokio::test]
async fn answers_are_compared_by_slots_and_vectors() {
    let comparator = AnswerEmbedding::new(Arc::new(YesNo), 0.9, ComparatorError::default());
    for (said, kept, fresh) in [
        (Compared::Same, "word for word", "word for word"),
        (Compared::Same, "yes it is", "yes, indeed"),
        (Compared::Different, "yes it is", "nope"),
        (Compared::Different, "yes, in 5 days", "yes, in 6 days"),
        (Compared::Different, "yes, enable it", "yes, disable it"),
    ] {
        assert_eq!(comparator.compare("?", kept, fresh).await, Ok(said), "{kept} | {fresh}");
    }
    assert!(comparator.compare("?", "maybe", "perhaps").await.is_err(), "what cannot be compared teaches nothing");
}

#[tokio::test]
async fn a_judge_that_is_down_says_nothing() {
    let settings = Settings { url: "http://127.0.0.1:1/".into(), model: "j".into(), key: None, deadline_ms: 500 };
    let judge = Judge::new(Server::new(settings), ComparatorError::default());
    assert!(judge.compare("?", "a", "b").await.is_err());
    assert_eq!(judge.id(), "judge:j");
}

#[test]
fn errors_are_counted_by_kind() {
    let mut error = ComparatorError::default();
    for (same, said) in
        [(true, Compared::Same), (true, Compared::Different), (false, Compared::Same), (false, Compared::Different)]
    {
        error.add(same, said);
    }
    assert_eq!(error, ComparatorError { different: 2, missed: 1, same: 2, blamed: 1 });
}
