//! Closed classes of English words. Written for this project; a word that is missing is left to the verifier.

mod exclusive;
mod foreign;
mod opposites;
mod places;
mod topics;
mod units;

pub(super) use foreign::FOREIGN;
pub(super) use opposites::are_opposites;
pub(super) use units::{plain_unit, unit};

/// Words that turn a meaning round. Those that end in `n't` do, too.
#[rustfmt::skip]
pub(super) const NEGATIONS: &[&str] = &[
    "not", "no", "never", "none", "cannot", "cant", "dont", "doesnt", "isnt", "wont", "didnt", "hasnt", "havent", "arent",
    "wasnt", "shouldnt", "couldnt", "wouldnt", "neither", "nor", "nobody", "nothing", "nowhere", "without", "non", "hardly",
    "barely", "scarcely", "unable", "impossible",
];

/// Words that hold no meaning of their own in a question.
pub(super) const FUNCTION_WORDS: &[&str] = &[
    "a",
    "about",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "anyone",
    "are",
    "as",
    "at",
    "be",
    "been",
    "being",
    "but",
    "by",
    "can",
    "could",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "else",
    "etc",
    "ever",
    "exactly",
    "for",
    "from",
    "get",
    "getting",
    "give",
    "got",
    "had",
    "has",
    "have",
    "having",
    "he",
    "hello",
    "help",
    "her",
    "here",
    "hers",
    "hey",
    "hi",
    "him",
    "his",
    "how",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "if",
    "in",
    "into",
    "is",
    "it",
    "its",
    "just",
    "kindly",
    "know",
    "let",
    "like",
    "may",
    "me",
    "mine",
    "might",
    "must",
    "my",
    "myself",
    "need",
    "of",
    "ok",
    "on",
    "one",
    "or",
    "our",
    "ours",
    "please",
    "really",
    "shall",
    "she",
    "should",
    "so",
    "some",
    "somebody",
    "someone",
    "something",
    "tell",
    "than",
    "thank",
    "thanks",
    "that",
    "the",
    "their",
    "theirs",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "this",
    "those",
    "to",
    "too",
    "us",
    "very",
    "want",
    "was",
    "way",
    "ways",
    "we",
    "well",
    "were",
    "what",
    "whats",
    "when",
    "where",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "wish",
    "with",
    "would",
    "you",
    "your",
    "yours",
    "yourself",
];

/// Who or what is asked for. Two questions that ask for different things want different answers.
pub(super) const ASKED: &[(&str, &str)] = &[
    ("why", "reason"),
    ("when", "time"),
    ("where", "place"),
    ("who", "person"),
    ("whom", "person"),
    ("whose", "person"),
    ("which", "thing"),
    ("what", "thing"),
    ("how", "manner"),
];

/// Verbs that help another one, or that a question begins with.
#[rustfmt::skip]
pub(super) const AUXILIARIES: &[&str] = &[
    "is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "can", "could", "will", "would", "should", "must",
    "may", "might", "shall",
];

/// Words that lead what may stand at the beginning as well as at the end.
pub(super) const FRONTED: &[&str] =
    &["after", "at", "before", "during", "for", "if", "in", "on", "under", "using", "when", "while", "with", "within"];

/// What `free` behind it denies: `gluten free`.
#[rustfmt::skip]
pub(super) const FREE_OF: &[&str] = &[
    "additive", "alcohol", "allergen", "caffeine", "carb", "cholesterol", "dairy", "egg", "fat", "gluten", "lactose", "meat",
    "milk", "nut", "nuts", "peanut", "preservative", "salt", "sodium", "soy", "sugar", "wheat",
];

/// Words that let the things on both their sides change places.
pub(super) const SYMMETRIC: &[&str] = &["and", "or", "vs", "versus", "between", "both", "plus", "with"];

/// Words that put even what `and` joins into an order.
pub(super) const SEQUENCE: &[&str] = &["first", "then", "next", "afterwards", "finally"];

/// Words behind `how`, and what they ask for.
pub(super) const DEGREES: &[(&str, &str)] = &[
    ("often", "often"),
    ("frequently", "often"),
    ("old", "old"),
    ("deep", "deep"),
    ("tall", "tall"),
    ("wide", "wide"),
    ("broad", "wide"),
    ("heavy", "heavy"),
    ("much", "much"),
    ("many", "much"),
    ("long", "long"),
    ("far", "long"),
];

const NUMBER_WORDS: &[(&str, u32)] = &[
    ("zero", 0),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("eleventh", 11),
    ("twelfth", 12),
    ("thirteenth", 13),
    ("fourteenth", 14),
    ("fifteenth", 15),
    ("sixteenth", 16),
    ("seventeenth", 17),
    ("eighteenth", 18),
    ("nineteenth", 19),
    ("twentieth", 20),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("dozen", 12),
    ("twice", 2),
];

/// Months, days, and other words of the calendar and clock that name a time.
const TIMES: &[&str] = &[
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "weekly",
    "monthly",
    "daily",
    "yearly",
    "annually",
    "hourly",
    "noon",
    "midnight",
    "christmas",
    "easter",
    "ramadan",
    "summer",
    "autumn",
    "winter",
];

/// The value of a number in words. `one` and `second` are left out: they mostly mean something else.
pub(super) fn number_word(word: &str) -> Option<u32> {
    NUMBER_WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

/// Does the word name a time?
pub(super) fn is_time(word: &str) -> bool {
    TIMES.contains(&word) || matches!(word, "today's" | "tomorrow's" | "yesterday's")
}

/// Does the word name something, although it may be written small?
pub(super) fn is_name(word: &str) -> bool {
    TIMES.contains(&word) || topics::TOPICS.contains(&word) || places::PLACES.contains(&word)
}

/// The one form of a name with several.
pub(super) fn alias(name: &str) -> &str {
    match name.strip_suffix('.').unwrap_or(name) {
        "u.s" | "u.s.a" | "usa" | "america" => "usa",
        "u.k" | "britain" => "uk",
        "postgres" => "postgresql",
        "golang" => "go",
        "js" => "javascript",
        "ts" => "typescript",
        "db" => "database",
        "dollars" | "usd" => "dollar",
        "euros" | "eur" => "euro",
        "slovene" => "slovenian",
        "farsi" => "persian",
        "francs" => "franc",
        "rupees" | "inr" => "rupee",
        "pesos" => "peso",
        "rubles" | "rouble" | "roubles" => "ruble",
        "shekels" => "shekel",
        "dirhams" => "dirham",
        "dinars" => "dinar",
        "renminbi" | "rmb" | "cny" => "yuan",
        "kronor" | "sek" => "krona",
        other => other,
    }
}
