//! Words for values in more languages, and values in more forms.

use super::{all_found, none_found};

#[test]
fn weak_values_are_found_beside_words_of_many_languages() {
    all_found(&[
        ("رمز الأمان: 482", "CARD_CVV", "482"),
        ("رمز التحقق هو 482", "CARD_CVV", "482"),
        ("Sicherheitscode 482", "CARD_CVV", "482"),
        ("보안코드: 482", "CARD_CVV", "482"),
        ("the digits on the back are 482", "CARD_CVV", "482"),
        ("유효기간 08/29", "CARD_EXPIRY", "08/29"),
        ("vervaldatum: 08/29", "CARD_EXPIRY", "08/29"),
        ("data ważności 08/2029", "CARD_EXPIRY", "08/2029"),
        ("udløbsdato 08/29", "CARD_EXPIRY", "08/29"),
        ("تاريخ الانتهاء 08/29", "CARD_EXPIRY", "08/29"),
        ("мой пин-код 4829", "PIN", "4829"),
        ("رقم الحساب: 965387789774", "BANK_ACCOUNT", "965387789774"),
        ("a/c no 482193774", "BANK_ACCOUNT", "482193774"),
        ("почтовый индекс: 119021", "POSTAL_CODE", "119021"),
        ("PSČ: 110 00", "POSTAL_CODE", "110 00"),
        ("fødselsdato: 24/08/1979", "DATE_OF_BIRTH", "24/08/1979"),
        ("carnet de conducir H2190777", "DRIVER_LICENSE_GENERIC", "H2190777"),
        ("病历号 48219377", "MEDICAL_RECORD_NUMBER", "48219377"),
        ("Steuernr. 21/815/08150", "DE_TAX_NUMBER", "21/815/08150"),
        ("IMSI 26201864900106", "IMSI", "26201864900106"),
    ]);
}

#[test]
fn ages_stand_behind_their_word_in_many_ways() {
    all_found(&[
        ("My age is 43.", "AGE", "43"),
        ("Her age (47) was asked for", "AGE", "47"),
        ("Age - 42", "AGE", "42"),
        ("Name\nJane\nAge\n80\n", "AGE", "80"),
        ("나이: 43", "AGE", "43"),
        ("العمر: 43", "AGE", "43"),
    ]);
    none_found(&["the age is 42 days", "page is 93", "cache age (60 seconds)", "stage - 4", "the page\n80\n"]);
}

#[test]
fn vat_numbers_are_written_with_spaces_too() {
    let same = |text: &'static str| (text, "EU_VAT_GENERIC", text);
    all_found(&[
        same("LU 150 274 42"),
        same("PL 856 734 62 15"),
        same("SK 202 274 96 19"),
        same("FI 20774740"),
        same("EE 100 931 558"),
    ]);
    none_found(&["PL 856 734 62 16", "LU 150 274 43", "we saw DK 12 34 56 78 there"]);
}

#[test]
fn a_dash_between_two_clauses_leaves_them_a_sentence() {
    all_found(&[
        ("We talked — 485423239 — and it came up in the meeting", "AU_TFN", "485423239"),
        ("the card—4111 1111 1111 1111—was lost", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("4111—1111—1111—1111", "CREDIT_CARD", "4111—1111—1111—1111"),
        ("please charge 3590 0856 3919 3573 today", "CREDIT_CARD", "3590 0856 3919 3573"),
    ]);
}
