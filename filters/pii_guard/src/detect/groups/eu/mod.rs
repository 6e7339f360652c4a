//! The rest of the European Union, and its neighbours: a file for each country, or for those that have few.

mod balkans;
mod baltics;
mod benelux;
mod central;
mod east;
mod france;
mod greece;
mod italy;
mod poland;
mod portugal;
mod spain;

use crate::detect::checks::europe;
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// Numbers for value added tax that have no group of their own.
pub const VAT: &[Recognizer] = &[row(
    "EU_VAT_GENERIC",
    "eu",
    Good,
    &[
        "BGddddddddd",
        "BGdddddddddd",
        "DKdddddddd",
        "EEddddddddd",
        "ELddddddddd",
        "GRddddddddd",
        "FIdddddddd",
        "HRddddddddddd",
        "LUdddddddd",
        "MTdddddddd",
        "PLdddddddddd",
        "PTddddddddd",
        "SEdddddddddddd",
        "SIdddddddd",
        "SKdddddddddd",
        "ESxdddddddx",
        "ITddddddddddd",
        "IEddddddda",
        "IEdddddddaa",
        "LVddddddddddd",
        "CZdddddddd",
        "LTddddddddd",
        "ROdddddd",
        "ROddddddd",
        "ROdddddddd",
        "ROddddddddd",
        "ROdddddddddd",
        // With a space behind the country, as invoices have them.
        "BG ddddddddd",
        "BG dddddddddd",
        "DK dddddddd",
        "DK dd dd dd dd",
        "EE ddddddddd",
        "EE ddd ddd ddd",
        "EL ddddddddd",
        "FI dddddddd",
        "HR ddddddddddd",
        "LU dddddddd",
        "LU ddd ddd dd",
        "MT dddddddd",
        "MT dddd dddd",
        "PL dddddddddd",
        "PL ddd ddd dd dd",
        "PT ddddddddd",
        "PT ddd ddd ddd",
        "SE dddddddddddd",
        "SI dddddddd",
        "SK dddddddddd",
        "SK ddd ddd dd dd",
        "ES xdddddddx",
        "IT ddddddddddd",
        "IT ddd ddd ddd dd",
        "IE ddddddda",
        "IE dddddddaa",
        "LV ddddddddddd",
        "LV dddd dddd ddd",
        "CZ dddddddd",
        "LT ddddddddd",
        "RO dddddddd",
        "RO ddd ddd dd",
    ],
    Some(europe::eu_vat),
    "vat|tva|iva|mwst|btw|moms|alv|dph|pdv|ddv|pvm|vat number",
    &["PL8567346215", "FI20774740"],
    "European Commission, VIES",
)];

/// Passports of countries that have no row of their own.
pub const PASSPORTS: &[Recognizer] = &[row(
    "OTHER_PASSPORTS",
    "eu",
    Weak,
    &["addddddd", "adddddddd", "aaddddddd", "aadddddd", "dddddddd", "ddddddddd", "adddddd"],
    None,
    "paspoort|paszport|utlevel|pasaport|cestovni pas|putovnica|potni list|cestovny pas|passi|passnummer|passport|passport no|passport number|διαβατηρι",
    &["útlevél BE1234567"],
    "ICAO Doc 9303, issuers",
)];

/// All tables, in their order.
pub const TABLES: &[&[Recognizer]] = &[
    VAT,
    france::ROWS,
    spain::ROWS,
    italy::ROWS,
    portugal::ROWS,
    benelux::ROWS,
    poland::ROWS,
    central::ROWS,
    balkans::ROWS,
    baltics::ROWS,
    greece::ROWS,
    east::ROWS,
    PASSPORTS,
];
