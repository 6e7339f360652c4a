//! What files, commands and messages of programs say in their own ways: options, pipes, HL7, X12, lines that are broken.

use super::{all_found, found, none_found};
use pii_guard::detect::Detector;

#[test]
fn a_user_and_a_password_stand_beside_each_other_in_a_command() {
    for (text, password, user) in [
        ("tool -p Winter!2024 -u bob", "Winter!2024", "bob"),
        ("tool -u bob -p Winter!2024", "Winter!2024", "bob"),
        ("$ tool -h db -u jane -P 5432 -p hunter22 --verbose", "hunter22", "jane"),
        ("tool -p 'hunter!22' --host db --user jane", "hunter!22", "jane"),
        ("./run --user bob --password Winter!2024", "Winter!2024", "bob"),
        ("./run --username bob --pass dragon99", "dragon99", "bob"),
        ("az login -u jane -p Winter!2024", "Winter!2024", "jane"),
    ] {
        all_found(&[(text, "PASSWORD", password), (text, "USERNAME", user)]);
    }
    all_found(&[
        ("it's Winter!2024 (password)", "PASSWORD", "Winter!2024"),
        ("it's hunter22 (password), thanks", "PASSWORD", "hunter22"),
        ("echo 'Winter!2024' | sudo -S ls", "PASSWORD", "Winter!2024"),
        ("echo dragonfly | docker login -u bob --password-stdin", "PASSWORD", "dragonfly"),
        ("requirepass Winter2024x", "PASSWORD", "Winter2024x"),
        ("username:cb\npassword:yh^%#rest-of-my-password\n", "PASSWORD", "yh^%#rest-of-my-password"),
        (
            r#"{"auths": {"r.example": {"auth": "anJvZTpXaW50ZXIhMjAyNA=="}}}"#,
            "SECRET_BASIC_AUTH",
            "anJvZTpXaW50ZXIhMjAyNA==",
        ),
    ]);
    none_found(&[
        "tool -p 8080 -u bob; tool -u root -p 22; server -p 5000 --user www-data",
        "docker run -p 8080:80 -u 1000:1000 nginx; docker exec -u bob web ls -p",
        "pytest -p no:cacheprovider -x; ps -p 4821 -u root -o user",
        "sudo -u postgres mkdir -p data2024 && sudo -u bob mkdir -p /srv/app2024",
        "docker login -u \"$USER\" -p \"$TOKEN\"; echo \"$TOKEN\" | docker login -u app --password-stdin",
        "git push -u origin main; sort -u file -o out; rsync -u src1 dst2",
        "It's strong (password) and it's weak (password), OAuth2.0 (password), SHA-512 (password)",
        "cat list | sudo -s ls; echo done | sudo tee file",
        "<input type=\"password\" placeholder=\"Your password\" autocomplete=\"current-password\">",
    ]);
}

#[test]
fn calls_tags_and_settings_give_passwords() {
    for text in [
        "requests.get(url, auth=('jroe', 'Winter2024x'))",
        "HTTPBasicAuth('jroe', 'Winter2024x')",
        "new NetworkCredential(\"jroe\", \"Winter2024x\")",
        "req.basic_auth(\"jroe\", Some(\"Winter2024x\"))",
    ] {
        all_found(&[(text, "PASSWORD", "Winter2024x"), (text, "USERNAME", "jroe")]);
    }
    all_found(&[
        ("$c = ConvertTo-SecureString 'Winter2024x' -AsPlainText -Force", "PASSWORD", "Winter2024x"),
        ("<password encrypted=\"false\">Winter2024x</password>", "PASSWORD", "Winter2024x"),
        ("network={\n ssid=\"home\"\n psk=\"Winter2024x\"\n}", "PASSWORD", "Winter2024x"),
        ("ssh jroe@203.0.113.54 -i key", "IP_ADDRESS", "203.0.113.54"),
    ]);
    none_found(&[
        "const { login } = useAuth(\"google\", \"redirect-uri-2024\"); login(\"admin\", \"role_user2\")",
        "new Credentials(\"access\", \"secret\", \"token\"); getCredentials(\"us-east-1\", \"profile\")",
        "QPSK and PSK31 modulation, 8-PSK at 2400 baud; psk: pre-shared key; PSK=None",
        "<password type=\"string\">required</password><password minLength=\"8\">8 characters or more</password>",
        "pkg@1.2.3.4 and foo@10.20.30.40",
    ]);
}

#[test]
fn codes_dates_and_vehicles_are_told_in_more_ways() {
    let detector = Detector::new(Vec::new()).unwrap();
    all_found(&[
        ("Your verification code is 482133", "PIN", "482133"),
        ("Use 482133 as your login code", "PIN", "482133"),
        ("验证码：482133", "PIN", "482133"),
        ("the alarm code is 4821 pls keep it", "PIN", "4821"),
        ("DOB 12-Mar-85, and so on", "DATE_OF_BIRTH", "12-Mar-85"),
        ("生年月日：昭和60年3月12日", "DATE_OF_BIRTH", "60年3月12日"),
        ("р/с 40817810099910004312", "BANK_ACCOUNT", "40817810099910004312"),
        ("☎ 03-1234-8291", "PHONE_NUMBER", "03-1234-8291"),
        ("আমার ফোন নম্বর 01712-348678", "PHONE_NUMBER", "01712-348678"),
        ("আমার মোবাইল ০১৭১২-৩৪৮৬৭৮", "PHONE_NUMBER", "০১৭১২-৩৪৮৬৭৮"),
        ("என் தொலைபேசி எண் 98765 48210", "PHONE_NUMBER", "98765 48210"),
        ("నా ఫోన్ నంబర్ 98765 48210", "PHONE_NUMBER", "98765 48210"),
        ("میرا فون نمبر 0300-1284567 ہے", "PHONE_NUMBER", "0300-1284567"),
        ("ჩემი ტელეფონი 599 48 29 31", "PHONE_NUMBER", "599 48 29 31"),
        ("հեռախոս 091 482931", "PHONE_NUMBER", "091 482931"),
        ("Kartennummer 4111-1111-1111-1111, Prüfnummer 123", "CARD_CVV", "123"),
        ("VIN: WVWZZZ1JZXW000001", "VIN", "WVWZZZ1JZXW000001"),
    ]);
    none_found(&["昭和の終わり、令和6年度予算は100年", "the number WVWZZZ1JZXW00000A of it"]);
    // A private key as wallets import it, of no wallet: the bytes 1 to 32.
    for key in [
        ["5HpjKrb7dH5kKQQzmbjB87Mxo", "va7mek5bXUTWfndcX6tBoqUwzm"].concat(),
        ["KwFfpDsaF7yxCELuyrH9gP5XL", "7TAt5b9HPWC1xCQbmrxvhJgMQHb"].concat(),
    ] {
        let text = format!("import {key} now");
        assert!(found(&detector, &text).contains(&("SECRET_PRIVATE_KEY".to_owned(), key.as_str())), "{key}");
    }
}

#[test]
fn messages_of_hospitals_and_pages_that_were_copied_are_read() {
    all_found(&[
        ("PID|1||00482913^^^HOSP^MR||ROE^JANE^A||19850312|F|||1420 OCEAN DR", "MEDICAL_RECORD_NUMBER", "00482913"),
        ("PID|1||00482913^^^HOSP^MR||ROE^JANE^A||19850312|F|||1420 OCEAN DR", "DATE_OF_BIRTH", "19850312"),
        ("MSH|x|y\nPID|||A12345678^^^A||ROE^JANE||198503121030|F", "DATE_OF_BIRTH", "198503121030"),
        ("NM1*IL*1*ROE*JANE~DMG*D8*19850312*F~", "DATE_OF_BIRTH", "19850312"),
        ("IBAN\nDE89 3704 0044\n0532 0130 00\nBIC", "IBAN", "DE89 3704 0044\n0532 0130 00"),
        ("IBAN: DE89370400440532\n013000", "IBAN", "DE89370400440532\n013000"),
        ("Konto DE89 3704 0044 0532\r\n        0130 00", "IBAN", "DE89 3704 0044 0532\r\n        0130 00"),
        ("IBAN: DE89370400440532013000\n<b>x", "IBAN", "DE89370400440532013000"),
        ("id,tel,born\n7,+14155550132,1985", "PHONE_NUMBER", "+14155550132"),
        ("Name,Phone,DOB\nJane,4155550132,1985-03-12", "PHONE_NUMBER", "4155550132"),
        ("My cartella clinica is 04843584.", "MEDICAL_RECORD_NUMBER", "04843584"),
        ("puh. 040 538 2917", "PHONE_NUMBER", "040 538 2917"),
        ("โทร 081-294-5378", "PHONE_NUMBER", "081-294-5378"),
    ]);
    none_found(&[
        "the PID|of a process 00482913|x||y||19850312|",
        "AB12345678\n1234 5678\nCD12345678\n1234 5678",
        "the heap has 1073741824 of them, not 536870912 or 268435455",
    ]);
}

/// Twelve words of BIP 39 and more, however they are parted.
#[test]
fn words_that_open_a_wallet_are_a_secret() {
    let detector = Detector::new(Vec::new()).unwrap();
    let words = "abandon ability able about above absent absorb abstract absurd abuse access accident";
    for (sign, parted) in [(": ", " "), (" is ", " "), (":\n", " "), (": ", ", "), (" are \"", " ")] {
        let value = words.replace(' ', parted);
        let text = format!("my recovery phrase{sign}{value}. Keep it");
        assert!(found(&detector, &text).contains(&("SECRET_GENERIC".to_owned(), value.as_str())), "{text}");
    }
    none_found(&[
        "the seed phrase should never ever leave your own hardware wallet because anyone who reads that can take all coins",
        "a mnemonic helps people keep them all, and seed words are written down",
    ]);
}
