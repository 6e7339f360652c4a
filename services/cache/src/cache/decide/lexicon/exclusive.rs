//! Words of which one holds at a time, as stems.

/// Of each of these lists something is one at a time: two of them want two answers.
#[rustfmt::skip]
pub(super) const EXCLUSIVE: &[&[&str]] = &[
    &["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "zeroth", "half", "quarter"],
    &["sentenc", "paragraph", "page", "word", "line", "charact"],
    &["essay", "haiku", "joke", "limerick", "poem", "song", "stori", "tweet", "letter", "email", "blog", "speech"],
    &["cube", "squar"],
    &["morn", "afternoon", "even", "night"],
    &["hour", "day", "week", "month", "year", "decad", "centuri"],
    &["red", "green", "blue", "yellow", "orang", "purpl", "pink", "black", "white", "brown"],
    &["north", "south", "east", "west"],
    &["northern", "southern", "eastern", "western"],
    &["father", "mother", "brother", "sister", "son", "daughter", "husband", "wife", "uncl", "aunt", "cousin"],
    &["largest", "deepest", "longest", "fastest", "safest", "cheapest", "oldest"],
    &["breakfast", "lunch", "dinner"],
    &["fruit", "veget"],
];
