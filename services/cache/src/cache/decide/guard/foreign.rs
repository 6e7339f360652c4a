//! Texts in other languages than English, which the guard cannot read: neither their negations nor their opposites.

use crate::cache::decide::lexicon;
use crate::cache::decide::sentence::{Kind, Sentence, Word};

/// Is one of them not in English, and not the same words in the same order? `script` is that of both, 0 for Latin.
pub(super) fn differs(script: u8, a: &Sentence, b: &Sentence) -> bool {
    let other = script != 0 || is_foreign(a) || is_foreign(b);
    other && !a.words.iter().map(spelled).eq(b.words.iter().map(spelled))
}

fn spelled(word: &Word) -> &str {
    &word.lower
}

/// Do words of other languages outnumber the English ones that any question has? A quotation in an English question may be
/// longer than the question: then it counts.
fn is_foreign(of: &Sentence) -> bool {
    let plain = of.words.iter().filter(|word| !matches!(word.kind, Kind::Name | Kind::Number | Kind::Unit));
    let (mut foreign, mut english) = (0, 0);
    for word in plain {
        let accented = word.lower.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
        foreign += usize::from(accented || lexicon::FOREIGN.contains(&word.lower.as_str()));
        let asks = lexicon::ASKED.iter().any(|(cue, _)| *cue == word.lower);
        english += usize::from(word.kind == Kind::Function || asks);
    }
    foreign > english
}

#[cfg(test)]
mod tests {
    use super::is_foreign;
    use crate::cache::decide::sentence::Sentence;

    #[test]
    fn english_is_known_with_a_foreign_word_in_it() {
        for text in [
            "What is the population of Los Angeles?",
            "Where is a good café in town?",
            "Why did he die?",
            "population of la paz",
            "what does nicht mean",
            "Explain photosynthesis",
            "",
        ] {
            assert!(!is_foreign(&Sentence::of(text)), "{text}");
        }
        for text in [
            "Darf ich mein Handy im Flugzeug benutzen?",
            "recetas con gluten para la cena",
            "Est-ce que je dois payer ?",
            "Hoe kan ik mijn account sluiten?",
            "Translate 'ich habe kein Internet'",
            "jak zamknąć konto",
        ] {
            assert!(is_foreign(&Sentence::of(text)), "{text}");
        }
    }
}
