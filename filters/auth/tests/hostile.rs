//! Whatever is sent: no panic, and nobody gets in who did not sign.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use mint::{claims, mint};
use proptest::prelude::*;
use serde_json::json;
use std::sync::OnceLock;

thread_local! {
    static DESK: auth::decide::Desk = desk();
}

fn desk() -> auth::decide::Desk {
    let config = json!({
        "providers": {"main": {"issuers": ["https://issuer.test"], "audiences": ["models"], "algorithms": ["RS256", "ES256"],
            "keys": {"inline": mint().jwks_of(&[("RS256", "k1"), ("ES256", "e1")])}}},
        "tokens": {"query": ["access_token"], "cookies": ["t"]},
        "api_keys": {"keys": [{"digests": [auth::keys::hash("the key", None)], "consumer": "key"}]},
        "policies": {"default": {}}, "default_policy": "default",
    });
    auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).unwrap()
}

fn status(headers: serde_json::Value, path: &str) -> u16 {
    let line = json!({"headers": headers, "path": path, "now": 1_790_000_000}).to_string();
    DESK.with(|desk| desk.decide(&line).unwrap().status)
}

fn good() -> &'static [String; 2] {
    static GOOD: OnceLock<[String; 2]> = OnceLock::new();
    GOOD.get_or_init(|| [("RS256", "k1"), ("ES256", "e1")].map(|(alg, kid)| mint().token(alg, kid, &claims(json!({})))))
}

#[test]
fn the_tokens_are_good() {
    for token in good() {
        assert_eq!(status(json!({"authorization": format!("Bearer {token}")}), "/"), 200);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_change_of_a_token_is_refused(which in 0..2usize, at in any::<prop::sample::Index>(), byte in "[A-Za-z0-9_.=+/-]") {
        let token = &good()[which];
        let at = at.index(token.len());
        let changed = format!("{}{byte}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != *token);
        prop_assert_eq!(status(json!({"authorization": format!("Bearer {changed}")}), "/"), 401);
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,200}", path in "/\\PC{0,80}") {
        let status = status(json!({"authorization": text, "cookie": text, "x-api-key": text}), &path);
        prop_assert!(matches!(status, 400 | 401), "{}", status);
    }

    #[test]
    fn any_header_and_payload_are_refused(header in "\\{\"alg\":\"(RS256|none|HS256)\",\"\\PC{0,30}\":\\PC{0,30}\\}", payload in "\\PC{0,99}") {
        let token = format!("{}.{}.AAAA", mint::base64url(header), mint::base64url(payload));
        prop_assert_eq!(status(json!({"authorization": format!("Bearer {token}")}), "/"), 401);
    }
}
