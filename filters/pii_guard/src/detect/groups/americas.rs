//! The Americas without the United States.

use crate::detect::checks::{mod11, world};
use crate::detect::recognizer::{Recognizer, Strength::*, row};

/// The rows.
pub const ROWS: &[Recognizer] = &[
    row(
        "CA_SIN",
        "americas",
        Fair,
        &["ddd-ddd-ddd", "ddd ddd ddd"],
        Some(world::ca_sin),
        "sin|social insurance|nas|numero d'assurance sociale|assurance sociale",
        &["SIN 130-692-544"],
        "Service Canada",
    ),
    row(
        "CA_PASSPORT",
        "americas",
        Weak,
        &["aadddddd", "addddddaa"],
        None,
        "canadian passport|passport|passeport|canada",
        &["Canadian passport GA302922"],
        "IRCC",
    ),
    row(
        "CA_DRIVER_LICENSE",
        "americas",
        Weak,
        &[
            "adddd-ddddd-ddddd",
            "adddddddddddddd",
            "ddddddd",
            "ddddddddd",
            "dddddd-ddd",
            "adddddddddddd",
            "adddd-dddddd-dd",
        ],
        None,
        "driver's licence|driver licence|driving licence|ontario|licence number|permis de conduire|quebec|dl|driver license|driver's license|drivers licence|drivers license",
        &["Ontario driver's licence A1234-56789-01234"],
        "provincial registries",
    ),
    row(
        "CA_BN",
        "americas",
        Fair,
        &["dddddddddRTdddd", "dddddddddRCdddd", "dddddddddRPdddd", "ddddddddd RT dddd", "ddddddddd"],
        Some(ca_bn),
        "business number|bn|gst|hst|cra",
        &["business number 123026635"],
        "CRA",
    ),
    row(
        "BR_CPF",
        "americas",
        Good,
        &["ddd.ddd.ddd-dd", "ddddddddddd"],
        Some(mod11::br_cpf),
        "cpf|cadastro de pessoas|contribuinte",
        &["390.533.447-05"],
        "Receita Federal",
    ),
    row(
        "BR_CNPJ",
        "americas",
        Good,
        &["xx.xxx.xxx/xxxx-dd", "xxxxxxxxxxxxdd"],
        Some(mod11::br_cnpj),
        "cnpj|empresa|cadastro nacional",
        &["16.727.230/0001-97"],
        "Receita Federal",
    ),
    row(
        "BR_RG",
        "americas",
        Weak,
        &["dd.ddd.ddd-x", "ddddddddx", "ddddddddd", "dddddddd"],
        None,
        "rg|registro geral|identidade|carteira de identidade|identity card|id card",
        &["RG 24.678.131-4"],
        "SSP of the states",
    ),
    row(
        "BR_PIS",
        "americas",
        Fair,
        &["ddd.ddddd.dd-d", "ddddddddddd"],
        Some(br_pis),
        "pis|pasep|nis|nit",
        &["PIS 120.56412.54-5"],
        "Caixa",
    ),
    row(
        "MX_CURP",
        "americas",
        Good,
        &["aaaaddddddaaaaaaxd"],
        Some(world::mx_curp),
        "curp|clave unica",
        &["BOXW310820HNERXN09"],
        "RENAPO",
    ),
    row(
        "MX_RFC",
        "americas",
        Good,
        &["aaaaddddddxxx", "aaa-dddddd-xxx", "aaaa-dddddd-xxx"],
        Some(mx_rfc),
        "rfc|registro federal|contribuyentes|sat",
        &["RFC GODE561231GR8"],
        "SAT",
    ),
    row(
        "MX_NSS",
        "americas",
        Fair,
        &["ddddddddddd", "dd dd dd dddd d"],
        Some(crate::detect::checks::luhn),
        "nss|imss|seguro social",
        &["NSS 04877600132"],
        "IMSS",
    ),
    row(
        "AR_DNI",
        "americas",
        Weak,
        &["dd.ddd.ddd", "dddddddd", "ddddddd", "d.ddd.ddd"],
        None,
        "dni|documento|documento nacional|argentina|identity card|id card|national id",
        &["DNI 20.123.456"],
        "RENAPER",
    ),
    row(
        "AR_CUIT",
        "americas",
        Good,
        &["dd-dddddddd-d", "ddddddddddd"],
        Some(ar_cuit),
        "cuit|cuil|afip|argentina",
        &["20-05536168-2"],
        "AFIP",
    ),
    row(
        "CL_RUT",
        "americas",
        Fair,
        &["dd.ddd.ddd-x", "d.ddd.ddd-x", "!dddddddd-x", "!ddddddd-x", "ddddddddx"],
        Some(cl),
        "rut|rol unico|r.u.t|rol unico nacional",
        &["12.531.909-2"],
        "Registro Civil",
    ),
    row(
        "CO_CC",
        "americas",
        Weak,
        &["dddddd", "ddddddd", "dddddddd", "dddddddddd", "d.ddd.ddd.ddd", "dd.ddd.ddd"],
        None,
        "cedula|cedula de ciudadania|cc|ciudadania|colombia|nuip|c.c|identity card|id card|national id",
        &["cédula de ciudadanía 1.020.304.050"],
        "Registraduria",
    ),
    row(
        "CO_NIT",
        "americas",
        Fair,
        &["ddd.ddd.ddd-d", "!ddddddddd-d", "dddddddddd"],
        Some(co_nit),
        "nit|dian|rut|tributaria",
        &["NIT 213.123.432-1"],
        "DIAN",
    ),
    row(
        "PE_DNI",
        "americas",
        Weak,
        &["dddddddd", "dddddddd-x"],
        None,
        "dni|documento|peru|reniec|identidad|identity card|id card|national id",
        &["DNI 10117410 Perú"],
        "RENIEC",
    ),
    row(
        "PE_RUC",
        "americas",
        Fair,
        &["ddddddddddd"],
        Some(pe_ruc),
        "ruc|sunat|contribuyente",
        &["RUC 20512333797"],
        "SUNAT",
    ),
    row(
        "UY_CI",
        "americas",
        Fair,
        &["d.ddd.ddd-d", "dddddddd"],
        Some(mod11::uy_ci),
        "cedula|ci|identidad|uruguay|documento|c.i|identity card",
        &["cédula 1.234.567-2"],
        "DNIC",
    ),
    row(
        "PY_CIC",
        "americas",
        Weak,
        &["dddddd", "ddddddd", "d.ddd.ddd"],
        None,
        "cedula|ci|identidad civil|paraguay|cic|c.i|identity card|id card|national id",
        &["cédula de identidad civil 3.456.789 Paraguay"],
        "Policia Nacional",
    ),
    row(
        "PY_RUC",
        "americas",
        Fair,
        &["!dddddd-d", "ddddddd-d", "dddddddd-d"],
        Some(mod11::py_ruc),
        "ruc|contribuyente|paraguay",
        &["RUC 80028061-0"],
        "SET",
    ),
    row(
        "VE_CI",
        "americas",
        Weak,
        &[
            "Vddddddd",
            "Vdddddddd",
            "Eddddddd",
            "Edddddddd",
            "V-dd.ddd.ddd",
            "V-dddddddd",
            "E-dddddddd",
            "V-ddddddd",
            "V-d.ddd.ddd",
        ],
        None,
        "cedula|ci|identidad|venezuela|c.i|identity card|id card|national id",
        &["cédula V-12.345.678"],
        "SAIME",
    ),
    row(
        "EC_CI",
        "americas",
        Fair,
        &["dddddddddd", "!ddddddddd-d"],
        Some(world::ec_ci),
        "cedula|ci|ecuador|identidad|c.i|identity card",
        &["cédula 1714307103"],
        "Registro Civil",
    ),
    row(
        "DO_CEDULA",
        "americas",
        Fair,
        &["ddd-ddddddd-d", "ddddddddddd"],
        Some(world::do_cedula),
        "cedula|jce|dominicana",
        &["cédula 001-1391820-5"],
        "JCE",
    ),
];

fn ca_bn(v: &[u8]) -> bool {
    crate::detect::checks::luhn(crate::detect::checks::part(v, 0, 9)) && !crate::detect::checks::uniform(v)
}

fn br_pis(v: &[u8]) -> bool {
    let check = (11 - crate::detect::checks::weighted(v, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    crate::detect::checks::nth(v, 10) == if check > 9 { 0 } else { check } && !crate::detect::checks::uniform(v)
}

fn mx_rfc(v: &[u8]) -> bool {
    let from = v.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    crate::detect::checks::dates::yymmdd(crate::detect::checks::part(v, from, from + 6))
}

fn ar_cuit(v: &[u8]) -> bool {
    let kind = crate::detect::checks::number(crate::detect::checks::part(v, 0, 2));
    let check = (11 - crate::detect::checks::weighted(v, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let check = if check == 10 { 9 } else { check };
    matches!(kind, 20 | 23 | 24 | 27 | 30 | 33 | 34 | 50 | 51 | 55) && check == crate::detect::checks::nth(v, 10)
}

fn cl(v: &[u8]) -> bool {
    mod11::cl_rut(v)
}

fn co_nit(v: &[u8]) -> bool {
    let sum: u32 = v
        .iter()
        .rev()
        .skip(1)
        .zip([3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71])
        .map(|(b, w)| crate::detect::checks::nth(&[*b], 0) * w)
        .sum();
    let check = if sum % 11 > 1 { 11 - sum % 11 } else { sum % 11 };
    check == crate::detect::checks::nth(v, v.len().saturating_sub(1))
}

fn pe_ruc(v: &[u8]) -> bool {
    let sum = crate::detect::checks::weighted(v, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    matches!(crate::detect::checks::number(crate::detect::checks::part(v, 0, 2)), 10 | 15 | 17 | 20)
        && (11 - sum % 11) % 10 == crate::detect::checks::nth(v, 10)
}
