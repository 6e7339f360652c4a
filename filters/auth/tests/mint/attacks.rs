//! Tokens by name: good ones, and every way to forge one that the case files try.

use super::{Mint, base64url, claims};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All tokens.
pub fn tokens(mint: &Mint) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut add = |name: &str, token: String| assert!(all.insert(name.to_owned(), token).is_none(), "{name}");
    let good = mint.token("RS256", "k1", &claims(json!({})));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    for (name, alg, kid) in
        [("es256", "ES256", "e1"), ("es384", "ES384", "e2"), ("eddsa", "EdDSA", "d1"), ("rs512", "RS512", "k1-512")]
    {
        add(name, mint.token(alg, kid, &claims(json!({}))));
    }
    for alg in ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        add(&format!("by_{alg}"), mint.token(alg, alg, &claims(json!({}))));
    }
    add("by_Ed25519", mint.token("Ed25519", "d1", &claims(json!({}))));
    add("no_kid", mint.sign("ES256", r#"{"alg":"ES256"}"#, &claims(json!({})).to_string()));
    add("spaced", mint.sign("RS256", "{\n  \"alg\": \"RS256\",\n  \"kid\": \"k1\"\n}", &claims(json!({})).to_string()));
    add("at_jwt", with_header(mint, &json!({"typ": "application/at+jwt"})));
    add(
        "bob",
        mint.token(
            "RS256",
            "k1",
            &claims(
                json!({"sub": "bob", "scope": "embed", "org": {"tenant": "umbrella", "tier": "free"}, "models": null}),
            ),
        ),
    );

    // 4: alg
    for (name, alg) in [
        ("none", json!("none")),
        ("None", json!("None")),
        ("NONE", json!("NONE")),
        ("noNE", json!("noNE")),
        ("lower", json!("rs256")),
        ("number", json!(1)),
        ("array", json!(["RS256"])),
    ] {
        add(
            &format!("alg_{name}"),
            mint.sign("RS256", &json!({"alg": alg, "kid": "k1"}).to_string(), &claims(json!({})).to_string()),
        );
    }
    add("alg_missing", mint.sign("RS256", r#"{"kid":"k1"}"#, &claims(json!({})).to_string()));
    add("unsigned", format!("{}.{payload}.", base64url(r#"{"alg":"none"}"#)));

    // 5: form
    add("no_signature", format!("{signed}."));
    add("two_parts", signed.to_owned());
    add("four_parts", format!("{good}.x"));
    add("five_parts", format!("{good}.x.y"));
    add("padded", format!("{good}="));
    add("plus", format!("{signed}.+{}", signature.get(1..).unwrap()));
    add("space", format!("{signed}.{} {}", signature.get(..9).unwrap(), signature.get(9..).unwrap()));
    add("unused_bits", with_unused_bits(&good));
    add("tampered", format!("{header}.{}.{signature}", base64url(claims(json!({"sub": "root"})).to_string())));

    // 6: the public key as a secret
    let public = mint.rsa.public_key();
    let n = mint.jwk("RS256", "k1")["n"].as_str().unwrap().to_owned();
    for (name, secret) in [
        ("pem", public.to_pem().unwrap().into_bytes()),
        ("der", public.to_der().unwrap()),
        ("jwk", mint.jwk("RS256", "k1").to_string().into_bytes()),
        ("n", public.to_components().n),
        ("n_text", n.into_bytes()),
    ] {
        let text = format!("{}.{payload}", base64url(r#"{"alg":"HS256","kid":"k1"}"#));
        add(
            &format!("hs256_{name}"),
            format!("{text}.{}", base64url(hmac_sha256::HMAC::mac(text.as_bytes(), &secret))),
        );
    }

    // 7: another algorithm than the key's
    for (name, alg, claimed, kid) in [
        ("ps256", "PS256", "PS256", "k1"),
        ("ps256_as_rs256", "PS256", "RS256", "k1"),
        ("rs512_of_k1", "RS512", "RS512", "k1"),
        ("es256_of_e2", "ES256", "ES384", "e2"),
        ("es384_as_es256", "ES384", "ES256", "e1"),
        ("hs256", "HS256", "HS256", "k1"),
    ] {
        add(name, mint.sign(alg, &json!({"alg": claimed, "kid": kid}).to_string(), &claims(json!({})).to_string()));
    }

    // 8: the attacker's own key
    let own = mint.jwk("other", "k1");
    for (name, member) in [
        ("jwk", json!({"jwk": own})),
        ("jku", json!({"jku": "http://127.0.0.1:1/jwks"})),
        ("x5u", json!({"x5u": "http://127.0.0.1:1/cert"})),
        ("x5c", json!({"x5c": ["MIIB"]})),
    ] {
        add(&format!("embedded_{name}"), of_attacker(mint, &member));
    }

    // 9: kid
    add("kid_unknown", with_header(mint, &json!({"kid": "k9"})));
    add("kid_path", with_header(mint, &json!({"kid": "../../../dev/null"})));
    add("kid_long", with_header(mint, &json!({"kid": "k".repeat(8000)})));
    add("kid_number", with_header(mint, &json!({"kid": 1})));

    // 10, 11: extensions and types
    for (name, member) in [
        ("crit", json!({"crit": ["exp"]})),
        ("crit_empty", json!({"crit": []})),
        ("b64", json!({"b64": false})),
        ("b64_crit", json!({"b64": false, "crit": ["b64"]})),
        ("zip", json!({"zip": "DEF"})),
        ("cty", json!({"cty": "JWT"})),
        ("typ_jose", json!({"typ": "JOSE"})),
        ("typ_jose_json", json!({"typ": "JOSE+JSON"})),
        ("typ_number", json!({"typ": 1})),
        ("typ_logout", json!({"typ": "logout+jwt"})),
        ("typ_dpop", json!({"typ": "application/DPoP+jwt"})),
    ] {
        add(name, with_header(mint, &member));
    }

    // 12: signatures of another form
    let raw = mint.signature("ES256", b"x");
    let text = format!("{}.{payload}", base64url(r#"{"alg":"ES256","kid":"e1"}"#));
    let n256 = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad,
        0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    for (name, bytes) in [
        ("zero", vec![0; 64]),
        ("r_zero", [vec![0; 32], raw.get(32..).unwrap().to_vec()].concat()),
        ("s_n", [raw.get(..32).unwrap(), &n256].concat()),
        ("all_ones", vec![0xff; 64]),
        ("short", raw.get(..63).unwrap().to_vec()),
        ("long", [&raw[..], &[0]].concat()),
        ("der", [&[0x30, 0x44, 2, 0x20], raw.get(..32).unwrap(), &[2, 0x20], raw.get(32..).unwrap()].concat()),
    ] {
        add(&format!("ecdsa_{name}"), format!("{text}.{}", base64url(bytes)));
    }
    let rsa = mint.signature("RS256", signed.as_bytes());
    for (name, bytes) in [
        ("long", [&[0], &rsa[..]].concat()),
        ("tail", [&rsa[..], &[0]].concat()),
        ("short", rsa.get(1..).unwrap().to_vec()),
        ("ones", vec![0xff; 256]),
        ("zero", vec![0; 256]),
    ] {
        add(&format!("rsa_{name}"), format!("{signed}.{}", base64url(bytes)));
    }

    // 13 to 17: claims
    for (name, change) in [
        ("expired", json!({"exp": 1_500_000_000})),
        ("exp_absent", json!({"exp": null})),
        ("exp_text", json!({"exp": "4102444800"})),
        ("exp_float", json!({"exp": 4_102_444_800.5})),
        ("exp_negative", json!({"exp": -1})),
        ("exp_huge", json!({"exp": 9_223_372_036_854_775_808_u64})),
        ("exp_millis", json!({"exp": 4_102_444_800_000_u64})),
        ("nbf_future", json!({"nbf": 4_000_000_000_u64})),
        ("iat_future", json!({"iat": 4_000_000_000_u64})),
        ("iat_text", json!({"iat": "now"})),
        ("iss_absent", json!({"iss": null})),
        ("iss_wrong", json!({"iss": "https://issuer.test/"})),
        ("iss_other", json!({"iss": "https://other.test"})),
        ("iss_list", json!({"iss": ["https://issuer.test"]})),
        ("aud_absent", json!({"aud": null})),
        ("aud_wrong", json!({"aud": ["web", "mobile"]})),
        ("aud_empty", json!({"aud": []})),
        ("aud_number", json!({"aud": 1})),
        ("aud_mixed", json!({"aud": ["models", 1]})),
        ("sub_wrong", json!({"sub": "mallory"})),
        ("sub_denied", json!({"sub": "alicia"})),
        ("sub_absent", json!({"sub": null})),
        ("sub_number", json!({"sub": 1})),
        ("refresh", json!({"token_type": "refresh"})),
        ("logout", json!({"typ": "Logout"})),
        ("jti_revoked", json!({"jti": "t-1"})),
        ("claim_newline", json!({"email": "a\r\nx-admin: 1"})),
        ("claim_nul", json!({"email": "a\0b"})),
        ("claim_long", json!({"email": "a".repeat(8193)})),
        ("no_models", json!({"models": null})),
        ("models_odd", json!({"models": {"a": 1}})),
    ] {
        add(name, mint.token("RS256", "k1", &claims(change)));
    }

    // 18, 19: JSON
    let raw = |payload: &str| mint.sign("RS256", r#"{"alg":"RS256","kid":"k1"}"#, payload);
    let text = claims(json!({})).to_string();
    add("double_claim", raw(&text.replacen('{', r#"{"role":"user","role":"admin","#, 1)));
    add("double_sub", raw(&text.replacen('{', r#"{"sub":"root","#, 1)));
    add("double_deep", raw(&text.replacen('{', r#"{"a":[{"b":1,"b":2}],"#, 1)));
    add("double_header", mint.sign("RS256", r#"{"alg":"RS256","alg":"RS256","kid":"k1"}"#, &text));
    add("bom", raw(&format!("\u{feff}{text}")));
    add("trailing", raw(&format!("{text}{{}}")));
    add("deep", raw(&text.replacen('{', &format!("{{\"a\":{}{},", "[".repeat(65), "]".repeat(65)), 1)));
    add("list", raw("[]"));
    let bytes = [b"{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":\"".as_slice(), b"\xff\"}"].concat();
    let signed_bytes = format!("{}.{payload}", base64url(bytes));
    add("not_utf8", format!("{signed_bytes}.{}", base64url(mint.signature("RS256", signed_bytes.as_bytes()))));
    add("too_long", mint.token("RS256", "k1", &claims(json!({"pad": "x".repeat(13_000)}))));
    add("good", good);
    all
}

fn with_header(mint: &Mint, more: &Value) -> String {
    mint.sign("RS256", &header(more).to_string(), &claims(json!({})).to_string())
}

fn of_attacker(mint: &Mint, more: &Value) -> String {
    mint.sign("other", &header(more).to_string(), &claims(json!({})).to_string())
}

fn header(more: &Value) -> Value {
    let mut header = json!({"alg": "RS256", "kid": "k1"});
    for (name, value) in more.as_object().unwrap() {
        header[name] = value.clone();
    }
    header
}

/// The last character of a signature of 256 bytes holds four unused bits: another one decodes to the same bytes.
fn with_unused_bits(token: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let at = alphabet.iter().position(|byte| *byte == last.as_bytes()[0]).unwrap();
    format!("{rest}{}", char::from(alphabet[at + 1]))
}
