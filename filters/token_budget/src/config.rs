//! The configuration as it is written. What it means is checked and compiled in `limits`; the reference in the README is
//! made from the comments here.

mod price;

use plugin::{Attachment, Bodies, Target};
use policy::{IdentityConfig, Named, PolicyName, RawRule, RouteMetadata};
use serde::Deserialize;

/// The configuration of the filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How the filter is attached: `plain`, or `full` where Envoy's plugin configuration says
    /// `allow_on_headers_stop_iteration: true`. Both work; with `plain` a refusal costs an upstream connection. Default
    /// `plain`.
    #[serde(default)]
    pub attachment: Attachment,
    /// How bodies are read: `max_body_bytes`, `encoded`, `upgrade`, `watchdog_secs`.
    #[serde(default)]
    pub bodies: Bodies,
    /// Where the caller's identity is read: `filter_state` (what `auth` writes), `metadata`, `attribute` or `header`.
    /// Default `filter_state`.
    #[serde(default)]
    pub identity: IdentityConfig,
    /// The store of limits that say `store: local`.
    #[serde(default)]
    pub local: LocalStore,
    /// The service behind limits that say `store: shared` or `store: leased`.
    pub shared: Option<SharedStore>,
    /// What models cost, by model or pattern (`*`); of those that match, the model's own name counts, else the longest pattern.
    /// Needed by limits of `money`, and used by the meter.
    #[serde(default = "none")]
    pub prices: Named<Price>,
    /// How much is reserved before the answer tells what was used.
    #[serde(default)]
    pub estimate: Estimate,
    /// The policies by name.
    pub policies: Named<Policy>,
    /// The policy of requests that no rule matches; `off` neither limits nor measures.
    pub default_policy: PolicyName,
    /// Which requests get which policy: `{match: {route, host, path, model, consumer, tier, header}, policy}`. The first
    /// that matches wins.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// How a route's metadata overrides the rules: `namespace`, `allow_route_off`.
    #[serde(default)]
    pub route_metadata: RouteMetadata,
}

/// The key `local`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalStore {
    /// Which other filters share the budgets: those of one Envoy that say the same name. Default `default`.
    pub name: String,
    /// How many slots the table has. They are made once and never grow in number. Default 1024, at most 65536.
    pub slots: u32,
    /// How many limits of how many callers fit into one slot. In a full slot the one that is nearest to a fresh start is
    /// forgotten, and counted in `modelgate_budget_outcomes`. Default 32, at most 256.
    pub slot_entries: u32,
}

impl Default for LocalStore {
    fn default() -> Self {
        Self { name: "default".into(), slots: 1024, slot_entries: 32 }
    }
}

/// The key `shared`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedStore {
    /// The Envoy cluster of `modelgate-cache`.
    pub cluster: Target,
    /// How long an answer is waited for, in milliseconds. Default 200.
    #[serde(default = "default_timeout")]
    pub timeout_ms: u32,
}

/// What a model costs: micro-units of your currency (or of any unit of cost) per million tokens, and per other things.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "price::Numbers", default)]
pub struct Price {
    /// Per million input tokens.
    pub input: u64,
    /// Per million input tokens from the provider's prompt cache. Default: as `input`.
    pub cached_input: Option<u64>,
    /// Per million input tokens written to that cache. Default: as `input`.
    pub cache_write: Option<u64>,
    /// Per million of those that are kept there for an hour (Anthropic asks twice the price of input for them). Default: as
    /// `cache_write`.
    pub cache_write_1h: Option<u64>,
    /// Per million output tokens, those of the reasoning among them.
    pub output: u64,
    /// Per million tokens of the reasoning. Default: as `output`.
    pub reasoning: Option<u64>,
    /// Per million input tokens of sound. Default: as `input`.
    pub input_audio: Option<u64>,
    /// Per million input tokens of images. Default: as `input`.
    pub input_image: Option<u64>,
    /// Per million output tokens of sound. Default: as `output`.
    pub output_audio: Option<u64>,
    /// Per million output tokens of images. Default: as `output`.
    pub output_image: Option<u64>,
    /// Per hour of sound that the usage of an answer tells (`seconds` of a transcription), to the millisecond.
    pub audio_hour: u64,
    /// Per request.
    pub request: u64,
    /// Per row of a KServe or V1 request (the first dimension of its first input; the number of `instances`, or the length of `inputs` or
    /// of its longest column), per answer that another call asks for (`n` images), and per unit of searching that an answer tells
    /// (Cohere's `rerank`, Anthropic's and Perplexity's searches of the web).
    pub row: u64,
    /// Per kibibyte of the request's body, begun ones counted.
    pub request_kib: u64,
    /// Per second from the end of the request to the end of the response, begun ones counted. Nobody knows them before: a call asks
    /// for 1 where nothing else costs.
    pub second: u64,
}

/// The key `estimate`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Estimate {
    /// Output tokens of a call that bounds them nowhere. A limit of output below them lets no such call in. Default 1024.
    pub output_tokens: u64,
    /// Input tokens of an image, an audio or a file, however long its bytes. Default 1000.
    pub media_tokens: u64,
    /// After how many seconds a reservation that nobody settled ends by itself (a VM that went away). Longer than the longest
    /// call. Default 900.
    pub expires_secs: u64,
    /// What becomes of it then: `charge` or `refund`. Default `charge`.
    pub expiry: Expiry,
}

impl Default for Estimate {
    fn default() -> Self {
        Self { output_tokens: 1024, media_tokens: 1000, expires_secs: 900, expiry: Expiry::Charge }
    }
}

/// The key `estimate.expiry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// All of it counts as spent.
    Charge,
    /// All of it is given back.
    Refund,
}

/// One policy. Without limits it measures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The limits. A call is let in where all of them let it in; then it counts in all, else in none.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Whether `stream_options.include_usage` is set in streams that lack it. The extra event is taken out where the client
    /// had not asked for it. Default `true`.
    #[serde(default = "yes")]
    pub include_usage: bool,
    /// Whether a running stream ends, with an error event, once it used up what was reserved and no more can be had. A shared
    /// limit is not asked again while a stream runs. Default `false`.
    #[serde(default)]
    pub cut_streams: bool,
    /// Whether responses carry `x-ratelimit-…` headers. Default `true`.
    #[serde(default = "yes")]
    pub headers: bool,
    /// What a complete answer costs that reports no usage, and a call whose client went away: `counted` (the input as
    /// estimated, the output as it passed by, at least one token for each event) or `reserved`. Default `counted`.
    #[serde(default)]
    pub without_usage: WithoutUsage,
    /// What a call costs that failed (status 4xx or 5xx, an error event before any output, or no upstream was reached) and
    /// reports no usage: `requests`
    /// (only limits of requests count it), `nothing` or `reserved`. Default `requests`.
    #[serde(default)]
    pub failed: Failed,
    /// What an answer from the cache costs, in percent of its usage and its price. Limits of requests count it. Default 0.
    #[serde(default)]
    pub cache_hit_percent: u8,
    /// Calls that are answered later, elsewhere (`background: true`, `/v1/batches`): `charge` all that is reserved, or
    /// `refuse` with a 403. Default `charge`.
    #[serde(default)]
    pub deferred: Deferred,
    /// Calls of a model that has no price, where there is a limit of money: `refuse` with a 403, or `free`. Default `refuse`.
    #[serde(default)]
    pub unpriced: Unpriced,
}

/// The key `without_usage`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutUsage {
    /// As it passed by.
    #[default]
    Counted,
    /// All that was reserved.
    Reserved,
}

/// The key `failed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failed {
    /// Only limits of requests count it.
    #[default]
    Requests,
    /// All is given back.
    Nothing,
    /// All that was reserved.
    Reserved,
}

/// The key `deferred`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferred {
    /// All that is reserved is spent.
    #[default]
    Charge,
    /// 403.
    Refuse,
}

/// The key `unpriced`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unpriced {
    /// 403.
    #[default]
    Refuse,
    /// It costs nothing.
    Free,
}

/// One limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name, for metrics, answers and the service. Letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// What is counted: `requests`, `input`, `cached_input`, `output`, `reasoning`, `tokens` (input and output), `money`
    /// (micro-units, by `prices`) or `in_flight`.
    pub unit: Unit,
    /// The most that may be spent per window. Needed where there are no `tiers`; a `balance` has neither.
    pub amount: Option<u64>,
    /// The amount of callers of a tier, in place of `amount`. Without an `amount` all others have none.
    #[serde(default = "none")]
    pub tiers: Named<u64>,
    /// Over which time: `token_bucket: {period_secs, burst}`, `sliding: {period_secs}`, `calendar: {unit, time_zone}` or
    /// `balance: {initial}`. A limit of `in_flight` has none.
    pub window: Option<Window>,
    /// For whom it counts apart: a list of `consumer`, `tenant`, `tier`, `model`, `route`, `address` (of IPv6 its network
    /// of 64 bits) and `header: NAME`. A caller without the identity that is asked for counts by its address. Default
    /// `[consumer]`; `[]` is one for all.
    #[serde(default = "default_per")]
    pub per: Vec<Per>,
    /// The models that it is about, as patterns in whatever case, by the names that clients send: list a router's aliases too. A
    /// call that names no model counts in each such limit. Default: all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Where it is kept: `local` (this Envoy, exact over its workers, forgotten at its end), `shared` (asked for each call) or
    /// `leased` (taken from the service in slices). Default `local`.
    #[serde(default)]
    pub store: Store,
    /// How much one lease takes, for `leased`. What a gateway holds and does not use is missing elsewhere for up to
    /// `lease_secs`. Default: a hundredth of the caller's amount.
    pub lease_amount: Option<u64>,
    /// How long a lease is kept, for `leased`. Default 10.
    #[serde(default = "default_lease_secs")]
    pub lease_secs: u64,
    /// What is done where the service does not answer: `deny` (503; a `shadow` allows), `allow`, or `local` (the whole limit in this
    /// Envoy's own store). Default `deny`.
    #[serde(default)]
    pub failure_mode: FailureMode,
    /// What is done where the limit is reached: `refuse` (429), `degrade` (the call goes on with `degrade_to` in filter state,
    /// and does not count here) or `shadow` (it goes on, counts, and the metric tells). Default `refuse`.
    #[serde(default)]
    pub when_spent: WhenSpent,
    /// The model that a router is asked for, for `when_spent: degrade`.
    pub degrade_to: Option<String>,
    /// From how many percent spent on a warning is given: the header `x-budget-warning` and a metric.
    pub soft_percent: Option<u8>,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Calls.
    Requests,
    /// Tokens of requests, cached ones among them.
    Input,
    /// Tokens of requests that came from the provider's cache.
    CachedInput,
    /// Tokens of answers, those of the reasoning among them.
    Output,
    /// Tokens of the reasoning.
    Reasoning,
    /// All tokens.
    Tokens,
    /// Micro-units.
    Money,
    /// Calls that run.
    InFlight,
}

/// The key `window`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    /// The generic cell rate algorithm.
    TokenBucket {
        /// Seconds in which the whole amount comes back.
        period_secs: u64,
        /// The most at once; the amount where it is left out.
        #[serde(default)]
        burst: u64,
    },
    /// Any period.
    Sliding {
        /// Seconds.
        period_secs: u64,
    },
    /// Each unit of the calendar.
    Calendar {
        /// `minute`, `hour`, `day` or `month`.
        unit: budget::Unit,
        /// A POSIX TZ rule; UTC where it is left out.
        #[serde(default)]
        time_zone: String,
    },
    /// What was topped up.
    Balance {
        /// What a caller starts with.
        #[serde(default)]
        initial: u64,
    },
}

/// For whom a limit counts apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// The consumer.
    Consumer,
    /// The tenant.
    Tenant,
    /// The tier.
    Tier,
    /// The model that is asked for.
    Model,
    /// The route's name.
    Route,
    /// The client's address; of IPv6 its network of 64 bits.
    Address,
    /// A request header, whose value is hashed. A client chooses its headers: let the gateway set this one.
    Header(String),
}

/// The key `store`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// In this Envoy.
    #[default]
    Local,
    /// In the service.
    Shared,
    /// In the service, by slices.
    Leased,
}

/// The key `failure_mode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureMode {
    /// 503.
    #[default]
    Deny,
    /// It goes on.
    Allow,
    /// This Envoy's own store.
    Local,
}

/// The key `when_spent`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenSpent {
    /// 429.
    #[default]
    Refuse,
    /// A cheaper model.
    Degrade,
    /// Counted only.
    Shadow,
}

fn none<V>() -> Named<V> {
    Named::default()
}

fn yes() -> bool {
    true
}

fn default_timeout() -> u32 {
    200
}

fn default_per() -> Vec<Per> {
    vec![Per::Consumer]
}

fn default_lease_secs() -> u64 {
    10
}
