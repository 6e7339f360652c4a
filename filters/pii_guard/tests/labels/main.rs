//! What a label says of its value, and the look-alikes beside which nothing is: plates, places, addresses, parts of URLs, textbook
//! numbers, counts; of passwords and other secrets in `secrets`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod files;
mod secrets;
mod words;

use pii_guard::detect::{Bits, Detector, Look};

/// The texts of what is found, with their entities.
fn found<'a>(detector: &Detector, text: &'a str) -> Vec<(String, &'a str)> {
    let found = detector.scan(text, Look::WHOLE, &Bits::ALL, 0.4);
    found.iter().map(|f| (detector.entity(f.recognizer).to_owned(), &text[f.start..f.end])).collect()
}

/// Each text with what is found in it: the entity, and the whole of the value and nothing else of the text.
fn all_found(rows: &[(&str, &str, &str)]) {
    let detector = Detector::new(Vec::new()).unwrap();
    let missed: Vec<String> = rows
        .iter()
        .map(|(text, entity, value)| (text, (*entity).to_owned(), *value, found(&detector, text)))
        .filter(|(_, entity, value, found)| !found.contains(&(entity.clone(), *value)))
        .map(|(text, entity, _, found)| format!("{text}: {entity} in {found:?}"))
        .collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn none_found(texts: &[&str]) {
    let detector = Detector::new(Vec::new()).unwrap();
    let wrong: Vec<String> = texts
        .iter()
        .map(|text| (text, found(&detector, text)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(text, found)| format!("{text}: {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn plates_of_all_countries_are_found_beside_their_word() {
    let plates = [
        ("Kennzeichen", "HH-AB 12"),
        ("Kennzeichen", "M A 1234"),
        ("Kennzeichen", "B-EV 204E"),
        ("targa", "GH 482 KL"),
        ("patente", "AE 731 ZX"),
        ("kenteken", "KR-482-N"),
        ("kenteken", "14-LBR-8"),
        ("matrícula", "42-XZ-17"),
        ("plaque", "1-XKD-482"),
        ("registreringsnummer", "RKT 48M"),
        ("번호판", "12가 3456"),
        ("차량번호", "123다4567"),
        ("车牌号", "沪A·D1283"),
        ("车牌", "京N74B20"),
        ("госномер", "К482МР 178"),
        ("номер машины", "Т 731 ХА 50"),
        ("номерний знак", "АХ 4821 ВК"),
        ("πινακίδα", "ΙΗΒ-4821"),
        ("Kontrollschild", "ZH 482 193"),
        ("Kennzeichen", "W-48213 K"),
        ("plat nomor", "B 4821 KZX"),
        ("biển số xe", "51F-482.19"),
        ("ナンバープレート", "品川 300 あ 48-21"),
        ("SPZ", "4A8 2193"),
        ("number plate", "LK52 XTR"),
        ("license plate", "7KXR482"),
    ];
    let detector = Detector::new(Vec::new()).unwrap();
    for (word, plate) in plates {
        for sentence in ["{w}: {}", "the {w} is {} I think", "{\"{w}\": \"{}\"}", "my car ({w} {}) is red"] {
            let text = sentence.replace("{w}", word).replace("{}", plate);
            let found = found(&detector, &text);
            assert!(found.contains(&("LICENSE_PLATE".to_owned(), plate)), "{text}: {found:?}");
        }
    }
    none_found(&[
        "the plate is hot and 12 CM wide",
        "license plate costs 35 EUR or 1200 and more",
        "Vehicle: BMW X5 2019, Audi A4 2020 with 150 PS",
        "course registration CS101 is open",
        "number plates were made in 1903 with ISO 9001",
        "номер 482 дома",
    ]);
    let national = found(&detector, "number plate MH 12 AB 4821");
    assert_eq!(national.first().map(|(entity, _)| entity.as_str()), Some("IN_VEHICLE_REGISTRATION"));
}

#[test]
fn places_are_found_one_by_one_and_in_minutes() {
    all_found(&[
        ("lat: 52.52, lng: 13.405", "GPS_COORDINATES", "52.52"),
        ("lat: 52.52, lng: 13.405", "GPS_COORDINATES", "13.405"),
        (r#"{"longitude": -13.40512, "latitude": 52.5}"#, "GPS_COORDINATES", "-13.40512"),
        ("a latitude of 52.521 there", "GPS_COORDINATES", "52.521"),
        ("Breitengrad: 52.5201", "GPS_COORDINATES", "52.5201"),
        ("纬度：31.2304", "GPS_COORDINATES", "31.2304"),
        ("\"coordinates\": [113.404954, 52.520008]", "GPS_COORDINATES", "113.404954, 52.520008"),
        ("52.5200° N, 13.4050° E", "GPS_COORDINATES", "52.5200° N, 13.4050° E"),
        ("at 52°31'12\"N 13°24'18\"E there", "GPS_COORDINATES", "52°31'12\"N 13°24'18\"E"),
        ("at 40° 26′ 46″ N, 79° 58′ 56.1″ W there", "GPS_COORDINATES", "40° 26′ 46″ N, 79° 58′ 56.1″ W"),
    ]);
    none_found(&[
        "lat=12.34ms p99, lat (usec): min=4, avg=12.75",
        "The angle is 45° and 20°C outside, a 90° 30' rotation",
        "the flat 12.345 lats and a platitude 1.2345",
        "longitude was measured in 1714",
    ]);
}

#[test]
fn addresses_are_found_in_any_script_and_in_urls() {
    let mail = |text: &'static str, value: &'static str| (text, "EMAIL_ADDRESS", value);
    all_found(&[
        mail("\"jane doe\"@example.com wrote", "\"jane doe\"@example.com"),
        mail("почта@пример.рф, и всё", "почта@пример.рф"),
        mail("mail jane@пример.рф.", "jane@пример.рф"),
        mail("请写信给jane@例子.公司谢谢", "jane@例子.公司"),
        mail("jane@例え.jp です", "jane@例え.jp"),
        mail("an info@münchen.de there", "info@münchen.de"),
        mail("a!b#c$d@example.org", "a!b#c$d@example.org"),
        mail("?mail=jane%40example.com&x=1", "jane%40example.com"),
        mail("to%3Djane%40example.com%26x", "jane%40example.com"),
        mail("email=jane@example.com/x", "jane@example.com"),
        ("card%3D4111111111111111%26cvc", "CREDIT_CARD", "4111111111111111"),
        ("card=4111111111111111/x", "CREDIT_CARD", "4111111111111111"),
        ("GET /patients/ssn/536-90-4399/visits", "US_SSN", "536-90-4399"),
    ]);
    none_found(&[
        "@decorator\ndef f(): pass",
        "bob@host:~$ ls",
        "npm i lodash@4.17.21 react@1.2.3-rc.one",
        "uses: actions/checkout@v4.x",
        "y = x@b.transpose(0)",
        "\"text\"@en",
    ]);
    let detector = Detector::new(Vec::new()).unwrap();
    let teams =
        format!("https://x.webhook.office.com/webhookb2/{0}@{0}/IncomingWebhook/{1}/{0}", UUID, "9f3a7c1e".repeat(4));
    let slack = format!("https://hooks.slack.com/services/T0A1B2C3D4/B0Z9Y8X7W6/{}", "q7Xk2Mz4VB3N".repeat(2));
    let discord = format!("https://canary.discord.com/api/webhooks/198622483471925248/{}", "q7Xk-Mz4_B3N".repeat(5));
    for hook in [teams, slack, discord] {
        let text = format!("post to {hook}, please");
        let found = found(&detector, &text);
        assert!(found.iter().any(|(entity, value)| entity.starts_with("SECRET") && *value == hook), "{found:?}");
    }
}

const UUID: &str = "2f1c9a4e-7b3d-4e5f-8a6b-9c0d1e2f3a4b";

/// A number that nobody was given, because it cannot be issued, is none even beside its word; one of a textbook could be somebody's,
/// and is one there, but nowhere else.
#[test]
fn textbook_numbers_count_beside_their_word_alone() {
    all_found(&[
        ("SSN: 123-45-6789", "US_SSN", "123-45-6789"),
        ("her ssn is 078-05-1120", "US_SSN", "078-05-1120"),
        ("account number 1234567890", "BANK_ACCOUNT", "1234567890"),
        ("Ext. 1840", "US_PHONE_EXTENSION", "1840"),
        (
            "<td>L898902C36UTO7408122F1204159ZE184226B<<<<<10</td>",
            "PASSPORT_MRZ",
            "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ),
    ]);
    none_found(&[
        "SSN: 000-45-6789, SSN: 666-45-6789, SSN: 123-00-6789",
        "they wrote 123-45-6789 on the whiteboard",
        "the number 1234567890 and 0123456789 and 999999999 there",
        "card: 4111111111111112",
        "version 10.0.113.17 and \"version\": \"10.0.113.17\"",
        "They recall extension 4412 during lunch",
        "bypassing 12345678 and a compass 12345678",
        "MRN in Gdynia",
    ]);
    let detector = Detector::new(Vec::new()).unwrap();
    assert_eq!(
        found(&detector, "US passport 340020013").first().map(|(entity, _)| entity.as_str()),
        Some("US_PASSPORT")
    );
}

#[test]
fn counts_and_terms_are_no_identifiers() {
    none_found(&[
        "INSERT INTO t VALUES (1, 668848584, 'x', 277043219, NULL)",
        "they asked whether x > 668848584 or not in there",
        "we multiply by 668848584 * y and so on there",
        "there were about 668848584 件 in the whole list",
        "всего было найдено 668848584 штук за весь год",
        "there are about 668848584 pieces of it in the shop",
        "it cost the two of them 668848584 € in the end",
        "we paid around £668848584 for all of them",
        "UPDATE t SET n = 665375690 WHERE k > 259684813",
        "there are 668848584 of them in the whole town",
        "it is more than 668848584 as they told us",
        "the session 35814116 was closed by them",
        "roughly 668848584 went to them in the end",
        "the S/N 668848584 is on the back of it",
        "a value below 2147483648 and above -2147483648 for them",
        "تم شحن الطلب 665788678 يوم الثلاثاء.",
        "ההזמנה 665788678 נשלחה ביום שלישי בבוקר.",
        "Η παραγγελία 665788678 στάλθηκε την Τρίτη το πρωί.",
        "คำสั่งซื้อ 665788678 ถูกส่งเมื่อวันอังคาร",
        "रिपोर्ट में क्षेत्र का कुल 665788678 दिया गया है।",
        "Tilaus 665788678 lähetettiin tiistaina aamulla.",
        "部品 665788678 は新しい枠に合いません。",
        "Деталь 665788678 не подходит к новой раме.",
        "La pieza 665788678 no encaja en el marco nuevo.",
        "Beställning 665788678 skickades på tisdagen.",
        "they set it to 1070000000 and then to 11001011",
        "the file of 20160225 was sent to them",
        "as RFC8879 and RFC5322 say, and KB5523290 too",
        "it is in ([#8486](https://x)), with a PIN of theirs",
        "Exp $Id: form.h,v 0.32 2021/06/17 21:26:02",
        "age 52+ only, in 10.0.0.0/8",
    ]);
}

#[test]
fn rows_of_a_database_are_read_by_their_columns() {
    all_found(&[
        ("INSERT INTO users (name, password) VALUES ('jane', 'sommer'), ('joe', 'it''s')", "PASSWORD", "sommer"),
        ("INSERT INTO users (name, password) VALUES ('jane', 'sommer'), ('joe', 'it''s')", "PASSWORD", "it''s"),
        (
            "insert into `u` (`id`, `login`, `pwd`)\nvalues (1, 'mkeller', md5('x')), (2, 'jroe', 'winter');",
            "PASSWORD",
            "winter",
        ),
        (
            "insert into `u` (`id`, `login`, `pwd`)\nvalues (1, 'mkeller', md5('x')), (2, 'jroe', 'winter');",
            "USERNAME",
            "mkeller",
        ),
        (
            "INSERT INTO k (\"id\", \"api_key\") VALUES (7, 'q7Xk2Mz4vB3nTr5wJ6')",
            "SECRET_GENERIC",
            "q7Xk2Mz4vB3nTr5wJ6",
        ),
        ("user,password\njroe,hunter22\nbob,Xy12345", "USERNAME", "bob"),
        ("| id | username |\n|---|---|\n| 1 | mkeller |", "USERNAME", "mkeller"),
    ]);
    none_found(&[
        "INSERT INTO t (username, password) VALUES (?, ?)",
        "INSERT INTO t (username, password) VALUES ($1, $2), (:user, :password)",
        "INSERT INTO t (id, name, amount) VALUES (48213377, 'queue', 4821.12);",
        "the columns (username, password) are values of the form",
        "INSERT INTO t (user, password) VALUES ('admin', '')",
        "user,count\nadmin,3\nguest,4",
    ]);
}

#[test]
fn a_pair_of_a_name_and_a_value_is_one() {
    all_found(&[
        ("- name: DB_PASSWORD\n  value: \"Sommer12\"", "PASSWORD", "Sommer12"),
        ("- name: DB_PASSWORD\n  value: Sommer12", "PASSWORD", "Sommer12"),
        (r#"{"name": "DB_PASSWORD", "value": "Sommer12"}"#, "PASSWORD", "Sommer12"),
        (r#"<property name="password" value="tiger7788"/>"#, "PASSWORD", "tiger7788"),
        (r#"props.put("password", "Sommer!12");"#, "PASSWORD", "Sommer!12"),
        (r#"config.set("api_key", "q7Xk2Mz4vB3nTr5wJ6lD")"#, "SECRET_GENERIC", "q7Xk2Mz4vB3nTr5wJ6lD"),
        ("Agent: what is your password?\nCustomer: hunter6586", "PASSWORD", "hunter6586"),
    ]);
    none_found(&[
        "['username', 'password', 'firstName', 'user_id']",
        r#"form.get("password", "newPassword")"#,
        "- name: PASSWORD_FILE\n  value: /run/secrets/db",
        r#"{"name": "password", "value": ""}"#,
        r#"{"name": "token", "value": "queue"}"#,
        r#"<input type="password" name="password" value="">"#,
        "Forgot your password?\nEmail: we send a link",
        "map.set(\"token\", \"queue\")",
    ]);
}

#[test]
fn times_and_tickets_are_nobody_s() {
    none_found(&[
        "backup 20110223213931 was made this morning",
        "deployed 20160913191506 to production this morning",
        "file 20180221192734 was rotated",
        "TML 065805 is out of stock",
        "444543610 [main] DEBUG a.b.Reactor - the frame was sent to node two of them",
        "1204369968 5470 /usr/share/doc/dbus-bin/changelog and the others of it",
        "they saw it there\n      18672176 K free memory",
        "the counters are shown\nnuma_local 27128635\nnuma_other 0 of them",
        "we approved ECN 143548 on Monday",
        "ECN 792971 was approved",
    ]);
}

#[test]
fn urls_and_forms_hide_nothing() {
    all_found(&[
        ("card=4111+1111+1111+1111&amount=10", "CREDIT_CARD", "4111+1111+1111+1111"),
        ("?q=4111%201111%201111%201111", "CREDIT_CARD", "4111%201111%201111%201111"),
        ("card%3D4111%2D1111%2D1111%2D1111%26cvc%3D123", "CREDIT_CARD", "4111%2D1111%2D1111%2D1111"),
        ("https://x.example/?q=my+card+is+4111111111111111+ok", "CREDIT_CARD", "4111111111111111"),
        (
            "https://x.example/?q=my+card+is+4111%201111+x end",
            "URL_DOMAIN",
            "https://x.example/?q=my+card+is+4111%201111+x",
        ),
        ("phone=%2B49+30+901820&name=Jane", "PHONE_NUMBER", "%2B49+30+901820"),
        ("q=call%20me%20at%20+1%20415-555-0132%20please", "PHONE_NUMBER", "+1%20415-555-0132"),
        ("tel=%28415%29+555-0132", "PHONE_NUMBER", "%28415%29+555-0132"),
        ("iban=DE89%203704%200044%200532%200130%2000", "IBAN", "DE89%203704%200044%200532%200130%2000"),
        ("nino=AB+12+34+56+C&x=1", "UK_NINO", "AB+12+34+56+C"),
        ("q=my+email+is+jane.doe%2Btag%40example.com+ok", "EMAIL_ADDRESS", "jane.doe%2Btag%40example.com"),
        ("q=my+password+is+Sommer%2123+ok", "PASSWORD", "Sommer%2123"),
        ("x=1&dob=12%2F03%2F1985", "DATE_OF_BIRTH", "12%2F03%2F1985"),
        ("mail jane+tag@example.com or m=jane+tag@example.com", "EMAIL_ADDRESS", "jane+tag@example.com"),
    ]);
    none_found(&["total=668848584+277043219", "100%20 of %08x and 5%45 there", "a+b+c = 4821 + 3377"]);
}

#[test]
fn labels_say_what_dates_are() {
    all_found(&[
        ("DOB: 08/23/2001    Sex: F\nVisit date: 2024-03-11", "DATE_OF_BIRTH", "08/23/2001"),
        ("BDAY:1977-02-19\nUID:x", "DATE_OF_BIRTH", "1977-02-19"),
        ("date of birth (dd/mm/yyyy): 12/03/1985", "DATE_OF_BIRTH", "12/03/1985"),
        (
            "INSERT INTO `u` (`id`,`birth_date`,`n`) VALUES\n(1,'1964-10-20','x'),\n(2,'1976-10-25','y');",
            "DATE_OF_BIRTH",
            "1964-10-20",
        ),
        ("Hospital No: 25443680", "MEDICAL_RECORD_NUMBER", "25443680"),
        ("il mio numero è 333 123 4953", "PHONE_NUMBER", "333 123 4953"),
        ("nomor HP saya 0812-5336-7739", "PHONE_NUMBER", "0812-5336-7739"),
        ("เบอร์โทร ๐๘๒-๘๔๒-๑๐๐๑ ครับ", "PHONE_NUMBER", "๐๘๒-๘๔๒-๑๐๐๑"),
        ("شماره موبایل من ۰۹۱۲ ۳۶۴ ۱۷۱۲ است", "PHONE_NUMBER", "۰۹۱۲ ۳۶۴ ۱۷۱۲"),
    ]);
    let detector = Detector::new(Vec::new()).unwrap();
    for text in [
        "DOB: 08/23/2001    Sex: F\nVisit date: 2024-03-11",
        "2024-03-11, 10:12 - Ana: her date of birth",
        "[2024-03-11, 10:12:44] Ana: her date of birth",
        "  Birth: 2024-03-11 20:01:54.000000000 +0000",
    ] {
        assert!(!found(&detector, text).contains(&("DATE_OF_BIRTH".to_owned(), "2024-03-11")), "{text}");
    }
}
