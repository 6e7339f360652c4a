//! How a price is read: fifteen numbers by their names, in one loop. A visitor that serde derives is ten times as long in a module.

use super::Price;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// The keys of [`Price`].
const NAMES: [&str; 15] = [
    "input",
    "cached_input",
    "cache_write",
    "cache_write_1h",
    "output",
    "reasoning",
    "input_audio",
    "input_image",
    "output_audio",
    "output_image",
    "audio_hour",
    "request",
    "row",
    "request_kib",
    "second",
];

/// The numbers of a price, in the order of their names.
pub struct Numbers([Option<u64>; NAMES.len()]);

impl From<Numbers> for Price {
    fn from(Numbers(found): Numbers) -> Self {
        let [
            input,
            cached_input,
            cache_write,
            cache_write_1h,
            output,
            reasoning,
            input_audio,
            input_image,
            output_audio,
            output_image,
            audio_hour,
            request,
            row,
            request_kib,
            second,
        ] = found;
        let or_nothing = Option::unwrap_or_default;
        Self {
            input: or_nothing(input),
            cached_input,
            cache_write,
            cache_write_1h,
            output: or_nothing(output),
            reasoning,
            input_audio,
            input_image,
            output_audio,
            output_image,
            audio_hour: or_nothing(audio_hour),
            request: or_nothing(request),
            row: or_nothing(row),
            request_kib: or_nothing(request_kib),
            second: or_nothing(second),
        }
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Price", &NAMES, Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Numbers;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of prices")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Numbers, A::Error> {
        let mut found = [None; NAMES.len()];
        while let Some(name) = map.next_key::<String>()? {
            let place = NAMES.iter().zip(&mut found).find(|(known, _)| **known == name);
            let (_, place) = place.ok_or_else(|| A::Error::unknown_field(&name, &NAMES))?;
            *place = map.next_value()?;
        }
        Ok(Numbers(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_at_its_name() {
        let said: Vec<String> = NAMES.iter().zip(1..).map(|(name, number)| format!("\"{name}\":{number}")).collect();
        let price: Price = serde_json::from_str(&format!("{{{}}}", said.join(","))).unwrap();
        let shown = format!("{price:?}").replace("Some(", "").replace(')', "");
        for (name, number) in NAMES.iter().zip(1..) {
            assert!(shown.contains(&format!(" {name}: {number}")), "{name} in {shown}");
        }
        assert!(serde_json::from_str::<Price>(r#"{"inptu": 1}"#).is_err());
    }
}
