//! What becomes of the records when a call comes. Pure: time and randomness are arguments, and the arithmetic is the crate
//! `budget`'s.

use super::book::{Book, Missing};
use super::call::{Call, Demand, Reserve, Settlement};
use super::record::{Account, LATE_MS, Name, ONCE_MS, Part, Record};
use budget::{Ask, Limit, State, Window};
use cache_api::budget as message;

/// What a call is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To `Reserve`.
    Reserved(message::ReserveResponse),
    /// To `Settle`: how the first demand of each settlement stands.
    Settled(Vec<message::Standing>),
    /// To all others.
    Known(Vec<message::Known>),
    /// The call cannot be done.
    Impossible(Impossible),
}

/// Why a call cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// It names a reservation that has ended.
    #[error("a reservation of this name was settled already; give each its own name")]
    Settled,
    /// It names a key without an account.
    #[error("no account of this key: nothing was reserved under it yet")]
    NoAccount,
}

/// The moment of a call.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Milliseconds since the Unix epoch, by the service's clock.
    pub now_ms: u64,
    /// A random number, which tells a new account from an earlier one of the same key.
    pub random: u64,
}

/// Works on one call. It changes the book's draft.
///
/// # Errors
/// A record that is not at hand; nothing is changed then that may be kept.
pub fn apply(book: &mut Book, call: &Call, moment: Moment) -> Result<Answer, Missing> {
    match call {
        Call::Reserve(reserve) => self::reserve(book, reserve, moment),
        Call::Settle(settlements) => {
            let standings = settlements.iter().map(|settlement| settle(book, settlement, moment));
            Ok(Answer::Settled(standings.collect::<Result<_, _>>()?))
        }
        Call::Peek(questions) => {
            let known = questions.iter().map(|(key, limit)| peek(book, key, limit.as_ref(), moment));
            Ok(Answer::Known(known.collect::<Result<_, _>>()?))
        }
        // Who asks has the names looked up first, and peeks.
        Call::Prefix(..) => Ok(Answer::Known(Vec::new())),
        Call::Set(key, amount) => change(book, key, moment, |account| {
            account.state.set(&account.limit, moment.now_ms, *amount);
        }),
        Call::Reset(key) => change(book, key, moment, |account| account.state.reset(&account.limit, moment.now_ms)),
        Call::TopUp(key, amount, once) => top_up(book, key, *amount, once, moment),
    }
}

/// The account of a key, or none.
fn account(book: &mut Book, key: &str) -> Result<Option<Account>, Missing> {
    Ok(match book.get(&Name::Account(key.to_owned()))? {
        Some(Record::Account(account)) => Some(Account::clone(account)),
        _ => None,
    })
}

fn account_or_new(book: &mut Book, key: &str, limit: &Limit, moment: Moment) -> Result<Account, Missing> {
    Ok(account(book, key)?.unwrap_or_else(|| Account {
        limit: limit.clone(),
        state: State::new(moment.random),
        used_ms: moment.now_ms,
    }))
}

fn keep(book: &mut Book, key: String, mut account: Account, moment: Moment) {
    account.used_ms = moment.now_ms;
    book.put(Name::Account(key), Record::Account(Box::new(account)));
}

fn reserve(book: &mut Book, reserve: &Reserve, moment: Moment) -> Result<Answer, Missing> {
    let name = Name::Reservation(reserve.id);
    match book.get(&name)? {
        Some(Record::Open { parts, .. }) => {
            let parts = parts.clone();
            return again(book, parts, moment);
        }
        Some(_) => return Ok(Answer::Impossible(Impossible::Settled)),
        None => {}
    }
    let mut accounts = Vec::with_capacity(reserve.demands.len());
    for demand in &reserve.demands {
        let mut account = account_or_new(book, &demand.key, &demand.limit, moment)?;
        account.limit = demand.limit.clone();
        accounts.push(account);
    }
    let mut parts: Vec<budget::Part<'_>> =
        accounts.iter_mut().zip(&reserve.demands).map(|(account, demand)| part(account, demand, reserve)).collect();
    match budget::reserve(&mut parts, moment.now_ms, reserve.least) {
        Err(refusal) => Ok(Answer::Reserved(message::ReserveResponse {
            admitted: false,
            standings: accounts.iter_mut().map(|account| standing(account, moment)).collect(),
            granted: Vec::new(),
            refused_by: u32::try_from(refusal.by).unwrap_or_default(),
            retry_after_ms: refusal.retry_after_ms.unwrap_or_default(),
        })),
        Ok(tickets) => {
            let response = message::ReserveResponse {
                admitted: true,
                standings: accounts.iter_mut().map(|account| standing(account, moment)).collect(),
                granted: tickets.iter().map(|ticket| ticket.amount).collect(),
                refused_by: 0,
                retry_after_ms: 0,
            };
            let mut parts = Vec::with_capacity(tickets.len());
            for ((demand, account), ticket) in reserve.demands.iter().zip(accounts).zip(tickets) {
                keep(book, demand.key.clone(), account, moment);
                parts.push(Part { key: demand.key.clone(), limit: demand.limit.clone(), ticket });
            }
            // It may end up to an eighth later than asked.
            let ends = moment.now_ms + reserve.expires_after_ms + reserve.expires_after_ms / 8;
            book.put(name, Record::Open { parts, until_ms: ends + LATE_MS });
            Ok(Answer::Reserved(response))
        }
    }
}

fn part<'a>(account: &'a mut Account, demand: &Demand, reserve: &Reserve) -> budget::Part<'a> {
    let ask = Ask {
        amount: demand.amount,
        expires_after_ms: reserve.expires_after_ms,
        expiry: reserve.expiry,
        at_once: demand.at_once,
        force: reserve.force,
    };
    budget::Part { limit: &account.limit, state: &mut account.state, ask }
}

/// The same reservation, asked for a second time: the first answer got lost.
fn again(book: &mut Book, parts: Vec<Part>, moment: Moment) -> Result<Answer, Missing> {
    let mut standings = Vec::with_capacity(parts.len());
    for part in &parts {
        standings.push(standing(&mut account_or_new(book, &part.key, &part.limit, moment)?, moment));
    }
    let granted = parts.iter().map(|part| part.ticket.amount).collect();
    Ok(Answer::Reserved(message::ReserveResponse {
        admitted: true,
        standings,
        granted,
        refused_by: 0,
        retry_after_ms: 0,
    }))
}

fn settle(book: &mut Book, settlement: &Settlement, moment: Moment) -> Result<message::Standing, Missing> {
    let name = Name::Reservation(settlement.id);
    let mut first = None;
    match book.get(&name)? {
        Some(Record::Open { parts, .. }) => {
            for (at, part) in parts.clone().into_iter().enumerate() {
                // An amount that was forgotten is as much as was reserved.
                let otherwise = if settlement.spent.is_empty() { 0 } else { part.ticket.amount };
                let spent = settlement.spent.get(at).copied().unwrap_or(otherwise);
                let mut account = account_or_new(book, &part.key, &part.limit, moment)?;
                account.state.settle(&account.limit, moment.now_ms, &part.ticket, spent);
                first.get_or_insert_with(|| (part.key.clone(), standing(&mut account, moment)));
                keep(book, part.key, account, moment);
            }
        }
        Some(Record::Settled { first: key, .. }) => {
            let Some(key) = key.clone() else { return Ok(message::Standing::default()) };
            let account = account(book, &key)?;
            return Ok(account.map(|mut account| standing(&mut account, moment)).unwrap_or_default());
        }
        Some(_) => {}
        None => {
            for (demand, spent) in settlement.demands.iter().zip(&settlement.spent) {
                let mut account = account_or_new(book, &demand.key, &demand.limit, moment)?;
                account.limit = demand.limit.clone();
                account.state.charge(&account.limit, moment.now_ms, *spent);
                first.get_or_insert_with(|| (demand.key.clone(), standing(&mut account, moment)));
                keep(book, demand.key.clone(), account, moment);
            }
        }
    }
    let (first, standing) = first.unzip();
    book.put(name, Record::Settled { first, until_ms: moment.now_ms + LATE_MS });
    Ok(standing.unwrap_or_default())
}

fn peek(book: &mut Book, key: &str, limit: Option<&Limit>, moment: Moment) -> Result<message::Known, Missing> {
    let unknown = message::Known { key: key.to_owned(), ..message::Known::default() };
    let mut account = match (account(book, key)?, limit) {
        (Some(account), _) => account,
        (None, Some(limit)) => account_or_new(book, key, limit, moment)?,
        (None, None) => return Ok(unknown),
    };
    if let Some(limit) = limit {
        account.limit = limit.clone();
    }
    Ok(known(key, account, moment))
}

/// Changes an account that exists.
fn change(book: &mut Book, key: &str, moment: Moment, change: impl FnOnce(&mut Account)) -> Result<Answer, Missing> {
    let Some(mut account) = account(book, key)? else { return Ok(Answer::Impossible(Impossible::NoAccount)) };
    change(&mut account);
    keep(book, key.to_owned(), account.clone(), moment);
    Ok(Answer::Known(vec![known(key, account, moment)]))
}

fn top_up(book: &mut Book, key: &str, amount: u64, once: &str, moment: Moment) -> Result<Answer, Missing> {
    // A balance may be topped up before its first use: what it starts with comes on top then.
    let Ok(balance) = Limit::new(0, Window::Balance { initial: 0 }) else {
        return Ok(Answer::Impossible(Impossible::NoAccount));
    };
    let mut account = account_or_new(book, key, &balance, moment)?;
    let name = (!once.is_empty()).then(|| Name::TopUp(key.to_owned(), once.to_owned()));
    let done = match &name {
        Some(name) => book.get(name)?.is_some(),
        None => false,
    };
    if !done {
        account.state.top_up(&account.limit, moment.now_ms, amount);
        keep(book, key.to_owned(), account.clone(), moment);
        if let Some(name) = name {
            book.put(name, Record::Done { until_ms: moment.now_ms + ONCE_MS });
        }
    }
    Ok(Answer::Known(vec![known(key, account, moment)]))
}

fn standing(account: &mut Account, moment: Moment) -> message::Standing {
    account.state.standing(&account.limit, moment.now_ms).into()
}

fn known(key: &str, mut account: Account, moment: Moment) -> message::Known {
    let standing = standing(&mut account, moment);
    message::Known {
        key: key.to_owned(),
        limit: Some((&account.limit).into()),
        standing: Some(standing),
        reserved: account.state.reserved(),
        settled: account.state.settled(),
    }
}
