//! Configurations that are refused: attack 31, and what an operator would not want to find out in production.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod mint;

use mint::{base64url, mint};
use serde_json::{Value, json};

const BESIDE_TOKENS: &str =
    "is read already, with `Bearer` before the key; for keys without it say `tokens.authorization: false`";

fn config() -> Value {
    json!({
        "providers": {"main": {"issuers": ["https://issuer.test"], "audiences": ["models"],
            "algorithms": ["RS256", "ES256", "HS256"], "keys": {"inline": mint().jwks_of(&[("RS256", "k1"), ("ES256", "e1")])}}},
        "policies": {"default": {}}, "default_policy": "default",
    })
}

/// The faults of a configuration with one part replaced.
fn faults(pointer: &str, value: Value) -> String {
    let mut config = config();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    config.pointer_mut(parent).unwrap()[name] = value;
    match auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None) {
        Ok(_) => "accepted".to_owned(),
        Err(faults) => faults.to_string(),
    }
}

fn keys(keys: Value) -> String {
    faults("/providers/main/keys", json!({"inline": {"keys": keys}}))
}

#[test]
fn keys_that_are_dangerous() {
    let rsa = mint().jwk("RS256", "k1");
    let n = |bytes: usize, e: &str| json!([{"kty": "RSA", "alg": "RS256", "n": base64url(vec![0xfd; bytes]), "e": e}]);
    let secret = |bytes: usize| json!({"kty": "oct", "alg": "HS256", "k": base64url(vec![7; bytes])});
    let mut private = rsa.clone();
    private["d"] = base64url([1; 256]).into();
    let mut off_curve = mint().jwk("ES256", "e1");
    off_curve["y"] = base64url([1; 32]).into();
    for (what, set, word) in [
        ("a secret of 31 bytes", json!([secret(31)]), "shorter than the hash"),
        ("RSA with 1024 bits", n(128, "AQAB"), "2048"),
        ("RSA with 8192 bits", n(1024, "AQAB"), "2048"),
        ("the exponent 1", n(256, "AQ"), "65537"),
        ("the exponent 3", n(256, "Aw"), "65537"),
        ("a private key", json!([private]), "private"),
        ("a point off the curve", json!([off_curve]), "no point"),
        ("a kid for two keys", json!([rsa, mint().jwk("other", "k1")]), "two keys"),
        ("a use that is a list", json!([{"kty": "RSA", "use": ["enc"], "n": rsa["n"], "e": "AQAB"}]), "no string"),
        ("a secret beside a public key", json!([rsa, secret(32)]), "in one set"),
        ("no key", json!([]), "no key"),
        (
            "a key to encrypt with",
            json!([{"kty": "RSA", "use": "enc", "n": rsa["n"], "e": "AQAB"}]),
            "not for signatures",
        ),
        ("an algorithm that is not listed", json!([mint().jwk("EdDSA", "d1")]), "not in `algorithms`"),
        (
            "an algorithm of another kind",
            json!([{"kty": "RSA", "alg": "ES256", "n": rsa["n"], "e": "AQAB"}]),
            "not of its kind",
        ),
        (
            "padding",
            json!([{"kty": "RSA", "alg": "RS256", "n": format!("{}=", rsa["n"].as_str().unwrap()), "e": "AQAB"}]),
            "base64url",
        ),
    ] {
        let said = keys(set);
        assert!(said.contains("providers.main.keys.inline") && said.contains(word), "{what}: {said}");
    }
    for (set, key) in [(json!([rsa, off_curve]), "keys[1]"), (json!([mint().jwk("EdDSA", "d1")]), "keys[0]")] {
        assert!(keys(set).starts_with(&format!("providers.main.keys.inline.{key}: ")), "{key}");
    }
    assert_eq!(keys(json!([secret(32)])), "accepted");
    assert_eq!(keys(json!([rsa])), "accepted");
    assert_eq!(keys(json!([rsa, rsa])), "accepted", "one key twice is one key");
}

/// What an issuer publishes beside the keys of its tokens (RFC 7517 section 5) may be copied with them.
#[test]
fn keys_for_something_else_are_left_out() {
    let rsa = mint().jwk("RS256", "k1");
    for foreign in [
        json!({"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "x", "n": rsa["n"], "e": "AQAB"}),
        json!({"kty": "RSA", "key_ops": ["wrapKey"], "kid": "x", "n": rsa["n"], "e": "AQAB"}),
        json!({"kty": "RSA", "key_ops": "verify", "kid": "x", "n": rsa["n"], "e": "AQAB"}),
        json!({"kty": "RSA", "alg": "RSA-OAEP", "kid": "x", "n": base64url([0xfd; 128]), "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-521", "alg": "ES512", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
        mint().jwk("EdDSA", "d1"),
    ] {
        assert_eq!(keys(json!([foreign, rsa])), "accepted", "{foreign}");
    }
    let mut with_nulls = rsa;
    with_nulls["use"] = Value::Null;
    with_nulls["key_ops"] = Value::Null;
    assert_eq!(keys(json!([with_nulls])), "accepted");
}

#[test]
fn what_would_let_in_too_much_or_nobody() {
    let key = |more: Value| {
        let mut key = json!({"digests": [auth::keys::hash("a", None)], "consumer": "a"});
        for (name, value) in more.as_object().unwrap() {
            key[name] = value.clone();
        }
        json!({"keys": [key]})
    };
    for (pointer, value, word) in [
        ("/providers/main/issuers", json!([]), "issuers"),
        ("/providers/main/algorithms", json!([]), "algorithms"),
        ("/providers/main/algorithms", json!(["none"]), "algorithms"),
        ("/providers/main/algorithms", json!(["ES256K"]), "algorithms"),
        ("/providers/main/algorithms", json!(["ML-DSA-44"]), "algorithms"),
        ("/providers/main/algorithms", json!(["RS256", "ES256", "RS256"]), "twice"),
        ("/providers/main/keys", json!({"remote": {"cluster": "keys", "host": "h", "path": "/k"}}), "need `inline`"),
        ("/providers/other", config()["providers"]["main"].clone(), "of another provider"),
        ("/realm", json!("a\"b"), "realm"),
        ("/headers", json!({"consumer": "authorization"}), "headers.consumer"),
        ("/headers", json!({"consumer": "a b"}), "headers.consumer"),
        ("/api_keys", json!({"keys": [{"digests": ["mgk-a"], "consumer": "a"}]}), "never the key itself"),
        ("/api_keys", key(json!({"digests": []})), "digests"),
        ("/api_keys", key(json!({"digests": ["hmac-sha256:00"]})), "no `pepper`"),
        ("/api_keys", key(json!({"cidrs": ["10.0.0.1/8"]})), "cidrs[0]"),
        ("/api_keys", key(json!({"expires_at": "tomorrow"})), "expires_at"),
        (
            "/api_keys",
            key(json!({"not_before": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"})),
            "keys[0].expires_at: is not after",
        ),
        ("/api_keys", json!({"pepper": "p".repeat(16), "pepper_env": "P", "keys": []}), "api_keys.pepper_env: stands"),
        ("/api_keys", key(json!({"models": ["!a"]})), "models"),
        ("/api_keys", json!({"pepper_env": "NOT_SET", "keys": []}), "pepper_env"),
        ("/mtls", json!({"callers": []}), "mtls.callers"),
        ("/policies/default", json!({"providers": ["nobody"]}), "policies.default.providers[0]"),
        ("/policies/default", json!({"sources": {"allow": ["a"]}}), "policies.default.sources.allow[0]"),
        ("/policies/default", json!({"requires": {}}), "requires"),
        ("/rules", json!([{"match": {"consumer": "a"}, "policy": "default"}]), "before it knows the caller"),
        ("/rules", json!([{"match": {"model": "a"}, "policy": "default"}]), "before it knows the caller"),
        ("/default_policy", json!("defualt"), "default_policy"),
        (
            "/policies/default",
            json!({"accept": ["jwt"], "anonymous": {"consumer": "guest"}}),
            "policies.default.accept",
        ),
        ("/policies/default", json!({"accept": ["anonymous"]}), "policies.default.accept"),
        ("/policies/default", json!({"anonymous": {"tier": "gold\n"}}), "policies.default.anonymous.tier"),
        ("/mtls", json!({"callers": [{"name": "a", "tenant": " acme"}]}), "mtls.callers[0].tenant"),
        ("/mtls", json!({"name": "digest", "callers": [{"name": "AB:CD"}]}), "mtls.callers[0].name: is no digest"),
        ("/policies/default", json!({"accept": ["mtls", "api_key"]}), "policies.default.accept: lists no way"),
        ("/policies/default", json!({"accept": []}), "policies.default.accept: lists no way"),
        ("/bodies", json!({"max_body_bytes": 0}), "bodies.max_body_bytes: must be above 0"),
        (
            "/providers/main/keys",
            json!({"remote": {"cluster": "c", "host": "h", "path": "/p", "timeout_ms": 0}}),
            "providers.main.keys.remote.timeout_ms: is 0",
        ),
        (
            "/introspection",
            json!({"service": {"cluster": "c", "timeout_ms": 0, "failure_mode": "deny"}, "host": "h", "path": "/p", "client_id": "c"}),
            "introspection.service.timeout_ms: is 0",
        ),
        ("/providers/main/types", json!([""]), "providers.main.types: has an empty entry"),
        ("/providers/main/clock_skew_secs", json!(60_000), "clock_skew_secs: is over an hour"),
        ("/providers/main/max_lifetime_secs", json!(0), "max_lifetime_secs: is 0"),
        ("/providers/main/identity", json!({"default_tier": ""}), "default_tier"),
        ("/providers/main/identity", json!({"consumer_prefix": "a\nb"}), "consumer_prefix"),
        (
            "/tokens",
            json!({"headers": [{"name": "x-t", "prefix": "A "}, {"name": "X-T", "prefix": "B "}]}),
            "tokens.headers",
        ),
    ] {
        let said = faults(pointer, value.clone());
        assert!(said.contains(word), "{pointer} {value}: {said}");
    }
    let twice = json!({"keys": [key(json!({}))["keys"][0], key(json!({}))["keys"][0]]});
    assert!(faults("/api_keys", twice).contains("two callers cannot share a key"));
}

/// Names that no request can have, and headers with two uses.
#[test]
fn places_that_are_none() {
    let identity = |headers: &[&str]| {
        let headers: Vec<Value> = headers.iter().map(|name| json!({"claim": ["a"], "header": name})).collect();
        json!({"headers": headers})
    };
    let introspection = |more: Value| {
        let mut service = json!({"service": {"cluster": "idp", "timeout_ms": 9, "failure_mode": "deny"}, "host": "h",
            "path": "/p", "client_id": "c"});
        service.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        service
    };
    for name in ["", "x y", ":path", "x:y", "x\n", "é", "authorization", "Cookie", "Upgrade", "keep-alive"] {
        for (pointer, value, key) in [
            ("/tokens", json!({"headers": [{"name": "x-t"}, {"name": name}]}), "tokens.headers[1]"),
            ("/api_keys", json!({"headers": [name], "keys": []}), "api_keys.headers[0]"),
            ("/model_header", json!(name), "model_header"),
            ("/headers", json!({"tier": name}), "headers.tier"),
            ("/providers/main/payload_header", json!(name), "providers.main.payload_header"),
            ("/providers/main/identity", identity(&["x-a", name]), "providers.main.identity.headers[1].header"),
        ] {
            let said = faults(pointer, value);
            let is_name = !["", "x y", ":path", "x:y", "x\n", "é"].contains(&name);
            let wrong = match (name, pointer) {
                ("authorization", "/api_keys") => BESIDE_TOKENS,
                ("authorization", "/tokens") => {
                    "is what `tokens.authorization` is for, which is on unless it says `false`"
                }
                ("Cookie", "/tokens") => "is what `tokens.cookies` is for: name the cookie there",
                _ if is_name => "is a header that HTTP uses itself: take one of your own, such as x-consumer",
                _ => "is no name of a header, such as x-consumer",
            };
            assert_eq!(said, format!("{key}: {wrong}"), "{name:?}");
        }
    }
    for (pointer, value, key) in [
        ("/tokens", json!({"headers": [{"name": "x-t"}, {"name": "X_T"}]}), "tokens.headers[1]"),
        ("/api_keys", json!({"headers": ["x-k", "X-K"], "keys": []}), "api_keys.headers[1]"),
        ("/headers", json!({"consumer": "x-a", "method": "x_a"}), "headers.method"),
        ("/providers/main/identity", identity(&["x-a", "x-b", "x-a"]), "providers.main.identity.headers[2].header"),
    ] {
        let said = faults(pointer, value);
        assert_eq!(said, format!("{key}: names a header that this configuration uses for something else"));
    }
    for (pointer, value, said) in [
        ("/tokens", json!({"query": ["t", ""]}), "tokens.query[1]: is empty"),
        ("/tokens", json!({"query": ["t", "u", "t"]}), "tokens.query[2]: stands twice"),
        ("/tokens", json!({"cookies": ["a b"]}), "tokens.cookies[0]: is no name that a cookie can have"),
        ("/tokens", json!({"cookies": ["a;b"]}), "tokens.cookies[0]: is no name that a cookie can have"),
        ("/tokens", json!({"cookies": ["a", "a"]}), "tokens.cookies[1]: stands twice"),
        ("/api_keys", json!({"query": ["a", "a"], "keys": []}), "api_keys.query[1]: stands twice"),
    ] {
        assert_eq!(faults(pointer, value), said);
    }
    for prefix in ["", "a b", "a,"] {
        let said = faults("/tokens", json!({"subprotocols": [{"prefix": prefix}]}));
        assert!(said.starts_with("tokens.subprotocols[0].prefix: is no beginning"), "{said}");
    }
    assert_eq!(faults("/tokens", json!({"query": ["a", "a b"], "cookies": ["a"]})), "accepted");
    for (more, key) in [
        (json!({"host": "a b"}), "introspection.host"),
        (json!({"path": "/a b"}), "introspection.path"),
        (json!({"client_id": ""}), "introspection.client_id"),
        (json!({"client_secret": "s", "client_secret_env": "S"}), "introspection.client_secret_env"),
        (json!({"client_secret_env": "S"}), "introspection.client_secret_env"),
    ] {
        let said = faults("/introspection", introspection(more));
        assert!(said.starts_with(&format!("{key}: ")), "{said}");
    }
}

/// One header for two uses, in two parts of the configuration; and the same for two issuers, which is one use.
#[test]
fn a_header_has_one_use() {
    let said = |change: &dyn Fn(&mut Value)| {
        let mut config = config();
        config["api_keys"] = json!({"headers": ["x-key"], "keys": []});
        config["providers"]["main"]["identity"] = json!({"headers": [{"claim": ["a"], "header": "x-a"}]});
        config["providers"]["other"] = config["providers"]["main"].clone();
        config["providers"]["other"]["issuers"] = json!(["https://other.test"]);
        change(&mut config);
        auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None)
            .map_or_else(|faults| faults.to_string(), |_| "accepted".to_owned())
    };
    assert_eq!(said(&|_| {}), "accepted");
    for (key, change) in [
        ("headers.consumer", json!({"headers": {"consumer": "x-key"}})),
        ("model_header", json!({"model_header": "x-key"})),
        ("providers.other.identity.headers[0].header", json!({"tokens": {"headers": [{"name": "x-a"}]}})),
        ("providers.other.identity.headers[0].header", json!({"headers": {"tier": "x-a"}})),
        ("providers.main.identity.headers[0].header", json!({"model_header": "X_A"})),
    ] {
        let said = said(&|config| config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        assert!(said.contains(&format!("{key}: names a header")), "{key}: {said}");
    }
    let payload = said(&|config| config["providers"]["main"]["payload_header"] = "x-a".into());
    assert!(payload.contains("providers.main.identity.headers[0].header: names a header"), "{payload}");
    // Without a scheme, where no token is looked for.
    for name in ["authorization", "Authorization"] {
        let bare = |tokens: bool| {
            said(&|config| {
                config["tokens"]["authorization"] = tokens.into();
                config["api_keys"]["headers"] = json!([name]);
            })
        };
        assert_eq!(bare(false), "accepted");
        assert_eq!(bare(true), format!("api_keys.headers[0]: {BESIDE_TOKENS}"));
    }
}

#[test]
fn a_hundred_thousand_keys() {
    let keys: Vec<Value> = (0..100_000)
        .map(|number| json!({"digests": [auth::keys::hash(&format!("key-{number}"), None)], "consumer": format!("c-{number}")}))
        .collect();
    let config =
        json!({"api_keys": {"keys": keys}, "policies": {"default": {}}, "default_policy": "default"}).to_string();
    let begun = std::time::Instant::now();
    let desk = auth::decide::Desk::new(config.as_bytes(), &|_| None).unwrap();
    eprintln!("{} MB in {:?}", config.len() >> 20, begun.elapsed());
    let ask =
        |key: &str| desk.decide(&json!({"headers": {"X-Api-Key": key}, "now": 1_800_000_000}).to_string()).unwrap();
    assert_eq!(ask("key-99999").consumer.as_deref(), Some("c-99999"));
    assert_eq!(ask("key-100000").code.as_deref(), Some("invalid_api_key"));
}

/// What is wrong with a line is said without what stands in it.
#[test]
fn a_line_that_is_no_question() {
    let desk = auth::decide::Desk::new(config().to_string().as_bytes(), &|_| None).unwrap();
    for (line, said) in [
        (
            r#"{"headers": "Bearer a-secret, expected nothing", "now": 1}"#,
            "expected an object of header fields at line",
        ),
        (r#"{"headers": {}, "now": "a-secret"}"#, "expected u64 at line 1"),
        (r#"{"headers": {"authorization": ["a-secret", 7]}, "now": 1}"#, "the value of a header is a text, or a list"),
        (r#"{"headers": {}}"#, "missing field `now`"),
        (r#"{"headers": {}, "now": 1, "now": 2}"#, "duplicate field `now`"),
        (r#"{"headers": {}, "now": 1} a-secret"#, "trailing characters"),
    ] {
        let error = desk.decide(line).unwrap_err().to_string();
        assert!(error.contains(said) && !error.contains("a-secret"), "{error}");
    }
}

/// A line is a request as a client would send it, and what Envoy would tell of its connection.
#[test]
fn a_line_says_what_envoy_would() {
    let mut config = config();
    config["policies"]["inside"] = json!({"sources": {"allow": ["10.0.0.0/8"]}});
    config["rules"] = json!([{"match": {"host": "inside.example"}, "policy": "inside"}, {"match": {"route": "inner"}, "policy": "inside"}]);
    let desk = auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).unwrap();
    let bearer = format!("Bearer {}", mint().token("RS256", "k1", &mint::claims(json!({}))));
    let ask = |headers: Value, more: Value| {
        let mut line = json!({"headers": headers, "now": 1_790_000_000, "id": 7});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        desk.decide(&line.to_string()).unwrap().status
    };
    let [outside, inside] = [json!({"source": "192.0.2.1"}), json!({"source": "[::ffff:10.1.2.3]:567"})];
    let hosted = json!({"Host": "inside.example:443", "Authorization": bearer});
    assert_eq!([ask(hosted.clone(), outside.clone()), ask(hosted, inside)], [403, 200]);
    let plain = json!({"authorization": bearer});
    assert_eq!([ask(plain.clone(), outside), ask(plain, json!({"route": "inner"}))], [200, 403]);
    assert_eq!(ask(json!({"authorization": [bearer]}), json!({})), 200);
    assert_eq!(ask(json!({"authorization": [bearer, bearer]}), json!({})), 400);
    assert!(desk.decide(r#"{"headers": {"a": [1]}, "now": 1}"#).is_err());
    let twice =
        format!(r#"{{"headers": {{"authorization": "{bearer}", "authorization": "{bearer}"}}, "now": 1790000000}}"#);
    assert_eq!(desk.decide(&twice).unwrap().status, 400);
    // What is remembered of a token does not open it for a line of an earlier time.
    let later = mint().token("RS256", "k1", &mint::claims(json!({"nbf": 1_790_000_000})));
    let later = |now: u64| ask(json!({"authorization": format!("Bearer {later}")}), json!({"now": now}));
    assert_eq!([1_790_000_000, 1_789_999_900, 1_790_000_000].map(later), [200, 401, 200]);
}

/// Claims that are no name of one caller, and those that are nearly none.
#[test]
fn names_are_read_in_one_way() {
    let mut config = config();
    config["providers"]["main"]["identity"] = json!({"consumer": ["uid"], "tier": ["tier"], "default_tier": "free"});
    let desk = auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).unwrap();
    let ask = |change: Value| {
        let token = mint().token("RS256", "k1", &mint::claims(change));
        let line = json!({"headers": {"authorization": format!("Bearer {token}")}, "now": 1_790_000_000});
        desk.decide(&line.to_string()).unwrap().consumer
    };
    for uid in [json!("alice "), json!("\u{2003}alice"), json!(" "), json!(1e16), json!(null)] {
        assert_eq!(ask(json!({"uid": uid})), None, "{uid}");
    }
    for (uid, consumer) in [(json!("a lice"), "a lice"), (json!(u64::MAX), "18446744073709551615"), (json!(7), "7")] {
        assert_eq!(ask(json!({"uid": uid})).as_deref(), Some(consumer));
    }
    assert_eq!(ask(json!({"uid": "a", "tier": null})).as_deref(), Some("a"));
    assert_eq!(ask(json!({"uid": "a", "tier": {}})), None);
    let late = json!({"headers": {}, "now": 18_446_744_074_u64});
    assert!(desk.decide(&late.to_string()).unwrap_err().to_string().contains("`now`"));
}

/// A key that the token names is tried, however many there are that no token can name.
#[test]
fn a_named_key_is_found_behind_nameless_ones() {
    let mut keys: Vec<Value> = (0..9).map(|_| mint().jwk("other", "x")).collect();
    keys.iter_mut().for_each(|key| drop(key.as_object_mut().unwrap().remove("kid")));
    keys.push(mint().jwk("RS256", "k1"));
    let mut config = config();
    config["providers"]["main"]["keys"] = json!({"inline": {"keys": keys}});
    let desk = auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).unwrap();
    let token = mint().token("RS256", "k1", &mint::claims(json!({})));
    let line = json!({"headers": {"authorization": format!("Bearer {token}")}, "now": 1_790_000_000});
    assert_eq!(desk.decide(&line.to_string()).unwrap().status, 200);
}

/// What `modelgate verify` says of a body, where a model in it counts.
#[test]
fn a_body_in_a_line_is_judged() {
    let mut config = config();
    config["policies"] = json!({"default": {"models": ["gpt-4o"]}});
    let desk = auth::decide::Desk::new(config.to_string().as_bytes(), &|_| None).unwrap();
    let token = mint().token("RS256", "k1", &mint::claims(json!({})));
    let ask = |body: Value| {
        let line = json!({"headers": {"authorization": format!("Bearer {token}")}, "now": 1_790_000_000, "body": body});
        desk.decide(&line.to_string()).unwrap()
    };
    let allowed = ask(json!(r#"{"model":"gpt-4o"}"#));
    assert_eq!((allowed.status, allowed.consumer.as_deref()), (200, Some("alice")));
    assert_eq!(ask(json!(r#"{"model":"llama-3"}"#)).code.as_deref(), Some("model_not_allowed"));
    assert_eq!(ask(json!("no JSON")).status, 400);
    assert_eq!(ask(json!(null)).status, 200, "the head alone");
    // What no filter is shown.
    for (name, value, body, code) in [
        ("upgrade", "websocket", json!(null), "upgrade_refused"),
        ("content-encoding", "gzip", json!("x"), "unsupported_content_encoding"),
        ("content-length", "16777217", json!("{}"), "request_body_too_large"),
    ] {
        let headers = json!({"authorization": format!("Bearer {token}"), name: value});
        let line = json!({"headers": headers, "now": 1_790_000_000, "body": body}).to_string();
        assert_eq!(desk.decide(&line).unwrap().code.as_deref(), Some(code));
    }
}
