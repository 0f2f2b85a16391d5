//! Repeatable chance: the same seed throws the same numbers on every machine.

/// A thrower of numbers (SplitMix64): good enough to spread load, not for secrets.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }
    /// A number from 0 up to, not including, `sides`.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.throw() % sides.max(1)
    }
    /// From the least to the most, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1).max(1) as u64) as i64
    }
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
    /// One of several; there must be one.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Spreads a counter over all numbers without a state.
pub fn scramble(n: u64) -> u64 {
    let x = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_numbers() {
        let throws = |seed| {
            let mut dice = Dice::new(seed);
            [dice.below(6), dice.below(6), dice.below(1_000_000)]
        };
        assert_eq!(throws(1), throws(1));
        assert_ne!(throws(1), throws(2));
    }
}
