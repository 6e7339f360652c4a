//! `cache-control` of requests and responses (RFC 9111, section 5.2), as far as a cache of answers can honour it.

use plugin::Headers;

/// What a `cache-control` field says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Directives {
    /// Nothing of it may be stored.
    pub no_store: bool,
    /// No stored answer without asking anew.
    pub no_cache: bool,
    /// Only for the one who asked.
    pub private: bool,
    /// A stored answer or none.
    pub only_if_cached: bool,
    /// The greatest age in seconds; of a response `s-maxage` before `max-age`.
    pub max_age_secs: Option<u64>,
}

/// Which answers a caller takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fresh {
    /// One that is at most this old, in seconds; any where there is none.
    Stored(Option<u64>),
    /// One that is made now.
    Anew,
}

impl Directives {
    /// Reads all fields of a message. A directive that is not understood counts for nothing; a `max-age` that is no number
    /// counts as 0, as RFC 9111 section 4.2.1 suggests.
    pub fn of(headers: &Headers) -> Self {
        let mut all = Self::default();
        let mut shared = None;
        for field in headers.get_all("cache-control") {
            for directive in String::from_utf8_lossy(field).split(',') {
                let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
                let seconds = || value.trim().trim_matches('"').parse().unwrap_or(0);
                match name.trim().to_ascii_lowercase().as_str() {
                    "no-store" => all.no_store = true,
                    "no-cache" => all.no_cache = true,
                    "private" => all.private = true,
                    "only-if-cached" => all.only_if_cached = true,
                    "max-age" => all.max_age_secs = Some(all.max_age_secs.unwrap_or(u64::MAX).min(seconds())),
                    "s-maxage" => shared = Some(seconds()),
                    _ => {}
                }
            }
        }
        Self { max_age_secs: shared.or(all.max_age_secs), ..all }
    }

    /// Which answers the caller takes.
    pub fn fresh(&self) -> Fresh {
        match self.max_age_secs {
            _ if self.no_cache => Fresh::Anew,
            Some(0) => Fresh::Anew,
            other => Fresh::Stored(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Directives {
        Directives::of(&values.iter().map(|value| ("cache-control", *value)).collect())
    }

    #[test]
    fn directives_are_read_in_any_case_and_from_all_fields() {
        let all = of(&["No-Store, max-age=60", " no-cache=\"x\" ,private"]);
        assert!(all.no_store && all.no_cache && all.private && all.max_age_secs == Some(60));
        assert_eq!(of(&["max-age=60, s-maxage=\"5\""]).max_age_secs, Some(5));
        assert_eq!(of(&["max-age=soon"]).fresh(), Fresh::Anew);
        assert_eq!(of(&["max-age=9", "max-age=3"]).fresh(), Fresh::Stored(Some(3)));
        assert_eq!(of(&["", "max-stale", "xno-store"]), Directives::default());
    }
}
