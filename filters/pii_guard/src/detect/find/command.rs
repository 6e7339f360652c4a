//! Passwords in the options of commands that are told apart by their names (`sshpass -p …`, `mysql -p…`, `redis-cli -a …`), and
//! of any that a user stands beside.

use super::given::is_quote;
use super::looks::{is_odd, is_value};
use super::{Found, run, run_back};
use crate::detect::surroundings::Scene;

/// Commands with the option that has the password. Behind one with a space before it the next word is it, else the rest of the word.
pub const COMMANDS: [(&str, &str); 23] = [
    ("sshpass ", " -p "),
    ("docker login ", " -p "),
    ("podman login ", " -p "),
    ("helm registry login ", " -p "),
    ("az login ", " -p "),
    ("oc login ", " -p "),
    ("redis-cli ", " -a "),
    ("mysql ", " -p"),
    ("mysqldump ", " -p"),
    ("mysqladmin ", " -p"),
    ("mariadb ", " -p"),
    ("mongo ", " -p "),
    ("mongosh ", " -p "),
    ("mongodump ", " -p "),
    ("mongorestore ", " -p "),
    ("rabbitmqadmin ", " -p "),
    ("sqlcmd ", " -P "),
    ("mosquitto_pub ", " -P "),
    ("mosquitto_sub ", " -P "),
    ("unzip ", " -P "),
    ("plink ", " -pw "),
    ("ldapsearch ", " -w "),
    ("ldapmodify ", " -w "),
];

/// The password of the command whose name is from `start` to `end`, with the space behind it.
pub fn option(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let name = scene.bytes.get(start..end).unwrap_or_default();
    let Some((_, option)) = COMMANDS.iter().find(|(command, _)| name.eq_ignore_ascii_case(command.as_bytes())) else {
        return;
    };
    // `mysql is a database -proven …`
    if !option.ends_with(' ') && scene.at(end) != b'-' {
        return;
    }
    let line = run(scene.bytes, end, 240, |b| b != b'\n' && b != b'|');
    let rest = scene.bytes.get(end - 1..line).unwrap_or_default();
    let Some(at) = memchr::memmem::find(rest, option.as_bytes()) else { return };
    let quote = end - 1 + at + option.len();
    let from = quote + usize::from(is_quote(scene.at(quote)));
    let to = if from > quote {
        run(scene.bytes, from, 128, |b| b != scene.at(quote) && b != b'\n')
    } else {
        run(scene.bytes, from, 128, |b| !b.is_ascii_whitespace() && !b"\"'`<>()".contains(&b))
    };
    let value = scene.bytes.get(from..to).unwrap_or_default();
    if value.len() >= 4 && is_value(value) && !value.starts_with(b"-") {
        see(Found { entity: "PASSWORD", start: from, end: to, score: Some(0.75) });
    }
}

/// Options of a command that take a user's name, from their last hyphen on: lines are drawn with more of them.
pub const USERS: [&str; 4] = ["-u ", "-user ", "-username ", "-login "];

/// Options that take a password.
const PASSWORDS: [&[u8]; 7] = [b"-p", b"-pw", b"--password", b"--passwd", b"--pass", b"--pwd", b"--passphrase"];

/// The user behind an option that ends at `end` and the password beside it, in either order, with other options between:
/// `-u jane -h db -p hunter22`. A directory, a port or a process stands behind a `-p` alone.
pub fn pair(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    let in_word = |b: u8| !b.is_ascii_whitespace() && !b"\"`<>|;()".contains(&b);
    let start = start - usize::from(scene.before(start, 1) == b'-');
    if !matches!(scene.before(start, 1), b' ' | b'\n' | 0) {
        return;
    }
    let to = run(scene.bytes, end, 64, in_word);
    let next = |at: usize| {
        let from = run(scene.bytes, at, 1, |b| b == b' ');
        (from, if from > at { run(scene.bytes, from, 130, in_word) } else { from })
    };
    let last = |at: usize| {
        let to = run_back(scene.bytes, at, 1, |b| b == b' ');
        (if to < at { run_back(scene.bytes, to, 130, in_word) } else { to }, to)
    };
    let word = |(from, to): (usize, usize)| scene.bytes.get(from..to).unwrap_or_default();
    let is_option = |place: (usize, usize)| word(place).starts_with(b"-");
    let mut found = None;
    let mut at = to;
    for _ in 0..4 {
        let option = next(at);
        let value = next(option.1);
        if found.is_some() || !is_option(option) {
            break;
        }
        found = PASSWORDS.contains(&word(option)).then_some((option, value));
        at = if is_option(value) { option.1 } else { value.1 };
    }
    at = start;
    for _ in 0..4 {
        let value = last(at);
        let option = last(value.0);
        if found.is_some() || !(is_option(value) || is_option(option)) {
            break;
        }
        found = (!is_option(value) && PASSWORDS.contains(&word(option))).then_some((option, value));
        at = if is_option(value) { value.0 } else { option.0 };
    }
    let Some((option, mut place)) = found else { return };
    let quote = |at: usize| usize::from(scene.at(at) == b'\'');
    place = (place.0 + quote(place.0), place.1 - quote(place.1.saturating_sub(1)).min(place.1 - place.0));
    let (user, value) = (word((end, to)), word(place));
    let named = word(option).starts_with(b"--");
    let plain = user.iter().all(|b| b.is_ascii_alphanumeric() || b"._@\\-".contains(b));
    if (2..=64).contains(&user.len())
        && plain
        && user.first().is_some_and(u8::is_ascii_alphabetic)
        && is_value(user)
        && value.len() >= if named { 4 } else { 6 }
        && (named || (is_odd(value) && !value.iter().any(|b| b"/:=".contains(b))))
        && is_value(value)
    {
        see(Found { entity: "PASSWORD", start: place.0, end: place.1, score: Some(0.75) });
        // In a stream the user is gone when the password comes.
        if scene.looks_ahead || place.0 < start {
            see(Found { entity: "USERNAME", start: end, end: to, score: Some(0.6) });
        }
    }
}

/// What is piped to a command that reads a password: `echo hunter22 | sudo -S …`, at the option from `start` to `end`.
pub fn piped(scene: &Scene<'_>, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    const ECHO: &[u8] = b"echo ";
    let line = run_back(scene.bytes, start, 200, |b| b != b'\n');
    let before = scene.bytes.get(line..start).unwrap_or_default();
    let shell = scene.bytes.get(start..end).is_some_and(|option| option.ends_with(b"-s "));
    let Some(pipe) = before.iter().rposition(|b| *b == b'|').filter(|_| scene.looks_ahead && !shell) else { return };
    let Some(echo) = before.get(..pipe).and_then(|before| memchr::memmem::rfind(before, ECHO)) else { return };
    let option = usize::from(before.get(echo + ECHO.len()..).is_some_and(|rest| rest.starts_with(b"-n "))) * 3;
    let from = line + echo + ECHO.len() + option;
    let from = from + usize::from(is_quote(scene.at(from)));
    let value = scene.bytes.get(from..line + pipe).unwrap_or_default().trim_ascii_end();
    let value = value.strip_suffix(b"'").or(value.strip_suffix(b"\"")).unwrap_or(value);
    if (4..=128).contains(&value.len()) && is_value(value) && !value.contains(&b' ') {
        see(Found { entity: "PASSWORD", start: from, end: from + value.len(), score: Some(0.75) });
    }
}
