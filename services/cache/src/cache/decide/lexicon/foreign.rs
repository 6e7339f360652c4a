//! Words by which a text in another language than English is known.

/// The commonest short words of other languages in Latin letters. Those that are as common in English are left out.
#[rustfmt::skip]
pub(in super::super) const FOREIGN: &[&str] = &[
    // German.
    "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "ich", "wir", "ihr", "mein",
    "meine", "meinen", "dein", "ist", "sind", "bist", "hat", "habe", "haben", "kann", "muss", "darf", "soll", "wie",
    "wer", "wo", "warum", "wann", "welche", "welcher", "welches", "nicht", "kein", "keine", "keinen", "ohne", "mit",
    "von", "zu", "zum", "zur", "im", "auf", "und", "oder", "aber", "auch", "nach", "bei", "aus", "nie",
    // French.
    "le", "la", "les", "un", "une", "du", "je", "il", "elle", "nous", "vous", "ils", "mon", "ma", "mes", "est",
    "sont", "suis", "ai", "que", "qui", "quoi", "quel", "quelle", "comment", "pourquoi", "quand", "combien", "dans",
    "sur", "avec", "sans", "pour", "pas", "ne", "jamais", "et", "ou", "mais", "au", "aux", "ce", "cette", "ces",
    // Spanish.
    "el", "los", "las", "una", "unos", "del", "por", "para", "con", "sin", "pero", "mi", "mis", "tu", "su", "sus",
    "es", "son", "soy", "hay", "puedo", "puede", "tengo", "tiene", "ser", "al", "lo", "nunca", "muy", "como", "donde",
    "cuando", "cual", "quiero",
    // Italian.
    "gli", "di", "della", "che", "chi", "cosa", "dove", "perche", "senza", "sono", "ho", "posso", "non", "mai", "nel",
    "nella", "sul", "mio", "mia",
    // Portuguese.
    "os", "um", "uma", "da", "dos", "em", "quem", "qual", "onde", "com", "sem", "meu", "minha", "tem",
    // Dutch.
    "het", "een", "niet", "geen", "hoe", "wat", "waar", "ik", "mijn", "van", "voor", "naar", "zonder", "zijn", "deze",
    // Polish and Czech.
    "jak", "co", "kto", "gdzie", "kiedy", "czy", "jest", "mam", "na", "od", "po", "bez", "oraz", "moje", "jsou",
    // Swedish, Danish and Norwegian.
    "hur", "vad", "jag", "inte", "och", "att", "det", "ett", "som", "med", "av", "utan", "ingen", "hvordan", "hvad",
    "hvor", "hvem", "jeg", "er", "ikke", "og", "til", "uden", "hva",
    // Turkish.
    "bir", "bu", "ile", "yok", "ve",
    // Indonesian.
    "apa", "yang", "saya", "bagaimana", "tidak", "dengan", "untuk", "dari", "ini", "itu", "adalah", "bisa",
];
