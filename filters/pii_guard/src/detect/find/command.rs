//! Passwords in the options of commands that are told apart by their names: `sshpass -p …`, `mysql -p…`, `redis-cli -a …`.

use super::given::is_quote;
use super::looks::is_value;
use super::{Found, run};
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
