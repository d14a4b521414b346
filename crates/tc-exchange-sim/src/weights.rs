//! Request weight of one market, as the exchange counts it.

/// Ban after repeated refusals; doubles with each further one up to three days.
const FIRST_BAN_MS: i64 = 120_000;
const LONGEST_BAN_MS: i64 = 3 * 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// Counts weight per minute of virtual time. Time is an argument (virtual Unix milliseconds).
#[derive(Debug)]
pub(crate) struct Weights {
    refusals_before_ban: u32,
    minute: i64,
    used: u32,
    refusals: u32,
    bans: u32,
    banned_until_ms: i64,
}

/// What a request gets for its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Admitted { used: u32 },
    Limited { used: u32, retry_ms: i64 },
    Banned { used: u32, retry_ms: i64 },
}

impl Weights {
    pub(crate) const fn new(refusals_before_ban: u32) -> Self {
        Self {
            refusals_before_ban,
            minute: 0,
            used: 0,
            refusals: 0,
            bans: 0,
            banned_until_ms: 0,
        }
    }

    /// Charges a request against the limit of `per_minute`. Refused requests count too.
    pub(crate) fn charge(&mut self, weight: u32, per_minute: u32, now_ms: i64) -> Admission {
        let minute = now_ms.div_euclid(MINUTE_MS);
        if minute != self.minute {
            (self.minute, self.used, self.refusals) = (minute, 0, 0);
        }
        self.used = self.used.saturating_add(weight);
        let used = self.used;
        if now_ms < self.banned_until_ms {
            return self.banned(now_ms);
        }
        if used <= per_minute {
            return Admission::Admitted { used };
        }
        self.refusals += 1;
        if self.refusals > self.refusals_before_ban {
            let ban_ms = FIRST_BAN_MS
                .saturating_mul(1 << self.bans.min(30))
                .min(LONGEST_BAN_MS);
            self.bans += 1;
            self.banned_until_ms = now_ms + ban_ms;
            return self.banned(now_ms);
        }
        Admission::Limited {
            used,
            retry_ms: (minute + 1) * MINUTE_MS - now_ms,
        }
    }

    const fn banned(&self, now_ms: i64) -> Admission {
        Admission::Banned {
            used: self.used,
            retry_ms: self.banned_until_ms - now_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_then_ban_then_longer_ban() {
        let mut weights = Weights::new(1);
        assert_eq!(
            weights.charge(10, 10, 6_000_000),
            Admission::Admitted { used: 10 }
        );
        assert_eq!(
            weights.charge(2, 10, 6_015_000),
            Admission::Limited {
                used: 12,
                retry_ms: 45_000
            }
        );
        let until_ms = 6_016_000 + 120_000;
        assert_eq!(
            weights.charge(2, 10, 6_016_000),
            Admission::Banned {
                used: 14,
                retry_ms: 120_000
            }
        );
        assert_eq!(
            weights.charge(1, 10, 6_100_000),
            Admission::Banned {
                used: 1,
                retry_ms: 36_000
            }
        );
        assert_eq!(
            weights.charge(10, 10, until_ms),
            Admission::Admitted { used: 11 - 1 }
        );
        weights.charge(5, 10, until_ms + 1);
        assert_eq!(
            weights.charge(5, 10, until_ms + 2),
            Admission::Banned {
                used: 20,
                retry_ms: 240_000
            }
        );
    }

    #[test]
    fn a_new_minute_is_free() {
        let mut weights = Weights::new(5);
        weights.charge(11, 10, 59_999);
        assert_eq!(weights.charge(10, 10, 60_000), Admission::Admitted { used: 10 });
    }
}
