//! Takes turns: A B C, B C A, C A B, … so that the drift of a shared machine hits all alike.

/// Measures `contenders` things in each of some rounds. What comes back is, for each thing, its samples by round.
pub fn interleave<T, E>(
    rounds: usize,
    contenders: usize,
    mut measure: impl FnMut(usize, usize) -> Result<T, E>,
) -> Result<Vec<Vec<T>>, E> {
    let mut samples: Vec<Vec<T>> = (0..contenders).map(|_| Vec::with_capacity(rounds)).collect();
    for round in 0..rounds {
        for turn in 0..contenders {
            let contender = (round + turn) % contenders;
            samples[contender].push(measure(round, contender)?);
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_turn_moves_on_with_each_round() {
        let mut turns = Vec::new();
        let samples = interleave(3, 3, |round, contender| {
            turns.push(contender);
            Ok::<_, ()>((round, contender))
        });
        assert_eq!(turns, [0, 1, 2, 1, 2, 0, 2, 0, 1]);
        assert_eq!(samples.unwrap()[1], [(0, 1), (1, 1), (2, 1)]);
    }

    #[test]
    fn the_first_error_ends_it() {
        let mut turns = 0;
        let failed = interleave(3, 2, |_, contender| {
            turns += 1;
            if contender == 1 { Err("down") } else { Ok(()) }
        });
        assert_eq!((failed, turns), (Err("down"), 2));
    }
}
