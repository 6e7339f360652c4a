//! A policy, compiled: who is let in, and what for.

pub mod address;
pub mod model;
pub mod path;
pub mod refusal;

use crate::caller::{Caller, Models, More, Needs, check_names, permissions};
use crate::config::policy::{Anonymous, BoundTokens, Method, Mode, Modelless, Policy, Preflight};
use crate::event::number_of;
use crate::rules::address::Networks;
use crate::rules::model::Judge;
use crate::rules::refusal::{Lacks, Refusal, scope_text};
use policy::{Faults, Glob};
use std::rc::Rc;

/// A compiled policy.
#[derive(Debug)]
pub struct Rules {
    /// Its name, for logs and metrics.
    pub name: String,
    /// Its number, for its metrics.
    pub number: u64,
    /// Whether it refuses.
    pub mode: Mode,
    /// What becomes of a preflight request.
    pub preflight: Preflight,
    /// What becomes of tokens that are bound to a key.
    pub bound_tokens: BoundTokens,
    /// Who a caller without credential is.
    pub anonymous: Option<Caller>,
    /// The networks that callers may come from.
    pub networks: Networks,
    accept: Option<Vec<Method>>,
    providers: Option<Vec<usize>>,
    scopes: Vec<String>,
    any_scope: Vec<String>,
    claims: Vec<(usize, Vec<Glob>)>,
    consumers: Vec<Glob>,
    tenants: Vec<Glob>,
    tiers: Vec<Glob>,
    models: Option<Rc<Models>>,
    modelless: Modelless,
}

impl Rules {
    /// Checks a policy. `providers` are the names of all providers, `ways` those in which callers may prove who they are if a policy
    /// accepts it, `needs` the paths of all claims that policies ask for.
    ///
    /// # Errors
    /// Providers that there are not, networks and lists that are none.
    pub fn new(name: &str, raw: &Policy, providers: &[String], ways: &[Method], needs: &Needs) -> Result<Self, Faults> {
        let mut faults = Faults::new();
        let allowed = raw.providers.as_ref().map(|names| {
            let mut places = Vec::new();
            for (at, name) in names.iter().enumerate() {
                match providers.iter().position(|known| known == name) {
                    Some(place) => places.push(place),
                    None => faults.push(format!("providers[{at}]"), "there is no such provider"),
                }
            }
            places
        });
        let anonymous = raw.anonymous.as_ref().and_then(|raw| faults.gather("anonymous", anonymous(raw)));
        if let Some(accept) = &raw.accept
            && accept.contains(&Method::Anonymous) != raw.anonymous.is_some()
        {
            faults.push("accept", "lists `anonymous` without the key `anonymous`, or lacks it beside that key");
        }
        if let Some(accept) = &raw.accept
            && !accept.iter().any(|way| ways.contains(way))
        {
            faults
                .push("accept", "lists no way that is configured: `providers`, `api_keys`, `introspection` or `mtls`");
        }
        let networks = faults.gather("sources", Networks::new("allow", &raw.sources.allow, &raw.sources.deny));
        let models = faults.gather("", permissions(raw.models.as_ref(), "models")).flatten();
        let claims = raw.require.claims.iter().filter_map(|rule| {
            let place = needs.claims.iter().position(|path| *path == rule.claim)?;
            Some((place, globs(&rule.any)))
        });
        let claims = claims.collect();
        for (at, rule) in raw.require.claims.iter().enumerate() {
            if rule.claim.is_empty() || rule.any.is_empty() {
                faults.push(format!("require.claims[{at}]"), "needs a path in `claim` and a pattern in `any`");
            }
        }
        faults.into_result()?;
        Ok(Self {
            name: name.to_owned(),
            number: number_of(name),
            mode: raw.mode,
            preflight: raw.preflight,
            bound_tokens: raw.bound_tokens,
            anonymous,
            networks: networks.unwrap_or_default(),
            accept: raw.accept.clone(),
            providers: allowed,
            scopes: raw.require.scopes.clone(),
            any_scope: raw.require.any_scope.clone(),
            claims,
            consumers: globs(&raw.require.consumers),
            tenants: globs(&raw.require.tenants),
            tiers: globs(&raw.require.tiers),
            models,
            modelless: raw.modelless,
        })
    }

    /// Whether callers may prove in this way who they are.
    pub fn accepts(&self, method: Method) -> bool {
        self.accept.as_ref().is_none_or(|methods| methods.contains(&method))
    }

    /// Whether tokens of this provider are taken.
    pub fn accepts_provider(&self, number: usize) -> bool {
        self.accepts(Method::Jwt) && self.providers.as_ref().is_none_or(|places| places.contains(&number))
    }

    /// Whether a caller may do this, models aside.
    ///
    /// # Errors
    /// What it lacks.
    pub fn authorize(&self, caller: &Caller) -> Result<(), Refusal> {
        let scopes = caller.scopes();
        let has = |scope: &String| scopes.contains(scope);
        if !self.scopes.iter().all(has) {
            return Err(Refusal::lacks(Lacks::Scope, Some(scope_text(self.scopes.iter().map(String::as_str)))));
        }
        if !self.any_scope.is_empty() && !self.any_scope.iter().any(has) {
            return Err(Refusal::lacks(Lacks::Scope, Some(scope_text(self.any_scope.iter().map(String::as_str)))));
        }
        let fits = |patterns: &[Glob], value: Option<&str>| {
            patterns.is_empty() || value.is_some_and(|value| patterns.iter().any(|glob| glob.matches(value)))
        };
        let claimed = self.claims.iter().all(|(place, patterns)| {
            let values =
                caller.more.as_ref().and_then(|more| more.claims.get(*place)).map(Vec::as_slice).unwrap_or_default();
            values.iter().any(|value| patterns.iter().any(|glob| glob.matches(value)))
        });
        let is_one = fits(&self.consumers, caller.name())
            && fits(&self.tenants, caller.tenant.as_deref())
            && fits(&self.tiers, caller.tier.as_deref());
        if claimed && is_one { Ok(()) } else { Err(Refusal::lacks(Lacks::Claim, None)) }
    }

    /// What is asked of the model, where anything is; of nobody as well, whose models this policy limits alone.
    pub fn judge(&self, caller: Option<&Caller>, header: Option<&String>) -> Option<Judge> {
        let own = caller.and_then(|caller| caller.models.as_ref());
        let lists: Vec<_> = self.models.iter().chain(own).cloned().collect();
        (!lists.is_empty()).then(|| Judge { lists, modelless: self.modelless, header: header.cloned() })
    }
}

fn globs(patterns: &[String]) -> Vec<Glob> {
    patterns.iter().map(|pattern| Glob::new(pattern)).collect()
}

fn anonymous(raw: &Anonymous) -> Result<Caller, Faults> {
    let mut faults = Faults::new();
    let (consumer, tenant, tier) = (raw.consumer.as_ref(), raw.tenant.as_ref(), raw.tier.as_ref());
    check_names(&[("consumer", consumer), ("tenant", tenant), ("tier", tier)], &mut faults);
    let models = faults.gather("", permissions(raw.models.as_ref(), "models")).flatten();
    faults.into_result()?;
    Ok(Caller {
        tenant: raw.tenant.as_deref().map(Rc::from),
        tier: raw.tier.as_deref().map(Rc::from),
        models,
        more: More { scopes: raw.scopes.clone(), ..More::default() }.kept(),
        ..Caller::new(Method::Anonymous, raw.consumer.as_deref().unwrap_or_default())
    })
}
