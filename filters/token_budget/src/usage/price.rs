//! From what was used to what a limit counts.

use crate::config::{self, Unit};
use chat::{Media, Usage};

/// The tokens of a call, estimated or real.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// All input, cached or not.
    pub input: u64,
    pub cached_input: u64,
    pub cache_write: u64,
    /// Of these, those that are kept for an hour.
    pub cache_write_1h: u64,
    /// All output, reasoning or not.
    pub output: u64,
    pub reasoning: u64,
    /// All tokens.
    pub total: u64,
    /// Units of searching.
    pub searches: u64,
    /// What is no text.
    pub media: Media,
}

/// What else a call may cost by.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Work {
    pub rows: u64,
    pub body_bytes: u64,
    pub millis: u64,
}

impl Measure {
    /// Input and output that are known or estimated.
    pub fn of(input: u64, output: u64) -> Self {
        Self { input, output, total: input.saturating_add(output), ..Self::default() }
    }

    /// What the upstream reports; what it leaves out is what was counted, or what is left of the total. A total alone is all input
    /// where nothing `generates`.
    pub fn reported(usage: &Usage, counted: &Measure, generates: bool) -> Self {
        let left = usage.total.map(|total| total.saturating_sub(usage.output.unwrap_or(0)));
        let input = usage.input_total().unwrap_or(match left {
            Some(left) if generates => counted.input.min(left),
            Some(left) => left,
            None => counted.input,
        });
        let reasoning = usage.reasoning.unwrap_or(0);
        let output = match (usage.output, usage.total) {
            // Some servers tell what the model thought beside the answer, or in the total alone.
            (Some(output), _) if reasoning > output => output.saturating_add(reasoning),
            (Some(output), _) => output,
            (None, Some(_)) => 0,
            (None, None) => counted.output,
        };
        let output = output.max(usage.total.unwrap_or(0).saturating_sub(input));
        Self {
            input,
            output,
            cached_input: usage.cached_input.unwrap_or(0),
            cache_write: usage.cache_write.unwrap_or(0),
            cache_write_1h: usage.cache_write_1h.unwrap_or(0),
            reasoning,
            total: usage.all().unwrap_or(0).max(input.saturating_add(output)),
            searches: usage.searches.unwrap_or(0),
            media: usage.media,
        }
    }

    /// A part of it in percent, rounded up.
    pub fn percent(&self, percent: u8) -> Self {
        let part = |tokens| part(tokens, percent);
        Self {
            input: part(self.input),
            cached_input: part(self.cached_input),
            cache_write: part(self.cache_write),
            cache_write_1h: part(self.cache_write_1h),
            output: part(self.output),
            reasoning: part(self.reasoning),
            total: part(self.total),
            searches: part(self.searches),
            media: self.media.zip(self.media, |tokens, _| part(tokens)),
        }
    }

    /// What a limit of `unit` counts.
    pub fn amount(&self, unit: Unit, cost: u64) -> u64 {
        match unit {
            Unit::Requests | Unit::InFlight => 1,
            Unit::Input => self.input,
            Unit::CachedInput => self.cached_input,
            Unit::Output => self.output,
            Unit::Reasoning => self.reasoning,
            Unit::Tokens => self.total,
            Unit::Money => cost,
        }
    }
}

/// A part of an amount in percent, rounded up.
pub(crate) fn part(amount: u64, percent: u8) -> u64 {
    u64::try_from((u128::from(amount) * u128::from(percent)).div_ceil(100)).unwrap_or(u64::MAX)
}

/// What a model costs, in micro-units.
#[derive(Debug, Clone)]
pub(crate) struct Price {
    input: u64,
    cached_input: u64,
    cache_write: u64,
    cache_write_1h: u64,
    output: u64,
    reasoning: u64,
    request: u64,
    row: u64,
    request_kib: u64,
    second: u64,
    /// Of sound by the hour, of all others by the million tokens.
    media: Media,
    /// Something is priced by the row.
    pub by_rows: bool,
}

impl Price {
    pub fn new(raw: &config::Price) -> Self {
        let cache_write = raw.cache_write.unwrap_or(raw.input);
        Self {
            input: raw.input,
            cached_input: raw.cached_input.unwrap_or(raw.input),
            cache_write,
            cache_write_1h: raw.cache_write_1h.unwrap_or(cache_write),
            output: raw.output,
            reasoning: raw.reasoning.unwrap_or(raw.output),
            request: raw.request,
            row: raw.row,
            request_kib: raw.request_kib,
            second: raw.second,
            media: Media {
                input_audio: raw.input_audio.unwrap_or(raw.input),
                input_image: raw.input_image.unwrap_or(raw.input),
                output_audio: raw.output_audio.unwrap_or(raw.output),
                output_image: raw.output_image.unwrap_or(raw.output),
                audio_ms: raw.audio_hour,
            },
            by_rows: raw.row > 0,
        }
    }

    /// Whether nothing that a call may be costs anything.
    pub fn is_free(&self) -> bool {
        let Self { input, cached_input, cache_write, cache_write_1h, output, reasoning, .. } = self;
        let Self { request, row, request_kib, second, media, .. } = self;
        let tokens = [input, cached_input, cache_write, cache_write_1h, output, reasoning];
        tokens.into_iter().chain([request, row, request_kib, second]).all(|price| *price == 0)
            && *media == Media::default()
    }

    /// The price of a call, rounded up once.
    pub fn cost(&self, measure: &Measure, work: Work) -> u64 {
        let mut plain = measure.input.saturating_sub(measure.cached_input).saturating_sub(measure.cache_write);
        let for_an_hour = measure.cache_write_1h.min(measure.cache_write);
        let mut spoken = measure.output.saturating_sub(measure.reasoning);
        let (media, prices) = (&measure.media, &self.media);
        let tokens = sum(&[
            (part_of(&mut plain, media.input_audio), prices.input_audio),
            (part_of(&mut plain, media.input_image), prices.input_image),
            (plain, self.input),
            (measure.cached_input, self.cached_input),
            (measure.cache_write - for_an_hour, self.cache_write),
            (for_an_hour, self.cache_write_1h),
            (part_of(&mut spoken, media.output_audio), prices.output_audio),
            (part_of(&mut spoken, media.output_image), prices.output_image),
            (spoken, self.output),
            (measure.reasoning.min(measure.output), self.reasoning),
        ]);
        // Millionths and parts of an hour, rounded up together: both divide 18 million.
        let heard = sum(&[(media.audio_ms, prices.audio_ms)]);
        let parts = tokens.saturating_mul(18).saturating_add(heard.saturating_mul(5)).div_ceil(18_000_000);
        let more = sum(&[
            (1, self.request),
            (work.rows.max(measure.searches), self.row),
            (work.body_bytes.div_ceil(1024), self.request_kib),
            (work.millis.div_ceil(1000), self.second),
        ]);
        u64::try_from(parts.saturating_add(more)).unwrap_or(u64::MAX)
    }
}

/// Takes a part out of what is left, at most all of it.
fn part_of(left: &mut u64, part: u64) -> u64 {
    let part = part.min(*left);
    *left -= part;
    part
}

/// What so many of each cost.
#[inline(never)]
fn sum(parts: &[(u64, u64)]) -> u128 {
    parts.iter().map(|(count, price)| u128::from(*count) * u128::from(*price)).fold(0, u128::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price() -> Price {
        Price::new(&config::Price {
            input: 2_500_000,
            cached_input: Some(1_250_000),
            output: 10_000_000,
            request: 7,
            row: 3,
            request_kib: 2,
            second: 5,
            ..config::Price::default()
        })
    }

    #[test]
    fn a_call_costs_what_its_parts_cost() {
        let measure =
            Measure { input: 1000, cached_input: 400, output: 100, reasoning: 40, total: 1100, ..Measure::default() };
        assert_eq!(price().cost(&measure, Work::default()), 600 * 5 / 2 + 400 * 5 / 4 + 1000 + 7);
        assert_eq!(price().cost(&Measure::default(), Work { rows: 2, body_bytes: 1025, millis: 1 }), 7 + 6 + 4 + 5);
        assert_eq!(price().cost(&Measure::of(1, 0), Work::default()), 3 + 7, "rounded up");
    }

    #[test]
    fn what_a_cache_keeps_longer_may_cost_more() {
        let measure = Measure { input: 1000, cache_write: 600, cache_write_1h: 200, ..Measure::default() };
        for (cache_write, cache_write_1h, cost) in [
            (None, None, 1000),
            (Some(2_000_000), None, 400 + 1200),
            (Some(2_000_000), Some(3_000_000), 400 + 800 + 600),
        ] {
            let raw = config::Price { input: 1_000_000, cache_write, cache_write_1h, ..config::Price::default() };
            assert_eq!(Price::new(&raw).cost(&measure, Work::default()), cost);
        }
    }

    #[test]
    fn sound_and_images_may_have_prices_of_their_own() {
        let media = Media { input_audio: 100, input_image: 200, output_audio: 30, output_image: 40, audio_ms: 0 };
        let measure =
            Measure { input: 1000, cached_input: 100, output: 100, reasoning: 20, media, ..Measure::default() };
        let raw = config::Price {
            input: 1_000_000,
            input_audio: Some(10_000_000),
            input_image: Some(3_000_000),
            output: 2_000_000,
            output_audio: Some(20_000_000),
            ..config::Price::default()
        };
        let cost = |measure: &Measure| Price::new(&raw).cost(measure, Work::default());
        assert_eq!(cost(&measure), 700 + 1000 + 600 + 2 * 70 + 600);
        // Never more tokens than there are.
        let media = Media { input_audio: 5000, output_audio: 90, ..media };
        assert_eq!(cost(&Measure { media, ..measure }), 100 + 9000 + 2 * 20 + 1600);
    }

    #[test]
    fn sound_by_the_hour_is_rounded_up_once_with_the_rest() {
        let raw = config::Price { input: 500_000, audio_hour: 360_000, ..config::Price::default() };
        let price = Price::new(&raw);
        assert!(!price.is_free());
        for (audio_ms, input, cost) in [(9000, 0, 900), (1, 0, 1), (15, 1, 2), (5, 1, 1), (3_600_000, 3, 360_002)] {
            let measure = Measure { input, media: Media { audio_ms, ..Media::default() }, ..Measure::default() };
            assert_eq!(price.cost(&measure, Work::default()), cost, "{audio_ms} {input}");
        }
    }

    #[test]
    fn hostile_numbers_saturate() {
        let most = u64::MAX;
        let raw = config::Price { input: most, output: most, request: most, row: most, ..config::Price::default() };
        let work = Work { rows: most, body_bytes: most, millis: most };
        assert_eq!(Price::new(&raw).cost(&Measure::of(most, most), work), most);
    }
}
