//! Whatever is sent: no panic, and nobody gets in who did not sign.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod course;
mod mint;

use mint::{claims, mint};
use plugin::Answer;
use proptest::prelude::*;
use serde_json::json;
use std::rc::Rc;
use std::sync::OnceLock;
use testkit::Memory;

thread_local! {
    static DESK: auth::decide::Desk = desk();
    static HANDING: Rc<auth::Auth> = handing();
    static OTHERS: Rc<auth::Auth> = course::filter(&json!({
        "introspection": {"service": {"cluster": "idp", "timeout_ms": 100, "failure_mode": "deny"}, "host": "idp.test",
            "path": "/introspect", "client_id": "gw"},
        "mtls": {"trusted_xfcc": true, "callers": [{"name": "spiffe://acme/*"}]},
        "cache": {"max_tokens": 0},
        "policies": {"default": {}}, "default_policy": "default",
    }));
}

/// A filter whose policies let pass in every way that there is.
fn handing() -> Rc<auth::Auth> {
    let rule = |policy: &str| json!({"match": {"header": {"x-policy": policy}}, "policy": policy});
    course::filter(&json!({
        "api_keys": {"headers": ["x-api-key", "x-other-key"], "keys": [{"digests": [auth::keys::hash("the key", None)], "consumer": "alice"}]},
        "introspection": {"service": {"cluster": "idp", "timeout_ms": 100, "failure_mode": "allow"}, "host": "idp.test",
            "path": "/introspect", "client_id": "gw", "identity": {"headers": [{"claim": ["a"], "header": "x-claim"}]}},
        "headers": {"consumer": "x-consumer-id", "tenant": "x-tenant"},
        "policies": {"default": {}, "shadow": {"mode": "shadow", "require": {"scopes": ["a"]}}, "guest": {"anonymous": {}}},
        "default_policy": "default", "rules": [rule("off"), rule("shadow"), rule("guest")],
    }))
}

fn other(header: (&str, &str), answer: &Answer) -> u16 {
    let host = Memory { now: 1_790_000_000_000_000_000, ..Memory::default() };
    OTHERS.with(|auth| course::exchange(auth, host, &[header], answer).status)
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

    #[test]
    fn any_answer_about_a_token_is_refused_or_unavailable(body in prop::collection::vec(any::<u8>(), 0..200), status in any::<u16>()) {
        let answer = Answer::Http { status, body };
        prop_assert_eq!(other(("authorization", "Bearer opaque"), &answer), 503);
    }

    #[test]
    fn almost_active_is_not_active(active in "(true|false|null|1|\"true\"|\\[true\\])", member in "(active|Active|\\\\u0061ctive)", more in "(,\"active\":true)?", sub in "(\"a\"|1|null|\"\")") {
        let text = format!("{{\"{member}\":{active}{more},\"sub\":{sub}}}");
        let status = other(("authorization", "Bearer opaque"), &Answer::Http { status: 200, body: text.clone().into_bytes() });
        // A member twice is no answer at all, in whatever spelling.
        let once = more.is_empty() || member == "Active";
        let said = if more.is_empty() { active == "true" && member != "Active" } else { once };
        let named = matches!(sub.as_str(), "\"a\"" | "1");
        prop_assert_eq!(status == 200, once && said && named, "{} {}", status, text);
    }

    #[test]
    fn nobody_names_himself(
        names in prop::collection::vec("x[-_](consumer[-_]id|tenant|claim)", 1..6),
        credential in "(x-api-key|x-other-key|authorization) (the key|Bearer the key|Bearer opaque|nothing|)",
        policy in "(off|shadow|guest|default)",
        answer in "(|\\{\"active\":true,\"sub\":\"bob\"\\}|\\{\"active\":false\\})",
    ) {
        let (place, credential) = credential.split_once(' ').unwrap();
        let mut headers = vec![(place, credential), ("x-policy", policy.as_str())];
        headers.extend(names.iter().map(|name| (name.as_str(), "root")));
        let host = Memory { now: 1_790_000_000_000_000_000, ..Memory::default() };
        let answer = Answer::Http { status: 200, body: answer.into_bytes() };
        let (outcome, host) = HANDING.with(|auth| course::exchange_on(auth, host, &headers, &answer));
        let arrived = |name: &str| host.heads[0].iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_slice()).collect::<Vec<_>>();
        for name in &names {
            let own = name == "x-consumer-id" && outcome.consumer.is_some();
            let expected = outcome.consumer.as_ref().filter(|_| own).map(|consumer| consumer.as_bytes());
            prop_assert!(outcome.status != 200 || arrived(name) == expected.into_iter().collect::<Vec<_>>(), "{}", name);
        }
        // What was taken for a credential, or what nobody could be asked about, goes no further.
        let open = outcome.consumer.is_some() || (policy == "default" && outcome.calls > 0);
        prop_assert!(outcome.status != 200 || !open || arrived(place).is_empty() || credential.is_empty());
    }

    #[test]
    fn any_certificate_header_names_nobody_or_a_caller(text in "((URI|Hash|Subject|DNS)=\"?(spiffe://(acme|evil)/x|[\\PC]{0,9})\"?[;,]?){0,4}") {
        let status = other(("x-forwarded-client-cert", &text), &Answer::Failed(None));
        prop_assert!(status == 401 || text.contains("spiffe://acme/"), "{} {}", status, text);
    }
}
