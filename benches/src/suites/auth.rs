//! What it costs to know the caller: tokens beside Envoy's own `jwt_authn`, and API keys.

use crate::request::Request;
use crate::suite::{Case, Chain, Noop, Suite, Work};
use jwt_simple::prelude::{Claims, Duration, RS256KeyPair, RSAKeyPairLike};
use serde_json::{Value, json};
use std::sync::OnceLock;
use testkit::Link;

/// Tokens that are sent by turns, and all remembered.
const WARM: usize = 200;

/// Tokens that are sent by turns through caches of [`FEW`], so that each comes as if for the first time.
const NEW: usize = 2_000;
const FEW: usize = 100;

/// API keys of a large configuration.
const KEYS: usize = 100_000;

/// The suite.
pub fn suite() -> Suite {
    let cases = vec![
        tokens("RS256, remembered", WARM, 10_000),
        tokens("RS256, all new", NEW, FEW),
        Case {
            name: "API key".into(),
            request: Request::chat("demo-small", 1 << 10).header("authorization", &format!("Bearer {}", key(KEYS - 1))),
            noop: Noop::HoldsRequest,
            chains: vec![
                Chain::new("1 key", [Link::filter("auth", keys(1))]),
                Chain::new("100000 keys", [Link::filter("auth", keys(KEYS))]),
            ],
        },
    ];
    Suite { name: "auth", about: "callers, beside Envoy's jwt_authn", work: Work::Requests(cases) }
}

fn tokens(name: &str, count: usize, cache: usize) -> Case {
    let values = made().tokens.iter().take(count).map(|token| format!("Bearer {token}")).collect();
    Case {
        name: name.into(),
        request: Request::chat("demo-small", 1 << 10).turns("authorization", values),
        noop: Noop::HoldsRequest,
        chains: vec![
            Chain::new("jwt_authn", [jwt_authn(None)]),
            Chain::new("jwt_authn, cache", [jwt_authn(Some(cache))]),
            Chain::new("auth", [Link::filter("auth", config(cache))]),
        ],
    }
}

/// A key pair and its tokens, made once.
struct Made {
    jwks: Value,
    tokens: Vec<String>,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let Ok(pair) = RS256KeyPair::generate(2048).map(|pair| pair.with_key_id("k1")) else {
            return Made { jwks: json!({}), tokens: Vec::new() };
        };
        let token = |number: usize| {
            let claims = Claims::with_custom_claims(json!({"scope": "chat embed"}), Duration::from_days(1));
            let claims = claims.with_issuer("https://issuer.test").with_audience("models");
            pair.sign(claims.with_subject(format!("consumer-{number}"))).unwrap_or_default()
        };
        let jwk: Value = serde_json::from_str(&pair.public_key().with_key_id("k1").to_jwk()).unwrap_or_default();
        Made { jwks: json!({"keys": [jwk]}), tokens: (0..NEW).map(token).collect() }
    })
}

fn jwt_authn(cache: Option<usize>) -> Link {
    let mut provider = json!({
        "issuer": "https://issuer.test",
        "audiences": ["models"],
        "local_jwks": {"inline_string": made().jwks.to_string()},
        "claim_to_headers": [{"header_name": "x-consumer-id", "claim_name": "sub"}],
    });
    if let Some(size) = cache {
        provider["jwt_cache_config"] = json!({"jwt_cache_size": size});
    }
    Link::Native(json!({"name": "jwt", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": {"main": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "main"}}],
    }}))
}

/// A configuration of one issuer that remembers so many tokens.
pub fn config(cache: usize) -> Value {
    json!({
        "providers": {"main": {
            "issuers": ["https://issuer.test"],
            "audiences": ["models"],
            "algorithms": ["RS256"],
            "keys": {"inline": made().jwks},
        }},
        "cache": {"max_tokens": cache},
        "headers": {"consumer": "x-consumer-id"},
        "policies": {"default": {}},
        "default_policy": "default",
    })
}

fn key(number: usize) -> String {
    format!("mgk-{number:032}")
}

fn keys(count: usize) -> Value {
    let keys: Vec<Value> = (KEYS - count..KEYS)
        .map(|number| {
            json!({"digests": [auth::keys::hash(&key(number), None)], "consumer": format!("consumer-{number}"),
                "tenant": format!("tenant-{}", number % 100), "tier": "gold"})
        })
        .collect();
    json!({"api_keys": {"keys": keys}, "policies": {"default": {}}, "default_policy": "default"})
}
