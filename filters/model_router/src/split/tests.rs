//! Shares, what moves when weights move, and fixed values that keep the hash from ever changing silently.

use super::*;
use proptest::prelude::*;

const USERS: usize = 100_000;

/// Versions `v1`, `v2`, …, of which the first has what the others leave.
fn split(salt: &str, weights: &[u32]) -> Split<usize> {
    let names: Vec<String> = (0..weights.len()).map(|at| format!("v{}", at + 2)).collect();
    let others = weights.iter().zip(&names).enumerate();
    Split::new(salt, 0, others.map(|(at, (weight, name))| (name.as_str(), *weight, at + 1)))
}

fn drawn(split: &Split<usize>) -> Vec<usize> {
    (0..USERS).map(|user| *split.version(format!("user-{user}").as_bytes())).collect()
}

fn share(drawn: &[usize], version: usize) -> f64 {
    drawn.iter().filter(|drawn| **drawn == version).count() as f64 / drawn.len() as f64
}

/// Callers that moved, by where from and where to.
fn moves(before: &[usize], after: &[usize]) -> Vec<(usize, usize)> {
    let mut kinds: Vec<_> = before.iter().zip(after).filter(|(b, a)| b != a).map(|(b, a)| (*b, *a)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn moved(before: &[usize], after: &[usize]) -> f64 {
    before.iter().zip(after).filter(|(before, after)| before != after).count() as f64 / before.len() as f64
}

#[test]
fn shares_are_the_weights() {
    for salt in ["demo", "", "another salt"] {
        assert!((share(&drawn(&split(salt, &[100_000])), 1) - 0.1).abs() < 0.003);
        let all = drawn(&split(salt, &[100_000, 200_000, 50_000, 150_000]));
        for (version, weight) in [0.5, 0.1, 0.2, 0.05, 0.15].into_iter().enumerate() {
            assert!((share(&all, version) - weight).abs() < 0.005, "{salt} {version} {}", share(&all, version));
        }
    }
}

#[test]
fn a_share_moves_alone() {
    for (before, after, kinds, part) in [
        (&[100_000][..], &[200_000][..], vec![(0, 1)], 0.1),
        (&[200_000], &[100_000], vec![(1, 0)], 0.1),
        (&[100_000, 100_000], &[200_000, 100_000], vec![(0, 1)], 0.1),
        (&[100_000, 100_000], &[100_000, 300_000], vec![(0, 2)], 0.2),
        (&[100_000, 100_000], &[0, 100_000], vec![(1, 0)], 0.1),
        (&[100_000], &[100_000, 50_000], vec![(0, 2)], 0.05),
        (&[100_000, 50_000], &[100_000, 50_000, 70_000], vec![(0, 3)], 0.07),
        (&[100_000, 50_000, 70_000], &[100_000, 50_000, 70_000, 30_000], vec![(0, 4)], 0.03),
        (&[100_000, 50_000, 70_000], &[100_000, 50_000, 170_000], vec![(0, 3)], 0.1),
        (&[0], &[1_000_000], vec![(0, 1)], 1.0),
    ] {
        let (old, new) = (drawn(&split("demo", before)), drawn(&split("demo", after)));
        assert_eq!(moves(&old, &new), kinds, "{before:?} to {after:?}");
        assert!((moved(&old, &new) - part).abs() < 0.004, "{before:?} to {after:?}: {}", moved(&old, &new));
    }
}

#[test]
fn beyond_three_versions_few_others_move() {
    let old = drawn(&split("demo", &[100_000, 100_000, 100_000, 100_000]));
    let new = drawn(&split("demo", &[200_000, 100_000, 100_000, 100_000]));
    assert!((share(&new, 3) - 0.1).abs() < 0.003 && (share(&new, 4) - 0.1).abs() < 0.003);
    // 10 % is moved on purpose; the rest keeps the shares of the fourth and fifth version exact.
    assert!(moved(&old, &new) < 0.16, "{}", moved(&old, &new));
}

#[test]
fn salts_draw_independently() {
    let (one, other) = (drawn(&split("a", &[500_000])), drawn(&split("b", &[500_000])));
    assert!((moved(&one, &other) - 0.5).abs() < 0.01);
}

/// These values are a promise to every replica and every release. They were computed by another implementation.
#[test]
fn the_hash_never_changes() {
    let points: Vec<u32> = [("demo", "alice"), ("demo", "bob"), ("demo", ""), ("", "alice"), ("sälz", "10.0.0.1")]
        .into_iter()
        .map(|(salt, value)| scaled(keyed(b"modelgate sticky", &[salt.as_bytes()]).hash(value.as_bytes()), WHOLE))
        .collect();
    assert_eq!(points, POINTS);
    let many = split("demo", &[100_000, 100_000, 200_000, 200_000]);
    let versions: Vec<usize> = (0..24).map(|user| *many.version(format!("user-{user}").as_bytes())).collect();
    assert_eq!(versions, VERSIONS);
}

const POINTS: [u32; 5] = [295_477, 540_848, 222_303, 466_698, 807_230];
const VERSIONS: [usize; 24] = [4, 3, 1, 0, 4, 0, 4, 0, 4, 3, 1, 0, 3, 1, 0, 2, 4, 0, 0, 1, 0, 3, 2, 0];

#[test]
fn a_version_with_everything_gets_everyone() {
    assert!(drawn(&split("s", &[0, 0, 0, 0])).iter().all(|version| *version == 0));
    assert!(drawn(&split("s", &[1_000_000])).iter().all(|version| *version == 1));
    assert!(drawn(&split("s", &[0, 1_000_000])).iter().all(|version| *version == 2));
    assert!(drawn(&split("s", &[0, 0, 1_000_000])).iter().all(|version| *version == 3));
    assert!(drawn(&split("s", &[0, 0, 0, 1_000_000, 0])).iter().all(|version| *version == 4));
    assert_eq!((scaled(u64::MAX, WHOLE), scaled(0, WHOLE), scaled(u64::MAX, 0)), (999_999, 0, 0));
}

proptest! {
    #[test]
    fn growing_an_edge_takes_from_the_stable_version_alone(
        low in 0..=400_000_u32, high in 0..=400_000_u32, more in 0..=200_000_u32, right: bool, value: Vec<u8>, salt: String,
    ) {
        let grown = if right { [low, high + more] } else { [low + more, high] };
        let (before, after) = (split(&salt, &[low, high]), split(&salt, &grown));
        let (before, after) = (*before.version(&value), *after.version(&value));
        prop_assert!(before == after || (before == 0 && after == 1 + usize::from(right)));
    }

    #[test]
    fn a_version_added_last_takes_from_the_stable_one_alone(
        weights in prop::collection::vec(0..=150_000_u32, 0..5), added in 0..=200_000_u32, value: Vec<u8>,
    ) {
        let with: Vec<u32> = weights.iter().copied().chain([added]).collect();
        let (before, after) = (*split("s", &weights).version(&value), *split("s", &with).version(&value));
        prop_assert!(before == after || (before == 0 && after == with.len()));
    }

    #[test]
    fn dark_versions_get_nobody(weights in prop::collection::vec(prop_oneof![Just(0), 0..=200_000_u32], 0..6), value: Vec<u8>) {
        let version = *split("s", &weights).version(&value);
        prop_assert!(version == 0 || weights[version - 1] > 0);
    }
}
