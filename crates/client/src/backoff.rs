//! When to try again: failures go in, waiting times come out.
//!
//! Full jitter: the n-th wait is a random share of 0.25 s times 2 to the n, at most 10 s. So ten
//! thousand pages whose server restarts come back spread over seconds, not all at once. The
//! ladder starts anew only after a connection has held for a while, or a server that accepts and
//! drops would be asked every quarter of a second.

use crate::Millis;

/// The longest wait before the first new attempt.
const BASE: Millis = 250;
/// The longest wait of all.
const MOST: Millis = 10_000;

/// How long a connection must hold before the waits start anew.
pub const STABLE: Millis = 10_000;

/// Counts failures.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure; `random` is at least 0 and less than 1.
    pub fn fail(&mut self, random: f64) -> Millis {
        let ceiling = (BASE << self.failures.min(8)).min(MOST);
        self.failures += 1;
        (random * ceiling as f64) as Millis
    }

    /// The connection has held: the next failure is the first one.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_a_random_share_of_a_doubling_ceiling() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..8).map(|_| backoff.fail(0.5)).collect();
        assert_eq!(waits, [125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
        assert_eq!(backoff.fail(0.0), 0);
    }

    #[test]
    fn a_stable_connection_starts_the_ladder_anew() {
        let mut backoff = Backoff::default();
        (0..20).for_each(|_| assert!(backoff.fail(0.999) < MOST));
        backoff.reset();
        assert_eq!(backoff.fail(0.5), 125);
    }
}
