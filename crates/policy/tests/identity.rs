//! Reading an identity, and what may not be trusted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::HashMap;

use policy::{Facts, Identity, IdentityConfig, IdentitySource, ModelPermissions};

/// Attributes by their path joined with `/`, headers by `h:` and their name.
struct Known(HashMap<String, Vec<u8>>);

impl Known {
    fn of(facts: &[(&str, &[u8])]) -> Self {
        Self(facts.iter().map(|(key, value)| ((*key).to_owned(), value.to_vec())).collect())
    }
}

impl Facts for Known {
    fn attribute(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.0.get(&path.join("/")).cloned()
    }

    fn header(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(&format!("h:{name}")).cloned()
    }
}

fn source(json: &str) -> Result<IdentitySource, String> {
    let config: IdentityConfig = policy::load(json.as_bytes()).map_err(|faults| faults.to_string())?;
    IdentitySource::new(&config).map_err(|faults| faults.to_string())
}

#[test]
fn filter_state_is_the_default() {
    let facts = Known::of(&[
        ("modelgate.consumer", b"alice"),
        ("modelgate.tenant", b"acme"),
        ("modelgate.tier", b"gold"),
        ("modelgate.models", b"gpt-4*,!gpt-4-32k"),
    ]);
    let identity = IdentitySource::new(&IdentityConfig::default()).unwrap().read(&facts);
    assert_eq!(source(r#""filter_state""#).unwrap().read(&facts), identity);
    let models = ModelPermissions::parse("gpt-4*,!gpt-4-32k").unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(identity, Identity { consumer: text("alice"), tenant: text("acme"), tier: text("gold"), models });
}

#[test]
fn metadata_attributes_and_headers_are_read_where_they_are() {
    let cases: [(&str, &str); 3] = [
        (
            r#"{"metadata": {"namespace": "envoy.filters.http.jwt_authn", "consumer": ["payload", "sub"]}}"#,
            "metadata/filter_metadata/envoy.filters.http.jwt_authn/payload/sub",
        ),
        (
            r#"{"attribute": {"consumer": ["connection", "uri_san_peer_certificate"]}}"#,
            "connection/uri_san_peer_certificate",
        ),
        (r#"{"header": {"consumer": "X-User", "trusted_header": true}}"#, "h:x-user"),
    ];
    for (config, place) in cases {
        let identity = source(config).unwrap().read(&Known::of(&[(place, b"alice"), ("modelgate.tier", b"gold")]));
        assert_eq!(identity.consumer.as_deref(), Some("alice"), "{config}");
        assert_eq!((identity.tenant, identity.tier), (None, None));
        assert_eq!(identity.models, ModelPermissions::unrestricted());
    }
}

#[test]
fn what_is_no_name_is_absent() {
    let number = 42.0_f64.to_le_bytes();
    for bytes in [&b""[..], b"\xff", b"a\nb", b"a\0", &number] {
        let identity = source(r#""filter_state""#).unwrap().read(&Known::of(&[("modelgate.consumer", bytes)]));
        assert_eq!(identity.consumer, None, "{bytes:?}");
    }
}

#[test]
fn models_that_cannot_be_read_allow_nothing() {
    let list = [&[2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0][..], b"gpt\0\0!g\0\0"].concat();
    let read =
        |bytes: &[u8]| source(r#""filter_state""#).unwrap().read(&Known::of(&[("modelgate.models", bytes)])).models;
    for bytes in [&b""[..], b"\xff", b"a,,b", b"!a", b"gpt\0"] {
        assert_eq!(read(bytes), ModelPermissions::nothing(), "{bytes:?}");
    }
    assert_eq!(read(&list), ModelPermissions::parse("gpt,!g").unwrap());
    assert_eq!(read(&list[..list.len() - 1]), ModelPermissions::nothing());
}

#[test]
fn untrusted_places_are_faults() {
    assert_eq!(
        source(r#"{"header": {"consumer": "x-user", "tier": "Authorization", "tenant": "x y"}}"#).unwrap_err(),
        "header.trusted_header: must be true: a caller can send this header and be anyone, unless something in front \
         of this filter always sets or removes it; say so only if that is the case\n\
         header.tenant: is no header name\n\
         header.tier: this header holds a credential, not a name; `auth` checks those"
    );
    let attribute = source(
        r#"{"attribute": {"consumer": ["request", "headers", "x-user"], "tier": ["connection", "requested_server_name"], "tenant": []}}"#,
    );
    let caller = "this attribute is whatever the caller sends; if something in front of this filter sets it, use \
                  `header` with `trusted_header: true`";
    assert_eq!(
        attribute.unwrap_err(),
        format!(
            "attribute.consumer: {caller}\n\
             attribute.tenant: is an empty path or has an empty part\n\
             attribute.tier: {caller}"
        )
    );
    assert_eq!(
        source(r#"{"header": {}, "metadata": {}}"#).unwrap_err(),
        "configuration: expected exactly one of `filter_state`, `metadata`, `attribute`, `header`"
    );
    assert_eq!(
        source(r#"{"metadata": {"namspace": "n"}}"#).unwrap_err(),
        "metadata.namespace: is missing\nmetadata.namspace: unknown key; did you mean `namespace`?"
    );
}
