//! Finders: what is no group of letters and digits has a finder of its own, which looks closer at a mark.

mod assigned;
mod coins;
mod columns;
mod command;
mod dates;
mod email;
mod given;
mod globe;
mod greek;
mod headers;
mod hl7;
mod insert;
mod login;
mod looks;
mod marks;
mod mrz;
mod network;
mod phone;
mod plate;
mod secret;
mod spoken;

use super::surroundings::Scene;

pub use coins::coin;
pub use columns::is_head;
pub use dates::{calendar, compact, era, named};
pub use email::{email, is_escape};
pub use globe::{coordinates, degrees};
pub use greek::greek_card;
pub use headers::open_field;
pub use marks::{BOXES, marks};
pub use network::{host, ipv4, ipv6_or_mac};
pub use phone::{SHORTEST as SHORTEST_PHONE, office, phone};
pub use plate::foreign_plate;
pub use secret::{azure, discord, suffixed};
pub use spoken::is_said;

/// What a finder says: which entity, where, and the score, if it is another than the recognizer's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The entity.
    pub entity: &'static str,
    /// Its first byte in the view.
    pub start: usize,
    /// Behind its last byte.
    pub end: usize,
    /// Its score; none where that depends on what stands around.
    pub score: Option<f32>,
}

/// At which finder a literal hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The start of a secret: the first of the prefixes that are so written.
    Secret(usize),
    /// `://`.
    Scheme,
    /// `www.`
    Www,
    /// `eyJ`.
    Jwt,
    /// `-----BEGIN `.
    Pem,
    /// `basic `, `bearer `.
    Authorization,
    /// What is assigned a password.
    Password,
    /// What is assigned another secret.
    Generic,
    /// What is assigned a user's name.
    Username,
    /// What a user and a password stand behind, and nothing else: `log in with`.
    Login,
    /// `years old` and its kin.
    Age,
    /// `aged` and its kin, before the number.
    Aged,
    /// A month's name.
    Month,
    /// `cookie:`.
    Cookie,
    /// `user-agent:`.
    UserAgent,
    /// `lat`, `longitude` and their kin.
    Degree,
    /// `%40`, an `@` in a URL that was encoded twice.
    Escaped,
    /// `p.o. box` and its kin.
    PoBox,
    /// `ext` and `extension`.
    Extension,
    /// `%b` and a digit.
    Track,
    /// `<<`.
    Mrz,
    /// `private-lines:` of a key of PuTTY.
    Putty,
    /// `curl `.
    Curl,
    /// Another command that takes a password.
    Command,
    /// An option that takes a user's name.
    User,
    /// `pid|`, a segment of HL7.
    Patient,
    /// What the words are called that open a wallet of coins.
    Seed,
    /// An option of a command that reads a password from what is piped to it.
    Piped,
    /// What a user and a password are given to: `auth(`.
    Called,
    /// `auths` of the configuration of registries of containers.
    Auths,
    /// A word of the configuration, with the recognizer's number.
    Word(usize),
}

/// Looks closer at a mark.
pub fn at_mark(scene: &Scene<'_>, mark: Mark, start: usize, end: usize, see: &mut dyn FnMut(Found)) {
    match mark {
        Mark::Secret(prefix) => secret::prefixed(scene, prefix, start, see),
        Mark::Scheme => network::url(scene, start, see),
        Mark::Www => network::www(scene, start, see),
        Mark::Jwt => secret::jwt(scene, start, see),
        Mark::Pem => secret::pem(scene, start, see),
        Mark::Authorization => secret::authorization(scene, start, end, see),
        Mark::Password => {
            assigned::password(scene, start, end, see);
            login::pair(scene, end, false, see);
            insert::rows(scene, start, end, see);
            columns::column(scene, start, end, see);
        }
        Mark::Generic => {
            assigned::generic(scene, start, end, see);
            insert::rows(scene, start, end, see);
            columns::column(scene, start, end, see);
        }
        Mark::Username => {
            assigned::username(scene, start, end, see);
            login::pair(scene, end, false, see);
            insert::rows(scene, start, end, see);
            columns::column(scene, start, end, see);
        }
        Mark::Login => login::pair(scene, end, true, see),
        Mark::Age => dates::age(scene, start, end, see),
        Mark::Aged => dates::aged(scene, start, end, see),
        Mark::Month => dates::month(scene, start, end, see),
        Mark::Degree => globe::labelled(scene, start, end, see),
        Mark::Escaped => email::escaped(scene, start, end, see),
        Mark::Cookie | Mark::UserAgent => headers::header(scene, mark, start, end, see),
        Mark::PoBox => assigned::po_box(scene, start, end, see),
        Mark::Extension => phone::office(scene, start, end, see),
        Mark::Track => assigned::track(scene, start, see),
        Mark::Mrz => mrz::line(scene, start, see),
        Mark::Putty => secret::putty(scene, start, end, see),
        Mark::Curl => secret::curl(scene, end, see),
        Mark::Command => command::option(scene, start, end, see),
        Mark::User => command::pair(scene, start, end, see),
        Mark::Patient => hl7::patient(scene, start, end, see),
        Mark::Seed => coins::seed(scene, end, see),
        Mark::Piped => command::piped(scene, start, end, see),
        Mark::Called => login::called(scene, end, see),
        Mark::Auths => secret::auths(scene, end, see),
        Mark::Word(_) => {}
    }
}

/// Where a run of bytes that `holds` ends.
pub fn run(bytes: &[u8], from: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    from + bytes.get(from..).unwrap_or_default().iter().take(most).take_while(|byte| holds(**byte)).count()
}

/// Where a run of bytes that `holds` begins, which ends at `to`.
pub fn run_back(bytes: &[u8], to: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    to - bytes.get(..to).unwrap_or_default().iter().rev().take(most).take_while(|byte| holds(**byte)).count()
}

/// The number of up to nine digits.
fn value(bytes: &[u8]) -> u32 {
    bytes.iter().take(9).fold(0, |sum, byte| sum * 10 + u32::from(byte.saturating_sub(b'0')))
}
