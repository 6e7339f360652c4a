//! JSON Web Tokens: their form, the keys of their issuers, their signatures and claims, and the way from one to its caller.

pub mod algorithm;
pub mod board;
pub mod bound;
pub mod claims;
pub mod der;
pub mod discovery;
pub mod json;
pub mod jwks;
pub mod key_set;
pub mod provider;
pub mod remembered;
pub mod roca;
pub mod signature;
pub mod token;
pub mod verify;
