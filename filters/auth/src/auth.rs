//! The configured filter: the configuration checked as a whole and compiled, and its background work.

use crate::caller::{Caller, Needs, Owned};
use crate::config::policy::Method;
use crate::config::{Config, IdentityHeaders};
use crate::credential::Places;
use crate::credential::cache::Cache;
use crate::credential::certificate::Certificates;
use crate::credential::introspection::Introspection;
use crate::event::Asked;
use crate::exchange::Course;
use crate::jwt::board::Shared;
use crate::jwt::jwks::{Fetched, Remote, Why, Wish};
use crate::jwt::provider::{Provider, Source};
use crate::jwt::remembered::Remembered;
use crate::jwt::token::{Headers, Reason};
use crate::keys::KeyTable;
use crate::rules::Rules;
use plugin::{Answer, Background, Faults, Plugin, RootCx, Settings, Tag};
use policy::{Field, OffFromRoute, Policies, PolicySet, filter_state};
use std::cell::Cell;
use std::rc::Rc;

/// The configured filter.
#[derive(Debug)]
pub struct Auth {
    settings: Settings,
    pub(crate) realm: String,
    pub(crate) places: Places,
    pub(crate) provider_names: Vec<String>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) keys: Option<KeyTable>,
    pub(crate) introspection: Option<Introspection>,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) headers: IdentityHeaders,
    pub(crate) model_header: Option<String>,
    pub(crate) owned: Owned,
    pub(crate) policies: PolicySet<Rc<Rules>>,
    /// Whether some rule looks at the path, and whether some looks at the route.
    pub(crate) looks_at: LooksAt,
    /// Headers of tokens of providers that were verified.
    pub(crate) token_headers: Headers,
    /// Tokens of providers that were verified.
    pub(crate) verified: Remembered<Verified>,
    /// The longest time that one is remembered, in seconds.
    pub(crate) max_age: i64,
    /// What the introspection service said.
    pub(crate) introspected: Cache<Result<Caller, Reason>>,
    /// Exchanges that wait for keys.
    pub(crate) waiting: Rc<Cell<usize>>,
}

/// What rules look at, besides headers and the host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LooksAt {
    pub path: bool,
    pub route: bool,
}

/// A token that was verified: by which provider's keys, which of their generations, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Verified {
    pub provider: usize,
    pub generation: u32,
    pub caller: Caller,
}

impl Plugin for Auth {
    const NAME: &'static str = "auth";
    type Exchange = Course;

    fn configure(raw: &[u8]) -> Result<Self, Faults> {
        Self::compile(policy::load(raw)?, &|name| std::env::var(name).ok())
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn open(self: &Rc<Self>) -> Course {
        Course::new(self.clone())
    }

    fn on_tick(&self, cx: &mut RootCx<'_>) -> Background {
        let mut background = Background::default();
        for (_, remote) in self.remotes() {
            background.wake |= remote.sync(cx);
            if let Wish::Fetch(call) = remote.wish(cx, Why::Due) {
                background.calls.push(call);
            }
        }
        background
    }

    fn on_background_answer(&self, cx: &mut RootCx<'_>, tag: Tag, answer: Answer) -> Background {
        let number = usize::try_from(tag / 2).unwrap_or(usize::MAX);
        let Some((number, remote)) = self.remotes().find(|(at, _)| *at == number) else { return Background::default() };
        let random = cx.random();
        let dependency = self.provider_names.get(number).map(String::as_str).unwrap_or_default();
        let (outcome, good, skipped) = match remote.answered(cx, tag, answer, random) {
            Fetched::Next(call) => return Background { calls: vec![call], wake: false },
            Fetched::Set(_, skipped) => ("the key set was fetched", true, skipped),
            Fetched::Failed(reason) => (reason, false, 0),
        };
        cx.emit(&Asked { dependency, outcome, good, skipped });
        Background { calls: Vec::new(), wake: true }
    }
}

impl Auth {
    fn remotes(&self) -> impl Iterator<Item = (usize, &Remote)> {
        self.providers.iter().enumerate().filter_map(|(at, provider)| match &provider.keys {
            Source::Remote(remote) => Some((at, &**remote)),
            Source::Inline(_) => None,
        })
    }

    /// Checks and compiles a configuration. `environment` reads a variable.
    ///
    /// # Errors
    /// All faults at once.
    pub fn compile(config: Config, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let mut owned = Owned::default();
        let mut state = [filter_state::CONSUMER, filter_state::TENANT, filter_state::TIER, filter_state::MODELS]
            .map(str::to_owned)
            .to_vec();
        let needs = needs(&config);
        let ways = ways(&config);
        let realm_fits = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\') || c == ' ';
        if config.realm.is_empty() || !config.realm.chars().all(realm_fits) {
            faults.push("realm", "is empty, or has a quote, a backslash or another sign than printable ASCII in it");
        }
        let takes_tokens = !config.providers.is_empty() || config.introspection.is_some();
        let places = Places::new(&config.tokens, config.api_keys.as_ref(), takes_tokens, &mut owned);
        let places = faults.gather("", places);
        let model_header = config.model_header.and_then(|name| faults.gather("model_header", owned.take(&name)));
        let headers = identity_headers(config.headers, &mut owned, &mut faults);
        let (provider_names, providers) = providers(config.providers, &needs, &mut owned, &mut state, &mut faults);
        let keys = config.api_keys.and_then(|mut raw| {
            let pepper = secret("pepper", raw.pepper.take(), raw.pepper_env.as_deref(), environment);
            let pepper = faults.gather("api_keys", pepper).flatten();
            faults.gather("api_keys", KeyTable::new(raw, pepper))
        });
        let introspection = config.introspection.and_then(|mut raw| {
            owned.next_source();
            let secret =
                secret("client_secret", raw.client_secret.take(), raw.client_secret_env.as_deref(), environment);
            let secret = faults.gather("introspection", secret).flatten();
            let checked = Introspection::new(raw, secret, needs.clone(), &mut owned, &mut state);
            faults.gather("introspection", checked)
        });
        let certificates = config.mtls.and_then(|raw| faults.gather("mtls", Certificates::new(raw)));
        let policies = Policies {
            policies: config.policies,
            default_policy: config.default_policy,
            rules: config.rules,
            route_metadata: config.route_metadata,
        };
        let policies = PolicySet::compile(policies, OffFromRoute::Refused, |name, raw| {
            Rules::new(name, raw, &provider_names, &ways, &needs).map(Rc::new)
        });
        let policies = faults.gather("", policies);
        for field in [Field::Model, Field::Consumer, Field::Tier] {
            if policies.as_ref().is_some_and(|policies| policies.needs(field)) {
                let message = "auth chooses its policy before it knows the caller and the model: match on route, host, \
                               path and header, and say the rest in `require` and `models` of the policy";
                faults.push("rules", message);
                break;
            }
        }
        let cache = config.cache;
        let (Some(policies), Some(places)) = (policies, places) else { return Err(faults) };
        faults.into_result()?;
        // Without providers there is nothing to remember.
        let tokens = if providers.is_empty() { 0 } else { cache.max_tokens };
        let mut vouched_state: Vec<String> = Vec::new();
        for key in state {
            if !vouched_state.contains(&key) {
                vouched_state.push(key);
            }
        }
        Ok(Self {
            settings: Settings {
                attachment: config.attachment,
                bodies: config.bodies,
                reads_responses: false,
                ignores_responses: true,
                vouched_state,
            },
            realm: config.realm,
            places,
            provider_names,
            providers,
            keys,
            introspection,
            certificates,
            headers,
            model_header,
            owned,
            looks_at: LooksAt { path: policies.needs(Field::Path), route: policies.needs(Field::Route) },
            policies,
            token_headers: Headers::default(),
            verified: Remembered::new(tokens),
            max_age: i64::try_from(cache.max_age_secs).unwrap_or(i64::MAX),
            introspected: Cache::new(cache.max_tokens),
            waiting: Rc::default(),
        })
    }

    /// The time of a decision, in Unix seconds.
    pub(crate) fn seconds(shared: &dyn Shared) -> i64 {
        i64::try_from(shared.millis() / 1000).unwrap_or(i64::MAX)
    }
}

/// What all policies ask for.
fn needs(config: &Config) -> Rc<Needs> {
    let mut needs = Needs::default();
    for (_, policy) in config.policies.iter() {
        needs.scopes |= !policy.require.scopes.is_empty() || !policy.require.any_scope.is_empty();
        for rule in &policy.require.claims {
            if !needs.claims.contains(&rule.claim) {
                needs.claims.push(rule.claim.clone());
            }
        }
    }
    Rc::new(needs)
}

/// The ways in which callers may prove who they are, if a policy accepts it.
fn ways(config: &Config) -> Vec<Method> {
    let ways = [
        (Method::Jwt, !config.providers.is_empty()),
        (Method::ApiKey, config.api_keys.is_some()),
        (Method::Introspection, config.introspection.is_some()),
        (Method::Mtls, config.mtls.is_some()),
        (Method::Anonymous, true),
    ];
    ways.into_iter().filter(|(_, is_there)| *is_there).map(|(way, _)| way).collect()
}

fn providers(
    raw: policy::Named<crate::config::provider::Provider>,
    needs: &Rc<Needs>,
    owned: &mut Owned,
    state: &mut Vec<String>,
    faults: &mut Faults,
) -> (Vec<String>, Vec<Provider>) {
    let (mut names, mut providers): (Vec<String>, Vec<Provider>) = (Vec::new(), Vec::new());
    for (number, (name, raw)) in raw.into_iter().enumerate() {
        let key = format!("providers.{name}");
        let shared = |known: &Provider| {
            known.issuers.iter().any(|issuer| raw.issuers.contains(issuer))
                || known.trust_domains.iter().any(|domain| raw.trust_domains.contains(domain))
        };
        if providers.iter().any(shared) {
            faults.push(
                &key,
                "holds an issuer or a trust domain of another provider: its tokens would have two sets of keys",
            );
        }
        names.push(name);
        owned.next_source();
        providers.extend(faults.gather(&key, Provider::new(raw, number, needs.clone(), owned, state)));
    }
    (names, providers)
}

/// A secret that stands under `key`, or in the environment variable that is named under `<key>_env`.
fn secret(
    key: &str,
    written: Option<String>,
    variable: Option<&str>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, Faults> {
    let Some(variable) = variable else { return Ok(written) };
    let found = environment(variable).filter(|found| !found.is_empty());
    let wrong = match (&written, &found) {
        (None, Some(_)) => return Ok(found),
        (None, None) => "this environment variable is not set; see vm_config.environment_variables",
        (Some(_), _) => "stands beside the secret itself, of which one is enough",
    };
    let mut faults = Faults::new();
    faults.push(format!("{key}_env"), wrong);
    Err(faults)
}

fn identity_headers(raw: IdentityHeaders, owned: &mut Owned, faults: &mut Faults) -> IdentityHeaders {
    let mut add = |key: &str, name: Option<String>| {
        name.and_then(|name| faults.gather(&format!("headers.{key}"), owned.add(&name)))
    };
    IdentityHeaders {
        consumer: add("consumer", raw.consumer),
        tenant: add("tenant", raw.tenant),
        tier: add("tier", raw.tier),
        method: add("method", raw.method),
    }
}
