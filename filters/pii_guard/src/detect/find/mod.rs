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
mod insert;
mod login;
mod looks;
mod mrz;
mod network;
mod phone;
mod plate;
mod secret;
mod spoken;

use super::surroundings::Scene;

pub use coins::coin;
pub use columns::is_head;
pub use dates::{calendar, compact, named};
pub use email::{email, is_escape};
pub use globe::{coordinates, degrees};
pub use greek::greek_card;
pub use network::{ipv4, ipv6_or_mac};
pub use phone::{SHORTEST as SHORTEST_PHONE, office, phone};
pub use plate::foreign_plate;
pub use secret::{azure, discord, suffixed};

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
    /// A word of the configuration, with the recognizer's number.
    Word(usize),
}

/// The marks that are no secrets.
pub fn marks() -> impl Iterator<Item = (&'static str, Mark)> {
    let commands = command::COMMANDS.iter().map(|(command, _)| (*command, Mark::Command));
    MARKS.iter().copied().chain(commands).chain(dates::MONTHS.split('|').map(|month| (month, Mark::Month)))
}

/// Those that are no months, as the view has them: without marks on Latin letters, a Japanese long vowel as a hyphen.
const MARKS: &[(&str, Mark)] = &[
    ("://", Mark::Scheme),
    ("www.", Mark::Www),
    ("eyJ", Mark::Jwt),
    ("-----begin ", Mark::Pem),
    ("basic ", Mark::Authorization),
    ("bearer ", Mark::Authorization),
    ("password", Mark::Password),
    ("passwort", Mark::Password),
    ("passwd", Mark::Password),
    ("kennwort", Mark::Password),
    ("contrasena", Mark::Password),
    ("mot de passe", Mark::Password),
    ("pwd", Mark::Password),
    ("pw", Mark::Password),
    ("pass", Mark::Password),
    ("passphrase", Mark::Password),
    ("passcode", Mark::Password),
    ("pass phrase", Mark::Password),
    ("creds", Mark::Password),
    ("credentials", Mark::Password),
    ("zugangscode", Mark::Password),
    ("pgpassword", Mark::Password),
    ("identified by", Mark::Password),
    ("暗証番号", Mark::Password),
    ("mdp", Mark::Password),
    ("wachtwoord", Mark::Password),
    ("losenord", Mark::Password),
    ("adgangskode", Mark::Password),
    ("kodeord", Mark::Password),
    ("passord", Mark::Password),
    ("salasana", Mark::Password),
    ("senha", Mark::Password),
    ("palavra-passe", Mark::Password),
    ("clave", Mark::Password),
    ("haslo", Mark::Password),
    ("heslo", Mark::Password),
    ("jelszo", Mark::Password),
    ("parola", Mark::Password),
    ("lozinka", Mark::Password),
    ("geslo", Mark::Password),
    ("sifre", Mark::Password),
    ("kata sandi", Mark::Password),
    ("mat khau", Mark::Password),
    ("пароль", Mark::Password),
    ("парола", Mark::Password),
    ("лозинка", Mark::Password),
    ("κωδικοσ", Mark::Password),
    ("密码", Mark::Password),
    ("密碼", Mark::Password),
    ("口令", Mark::Password),
    ("パスワ-ド", Mark::Password),
    ("비밀번호", Mark::Password),
    ("암호", Mark::Password),
    ("كلمة المرور", Mark::Password),
    ("كلمة السر", Mark::Password),
    ("סיסמה", Mark::Password),
    ("סיסמא", Mark::Password),
    ("รหัสผ่าน", Mark::Password),
    ("पासवर्ड", Mark::Password),
    ("пароля", Mark::Password),
    ("الرقم السري", Mark::Password),
    ("parola d'ordine", Mark::Password),
    ("zugangsdaten", Mark::Password),
    ("비번", Mark::Password),
    ("패스워드", Mark::Password),
    ("jelszava", Mark::Password),
    ("sandi", Mark::Password),
    ("رمز عبور", Mark::Password),
    ("گذرواژه", Mark::Password),
    ("wifi key", Mark::Password),
    ("wi-fi key", Mark::Password),
    ("wlan key", Mark::Password),
    ("wpa key", Mark::Password),
    ("wpa2 key", Mark::Password),
    ("wpa3 key", Mark::Password),
    ("network key", Mark::Password),
    ("wlan-schlussel", Mark::Password),
    ("netzwerkschlussel", Mark::Password),
    ("login details", Mark::Password),
    ("dbpass", Mark::Password),
    ("dbpassword", Mark::Password),
    ("dbpwd", Mark::Password),
    ("userpass", Mark::Password),
    ("rootpass", Mark::Password),
    ("adminpass", Mark::Password),
    ("sifrem", Mark::Password),
    ("parolam", Mark::Password),
    ("secret", Mark::Generic),
    ("رمز الوصول", Mark::Generic),
    ("مفتاح api", Mark::Generic),
    ("api klic", Mark::Generic),
    ("api-nogle", Mark::Generic),
    ("geheimschlussel", Mark::Generic),
    ("zugangstoken", Mark::Generic),
    ("κλειδι api", Mark::Generic),
    ("api avain", Mark::Generic),
    ("מפתח api", Mark::Generic),
    ("api कुंजी", Mark::Generic),
    ("टोकन", Mark::Generic),
    ("api kulcs", Mark::Generic),
    ("kunci api", Mark::Generic),
    ("chiave segreta", Mark::Generic),
    ("シ-クレットキ-", Mark::Generic),
    ("비밀키", Mark::Generic),
    ("토큰", Mark::Generic),
    ("api nokkel", Mark::Generic),
    ("chave api", Mark::Generic),
    ("cheie api", Mark::Generic),
    ("секретный ключ", Mark::Generic),
    ("токен", Mark::Generic),
    ("api nyckel", Mark::Generic),
    ("คีย์ api", Mark::Generic),
    ("gizli anahtar", Mark::Generic),
    ("khoa api", Mark::Generic),
    ("金鑰", Mark::Generic),
    ("權杖", Mark::Generic),
    ("cle secrete", Mark::Generic),
    ("clave secreta", Mark::Generic),
    ("chave secreta", Mark::Generic),
    ("apikey", Mark::Generic),
    ("api key", Mark::Generic),
    ("access key", Mark::Generic),
    ("auth token", Mark::Generic),
    ("access token", Mark::Generic),
    ("private key", Mark::Generic),
    ("client secret", Mark::Generic),
    ("signing key", Mark::Generic),
    ("encryption key", Mark::Generic),
    ("auth key", Mark::Generic),
    ("ト-クン", Mark::Generic),
    ("令牌", Mark::Generic),
    ("jeton", Mark::Generic),
    ("api schlussel", Mark::Generic),
    ("cle api", Mark::Generic),
    ("cle d'api", Mark::Generic),
    ("clave api", Mark::Generic),
    ("clave de api", Mark::Generic),
    ("chave de api", Mark::Generic),
    ("chave da api", Mark::Generic),
    ("chiave api", Mark::Generic),
    ("klucz api", Mark::Generic),
    ("api sleutel", Mark::Generic),
    ("api anahtari", Mark::Generic),
    ("ключ api", Mark::Generic),
    ("api密钥", Mark::Generic),
    ("密钥", Mark::Generic),
    ("密鑰", Mark::Generic),
    ("apiキ-", Mark::Generic),
    ("api 키", Mark::Generic),
    ("token", Mark::Generic),
    ("username", Mark::Username),
    ("benutzerkennung", Mark::Username),
    ("ονομα χρηστη", Mark::Username),
    ("kayttajatunnus", Mark::Username),
    ("identifiant", Mark::Username),
    ("שם משתמש", Mark::Username),
    ("उपयोगकर्ता नाम", Mark::Username),
    ("यूज़रनेम", Mark::Username),
    ("nama pengguna", Mark::Username),
    ("ユ-ザ-id", Mark::Username),
    ("사용자명", Mark::Username),
    ("utilizador", Mark::Username),
    ("utilizator", Mark::Username),
    ("ชื่อผู้ใช้", Mark::Username),
    ("логін", Mark::Username),
    ("tai khoan", Mark::Username),
    ("ten dang nhap", Mark::Username),
    ("登录名", Mark::Username),
    ("user name", Mark::Username),
    ("login", Mark::Username),
    ("benutzername", Mark::Username),
    ("nutzername", Mark::Username),
    ("nickname", Mark::Username),
    ("userid", Mark::Username),
    ("账号", Mark::Username),
    ("帳號", Mark::Username),
    ("ログインid", Mark::Username),
    ("nombre de usuario", Mark::Username),
    ("usuario", Mark::Username),
    ("utilisateur", Mark::Username),
    ("nome utente", Mark::Username),
    ("utente", Mark::Username),
    ("gebruikersnaam", Mark::Username),
    ("anvandarnamn", Mark::Username),
    ("brugernavn", Mark::Username),
    ("brukernavn", Mark::Username),
    ("kayttajanimi", Mark::Username),
    ("nazwa uzytkownika", Mark::Username),
    ("uzivatelske jmeno", Mark::Username),
    ("felhasznalonev", Mark::Username),
    ("kullanici adi", Mark::Username),
    ("имя пользователя", Mark::Username),
    ("логин", Mark::Username),
    ("ім'я користувача", Mark::Username),
    ("用户名", Mark::Username),
    ("使用者名稱", Mark::Username),
    ("ユ-ザ-名", Mark::Username),
    ("사용자 이름", Mark::Username),
    ("아이디", Mark::Username),
    ("اسم المستخدم", Mark::Username),
    ("user id", Mark::Username),
    ("screen name", Mark::Username),
    ("log in as", Mark::Username),
    ("logged in as", Mark::Username),
    ("sign in as", Mark::Username),
    ("signed in as", Mark::Username),
    ("angemeldet als", Mark::Username),
    ("anmelden als", Mark::Username),
    ("years old", Mark::Age),
    ("year old", Mark::Age),
    ("year-old", Mark::Age),
    ("years of age", Mark::Age),
    ("jahre alt", Mark::Age),
    ("yrs old", Mark::Age),
    ("岁", Mark::Age),
    ("歲", Mark::Age),
    ("歳", Mark::Age),
    ("age", Mark::Aged),
    ("aged", Mark::Aged),
    ("alter", Mark::Aged),
    ("edad", Mark::Aged),
    ("idade", Mark::Aged),
    ("leeftijd", Mark::Aged),
    ("wiek", Mark::Aged),
    ("возраст", Mark::Aged),
    ("年龄", Mark::Aged),
    ("年齡", Mark::Aged),
    ("年齢", Mark::Aged),
    ("anos", Mark::Age),
    ("ans", Mark::Age),
    ("lat", Mark::Degree),
    ("latitude", Mark::Degree),
    ("lng", Mark::Degree),
    ("lon", Mark::Degree),
    ("longitude", Mark::Degree),
    ("latitud", Mark::Degree),
    ("longitud", Mark::Degree),
    ("latitudine", Mark::Degree),
    ("longitudine", Mark::Degree),
    ("breitengrad", Mark::Degree),
    ("langengrad", Mark::Degree),
    ("широта", Mark::Degree),
    ("долгота", Mark::Degree),
    ("纬度", Mark::Degree),
    ("经度", Mark::Degree),
    ("緯度", Mark::Degree),
    ("経度", Mark::Degree),
    ("위도", Mark::Degree),
    ("경도", Mark::Degree),
    ("%40", Mark::Escaped),
    ("cookie:", Mark::Cookie),
    ("user-agent:", Mark::UserAgent),
    ("mozilla/5.0 (", Mark::UserAgent),
    ("mozilla/4.0 (", Mark::UserAgent),
    ("private-lines:", Mark::Putty),
    ("curl ", Mark::Curl),
    ("po box", Mark::PoBox),
    ("p.o. box", Mark::PoBox),
    ("p.o.box", Mark::PoBox),
    ("p. o. box", Mark::PoBox),
    ("boite postale", Mark::PoBox),
    ("apartado postal", Mark::PoBox),
    ("caixa postal", Mark::PoBox),
    ("casella postale", Mark::PoBox),
    ("post office box", Mark::PoBox),
    ("postfach", Mark::PoBox),
    ("ext", Mark::Extension),
    ("extn", Mark::Extension),
    ("extension", Mark::Extension),
    ("%b", Mark::Track),
    ("<<", Mark::Mrz),
];

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
            login::pair(scene, end, see);
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
            login::pair(scene, end, see);
            insert::rows(scene, start, end, see);
            columns::column(scene, start, end, see);
        }
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

#[cfg(test)]
mod tests {
    use super::marks;
    use crate::detect::{Script, View};

    #[test]
    fn marks_are_written_as_the_view_has_texts() {
        for (literal, _) in marks() {
            assert_eq!(View::unread(literal, Script::Plain).bytes(), literal.as_bytes(), "{literal}");
        }
    }
}
