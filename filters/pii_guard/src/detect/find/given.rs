//! What a name is given: behind it (`name: value`, `the name is value`), before it, in the next cell, line or argument.

use super::looks::is_odd;
use super::run;
use super::run_back;
use crate::detect::joint::is_parameter;
use crate::detect::surroundings::Scene;

/// What a name says its value is.
#[derive(Debug, Clone, Copy)]
pub struct Assigned {
    pub from: usize,
    pub to: usize,
    /// By a sign or a quote, not by words alone.
    pub written: bool,
    /// By a word: `is`, `lautet`.
    pub said: bool,
    /// As the next argument (`put("name", "value")`), in the next line, in parentheses. Other words stand there as often.
    pub listed: bool,
    /// Right behind the name, a space or a comma apart.
    pub beside: bool,
}

/// Words that say what something is.
const SAYS: [&[u8]; 18] = [
    b"as", b"is", b"was", b"to", b"es", b"est", b"ist", b"lautet", b"for", b"e", b"ar", b"er", b"je", b"este", b"be",
    b"it's", b"c'est", b"that's",
];

/// Words of other scripts that say what a name is for, and not what it is: `пароль от Windows11`.
const FOR: [&str; 8] = ["от", "для", "к", "на", "в", "до", "за", "від"];

/// Whether it opens or closes a text in code.
pub fn is_quote(b: u8) -> bool {
    matches!(b, b'"' | b'\'' | b'`')
}

/// How often a capital letter follows a small one.
pub fn humps(value: &[u8]) -> usize {
    value.windows(2).filter(|two| matches!(two, [b'a'..=b'z', b'A'..=b'Z'])).count()
}

/// The value that starts at `from`: to its closing quote, or to the end of the word.
pub fn value_at(scene: &Scene<'_>, from: usize) -> (usize, usize) {
    let quote = scene.at(from);
    let quoted = is_quote(quote);
    let bold = !quoted && scene.bytes.get(from..from + 2) == Some(b"**") && scene.at(from + 2) != b'*';
    let from = from + if bold { 2 } else { usize::from(quoted) };
    let holds = |b: u8| {
        if quoted { b != quote && b != b'\n' } else { !b.is_ascii_whitespace() && !b"\"'`,;<>){}".contains(&b) }
    };
    let mut to = run(scene.bytes, from, 512, holds);
    // Languages without spaces go on behind it: `…はSommer12です`.
    let ascii = run(scene.bytes, from, to - from, |b| b.is_ascii());
    if !quoted && ascii >= from + 4 && matches!(scene.at(ascii), 0xe3..=0xed) {
        to = ascii;
    }
    // `Sommer12!` and `BlueRiver!` may well end so.
    let ends_so = |to: usize| {
        let inside = scene.bytes.get(from..to - 1).unwrap_or_default();
        inside.iter().any(|b| b.is_ascii_digit() || b"@#$%^&*!?".contains(b)) || humps(inside) > 0
    };
    if !quoted && let Some(end) = (from..to).find(|at| scene.at(*at) == b'&' && is_parameter(scene.bytes, from, *at)) {
        to = end;
    }
    let marked = scene.before(from, 1);
    // A cell of a table ends at its border.
    if !quoted && (marked == b'|' || in_row(scene, from)) {
        to = run(scene.bytes, from, to - from, |b| b != b'|');
    }
    while !quoted
        && to > from
        && (matches!(scene.at(to - 1), b'.' | b':')
            || (matches!(scene.at(to - 1), b'!' | b'?') && !ends_so(to))
            || (marked == b'*' && scene.at(to - 1) == b'*'))
    {
        to -= 1;
    }
    (from, to)
}

/// Whether the line of a place begins as a row of a table does: `|name|value|`.
fn in_row(scene: &Scene<'_>, at: usize) -> bool {
    scene.at(run_back(scene.bytes, at, 96, |b| b != b'\n')) == b'|'
}

/// What is assigned to a name that ends at `end`: `name: value`, `name = "value"`, `name value`, `the name is now value`.
fn assigned(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    // The name may go on: `password_hash`, `api_key_2`, and it may be quoted.
    let name = run(scene.bytes, end, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let rest = scene.bytes.get(name..).unwrap_or_default();
    // `the password's hunter2`, `password (for now): hunter2`
    let owns = rest.starts_with(b"'s ");
    let remark = if rest.starts_with(b" (") { remark(scene, name) } else { name };
    let mut at = if owns { name + 2 } else { run(scene.bytes, remark, 3, |b| is_quote(b) || matches!(b, b']' | b'*')) };
    let more = || answered(scene, at).or_else(|| default(scene, at)).or_else(|| tagged(scene, at));
    if let Some(found) = paired(scene, at).or_else(more) {
        return Some(found);
    }
    // `the password, hunter2, …`
    if rest.starts_with(b", ") && name == end {
        let (from, to) = value_at(scene, name + 2);
        return Some(Assigned { from, to, written: false, said: false, listed: true, beside: true });
    }
    let mut says = at == end || owns;
    // By the possessive, or by a word of another script.
    let mut told = owns;
    for word in 0..7 {
        at = run(scene.bytes, at, 3, |b| matches!(b, b' ' | b'\t'));
        // `密码是…`, `пароль от …`: words of another script.
        for _ in 0..3 {
            if !scene.at(at).is_ascii() && (word > 0 || at > end || !scene.before(end, 1).is_ascii()) {
                let to = run(scene.bytes, at, 48, |b| !b.is_ascii());
                let word = scene.bytes.get(at..to).unwrap_or_default();
                told |= !FOR.iter().any(|known| known.as_bytes() == word);
                at = run(scene.bytes, to, 3, |b| b == b' ');
            }
        }
        let said = told || (says && word > 0);
        // `update-passwd --dry-run`
        if scene.at(at) == b'-' && scene.at(at + 1) == b'-' && scene.at(at + 2).is_ascii_lowercase() {
            return None;
        }
        if is_quote(scene.at(at)) && matches!(scene.at(at + 1), b':' | b'=') {
            at += 1;
        }
        let cell = next_cell(scene, at);
        if cell > at {
            // A row of a list may end with the name, and the next one begin with anything.
            let row = !is_sole(scene, at, cell);
            let sign = run(scene.bytes, cell, 1, |b| matches!(b, b':' | b'='));
            let (from, to) = value_at(scene, tags(scene, run(scene.bytes, sign, 3, |b| b == b' ')));
            if row && !matches!(scene.at(to), b'\n' | b'\r' | 0) {
                return None;
            }
            let written = sign > cell;
            return Some(Assigned { from, to, written, said: false, listed: false, beside: from == name + 1 });
        }
        let sign = run(scene.bytes, at, 3, |b| matches!(b, b':' | b'=' | b'>' | b'*' | b'|' | b'-'));
        // `is *x9!Kq`: a value begins with it.
        let begins = sign == at + 1 && scene.at(sign) != b' ' && !scene.at(sign).is_ascii_punctuation();
        let sign = match scene.at(at) {
            b'*' if begins => at,
            b'>' | b'-' if begins && said => at,
            b'|' if begins && said && !in_row(scene, at) => at,
            _ => sign,
        };
        let space = |at: usize| run(scene.bytes, at, 3, |b| matches!(b, b' ' | b'\t'));
        let from = space(tags(scene, if scene.at(space(sign)) == b'<' { space(sign) } else { sign }));
        // A block of YAML: `password: |`.
        let block = run(scene.bytes, from, 2, |b| matches!(b, b'|' | b'>' | b'-'));
        let from = if matches!(scene.at(block), b'\n' | b'\r') { block } else { from };
        if sign > at && matches!(scene.at(from), b'\n' | b'\r') {
            let line = run(scene.bytes, from, 2, |b| matches!(b, b'\n' | b'\r'));
            let (from, to) = value_at(scene, run(scene.bytes, line, 4, |b| b == b' '));
            return Some(Assigned { from, to, written: false, said: true, listed: true, beside: false });
        }
        let from = if sign == at + 1 { typed(scene, from) } else { from };
        if sign > at || is_quote(scene.at(from)) {
            let compares = sign > at + 1 && scene.at(sign - 1) == b'=' && matches!(scene.at(sign - 2), b'=' | b'!');
            if compares && !is_quote(scene.at(from)) {
                return None;
            }
            let (from, to) = value_at(scene, from);
            return Some(Assigned { from, to, written: true, said, listed: false, beside: false });
        }
        let to = word_end(scene, at);
        let text = scene.bytes.get(at..to).unwrap_or_default();
        // `has changed, the new one is …`
        let goes_on = NEXT.iter().any(|next| scene.bytes.get(to..).is_some_and(|rest| rest.starts_with(next)));
        // `"the password of x": …`, `password of x->…`
        let closed = is_quote(scene.at(to)) && matches!(scene.at(to + 1), b':' | b'=');
        let arrow = scene.at(to) == b'-' && scene.at(to + 1) == b'>';
        let filler = to > at && (goes_on || closed || arrow || matches!(scene.at(to), b' ' | b':' | b'=' | b'|'));
        // `the password on record, hunter2, …`
        if word > 0 && to > at && scene.bytes.get(to..to + 2) == Some(b", ") {
            let (from, end) = value_at(scene, to + 2);
            if scene.at(end) == b',' && is_odd(scene.bytes.get(from..end).unwrap_or_default()) {
                return Some(Assigned { from, to: end, written: false, said, listed: true, beside: true });
            }
        }
        if !filler {
            // `login.example.com` and `login_form.html` are no names with a value.
            if scene.at(at) == b'/' || (at == name && scene.at(at).is_ascii_punctuation()) {
                return None;
            }
            let listed = scene.at(at) == b'(' && scene.before(at, 1) == b' ';
            let open = at + usize::from(listed);
            // `password (it's hunter2)`
            let open =
                if scene.bytes.get(open..).is_some_and(|rest| rest.starts_with(b"it's ")) { open + 5 } else { open };
            let (from, to) = value_at(scene, open);
            let beside = at == name + 1;
            return (says || told || listed || word == 0).then_some(Assigned {
                from,
                to,
                written: false,
                said,
                listed,
                beside,
            });
        }
        says |= SAYS.contains(&text);
        at = to + usize::from(goes_on || closed);
    }
    None
}

/// What a tag of XML holds whose name ends at `end`, before its attributes: `<password encrypted="false">…`.
fn tagged(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    let name = run_back(scene.bytes, end, 40, |b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b));
    if scene.before(name, 1) != b'<' || scene.at(end) != b' ' {
        return None;
    }
    let close = run(scene.bytes, end, 80, |b| !b"<>/\n".contains(&b));
    let to = run(scene.bytes, close + 1, 130, |b| !b"<> \n".contains(&b));
    let written = scene.at(close) == b'>' && scene.at(to) == b'<' && scene.at(to + 1) == b'/';
    written.then_some(Assigned { from: close + 1, to, written, said: false, listed: false, beside: false })
}

/// Where a constant's text in quotes starts whose type is at `from`: `: &str = "…"`, `: string = '…'`. `from` where there is none.
fn typed(scene: &Scene<'_>, from: usize) -> usize {
    let name = run(scene.bytes, from, 24, |b| b.is_ascii_alphanumeric() || b"_&'<>[]?.".contains(&b));
    let name = if scene.at(name) == b' ' && scene.at(from) == b'&' {
        run(scene.bytes, name + 1, 12, |b| b.is_ascii_alphanumeric())
    } else {
        name
    };
    let sign = run(scene.bytes, name, 1, |b| b == b' ');
    let value = run(scene.bytes, sign + 1, 1, |b| b == b' ');
    let typed = name > from && scene.at(sign) == b'=' && is_quote(scene.at(value)) && !is_quote(scene.at(from));
    if typed { value } else { from }
}

/// Whether a name that ends at `end` is all of its line but for a word or two, or what is behind it at `cell` is no next line.
fn is_sole(scene: &Scene<'_>, end: usize, cell: usize) -> bool {
    let line = run_back(scene.bytes, end, 32, |b| b.is_ascii_alphanumeric() || !b.is_ascii() || b" -_:'".contains(&b));
    !matches!(scene.before(cell, 1), b'\n' | b'\r') || matches!(scene.before(line, 1), b'\n' | b'\r' | 0)
}

/// Where a word in small letters ends, with an apostrophe in it: `it's`, `c'est`.
fn word_end(scene: &Scene<'_>, at: usize) -> usize {
    let to = run(scene.bytes, at, 12, |b| b.is_ascii_lowercase());
    let apostrophe = to > at && scene.at(to) == b'\'' && scene.at(to + 1).is_ascii_lowercase();
    if apostrophe { run(scene.bytes, to + 1, 6, |b| b.is_ascii_lowercase()) } else { to }
}

/// The end of what a remark in parentheses behind a name ends with, before its sign: `(temporary)`; `at` where there is none.
fn remark(scene: &Scene<'_>, at: usize) -> usize {
    let to = run(scene.bytes, at + 2, 32, |b| b.is_ascii_alphanumeric() || b" ,.-".contains(&b));
    let sign = run(scene.bytes, to + 1, 1, |b| b == b' ');
    if scene.at(to) == b')' && matches!(scene.at(sign), b':' | b'=') { to + 1 } else { at }
}

/// What follows where a sentence goes on to the value.
const NEXT: [&[u8]; 3] = [b", the new one ", b", new one ", b", it is "];

/// What answers a question for the name: `your password? It's …`, and in the next line of a talk `Agent: your password?`, `Customer: …`.
fn answered(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    if scene.at(end) != b'?' {
        return None;
    }
    let gap = run(scene.bytes, end, 4, |b| matches!(b, b'?' | b'\r' | b'\n' | b' '));
    let label = run(scene.bytes, gap, 24, |b| b.is_ascii_alphanumeric() || b == b' ');
    let speaks = label > gap && scene.at(label) == b':';
    let mut at = if speaks { run(scene.bytes, label + 1, 2, |b| b == b' ') } else { gap };
    let rest = scene.bytes.get(at..).unwrap_or_default();
    let opener = OPENERS.iter().find(|opener| rest.get(..opener.len()).is_some_and(|r| r.eq_ignore_ascii_case(opener)));
    if !speaks && opener.is_none() {
        return None;
    }
    at += opener.map_or(0, |opener| opener.len());
    let (from, to) = value_at(scene, at);
    Some(Assigned { from, to, written: false, said: true, listed: true, beside: false })
}

/// What an answer begins with.
const OPENERS: [&[u8]; 6] = [b"it's ", b"its ", b"it is ", b"- ", b"sure, it's ", b"yes, it's "];

/// The default of a variable of Terraform whose name in quotes ends at `end`: `variable "db_password" { … default = "…" }`.
fn default(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    const DEFAULT: &[u8] = b" default";
    if scene.at(end) != b' ' || scene.at(end + 1) != b'{' {
        return None;
    }
    let block = scene.bytes.get(end..run(scene.bytes, end, 240, |b| b != b'}'))?;
    let name = end + memchr::memmem::find(block, DEFAULT)? + DEFAULT.len();
    let sign = run(scene.bytes, name, 12, |b| b == b' ');
    let value = run(scene.bytes, sign + 1, 2, |b| b == b' ');
    let (from, to) = value_at(scene, value);
    let written = scene.at(sign) == b'=' && is_quote(scene.at(value));
    written.then_some(Assigned { from, to, written, said: false, listed: false, beside: false })
}

/// What a pair has beside the name that ends at `end`: the line `value: …` of a manifest, `"value": …` of JSON, `value="…"` of a tag,
/// the next argument of a call.
fn paired(scene: &Scene<'_>, end: usize) -> Option<Assigned> {
    let quoted = is_quote(scene.before(end, 1));
    let at = run(scene.bytes, end, 24, |b| b.is_ascii_whitespace() || (quoted && b == b','));
    let key = at + usize::from(is_quote(scene.at(at)));
    if at > end && scene.bytes.get(key..).is_some_and(|rest| rest.starts_with(b"value")) {
        let sign = run(scene.bytes, key + 5, 2, |b| is_quote(b) || b == b' ');
        let (from, to) = value_at(scene, run(scene.bytes, sign + 1, 3, |b| b == b' '));
        // Variables of an environment have nothing but their value there.
        let written = scene.before(end - usize::from(quoted), 1).is_ascii_uppercase();
        return matches!(scene.at(sign), b':' | b'=').then_some(Assigned {
            from,
            to,
            written,
            said: true,
            listed: false,
            beside: false,
        });
    }
    let listed = quoted && key > at && scene.at(end) == b',' && at <= end + 2;
    let (from, to) = value_at(scene, at);
    listed.then_some(Assigned { from, to, written: false, said: false, listed, beside: false })
}

/// Where a table or a form has what it names: behind the tags of a page, or in the next line. `at` where there is no such place.
fn next_cell(scene: &Scene<'_>, at: usize) -> usize {
    let to = tags(scene, at);
    if to == at { run(scene.bytes, at, 2, |b| matches!(b, b'\n' | b'\r')) } else { to }
}

/// Behind up to three tags of a page. `at` where there is none.
fn tags(scene: &Scene<'_>, at: usize) -> usize {
    let mut to = at;
    for _ in 0..3 {
        if scene.at(to) != b'<' {
            break;
        }
        let tag = run(scene.bytes, to, 24, |b| b != b'>' && b != b'\n');
        if scene.at(tag) != b'>' {
            return at;
        }
        to = tag + 1;
    }
    to
}

/// What is said to be the name from `start` to `end`: `value is my name`, `it's value (name)`.
fn said_before(scene: &Scene<'_>, start: usize, end: usize) -> Option<Assigned> {
    if scene.before(start, 2) == b' ' && scene.before(start, 1) == b'(' && scene.at(end) == b')' {
        let from = run_back(scene.bytes, start - 2, 128, |b| !b.is_ascii_whitespace() && !is_quote(b) && b != b',');
        let before = scene.bytes.get(..from).unwrap_or_default();
        let said = SAYS.iter().any(|says| before.trim_ascii_end().ends_with(says)) || before.ends_with(b": ");
        return Some(Assigned { from, to: start - 2, written: false, said, listed: true, beside: false });
    }
    let space = |at: usize| run_back(scene.bytes, at, 2, |b| b == b' ');
    let word = |at: usize| run_back(scene.bytes, at, 8, |b| b.is_ascii_lowercase());
    let mut at = space(start);
    for _ in 0..3 {
        let from = word(at);
        let text = scene.bytes.get(from..at)?;
        if text.is_empty() {
            return None;
        }
        at = space(from);
        if SAYS.contains(&text) {
            if is_quote(scene.before(at, 1)) {
                at -= 1;
            }
            let from = run_back(scene.bytes, at, 128, |b| !b.is_ascii_whitespace() && !is_quote(b) && b != b',');
            return Some(Assigned { from, to: at, written: false, said: true, listed: false, beside: false });
        }
    }
    None
}

/// What a name is given, before it and behind it.
pub fn given<'a>(scene: &Scene<'a>, start: usize, end: usize) -> impl Iterator<Item = (Assigned, &'a [u8])> {
    let both = [assigned(scene, end), said_before(scene, start, end)];
    let bytes = scene.bytes;
    both.into_iter().flatten().map(move |found| (found, bytes.get(found.from..found.to).unwrap_or_default()))
}
