//! Where a model is served: what `--upstream` says.

use http::Uri;
use http::uri::{PathAndQuery, Scheme};
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

/// A server that speaks the model APIs. Its name is the version under which the router knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// The version's name. `None` where the operator gave none.
    pub name: Option<String>,
    /// Whether it is reached over TLS.
    pub tls: bool,
    /// A DNS name or an IP address, without the brackets of IPv6.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What stands before `/v1/…` on this server: empty, or with a slash at its start and none at its end.
    pub prefix: String,
}

/// An `--upstream` that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// No `http://` or `https://` URL.
    #[error(
        "`{0}` is no http:// or https:// URL with a host; give URL or NAME=URL, such as v1=https://api.example.com/v1"
    )]
    Url(String),
    /// User and password in the URL.
    #[error("the URL has a user or password in it; leave it out, clients send their own authorization header")]
    Secret,
    /// A query or fragment in the URL.
    #[error("the URL has a query in it; only a path is kept")]
    Query,
    /// Not a name.
    #[error("`{0}` is no name of a version; use 1 to 63 letters, digits, `.`, `_` or `-`")]
    Name(String),
}

impl FromStr for Upstream {
    type Err = UpstreamError;

    /// `URL` or `NAME=URL`. A path that ends with `/v1` is a base URL as clients know it: requests carry the `/v1`
    /// themselves, so what stands before it is put before their paths.
    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        let (name, url) = match text.split_once('=') {
            Some((name, url)) if !name.contains("://") => (Some(name), url),
            _ => (None, text),
        };
        if url.contains('@') {
            return Err(UpstreamError::Secret);
        }
        if url.contains(['?', '#']) {
            return Err(UpstreamError::Query);
        }
        let bad = || UpstreamError::Url(url.to_owned());
        let uri = Uri::from_str(url).map_err(|_| bad())?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(bad()),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(bad)?;
        // `Uri` takes `host:` and `host:99999` for a host without a port.
        let has_port = uri.authority().is_some_and(|authority| authority.as_str() != host);
        let port = match uri.port_u16() {
            Some(port) if port != 0 => port,
            None if !has_port => {
                if tls {
                    443
                } else {
                    80
                }
            }
            _ => return Err(bad()),
        };
        let path = uri.path_and_query().map_or("/", PathAndQuery::path).trim_end_matches('/');
        Ok(Self {
            name: name.map(|name| checked(name).map(str::to_owned)).transpose()?,
            tls,
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            prefix: path.strip_suffix("/v1").unwrap_or(path).to_owned(),
        })
    }
}

fn checked(name: &str) -> Result<&str, UpstreamError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..64).contains(&name.len()) && name.chars().all(plain) {
        Ok(name)
    } else {
        Err(UpstreamError::Name(name.to_owned()))
    }
}

impl Upstream {
    /// A server on this machine or network, without TLS and at the root.
    pub fn at(name: &str, address: std::net::SocketAddr) -> Self {
        Self {
            name: Some(name.to_owned()),
            tls: false,
            host: address.ip().to_string(),
            port: address.port(),
            prefix: String::new(),
        }
    }

    /// What stands in the `host` header of a request to it.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// Whether it accepts connections.
    ///
    /// # Errors
    /// Why the last of its addresses did not.
    pub fn connect(&self, within: Duration) -> io::Result<()> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, within) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Upstream {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_says_all() {
        let upstream = parsed("https://api.example.com/api/v1/");
        assert_eq!((upstream.name.as_deref(), upstream.tls, upstream.port), (None, true, 443));
        assert_eq!((upstream.authority().as_str(), upstream.prefix.as_str()), ("api.example.com", "/api"));
        assert_eq!(parsed("http://h:8000/v1").prefix, "");
        assert_eq!(parsed("http://h:8000/openai").prefix, "/openai");
        assert_eq!(parsed("next=http://[::1]:8000").authority(), "[::1]:8000");
        assert_eq!(parsed("next=http://[::1]:8000").host, "::1");
        assert_eq!(parsed("a=http://h/x=y").name.as_deref(), Some("a"));
        assert_eq!(parsed("http://h/x=y").name, None);
    }

    #[test]
    fn what_is_no_upstream_is_refused() {
        for text in ["", "host", "host:80", "ftp://h", "http://", "http://h:0", "http://h:99999", "http://h:", "v1="] {
            assert!(matches!(text.parse::<Upstream>(), Err(UpstreamError::Url(_))), "{text}");
        }
        assert_eq!("http://u:p@h".parse::<Upstream>(), Err(UpstreamError::Secret));
        assert_eq!("http://h?k=v".parse::<Upstream>(), Err(UpstreamError::Query));
        for text in ["=http://h", "a b=http://h", "a/b=http://h"] {
            assert!(matches!(text.parse::<Upstream>(), Err(UpstreamError::Name(_))), "{text}");
        }
    }
}
