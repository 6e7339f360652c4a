//! Every recognizer finds its examples, and nothing where nothing is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pii_guard::detect::{Bits, Custom, Detector, Look, PREFIXES, Tail, all};

fn entities(detector: &Detector, text: &str) -> Vec<String> {
    let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
    found.iter().map(|finding| detector.entity(finding.recognizer).to_owned()).collect()
}

#[test]
fn every_recognizer_finds_its_examples() {
    let detector = Detector::new(Vec::new()).unwrap();
    let mut missed = Vec::new();
    for row in all() {
        for example in row.examples {
            let text = format!("We were told {example} just now.");
            if !entities(&detector, &text).iter().any(|entity| entity == row.entity) {
                missed.push(format!("{}: {example}", row.entity));
            }
        }
    }
    assert!(missed.is_empty(), "{}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn there_are_more_types_than_two_hundred_each_with_its_source() {
    let mut names: Vec<&str> = all().map(|row| row.entity).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(count >= 200, "{count}");
    assert!(all().all(|row| !row.source.is_empty()));
}

/// A value of random look, made at run time: no secret stands in this file.
fn filler(tail: Tail, length: usize) -> String {
    let alphabet: &[u8] = match tail {
        Tail::Base32 => b"Q7XK2MZ4VB3NTR5WJ6LD",
        Tail::Hex => b"9f3a7c1e5b0d8264",
        _ => b"q7Xk2Mz4vB3nTr5wJ6lDp9",
    };
    (0..length).map(|i| char::from(alphabet[(i * 7 + i / 5) % alphabet.len()])).collect()
}

#[test]
fn every_prefix_of_a_secret_is_found() {
    let detector = Detector::new(Vec::new()).unwrap();
    let mut missed = Vec::new();
    for (entity, literal, tail, least, _) in PREFIXES {
        let number = if *literal == ":AA" { "123456789" } else { "" };
        let number = if *literal == "atlasv1." { "aBcDeFgHiJkLmN." } else { number };
        let mut body = filler(*tail, *least);
        if *literal == "A3-" {
            body.make_ascii_uppercase();
        }
        match *literal {
            "api-" | "sdk-" | "pat-na1-" | "pat-eu1-" => {
                body = filler(Tail::Hex, *least);
                [8, 13, 18, 23].iter().for_each(|at| body.replace_range(*at..at + 1, "-"));
            }
            "re_" => body.replace_range(8..9, "_"),
            "sk.eyJ" | "pk.eyJ" => body.replace_range(least - 23..least - 22, "."),
            _ => {}
        }
        let text = format!("use {number}{literal}{body} now");
        if !entities(&detector, &text).iter().any(|found| found == entity) {
            missed.push(format!("{entity} {literal}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_hides_a_number_is_seen_through() {
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "4111\u{a0}1111\u{a0}1111\u{a0}1111",
        "4111\u{202f}1111\u{202f}1111\u{202f}1111",
        "4111\u{2012}1111\u{2012}1111\u{2012}1111",
        "4111\u{2011}1111\u{2011}1111\u{2011}1111",
        "4111\u{200b}1111\u{200b}1111\u{200b}1111",
        "4111\u{ad}1111\u{ad}1111\u{ad}1111",
        "４１１１１１１１１１１１１１１１",
        "٤١١١١١١١١١١١١١١١",
        "我的卡是4111111111111111谢谢",
        "**4111 1111 1111 1111**",
        "2223003122003222",
        "4000 0000 0000 0000 006",
    ] {
        let text = format!("please charge {text} now");
        let found = detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4);
        assert!(found.iter().any(|f| detector.entity(f.recognizer) == "CREDIT_CARD"), "{text}: {found:?}");
    }
    for text in ["картаjane@example.com", "邮箱jane@example.com吧"] {
        let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
        let mail = found.iter().find(|f| detector.entity(f.recognizer) == "EMAIL_ADDRESS").expect(text);
        assert_eq!(&text[mail.start..mail.end], "jane@example.com");
    }
}

/// Words beside a telephone's number, with the place of the number.
const TELEPHONES: &[&str] = &[
    "ph: {}",
    "Mob. {}",
    "mobiel {}",
    "GSM: {}",
    "tlf. {}",
    "sími {}",
    "тел. {}",
    "Тел: {}",
    "моб. {}",
    "номер телефона {}",
    "Позвоните: {}",
    "τηλέφωνο {}",
    "Τηλ.: {}",
    "טלפון: {}",
    "هاتف: {}",
    "جوال {}",
    "โทรศัพท์ {}",
    "फ़ोन {}",
    "điện thoại: {}",
    "SĐT {}",
    "telepon: {}",
    "no hp {}",
    "携帯 {}",
    "our hotline {}",
    "landline {}",
    "Erreichbar unter {}",
    "my number is {}",
    "text me: {}",
    "you reach me on {}",
];

#[test]
fn telephones_are_found_beside_their_words() {
    let detector = Detector::new(Vec::new()).unwrap();
    for sentence in TELEPHONES {
        for number in ["(0171) 2345678", "8 (912) 345-67-89", "0912 345 678", "23456789"] {
            let text = sentence.replace("{}", number);
            let found = detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4);
            let is_number = |at: usize, end: usize| &text[at..end] == number;
            let hit =
                found.iter().any(|f| detector.entity(f.recognizer) == "PHONE_NUMBER" && is_number(f.start, f.end));
            assert!(hit, "{text}: {found:?}");
        }
    }
}

/// A value in the writing of chats, code, tables, forms and machines: the text, what is found, and the whole of it.
const WRITTEN: &[(&str, &str, &str)] = &[
    ("it was the card—4111 1111 1111 1111—that she lost", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("my card is _4111111111111111_, ok?", "CREDIT_CARD", "4111111111111111"),
    ("my card is ~~4111111111111111~~ gone", "CREDIT_CARD", "4111111111111111"),
    ("card #4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("GET /v1/cards/4111111111111111", "CREDIT_CARD", "4111111111111111"),
    ("SSN #536-90-4399", "US_SSN", "536-90-4399"),
    (r#"{\"pan\": \"4111111111111111\"}"#, "CREDIT_CARD", "4111111111111111"),
    (r"the SSN:\n536-90-4399\nthanks", "US_SSN", "536-90-4399"),
    (r"write to jane\_doe@example.com", "EMAIL_ADDRESS", r"jane\_doe@example.com"),
    ("https://example.org/users/jane.doe@example.com", "EMAIL_ADDRESS", "jane.doe@example.com"),
    ("ПАСПОРТ: 8920992163", "PASSPORT_GENERIC", "8920992163"),
    ("IP:2001:db8::8a2e:370:7334", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    ("call (+30) 2444 670987 today", "PHONE_NUMBER", "(+30) 2444 670987"),
    ("call +1-347-519-1398x85794 today", "PHONE_NUMBER", "+1-347-519-1398x85794"),
    ("call 319-771-8147 ext. 12 today", "PHONE_NUMBER", "319-771-8147 ext. 12"),
    ("her number is _+44 20 7946 0958_", "PHONE_NUMBER", "+44 20 7946 0958"),
    ("주민등록번호 490219-1477930", "KR_RRN_2020", "490219-1477930"),
    ("license plate BQ 86600", "LICENSE_PLATE", "BQ 86600"),
    ("the password is **hunter2!X**, as agreed", "PASSWORD", "hunter2!X"),
    ("the password is hunter2 as always", "PASSWORD", "hunter2"),
    ("password: 1lxb8Phe(rr^", "PASSWORD", "1lxb8Phe(rr^"),
    ("password: $Tr0ng!pass", "PASSWORD", "$Tr0ng!pass"),
    ("<td>password</td><td>Sommer!2024</td>", "PASSWORD", "Sommer!2024"),
    ("Password\nSommer!2024\n", "PASSWORD", "Sommer!2024"),
    ("he wrote \"Sommer!2024\" as the password there", "PASSWORD", "Sommer!2024"),
    ("password -> Sommer!2024", "PASSWORD", "Sommer!2024"),
    ("пароль: Sommer!2024", "PASSWORD", "Sommer!2024"),
    ("密码是Sommer!2024，谢谢", "PASSWORD", "Sommer!2024"),
    ("wachtwoord is Sommer!2024.", "PASSWORD", "Sommer!2024"),
    ("user bob, pw: Sommer!2024", "PASSWORD", "Sommer!2024"),
    ("log in as user j.doe_92 please", "USERNAME", "j.doe_92"),
    ("a card 4111 - 1111 - 1111 - 1111 of hers", "CREDIT_CARD", "4111 - 1111 - 1111 - 1111"),
    ("4111 1111 1111 1111 2027", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("the patient, aged 42, left", "AGE", "42"),
    ("<p>We have her as <b>668848584</b> in our books.</p>", "AU_ACN", "668848584"),
    ("Alter: 42", "AGE", "42"),
    ("她42岁了", "AGE", "42岁"),
    ("αριθμός ταυτότητας ΑΒ 123456", "GR_ID_CARD", "ΑΒ 123456"),
    ("I was told that Cookie: sid=4a9f88aa1c belongs to her.", "HTTP_COOKIE", "sid=4a9f88aa1c"),
    ("Cookie: a=4a9f88aa1c; b=7", "HTTP_COOKIE", "a=4a9f88aa1c; b=7"),
    ("it said Mozilla/5.0 (X11; Linux) Gecko/1 in the log", "HTTP_USER_AGENT", "Mozilla/5.0 (X11; Linux) Gecko/1"),
    ("curl -u jane:Sommer!2024 https://example.com", "SECRET_BASIC_AUTH", "jane:Sommer!2024"),
    ("Order number 7, pay with 4111 1111 1111 1111 please.", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("Charge 4111 1111 1111 1111, amount 20 USD.", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("Send the invoice for 756.9217.0769.85 to her", "CH_AHV", "756.9217.0769.85"),
    ("The invoice is for 1M8GDM9AXKP042788, as said", "VIN", "1M8GDM9AXKP042788"),
    ("Requests 203.0.113.17 were blocked", "IP_ADDRESS", "203.0.113.17"),
    ("card=4111111111111111&x=1", "CREDIT_CARD", "4111111111111111"),
    ("iban=DE89370400440532013000&b=2", "IBAN", "DE89370400440532013000"),
    ("POST /pay?4111111111111111&next_page=1", "CREDIT_CARD", "4111111111111111"),
    ("call the front desk, ext. 1840, and ask", "US_PHONE_EXTENSION", "1840"),
    ("reach her at extension 4412", "US_PHONE_EXTENSION", "4412"),
    ("her phone extension is x4412", "US_PHONE_EXTENSION", "x4412"),
    ("pay it to de89 3704 0044 0532 0130 00 today", "IBAN", "de89 3704 0044 0532 0130 00"),
    ("our vat number is de136695976", "DE_VAT_ID", "de136695976"),
    ("she was born on the 3rd of March, 1985 there", "DATE_OF_BIRTH", "3rd of March, 1985"),
    ("D.O.B. 12/12/1957", "DATE_OF_BIRTH", "12/12/1957"),
    (r#"{"birth_date": "1979-12-28T00:00:00Z"}"#, "DATE_OF_BIRTH", "1979-12-28"),
    ("date of birth 19861208", "DATE_OF_BIRTH", "19861208"),
    ("Anna, geb. 17.12.61, wohnt hier", "DATE_OF_BIRTH", "17.12.61"),
    ("Anna, geb. 7.3.61", "DATE_OF_BIRTH", "7.3.61"),
    ("nacido el 3 de marzo de 1985 en Lugo", "DATE_OF_BIRTH", "3 de marzo de 1985"),
    ("nato il 13 dicembre 1975 a Roma", "DATE_OF_BIRTH", "13 dicembre 1975"),
    ("née le 1er février 1985", "DATE_OF_BIRTH", "1er février 1985"),
    ("geboren op 5 maart 1985", "DATE_OF_BIRTH", "5 maart 1985"),
    ("urodzony 3 października 1985", "DATE_OF_BIRTH", "3 października 1985"),
    ("narozen 3. března 1985", "DATE_OF_BIRTH", "3. března 1985"),
    ("născut la 3 martie 1985", "DATE_OF_BIRTH", "3 martie 1985"),
    ("doğum tarihi 3 Mayıs 1985", "DATE_OF_BIRTH", "3 Mayıs 1985"),
    ("родился 3 мая 1985 года", "DATE_OF_BIRTH", "3 мая 1985"),
    ("дата народження: 3 березня 1985", "DATE_OF_BIRTH", "3 березня 1985"),
    ("nascido em 3 de março de 1985", "DATE_OF_BIRTH", "3 de março de 1985"),
    ("出生日期：1985年3月12日", "DATE_OF_BIRTH", "1985年3月12日"),
    ("生年月日：1985年3月12日", "DATE_OF_BIRTH", "1985年3月12日"),
    ("생년월일: 1985년 3월 12일", "DATE_OF_BIRTH", "1985년 3월 12일"),
    ("her HKID A123456(3) is here", "HK_ID", "A123456(3)"),
    ("the card 2027 4111 1111 1111 1111", "CREDIT_CARD", "4111 1111 1111 1111"),
    ("password: **Sommer!2024**", "PASSWORD", "Sommer!2024"),
    ("**Password:** Sommer!2024", "PASSWORD", "Sommer!2024"),
    ("a card 4111111111111111\u{200b} of hers", "CREDIT_CARD", "4111111111111111"),
    ("write to jane@example.com\u{ad} now", "EMAIL_ADDRESS", "jane@example.com"),
    ("username: jane, login: \"readLine\"", "USERNAME", "jane"),
    ("user_agent: 'curl/8.4.0', pid", "HTTP_USER_AGENT", "curl/8.4.0"),
    ("password = \"SecretString\"", "PASSWORD", "SecretString"),
    ("DB_PASSWORD=Sommer", "PASSWORD", "Sommer"),
    ("my password is: Geheimnis", "PASSWORD", "Geheimnis"),
    ("Passwort: Geheimnis", "PASSWORD", "Geheimnis"),
    ("POST /login?password=Sommer2024&x=1", "PASSWORD", "Sommer2024"),
    ("call me at x4412 on Monday", "US_PHONE_EXTENSION", "4412"),
    ("password: correcthorsebattery", "PASSWORD", "correcthorsebattery"),
    ("mi dni es 12345678z", "ES_NIF_DNI", "12345678z"),
    ("codice fiscale rssmra85t10a562s", "IT_FISCAL_CODE", "rssmra85t10a562s"),
];

#[test]
fn values_are_found_as_people_and_machines_write_them() {
    let detector = Detector::new(Vec::new()).unwrap();
    for (text, entity, value) in WRITTEN {
        let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
        let hit = found.iter().find(|f| detector.entity(f.recognizer) == *entity && &text[f.start..f.end] == *value);
        assert!(hit.is_some(), "{text}: {entity} in {found:?}");
        let mut wanted = Bits::default();
        hit.iter().for_each(|hit| wanted.set(hit.recognizer));
        let alone = detector.scan(text, Look::WHOLE, &wanted, 0.4);
        assert!(alone.iter().any(|f| Some(f) == hit), "{text}: {entity} alone in {alone:?}");
    }
}

#[test]
fn words_of_the_configuration_are_found_in_any_case() {
    let custom = Custom {
        entity: "PROJECT".into(),
        group: "custom".into(),
        pattern: None,
        words: ["AcmeCorp", "q7", "Zed", "日本橋", "#launch"].map(str::to_owned).to_vec(),
        check: None,
        context: String::new(),
        score: 0.9,
    };
    let detector = Detector::new(vec![custom]).unwrap();
    for text in ["AcmeCorp", "acmecorp", "ACMECORP", "Q7", "zed", "日本橋", "#launch"] {
        let found = entities(&detector, &format!("we met {text} there"));
        assert!(found.iter().any(|entity| entity == "PROJECT"), "{text}");
    }
    assert!(!entities(&detector, "an acmecorporation of zedekiah").iter().any(|entity| entity == "PROJECT"));
}

#[test]
fn a_random_value_in_the_column_of_a_key_is_found() {
    let detector = Detector::new(Vec::new()).unwrap();
    let (word, hex) = (filler(Tail::Word, 32), filler(Tail::Hex, 32));
    for (text, value) in [
        (format!("id,name,access_token\n1,Jane Doe,{word}\n2,John Roe,"), &word),
        (format!("| name | api_key |\n|---|---|\n| Jane Doe | {hex} |"), &hex),
        (format!("INSERT INTO t (name, api_key) VALUES ('Jane', '{word}');"), &word),
        (format!("客户的api_key是{word}，请更新"), &word),
        (format!("token „{word}“ ok"), &word),
    ] {
        let found = detector.scan(&text, Look::WHOLE, &Bits::ALL, 0.4);
        assert!(found.iter().any(|f| &text[f.start..f.end] == value.as_str()), "{text}: {found:?}");
    }
    let text = format!("the token budget of this job, whose checksum is {word}");
    assert_eq!(entities(&detector, &text), Vec::<String>::new(), "{text}");
}

#[test]
fn secrets_are_found_in_the_columns_of_a_table() {
    let detector = Detector::new(Vec::new()).unwrap();
    let key = filler(Tail::Word, 32);
    for (table, want) in [
        ("name,email,password\nJane Roe,jane@roe.io,Tr0ub4dor&3\nBob,bob@x.io,letmein99\n", 2),
        ("id;passwort;rolle\r\n1;Sommer2024!;admin\r\n2;\"Winter; #77\";user\r\n", 2),
        ("| user | password |\n|------|----------|\n| bob  | hunter2Xy! |\n", 1),
        ("\"user_name\",\"user_password\",\"seen\"\n\"al\",\"Correct-Horse9\",\"2024\"\n", 1),
        (&format!("Accounts:\n\nservice,api_key,plan\nmail,{key},free\nmaps,none,free\n\nThat is all."), 1),
        // No tables: lists in sentences, other numbers of columns, values that are none.
        ("You can change your name, email, password\nor token, address, Picture\n", 0),
        ("user,password,host\nThe host is DB_HOST, then Default1\n", 0),
        ("field,type,password\nsecret,bool,required\n", 0),
    ] {
        let found = entities(&detector, table);
        let secrets = found.iter().filter(|found| ["PASSWORD", "SECRET_GENERIC"].contains(&found.as_str()));
        assert_eq!(secrets.count(), want, "{table:?} {found:?}");
    }
}

#[test]
fn a_word_in_the_head_of_a_column_counts_in_every_row() {
    let detector = Detector::new(Vec::new()).unwrap();
    let table = |head: &str, value: &str, separator: char, rows: usize| {
        let filler = format!("somebody{separator}none{separator}Gdynia\n").repeat(rows);
        format!("name{separator}{head}{separator}city\n{filler}Roe{separator}{value}{separator}Lyon\n")
    };
    for (entity, head, value) in [
        ("US_SSN", "ssn", "536223461"),
        ("US_PASSPORT", "passport_number", "438201774"),
        ("BANK_ACCOUNT", "bank_account", "0012345678"),
        ("PL_NIP", "NIP", "1234563218"),
    ] {
        for separator in [',', ';', '\t', '|'] {
            for rows in [0, 1, 30] {
                let text = table(head, value, separator, rows);
                assert!(entities(&detector, &text).contains(&entity.to_owned()), "{text:?}");
            }
        }
    }
    // Nothing speaks for a number in a cell, or the head speaks against it.
    for (head, value) in
        [("ref", "1234563218"), ("order_id", "1234563218"), ("created_at", "1732788043"), ("state", "438201774")]
    {
        assert_eq!(entities(&detector, &table(head, value, ',', 30)), Vec::<String>::new(), "{head}");
    }
}

#[test]
fn secrets_without_a_start_of_their_own_are_found() {
    let detector = Detector::new(Vec::new()).unwrap();
    let random = |length: usize| filler(Tail::Word, length);
    let azure = format!("a1b8{}~{}", 'Q', random(34));
    let discord = |number: &str| format!("{number}.{}.{}", random(6), random(27));
    for (value, want) in [
        (format!("pat{}.{}", random(14), filler(Tail::Hex, 64)), Some("SECRET_VENDOR")),
        (format!("path{}.{}", random(14), filler(Tail::Hex, 64)), None),
        (azure.clone(), Some("SECRET_AZURE")),
        (format!("{azure}."), Some("SECRET_AZURE")),
        (format!("x{azure}"), None),
        (format!("a1b8{}~{}", 'Q', random(12)), None),
        // 198622483471925248 and 99862248347192524 in base64; what is no number.
        (discord("MTk4NjIyNDgzNDcxOTI1MjQ4"), Some("SECRET_VENDOR")),
        (discord("OTk4NjIyNDgzNDcxOTI1MjQ"), Some("SECRET_VENDOR")),
        (discord("MTk4NjIyNDgzNDcxOTI1MjQa"), None),
    ] {
        let found = entities(&detector, &format!("We rotated {value} today"));
        assert_eq!(found.iter().map(String::as_str).next(), want, "{value}");
    }
}

#[test]
fn look_alikes_are_left_alone() {
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "1752863953927",
        "GET /v1/items/1717235961/detail 200",
        "{\"id\": \"173093501\", \"ok\": true}",
        "47223179-9330-4259-b66c-f2db26efb20c",
        "see item 3412181966 in the log",
        "version 17.1.3952.28961",
        "9783255373020",
        "it took 12.3456789 s and cost $20,036.28",
        "2025-03-14T08:07:01Z",
        "an INTRODUCTORY duplicate of m2 D3 H1",
        "Mar  5 16:56:12 host02 kernel: usb 1-6",
        "translate(21.71672, 69.52492) path d=M514",
        "section 2.6.69.4 of the manual",
        "MTU 8737, window 37290, seq 3477907397, ack 6403155334",
        "14062 * 2050 = 150301989; sqrt(580733) ≈ 383.7",
        "return t.xwb(n>>4,0xe89d7ad4)^8092739935}(a90,b090);",
        "assert f(407110430) == 6661815108 and g(94027904)",
        "numbers: 513 51 753 569 762 95 627 18 497 320 6429 335",
        "0.6940 4.7634 4.5372 6.1302 6.7942 4.8322",
        "{\"ptr\": \"0x1792901fb36f\", \"len\": 61523482}",
        "clone git@github.com:org/repo.git first",
        "PMID: 14337512 in the list of references",
        "the password is sha256 hashed",
        "a password - optional field",
        "password = get_secret(name)",
        "set password to $DB_PASSWORD or ${PASSWORD}",
        "PASSWORD_FILE=/run/secrets/db_pass_1",
        "see login.example.com for it",
        "PASS: test_login_2 (0.3 s)",
        "the server listens on 127.0.0.1, mask 255.255.255.0, resolver 8.8.8.8",
        "5866 2712 4167 1600 6054 6858 7112 8007",
        "cache-control: max-age=60",
        "<item id=\"845587230\" rev=\"701\"><code>TZA867870</code><n>9717197871</n></item>",
        "INSERT INTO t VALUES (668848584, 363494, 'abc');",
        "age: 60 seconds",
        "The table contains 48213377 rows.",
        "the contour 48213377 of a cartel 48213377",
        "passing 48213377 to the patented X12345677 plateau 4821337",
        "the mobility 48213377 of a person 48213377 in transition 12345678",
        "licensed D1234567 to them",
        "We use secp256k1 and keccak256 since issue7208",
        "A complex64, a UInt16Val and deflateInit2 are in there",
        "it was at 0x3f7ffff8 as they said",
        "Copyright (C) 2008-2019 The Authors. Contact: see the file",
        "Contact the authors (1999 - 2003)",
        "released 17.12.61 and 19861208 of it",
        "card number: 1234 5678 9012 3456",
        "the api-gateway-of-the-second-house-here1 and re_the_quick_brown_fox_jumps_over_a1",
        "pub Password: *mut c_char, pub Passwd: &'static str",
        "password: readPassword, passwd: Zeroizing::new(x)",
        "password: SecretString; passwd = user_password",
        "const username = await read()",
        "login = async () => x, username: Option<String>",
        "username = readLine",
        "pub user_agent: String",
        "See extension #4412 for ext_hook 1295",
        "The extension 1840 lines long was loaded",
        "the extension sets max_buffer_size=100 * 1024 since 1295",
    ] {
        assert_eq!(entities(&detector, text), Vec::<String>::new(), "{text}");
    }
}
