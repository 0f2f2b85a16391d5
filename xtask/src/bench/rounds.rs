//! Rounds of several sides, one after the other in one run, so that a slow minute of the machine hits them
//! all.
//!
//! Invariant: a ratio is made of medians of the same rounds; where one side's rounds differ by more than
//! [`NOISE`], the run is repeated, and in the end told per CPU second.

/// Where the fastest round is more than twice the slowest, the machine decided, not the code.
pub const NOISE: f64 = 2.0;

/// One round of one side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Operations a second by the clock.
    pub per_second: f64,
    /// Operations per second of CPU time of the side that does the work.
    pub per_cpu_second: f64,
}

/// All rounds of one side.
#[derive(Debug, Clone, Default)]
pub struct Side {
    pub name: String,
    pub rounds: Vec<Round>,
}

/// A middle value with the range it came from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    pub fn of(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        Some(Spread { median: values[values.len() / 2], least, most })
    }
    pub fn is_noisy(&self) -> bool {
        self.most > self.least * NOISE
    }
}

impl Side {
    pub fn new(name: impl Into<String>) -> Side {
        Side { name: name.into(), rounds: Vec::new() }
    }
    pub fn spread(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(|r| r.per_second).collect())
    }
    pub fn spread_per_cpu(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(|r| r.per_cpu_second).collect())
    }
}

/// One side over the other, round by round.
pub fn ratio(ours: &Side, theirs: &Side, per_cpu: bool) -> Option<Spread> {
    let figure = |r: &Round| if per_cpu { r.per_cpu_second } else { r.per_second };
    let pairs = ours.rounds.iter().zip(&theirs.rounds);
    Spread::of(pairs.map(|(a, b)| figure(a) / figure(b)).collect())
}

/// What a stopwatch saw.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub operations: u64,
    pub seconds: f64,
    pub cpu_seconds: f64,
}

impl Measured {
    pub fn round(self) -> Round {
        let per = |seconds: f64| self.operations as f64 / seconds.max(1e-9);
        Round { per_second: per(self.seconds), per_cpu_second: per(self.cpu_seconds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(values: &[f64]) -> Side {
        let rounds = values.iter().map(|&v| Round { per_second: v, per_cpu_second: v / 2.0 }).collect();
        Side { name: String::new(), rounds }
    }

    #[test]
    fn the_ratio_is_the_median_of_rounds() {
        let found = ratio(&side(&[10.0, 30.0, 20.0]), &side(&[5.0, 10.0, 10.0]), false).expect("rounds");
        assert_eq!((found.median, found.least, found.most), (2.0, 2.0, 3.0));
    }

    #[test]
    fn noise_is_more_than_a_factor_of_two() {
        assert!(side(&[1.0, 2.5, 1.5]).spread().expect("rounds").is_noisy());
        assert!(!side(&[1.0, 1.9, 1.5]).spread().expect("rounds").is_noisy());
    }
}
