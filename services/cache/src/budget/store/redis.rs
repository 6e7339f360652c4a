//! A store on a Redis or a Valkey that several instances of the service share.
//!
//! One script reads or writes all records of a batch at once: it compares the version of every record that the batch read, and
//! writes all changes, or, where another instance was faster, none, and says what the records are now. So a batch is one round
//! trip, and the arithmetic is done in one place, on whole numbers of 128 bits, which Lua does not have.
//!
//! All keys have one hash tag (`{prefix}`), so in a cluster they lie on one node. What Redis has acknowledged is as safe as its
//! own persistence: `appendfsync always` loses nothing, `everysec` up to a second.

use super::{Committed, Found, StoreError};
use crate::budget::book::Version;
use crate::budget::config::RedisConfig;
use crate::budget::record::{Name, Record};
use crate::link::{Link, advice};
use redis::aio::ConnectionManagerConfig;
use redis::{Client, RedisError, Script, Value};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// KEYS: the index of accounts, then one key per record. ARGV: for each record the version that it must have ("" for no record),
/// what is written ("" for nothing), for how many milliseconds ("0" for ever), and its member in the index ("" for none).
/// Answers the server's time, then the place and content of each record that has another version.
const COMMIT: &str = r"
local time = redis.call('TIME')
local stale = {}
for i = 2, #KEYS do
  local have = redis.call('GET', KEYS[i]) or ''
  if string.sub(have, 1, 8) ~= ARGV[(i - 2) * 4 + 1] then
    stale[#stale + 1] = i - 2
    stale[#stale + 1] = have
  end
end
if #stale == 0 then
  -- The index first: a user that may not write there leaves all records as they were.
  for i = 2, #KEYS do
    local at = (i - 2) * 4
    if ARGV[at + 2] ~= '' and ARGV[at + 4] ~= '' then redis.call('ZADD', KEYS[1], 0, ARGV[at + 4]) end
  end
  for i = 2, #KEYS do
    local at = (i - 2) * 4
    if ARGV[at + 2] ~= '' then
      if ARGV[at + 3] == '0' then
        redis.call('SET', KEYS[i], ARGV[at + 2])
      else
        redis.call('SET', KEYS[i], ARGV[at + 2], 'PX', ARGV[at + 3])
      end
    end
  end
end
return {time[1], time[2], stale}
";

/// KEYS: the index. ARGV: where to begin, how many, what the keys of accounts begin with. Takes accounts out of the index that have
/// expired, and answers where to go on.
const TIDY: &str = r"
local some = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
for _, key in ipairs(some) do
  if redis.call('EXISTS', ARGV[3] .. key) == 0 then redis.call('ZREM', KEYS[1], key) end
end
if #some < tonumber(ARGV[2]) then return '-' end
return '(' .. some[#some]
";

/// How many members of the index are looked at each second.
const TIDY_STEP: usize = 100;

/// The store.
pub struct Redis {
    connection: Link,
    commit: Script,
    tidy: Script,
    prefix: String,
    idle: Duration,
    ahead_ms: i64,
    cursor: String,
}

impl Redis {
    /// Prepares the connection, which is made when it is first needed and again whenever it broke. Runs inside of tokio.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(config: &RedisConfig, idle: Duration) -> Result<Self, StoreError> {
        let cannot = |error: RedisError| StoreError::Open("on Redis".to_owned(), error.to_string());
        let client = Client::open(config.url.expose()).map_err(cannot)?;
        let limits = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout))
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(10))
            .set_max_delay(Duration::from_millis(100));
        Ok(Self {
            connection: Link::new(client, limits).map_err(cannot)?,
            commit: Script::new(COMMIT),
            tidy: Script::new(TIDY),
            prefix: format!("{{{}}}:budget:", config.prefix),
            idle,
            ahead_ms: 0,
            cursor: "-".into(),
        })
    }

    /// By how many milliseconds the server's clock is ahead of this machine's: all instances go by the server's.
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_ms
    }

    fn key(&self, name: &Name) -> Vec<u8> {
        [self.prefix.as_bytes(), &name.bytes()].concat()
    }

    fn index(&self) -> String {
        format!("{}accounts", self.prefix)
    }

    /// Reads records.
    pub async fn fetch(&mut self, names: &[Name]) -> Result<Vec<Found>, StoreError> {
        // A version that no record has makes the script answer each that there is; it tells the time, too.
        let absent = names.iter().map(|name| (name.clone(), None)).collect();
        let Committed::Stale(found) = self.run(0, &absent, &BTreeMap::new()).await? else {
            return Ok(names.iter().map(|_| Found { version: None, record: None }).collect());
        };
        let mut found: BTreeMap<Name, Found> = found.into_iter().collect();
        Ok(names.iter().map(|name| found.remove(name).unwrap_or(Found { version: None, record: None })).collect())
    }

    /// Writes all changes, if everything that was read is still as it was.
    pub async fn commit(
        &mut self,
        now_ms: u64,
        read: &BTreeMap<Name, Version>,
        changes: &BTreeMap<Name, Record>,
    ) -> Result<Committed, StoreError> {
        if read.is_empty() {
            return Ok(Committed::Done(0));
        }
        self.run(now_ms, read, changes).await
    }

    async fn run(
        &mut self,
        now_ms: u64,
        read: &BTreeMap<Name, Version>,
        changes: &BTreeMap<Name, Record>,
    ) -> Result<Committed, StoreError> {
        let version = random()?;
        let mut call = self.commit.prepare_invoke();
        call.key(self.index());
        for (name, seen) in read {
            call.key(self.key(name));
            call.arg(seen.map_or(Vec::new(), |seen| seen.to_be_bytes().to_vec()));
            let Some(record) = changes.get(name) else {
                call.arg("").arg("0").arg("");
                continue;
            };
            call.arg([version.to_be_bytes().as_slice(), &record.encode()].concat());
            call.arg(record.kept_for(now_ms, self.idle).unwrap_or(0));
            call.arg(if let Name::Account(key) = name { key.as_str() } else { "" });
        }
        let sent = unix_ms();
        let (seconds, micros, stale): (i64, i64, Vec<Value>) =
            call.invoke_async(&mut self.connection).await.map_err(|error| self.unavailable(&error))?;
        let halfway = sent.midpoint(unix_ms());
        self.ahead_ms = seconds * 1000 + micros / 1000 - halfway;
        if stale.is_empty() {
            return Ok(Committed::Done(version));
        }
        let names: Vec<&Name> = read.keys().collect();
        let changed = stale.chunks(2).map(|pair| match pair {
            [Value::Int(at), Value::BulkString(bytes)] => {
                let name = usize::try_from(*at).ok().and_then(|at| names.get(at));
                let name = name.ok_or_else(|| unexpected("a record that was not asked for"))?;
                Ok(((*name).clone(), found(bytes)?))
            }
            _ => Err(unexpected("an answer of another shape")),
        });
        Ok(Committed::Stale(changed.collect::<Result<_, StoreError>>()?))
    }

    /// The keys of accounts that begin with `prefix` and come behind `after`.
    pub async fn keys(&mut self, prefix: &str, after: &str, most: usize) -> Result<Vec<String>, StoreError> {
        // No UTF-8 text has the byte 0xff in it.
        let end = [b"(", prefix.as_bytes(), &[0xff]].concat();
        let mut command = redis::cmd("ZRANGEBYLEX");
        let is_first = after.is_empty() || after < prefix;
        let begin = if is_first { format!("[{prefix}") } else { format!("({after}") };
        command.arg(self.index()).arg(begin).arg(end).arg("LIMIT").arg(0).arg(most);
        command.query_async(&mut self.connection).await.map_err(|error| self.unavailable(&error))
    }

    /// Takes some accounts out of the index that are gone. Records end by themselves.
    pub async fn tidy(&mut self) -> Result<Vec<Name>, StoreError> {
        let mut call = self.tidy.key(self.index());
        call.arg(&self.cursor).arg(TIDY_STEP).arg(self.key(&Name::Account(String::new())));
        self.cursor = call.invoke_async(&mut self.connection).await.map_err(|error| self.unavailable(&error))?;
        Ok(Vec::new())
    }

    fn unavailable(&self, error: &RedisError) -> StoreError {
        StoreError::Unavailable(format!("Redis at {}: {error} ({})", self.connection.address(), advice(error)))
    }
}

/// A record as it lies on the server: eight bytes for its version, then itself.
fn found(bytes: &[u8]) -> Result<Found, StoreError> {
    if bytes.is_empty() {
        return Ok(Found { version: None, record: None });
    }
    let (version, record) = bytes.split_first_chunk().ok_or(crate::budget::record::RecordError)?;
    Ok(Found { version: Some(u64::from_be_bytes(*version)), record: Some(Record::decode(record)?) })
}

fn unexpected(what: &str) -> StoreError {
    StoreError::Unavailable(format!("Redis gave {what}"))
}

fn random() -> Result<u64, StoreError> {
    getrandom::u64().map_err(|error| StoreError::Unavailable(format!("no randomness: {error}")))
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
