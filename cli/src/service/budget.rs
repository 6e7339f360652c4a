//! `modelgate budget`: how budgets stand, and what an operator may change about them.

use super::connection::Authorized;
use super::{Connection, block_on, refused};
use crate::table::table;
use cache_api::budget::budget_client::BudgetClient;
use cache_api::budget::limit::Window;
use cache_api::budget::{CalendarUnit, Demand, Known, Limit, PeekRequest, ResetRequest, SetRequest, TopUpRequest};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{Write, stdout};

/// So many budgets are in one answer, where there are more.
const PAGE: usize = 1000;

/// Options of `modelgate budget`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the budgets whose keys begin with this
    Show {
        /// The beginning of the keys; none: all
        #[arg(default_value = "")]
        prefix: String,
    },
    /// Set what counts as spent in the present window; for a balance, what is left
    Set {
        /// The budget's key, as `show` prints it
        key: String,
        /// In the limit's own unit
        amount: u64,
    },
    /// Forget what was spent; reservations and what was topped up stay
    Reset {
        /// The budget's key, as `show` prints it
        key: String,
    },
    /// Add to a balance; give back to any other limit
    TopUp {
        /// The budget's key, as `show` prints it
        key: String,
        /// In the limit's own unit
        amount: u64,
        /// A name for this top-up: a second one of the same name changes nothing
        #[arg(long, value_name = "NAME", default_value = "")]
        once: String,
        /// Make a balance under a key that was not used yet
        #[arg(long)]
        create: bool,
    },
}

/// Runs `modelgate budget`.
///
/// # Errors
/// The service cannot be reached, or refuses.
pub fn run(options: Options) -> anyhow::Result<()> {
    let json = options.connection.json;
    let known = block_on(ask(options))?;
    if json {
        known.iter().try_for_each(|known| writeln!(stdout(), "{}", as_json(known)))?;
    } else {
        write!(stdout(), "{}", as_table(&known))?;
    }
    Ok(())
}

async fn ask(options: Options) -> anyhow::Result<Vec<Known>> {
    let mut client = BudgetClient::new(options.connection.connect().await?);
    let answer = match options.command {
        Command::Show { prefix } => return show(&mut client, &prefix).await,
        Command::Set { key, amount } => {
            client.set(SetRequest { key, amount }).await.map(|answer| answer.into_inner().known.into_iter().collect())
        }
        Command::Reset { key } => {
            client.reset(ResetRequest { key }).await.map(|answer| answer.into_inner().known.into_iter().collect())
        }
        Command::TopUp { key, amount, once, create } => {
            if !create {
                must_exist(&mut client, &key).await?;
            }
            let sent = TopUpRequest { key, amount, idempotency_key: once };
            client.top_up(sent).await.map(|answer| answer.into_inner().known.into_iter().collect())
        }
    };
    answer.map_err(|status| refused(&status))
}

/// All budgets whose keys begin so, from one answer to the next.
async fn show(client: &mut BudgetClient<Authorized>, prefix: &str) -> anyhow::Result<Vec<Known>> {
    let mut all: Vec<Known> = Vec::new();
    loop {
        let after = all.last().map(|known| known.key.clone()).unwrap_or_default();
        let sent = PeekRequest { demands: Vec::new(), prefix: prefix.to_owned(), after: after.clone() };
        let page = client.peek(sent).await.map_err(|status| refused(&status))?.into_inner().known;
        // An older service begins anew each time.
        if page.first().is_some_and(|first| first.key <= after) {
            eprintln!(
                "there may be more than these {}: this service shows no others; name a longer beginning",
                all.len()
            );
            return Ok(all);
        }
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// A key that was mistyped is no account to be made.
async fn must_exist(client: &mut BudgetClient<Authorized>, key: &str) -> anyhow::Result<()> {
    let demand = Demand { key: key.to_owned(), ..Demand::default() };
    let sent = PeekRequest { demands: vec![demand], ..PeekRequest::default() };
    let answer = client.peek(sent).await.map_err(|status| refused(&status))?;
    let is_known = answer.into_inner().known.iter().any(|known| known.limit.is_some());
    anyhow::ensure!(
        is_known,
        "no budget has the key {key:?}; `show` lists those there are, `--create` makes a balance"
    );
    Ok(())
}

fn as_json(known: &Known) -> serde_json::Value {
    let limit = known.limit.clone().unwrap_or_default();
    let standing = known.standing.unwrap_or_default();
    json!({
        "key": known.key,
        "limit": standing.limit,
        "window": window(&limit),
        "remaining": standing.remaining,
        "reserved": known.reserved,
        "settled": known.settled,
        "reset_ms": standing.reset_ms,
    })
}

fn as_table(known: &[Known]) -> String {
    let rows: Vec<[String; 7]> = known
        .iter()
        .map(|known| {
            let limit = known.limit.clone().unwrap_or_default();
            let standing = known.standing.unwrap_or_default();
            [
                known.key.escape_debug().to_string(),
                standing.limit.to_string(),
                window(&limit),
                standing.remaining.to_string(),
                known.reserved.to_string(),
                known.settled.to_string(),
                duration(standing.reset_ms),
            ]
        })
        .collect();
    table(["KEY", "LIMIT", "WINDOW", "LEFT", "RESERVED", "SETTLED", "RESET IN"], &rows)
}

/// How a limit counts, in a few words.
fn window(limit: &Limit) -> String {
    match &limit.window {
        None => "unknown".into(),
        Some(Window::TokenBucket(bucket)) if bucket.burst > 0 => {
            format!("bucket {}, burst {}", duration(bucket.period_ms), bucket.burst)
        }
        Some(Window::TokenBucket(bucket)) => format!("bucket {}", duration(bucket.period_ms)),
        Some(Window::Sliding(sliding)) => format!("any {}", duration(sliding.period_ms)),
        Some(Window::Calendar(calendar)) => {
            let unit = match calendar.unit() {
                CalendarUnit::Unspecified => "unknown",
                CalendarUnit::Minute => "minute",
                CalendarUnit::Hour => "hour",
                CalendarUnit::Day => "day",
                CalendarUnit::Month => "month",
            };
            let zone = if calendar.time_zone.is_empty() { "UTC" } else { &calendar.time_zone };
            format!("{unit} of {zone}")
        }
        Some(Window::Balance(_)) => "balance".into(),
        Some(Window::Concurrency(_)) => "at once".into(),
    }
}

/// Milliseconds in the largest units that tell them apart: `90s`, `1h30m`.
fn duration(ms: u64) -> String {
    let (secs, ms) = (ms / 1000, ms % 1000);
    let parts = [(secs / 86_400, "d"), (secs / 3600 % 24, "h"), (secs / 60 % 60, "m"), (secs % 60, "s"), (ms, "ms")];
    let text: String = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .take(2)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect();
    if text.is_empty() { "now".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(0), "now");
        assert_eq!(duration(250), "250ms");
        assert_eq!(duration(90_000), "1m30s");
        assert_eq!(duration(5_400_000), "1h30m");
        assert_eq!(duration(86_400_000 * 31 + 1), "31d1ms");
    }
}
