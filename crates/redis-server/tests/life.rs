//! The life of a Redis: fetched where need be, started, frozen, killed, started again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use redis_server::{Binary, Redis};

fn binary() -> Binary {
    Binary::for_tests().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_it_acknowledged_is_there_after_a_kill() {
    let mut redis = Redis::start(&binary()).unwrap();
    assert_eq!(redis.ask("SET answer 42").unwrap(), "+OK");
    redis.kill();
    assert!(redis.ask("PING").is_err());
    redis.restart().unwrap();
    assert_eq!(redis.ask("GET answer").unwrap(), "$2");
}

#[test]
fn it_has_vector_sets() {
    let redis = Redis::start(&binary()).unwrap();
    assert_eq!(redis.ask("VADD v VALUES 2 0.6 0.8 a").unwrap(), ":1");
    assert_eq!(redis.ask("VSIM v ELE a").unwrap(), "*1");
}

#[test]
fn a_frozen_one_is_silent_until_it_thaws() {
    let redis = Redis::start(&binary()).unwrap();
    redis.freeze().unwrap();
    assert!(redis.ask("PING").is_err());
    redis.thaw().unwrap();
    assert_eq!(redis.ask("PING").unwrap(), "+PONG");
}
