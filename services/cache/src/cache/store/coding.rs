//! How records are written as bytes, in every store. What is read may be damaged: no length in it is believed beyond a bound.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most that one record holds, in bytes: names, tags and a vector.
const LIMIT: usize = 16 << 20;

/// A record as bytes.
///
/// # Errors
/// It is longer than 16 MiB.
pub fn encode(record: &impl Serialize) -> Result<Vec<u8>, &'static str> {
    let config = bincode::config::standard().with_limit::<LIMIT>();
    bincode::serde::encode_to_vec(record, config).map_err(|_| "is too long to be kept")
}

/// The record that these bytes are; `None` where they are none.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let config = bincode::config::standard().with_limit::<LIMIT>();
    bincode::serde::decode_from_slice(bytes, config).ok().map(|(record, _)| record)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::cache::store::{Entry, Labels};

    #[test]
    fn a_damaged_length_is_not_believed() {
        // A text of 2^62 bytes, as a damaged record may claim.
        let mut bytes = vec![253];
        bytes.extend((1_u64 << 62).to_le_bytes());
        assert!(decode::<String>(&bytes).is_none());
        assert!(decode::<Labels>(&bytes).is_none());
        assert!(decode::<Entry>(&[0xff; 200]).is_none());
        let labels = Labels { tenant: "a tenant".into(), ..Labels::default() };
        assert_eq!(decode::<Labels>(&encode(&labels).unwrap()), Some(labels));
    }
}
