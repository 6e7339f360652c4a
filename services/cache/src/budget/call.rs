//! Calls, checked: from the messages of `budget.proto` to what the ledger works on.

use super::record::Name;
use budget::{Expiry, Limit};
use cache_api::{MAX_DEMANDS, MAX_EXPIRES_MS, budget as message};

/// The longest key, in bytes.
const MAX_KEY: usize = 256;

/// The most settlements or questions of one call.
const MAX_ITEMS: usize = 1000;

/// How long a reservation lasts that does not say it.
const DEFAULT_EXPIRES_MS: u64 = 600_000;

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Take all demands, or none.
    Reserve(Reserve),
    /// End reservations.
    Settle(Vec<Settlement>),
    /// How do these stand?
    Peek(Vec<(String, Option<Limit>)>),
    /// How does all stand that begins with this, and comes behind the other where that is not empty?
    Prefix(String, String),
    /// What counts as spent becomes this.
    Set(String, u64),
    /// What was spent is forgotten.
    Reset(String),
    /// More may be spent; once for each name that is not empty.
    TopUp(String, u64, String),
}

/// A reservation that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// Its name.
    pub id: [u8; 16],
    /// What is to be taken. No key stands twice.
    pub demands: Vec<Demand>,
    /// When it ends by itself.
    pub expires_after_ms: u64,
    /// How it ends then.
    pub expiry: Expiry,
    /// A lease: less may be given, but at least this.
    pub least: Option<u64>,
    /// Whatever the limits say.
    pub force: bool,
}

/// One demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The account's key.
    pub key: String,
    /// The limit.
    pub limit: Limit,
    /// How much.
    pub amount: u64,
    /// It counts as spent now.
    pub at_once: bool,
}

/// The end of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Its name.
    pub id: [u8; 16],
    /// What was spent, one per demand. Empty: all is given back.
    pub spent: Vec<u64>,
    /// The demands, for a reservation that is not known any more.
    pub demands: Vec<Demand>,
}

/// A message that says no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// A reservation's name of another length.
    #[error("{0}: the reservation has {1} bytes; give 16 random ones")]
    Id(String, usize),
    /// A key that is empty or too long.
    #[error("{0}: the key has {1} bytes; give 1 to {MAX_KEY}")]
    Key(String, usize),
    /// One key in two demands.
    #[error("{0}: its key stands in an earlier demand; add them up")]
    Twice(String),
    /// A demand without a limit.
    #[error("{0}: the limit is missing")]
    NoLimit(String),
    /// A limit that says nothing.
    #[error("{0}: {1}")]
    Limit(String, budget::MessageError),
    /// Too many of something.
    #[error("{0}: there are {1}; give at most {2}")]
    TooMany(&'static str, usize, usize),
    /// No demand.
    #[error("demands: there are none; give at least one")]
    NoDemand,
    /// Too far away.
    #[error("expires_after_ms: is above {MAX_EXPIRES_MS}, a week")]
    Expires,
    /// Neither none nor one per demand.
    #[error("{0}: spent has {1} amounts, for {2} demands; give none, or one per demand")]
    Spent(String, usize, usize),
    /// A long name of a top-up.
    #[error("idempotency_key: has {0} bytes; give at most 64")]
    Once(usize),
}

impl Call {
    /// The records that it surely needs.
    pub fn names(&self) -> Vec<Name> {
        match self {
            Self::Reserve(reserve) => {
                let accounts = reserve.demands.iter().map(|demand| Name::Account(demand.key.clone()));
                accounts.chain([Name::Reservation(reserve.id)]).collect()
            }
            Self::Settle(settlements) => settlements.iter().map(|one| Name::Reservation(one.id)).collect(),
            Self::Peek(questions) => questions.iter().map(|(key, _)| Name::Account(key.clone())).collect(),
            Self::Prefix(..) => Vec::new(),
            Self::Set(key, _) | Self::Reset(key) | Self::TopUp(key, ..) => vec![Name::Account(key.clone())],
        }
    }

    /// Whether it has to be done though nobody waits for its answer any more.
    pub fn must_be_done(&self) -> bool {
        !matches!(self, Self::Reserve(_) | Self::Peek(_) | Self::Prefix(..))
    }

    /// Checks a reservation.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn reserve(sent: &message::ReserveRequest) -> Result<Self, CallError> {
        if sent.demands.is_empty() {
            return Err(CallError::NoDemand);
        }
        if sent.expires_after_ms > MAX_EXPIRES_MS {
            return Err(CallError::Expires);
        }
        let expires_after_ms = if sent.expires_after_ms == 0 { DEFAULT_EXPIRES_MS } else { sent.expires_after_ms };
        Ok(Self::Reserve(Reserve {
            id: id(&sent.reservation, "reservation")?,
            demands: demands(&sent.demands, "demands")?,
            expires_after_ms,
            expiry: sent.expiry().into(),
            least: (sent.least > 0).then_some(sent.least),
            force: sent.force,
        }))
    }

    /// Checks settlements.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn settle(sent: &message::SettleRequest) -> Result<Self, CallError> {
        at_most("settlements", sent.settlements.len(), MAX_ITEMS)?;
        let settlements = sent.settlements.iter().enumerate().map(|(at, one)| {
            let place = format!("settlements[{at}]");
            let demands = demands(&one.demands, &format!("{place}.demands"))?;
            at_most("spent", one.spent.len(), MAX_DEMANDS)?;
            if !one.spent.is_empty() && !demands.is_empty() && one.spent.len() != demands.len() {
                return Err(CallError::Spent(place, one.spent.len(), demands.len()));
            }
            Ok(Settlement { id: id(&one.reservation, &place)?, spent: one.spent.clone(), demands })
        });
        Ok(Self::Settle(settlements.collect::<Result<_, _>>()?))
    }

    /// Checks a question. A limit may be left out: then it is the one that is known.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn peek(sent: &message::PeekRequest) -> Result<Self, CallError> {
        at_most("demands", sent.demands.len(), MAX_ITEMS)?;
        let questions = sent.demands.iter().enumerate().map(|(at, demand)| {
            let place = format!("demands[{at}]");
            let limit = demand.limit.as_ref().map(Limit::try_from).transpose();
            let limit = limit.map_err(|error| CallError::Limit(place.clone(), error))?;
            Ok((key(&demand.key, &place)?, limit))
        });
        Ok(Self::Peek(questions.collect::<Result<_, _>>()?))
    }

    /// Checks a new amount.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn set(sent: &message::SetRequest) -> Result<Self, CallError> {
        Ok(Self::Set(key(&sent.key, "key")?, sent.amount))
    }

    /// Checks a reset.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn reset(sent: &message::ResetRequest) -> Result<Self, CallError> {
        Ok(Self::Reset(key(&sent.key, "key")?))
    }

    /// Checks a top-up.
    ///
    /// # Errors
    /// [`CallError`]
    pub fn top_up(sent: &message::TopUpRequest) -> Result<Self, CallError> {
        if sent.idempotency_key.len() > 64 {
            return Err(CallError::Once(sent.idempotency_key.len()));
        }
        Ok(Self::TopUp(key(&sent.key, "key")?, sent.amount, sent.idempotency_key.clone()))
    }
}

fn at_most(what: &'static str, are: usize, most: usize) -> Result<(), CallError> {
    if are > most { Err(CallError::TooMany(what, are, most)) } else { Ok(()) }
}

fn id(bytes: &[u8], place: &str) -> Result<[u8; 16], CallError> {
    bytes.try_into().map_err(|_| CallError::Id(place.to_owned(), bytes.len()))
}

fn key(text: &str, place: &str) -> Result<String, CallError> {
    if (1..=MAX_KEY).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err(CallError::Key(place.to_owned(), text.len()))
    }
}

fn demands(sent: &[message::Demand], place: &str) -> Result<Vec<Demand>, CallError> {
    at_most("demands", sent.len(), MAX_DEMANDS)?;
    let mut demands: Vec<Demand> = Vec::with_capacity(sent.len());
    for (at, demand) in sent.iter().enumerate() {
        let place = format!("{place}[{at}]");
        let limit = demand.limit.as_ref().ok_or_else(|| CallError::NoLimit(place.clone()))?;
        let limit = Limit::try_from(limit).map_err(|error| CallError::Limit(place.clone(), error))?;
        let key = key(&demand.key, &place)?;
        if demands.iter().any(|earlier| earlier.key == key) {
            return Err(CallError::Twice(place));
        }
        demands.push(Demand { key, limit, amount: demand.amount, at_once: demand.at_once });
    }
    Ok(demands)
}
