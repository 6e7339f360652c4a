//! The decision in steps, on questions made for it: each says which step spoke and why.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use cache_api::cache::{Rules, Step};
use modelgate_cache::cache::decide::{
    Accepted, Asked, Candidate, Decision, Refused, Verdict,
    guard::{Slot, differs},
};
use proptest::prelude::*;

#[test]
fn the_guard_names_what_differs() {
    for (slot, asked, kept) in [
        (Slot::Number, "What is 15 times 79?", "What is 15 times 78?"),
        (Slot::Number, "Show me the 5 best phones", "Show me the ten best phones"),
        (Slot::Number, "Who won in 2018?", "Who won?"),
        (Slot::Unit, "How far is 5 km on foot?", "How far is 5 miles on foot?"),
        (Slot::Unit, "Is 20 °C warm?", "Is 20 °F warm?"),
        (Slot::Unit, "What is 10 dollars worth?", "What is £10 worth?"),
        (Slot::Negation, "Is it safe to eat raw eggs?", "Is it not safe to eat raw eggs?"),
        (Slot::Negation, "Which foods should I eat?", "Which foods shouldn't I eat?"),
        (Slot::Opposite, "How do I enable the firewall?", "How do I disable the firewall?"),
        (Slot::Opposite, "What are the arguments for it?", "What are the arguments against it?"),
        (Slot::Opposite, "How do I lock a file?", "How do I unlock a file?"),
        (Slot::Name, "Who is Anna Weber?", "Who is Maria Weber?"),
        (Slot::Name, "capital of france", "capital of spain"),
        (Slot::Name, "Sort a list in C++", "Sort a list in C"),
        (Slot::Name, "How do I say hello in french?", "How do I say hello in german?"),
        (Slot::Name, "Open the shop on monday?", "Open the shop on friday?"),
        (Slot::Order, "Flights from Paris to Boston", "Flights from Boston to Paris"),
        (Slot::Order, "Did the dog bite the man?", "Did the man bite the dog?"),
        (Slot::Order, "Move money from savings to checking", "How can I move money from checking to savings?"),
        (Slot::Language, "What is the weather?", "Какая погода?"),
        (Slot::Number, "Is Python 3.1 still supported?", "Is Python 3.10 still supported?"),
        (Slot::Number, "Upgrade to version 16.2.1", "Upgrade to version 16.2.10"),
        (Slot::Unit, "How tall is it in meters?", "How tall is it in feet?"),
        (Slot::Name, "What does `rm -r dir` do?", "What does `rm -f dir` do?"),
        (Slot::Name, "git reset --soft", "git reset --hard"),
        (Slot::Number, "Write -5 in binary", "Write 5 in binary"),
        (Slot::Name, "exchange rate zloty to koruna", "exchange rate forint to koruna"),
        (Slot::Name, "the word for bread in basque", "the word for bread in catalan"),
        (Slot::Signs, "What is 3 + 4?", "What is 3 * 4?"),
        (Slot::Signs, "What does a == b do?", "What does a === b do?"),
        (Slot::Signs, "Is x > 5 true?", "Is x < 5 true?"),
        (Slot::Opposite, "Do all birds fly?", "Do some birds fly?"),
        (Slot::Opposite, "Should I stretch pre workout?", "Should I stretch post workout?"),
        (Slot::Order, "Put the milk in first and then the tea", "Put the tea in first and then the milk"),
        (Slot::Tense, "Who is the CEO of Twitter?", "Who was the CEO of Twitter?"),
        (Slot::Tense, "When does the store open?", "When did the store open?"),
        (Slot::Tense, "What was inflation last year?", "What was inflation this year?"),
        (Slot::Person, "What is my balance?", "What is your balance?"),
        (Slot::Person, "Can he fire me?", "Can I fire him?"),
        (
            Slot::Language,
            "Darf ich mein Handy im Flugzeug benutzen?",
            "Darf ich mein Handy im Flugzeug nicht benutzen?",
        ),
        (Slot::Language, "recetas con gluten para la cena", "recetas sin gluten para la cena"),
        (Slot::Language, "Est-ce que je dois payer des impôts ?", "Est-ce que je ne dois pas payer des impôts ?"),
        (Slot::Language, "Почему сайт работает?", "Почему сайт не работает?"),
        (Slot::Language, "我可以退货吗?", "我不可以退货吗?"),
        (Slot::Opposite, "Summarize Hamlet in one sentence", "Summarize Hamlet in one paragraph"),
        (Slot::Opposite, "Write a formal apology email", "Write a casual apology email"),
        (Slot::Opposite, "Can I cancel within 14 days?", "Can I cancel after 14 days?"),
        (Slot::Opposite, "Are all snakes venomous?", "Are any snakes venomous?"),
        (Slot::Number, "Who is the second tallest person?", "Who is the third tallest person?"),
        (Slot::Negation, "I can see the screen", "I can hardly see the screen"),
        (Slot::Signs, "What does 😂 mean?", "What does 😭 mean?"),
        (Slot::Order, "mix oil and vinegar 3:1", "mix oil and vinegar 1:3"),
        (Slot::Order, "Who did Anna invite?", "Who invited Anna?"),
        (Slot::Asked, "Why was my payment declined?", "When was my payment declined?"),
        (Slot::Asked, "How often should I water it?", "How much should I water it?"),
        (Slot::Number, "What is twenty-one plus four?", "What is twenty-two plus four?"),
        (Slot::Number, "What are the specs of the Pixel 8?", "What are the specs of the Pixel 8a?"),
        (Slot::Unit, "How big is 2 Mb in bytes?", "How big is 2 MB in bytes?"),
        (Slot::Unit, "How heavy is it in kilos?", "How heavy is it in pounds?"),
        (Slot::Name, "What's the VAT rate in Ireland?", "What's the VAT rate in Northern Ireland?"),
        (Slot::Name, "Hotels near London Heathrow", "Hotels near London Gatwick"),
        (Slot::Negation, "recipes with nuts", "nut-free recipes"),
        (Slot::Negation, "Which cheese has lactose?", "Which cheese is lactose free?"),
        (Slot::Negation, "Is it possible to undo this?", "Is it impossible to undo this?"),
        (Slot::Opposite, "Is it open on Saturday morning?", "Is it open on Saturday evening?"),
        (Slot::Opposite, "Should I refrigerate honey?", "Should I avoid refrigerating honey?"),
        (Slot::Opposite, "rows where x is greater than y", "rows where x is greater than or equal to y"),
        (Slot::Opposite, "How do I zoom in?", "How do I zoom out?"),
        (Slot::Tense, "Who has been prime minister of Japan?", "Who is prime minister of Japan?"),
        (Slot::Order, "Who taught Plato?", "Who did Plato teach?"),
        (Slot::Order, "I was hit by a car", "I hit a car"),
        (Slot::Order, "How do I merge branch A into B?", "How do I merge branch B into A?"),
        (Slot::Person, "How much do I owe Peter?", "How much does Peter owe me?"),
        (Slot::Person, "Can I call you?", "Can you call me?"),
    ] {
        assert_eq!(differs(asked, kept), Some(slot), "{asked} | {kept}");
        assert!(differs(kept, asked).is_some(), "{kept} | {asked}");
    }
}

#[test]
fn the_guard_lets_other_words_for_the_same_pass() {
    for (asked, kept) in [
        ("How do I reset my password?", "What are the steps to reset my password?"),
        ("What is 15 times 79?", "Calculate 15 multiplied by 79."),
        ("What are 5 kilograms of flour in cups?", "5kg flour in cups?"),
        ("When is my card coming?", "I am still waiting on my card"),
        ("What does IBM do?", "What does International Business Machines do?"),
        ("Compare Java and Python", "Compare Python and Java"),
        ("Is there $1,000.00 left?", "Is there $1000 left?"),
        ("My card hasn't arrived", "I am still waiting for the delivery"),
        ("Weather in Paris", "what's the weather in paris"),
        ("what is the weather in Berlin today", "What's today's weather in Berlin?"),
        ("Who won the World Cup in 2014?", "Who won the 2014 World Cup?"),
        ("How do I install it?", "How do you install it?"),
        ("What should I engrave on a ring?", "What should you engrave on a ring?"),
        ("Why was I charged twice?", "Why am I being charged two times?"),
        ("Where do I change the language?", "How do I change the language?"),
        ("Are cars / trucks allowed?", "Are cars and trucks allowed?"),
        ("wie komme ich nach Köln", "Wie komme ich nach Köln?"),
        ("Where is a good café in Paris?", "Where is a good cafe in Paris?"),
        ("What is the 3rd law of motion?", "What is the third law of motion?"),
        ("What is twenty five times four?", "What is 25 times 4?"),
        ("What is 40 thousand dollars in euros?", "What is 40,000 dollars in euros?"),
        ("population of the United States", "population of the US"),
        ("In Python, how do I read a file?", "How do I read a file in Python?"),
        ("I am unable to log in", "I can't log in"),
        ("What is gluten free bread?", "What is gluten-free bread?"),
        ("Can you help me plan a trip?", "Help me plan a trip"),
        ("Who painted the Mona Lisa?", "The Mona Lisa was painted by whom?"),
    ] {
        assert_eq!(differs(asked, kept), None, "{asked} | {kept}");
    }
}

const UNIT: [f32; 2] = [1.0, 0.0];

fn judge(embedder: &str, rules: &Rules, asked: &str, kept: &[(&str, f32)]) -> Verdict {
    let candidate = |(text, similarity): &(&'static str, f32)| Candidate {
        entry: "e",
        text,
        similarity: *similarity,
        vector: None,
    };
    let kept: Vec<(&'static str, f32)> = kept.iter().map(|(text, near)| (&*(*text).to_owned().leak(), *near)).collect();
    let candidates: Vec<Candidate<'_>> = kept.iter().map(candidate).collect();
    Decision::of(embedder).judge(rules, Asked { text: asked, vector: &UNIT }, &candidates)
}

fn refused(verdict: Verdict) -> Refused {
    match verdict {
        Verdict::Refused(refused) => refused,
        Verdict::Accepted(accepted) => panic!("accepted {accepted:?}"),
    }
}

fn accepted(verdict: Verdict) -> Accepted {
    match verdict {
        Verdict::Accepted(accepted) => accepted,
        Verdict::Refused(refused) => panic!("refused {refused:?}"),
    }
}

#[test]
fn each_step_says_that_it_refused() {
    let rules = Rules::default();
    let none = refused(judge("unknown", &rules, "Who?", &[]));
    assert_eq!((none.step, none.similarity, none.reason), (Step::Similarity, 0.0, "no entry"));
    let far = refused(judge("unknown", &rules, "How do I pay?", &[("How can I pay?", 0.94)]));
    assert_eq!((far.step, far.similarity, far.reason), (Step::Similarity, 0.94, "not near enough"));
    let slot = refused(judge("unknown", &rules, "Pay 5 now?", &[("Pay 6 now?", 0.99)]));
    assert_eq!((slot.step, slot.reason), (Step::Guard, "number"));
    let doubt = refused(judge("all-MiniLM-L6-v2", &rules, "How do I pay?", &[("How can I pay?", 0.81)]));
    assert_eq!((doubt.step, doubt.reason), (Step::Verifier, "unlikely"));
}

#[test]
fn the_next_candidate_may_answer_where_the_guard_refuses_the_first() {
    let rules = Rules::default();
    let kept = [("Pay 6 bills now?", 0.99), ("Can I pay 5 bills now?", 0.98)];
    let hit = accepted(judge("unknown", &rules, "Pay 5 bills now?", &kept));
    assert_eq!((hit.index, hit.similarity), (1, 0.98));
}

#[test]
fn the_policys_threshold_holds() {
    let kept = [("How can I pay?", 0.97)];
    let rules = |threshold| Rules { threshold, ..Rules::default() };
    accepted(judge("unknown", &rules(0.97), "How do I pay?", &kept));
    assert_eq!(refused(judge("unknown", &rules(0.98), "How do I pay?", &kept)).step, Step::Similarity);
    accepted(judge("all-MiniLM-L6-v2", &rules(0.0), "How do I pay?", &[("How can I pay?", 0.999)]));
}

#[test]
fn with_an_error_budget_the_score_is_handed_on() {
    let rules = Rules { max_wrong_hits: 0.01, ..Rules::default() };
    let near = accepted(judge("all-MiniLM-L6-v2", &rules, "How do I pay?", &[("How can I pay?", 0.99)]));
    let far = accepted(judge("all-MiniLM-L6-v2", &rules, "How do I pay?", &[("How can I pay?", 0.85)]));
    assert!(near.score > far.score && far.score > 0.0, "{} {}", near.score, far.score);
    assert_eq!(near.step, Step::Verifier);
    assert_eq!(refused(judge("unknown", &rules, "Pay 5?", &[("Pay 6?", 0.99)])).step, Step::Guard);
}

#[test]
fn broken_similarities_never_pass() {
    for similarity in [f32::NAN, f32::NEG_INFINITY] {
        refused(judge("unknown", &Rules::default(), "Who?", &[("Who?", similarity)]));
    }
    refused(judge("unknown", &Rules { threshold: f32::NAN, ..Rules::default() }, "Who?", &[("Who?", 1.0)]));
}

proptest! {
    #[test]
    fn any_two_texts_are_judged(asked in "\\PC{0,200}", kept in "\\PC{0,200}", near in -1.0f32..=1.0) {
        let rules = Rules { max_wrong_hits: 0.5, threshold: -1.0, ..Rules::default() };
        if let Verdict::Accepted(hit) = judge("all-MiniLM-L6-v2", &rules, &asked, &[(&kept, near)]) {
            prop_assert!((0.0..=1.0).contains(&hit.score));
        }
    }

    #[test]
    fn a_question_is_itself(asked in "[A-Za-z0-9 ,.?'-]{0,120}") {
        prop_assert_eq!(differs(&asked, &asked), None);
    }

    #[test]
    fn another_number_is_another_question(a in 2u32..10_000, b in 2u32..10_000) {
        prop_assume!(a != b);
        let of = |n: u32| format!("What is the square root of {n}?");
        prop_assert_eq!(differs(&of(a), &of(b)), Some(Slot::Number));
    }
}

#[test]
fn long_texts_do_not_take_long() {
    let text = "the dog of Anna bit 5 men from Paris to Rome and never said no ".repeat(1000);
    let begun = std::time::Instant::now();
    assert_eq!(differs(&text, &text), None);
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
}
