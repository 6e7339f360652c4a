//! Callers by client certificate: what Envoy verified of the connection, or, where the operator vouches for it, the header
//! `x-forwarded-client-cert` (XFCC) of a proxy in front.

use crate::caller::{Caller, More, check_names, is_name, permissions};
use crate::config::mtls::{CertificateName, Mtls};
use crate::config::policy::Method;
use crate::credential::cache::{Sha256, from_hex};
use plugin::{Cx, Facts};
use policy::{Faults, Glob};
use std::rc::Rc;

/// Callers by certificate.
#[derive(Debug)]
pub struct Certificates {
    name: CertificateName,
    trusted_xfcc: bool,
    callers: Vec<(Glob, Option<String>, Caller)>,
}

impl Certificates {
    /// Checks the configuration.
    ///
    /// # Errors
    /// No callers, or names that are none.
    pub fn new(raw: Mtls) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        if raw.callers.is_empty() {
            faults.push("callers", "is empty, so no certificate would open anything");
        }
        let mut callers = Vec::new();
        for (at, one) in raw.callers.into_iter().enumerate() {
            let mut part = Faults::new();
            let hex = |sign: char| sign.is_ascii_digit() || ('a'..='f').contains(&sign) || sign == '*';
            if one.name.is_empty() {
                part.push("name", "is empty");
            } else if raw.name == CertificateName::Digest && !one.name.chars().all(hex) {
                part.push("name", "is no digest as Envoy writes it: hexadecimal digits in lower case, without colons");
            }
            let (consumer, tenant, tier) = (one.consumer.as_ref(), one.tenant.as_ref(), one.tier.as_ref());
            check_names(&[("consumer", consumer), ("tenant", tenant), ("tier", tier)], &mut part);
            let mut caller = Caller::new(Method::Mtls, "");
            caller.models = part.gather("", permissions(one.models.as_ref(), "models")).flatten();
            faults.extend(&format!("callers[{at}]"), part);
            (caller.tenant, caller.tier) = (one.tenant.map(Rc::from), one.tier.map(Rc::from));
            caller.more = More { scopes: one.scopes, ..More::default() }.kept();
            callers.push((Glob::new(&one.name), one.consumer, caller));
        }
        faults.into_result()?;
        Ok(Self { name: raw.name, trusted_xfcc: raw.trusted_xfcc, callers })
    }

    /// The caller whose certificate was verified, if there is one and it is let in.
    pub fn find(&self, cx: &Cx<'_>) -> Option<Caller> {
        let name = self.read(cx, self.name);
        // CVE-2026-47778, CVE-2025-66220: a NUL in a name is where one reader stops and another goes on.
        let name = name.filter(|name| is_name(name))?;
        let (_, consumer, caller) = self.callers.iter().find(|(pattern, ..)| pattern.matches(&name))?;
        Some(Caller { consumer: consumer.as_ref().unwrap_or(&name).as_str().into(), ..caller.clone() })
    }

    /// The digest of the certificate that this connection shows, as everyone can read it there; of the nearest proxy's header where
    /// that is vouched for.
    pub fn digest(certificates: Option<&Self>, cx: &Cx<'_>) -> Option<Sha256> {
        let part = CertificateName::Digest;
        let hex = certificates.map_or_else(|| on_connection(cx, part), |certificates| certificates.read(cx, part));
        from_hex(&hex?)
    }

    fn read(&self, cx: &Cx<'_>, part: CertificateName) -> Option<String> {
        if self.trusted_xfcc { in_header(cx, part) } else { on_connection(cx, part) }
    }
}

fn on_connection(cx: &Cx<'_>, part: CertificateName) -> Option<String> {
    if cx.attribute(&["connection", "mtls"])? != [1] {
        return None;
    }
    let attribute = match part {
        CertificateName::Uri => "uri_san_peer_certificate",
        CertificateName::Dns => "dns_san_peer_certificate",
        CertificateName::Subject => "subject_peer_certificate",
        CertificateName::Digest => "sha256_peer_certificate_digest",
    };
    String::from_utf8(cx.attribute(&["connection", attribute])?).ok()
}

fn in_header(cx: &Cx<'_>, part: CertificateName) -> Option<String> {
    let key = match part {
        CertificateName::Uri => "uri",
        CertificateName::Dns => "dns",
        CertificateName::Subject => "subject",
        CertificateName::Digest => "hash",
    };
    let fields: Vec<&[u8]> = cx.request().headers.get_all("x-forwarded-client-cert").collect();
    last_element(std::str::from_utf8(fields.last()?).ok()?, key)
}

/// The first value of a key in the last element of an XFCC header, which is that of the nearest proxy. Elements are parted
/// by `,`, pairs by `;`, and values may stand in quotes with `\"` inside. Other backslashes are the value's own: they tell the one
/// name `CN=a\,O=b` from the two `CN=a,O=b` (RFC 4514 section 2.4). `None` for what is written otherwise.
pub fn last_element(header: &str, key: &str) -> Option<String> {
    let mut element: Vec<(String, String)> = Vec::new();
    let mut chars = header.chars().peekable();
    while chars.peek().is_some() {
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| !matches!(c, '=' | ';' | ',')) {
            name.push(c);
        }
        chars.next_if_eq(&'=')?;
        let mut value = String::new();
        if chars.next_if_eq(&'"').is_some() {
            loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => {
                        let next = chars.next()?;
                        if next != '"' {
                            value.push('\\');
                        }
                        value.push(next);
                    }
                    c => value.push(c),
                }
            }
        } else {
            while let Some(c) = chars.next_if(|c| !matches!(c, ';' | ',')) {
                value.push(c);
            }
        }
        element.push((name.trim().to_ascii_lowercase(), value));
        match chars.next() {
            Some(',') => element.clear(),
            Some(';') | None => {}
            Some(_) => return None,
        }
    }
    element.into_iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::last_element;

    #[test]
    fn the_last_element_counts() {
        let header = r#"By=spiffe://a/gw;Hash=00;URI=spiffe://a/evil,By=x;Hash=ff;Subject="CN=a,O=\"b;c\"";URI=spiffe://a/web;DNS=w.example"#;
        assert_eq!(last_element(header, "uri").as_deref(), Some("spiffe://a/web"));
        assert_eq!(last_element(header, "subject").as_deref(), Some(r#"CN=a,O="b;c""#));
        assert_eq!(last_element(header, "hash").as_deref(), Some("ff"));
        let escaped = r#"Subject="CN=a\,O=b,OU=c\\";URI=x"#;
        assert_eq!(last_element(escaped, "subject").as_deref(), Some(r"CN=a\,O=b,OU=c\\"));
        assert_eq!(last_element(escaped, "uri").as_deref(), Some("x"));
        // What a client put before it, in which a quote hides what the nearest proxy adds.
        let added = r#"By=x;Hash=00;Subject="";URI=spiffe://a/web"#;
        for sent in [r#"URI=evil;Subject=""#, r#"URI=evil;Subject="\"#, r#"URI=evil;Subject="\""#, r#"URI="evil"#] {
            assert_eq!(last_element(&format!("{sent},{added}"), "uri"), None, "{sent}");
        }
        for sent in ["URI=evil", r#"URI=evil;Subject="a,b;URI=c""#, r#"Subject="\\";URI=evil"#, "URI=evil;URI=e"] {
            assert_eq!(last_element(&format!("{sent},{added}"), "uri").as_deref(), Some("spiffe://a/web"), "{sent}");
        }
        assert_eq!(last_element("URI=a;URI=b;uri=c", "uri").as_deref(), Some("a"), "the first of a certificate's");
        for header in ["URI=a,", "URI=\"a", "URI", "URI=\"a\"b", "URI=a,Hash=0", ",URI=a"] {
            assert_eq!(last_element(header, "uri"), None, "{header}");
        }
    }
}
