//! The money of a run.

/// Money at the start, what trades brought and what is tied in open ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wallet {
    start: f64,
    profit: f64,
    tied: f64,
}

impl Wallet {
    pub(super) const fn new(start: f64) -> Self {
        Self {
            start,
            profit: 0.0,
            tied: 0.0,
        }
    }

    /// Books the profit of a closed trade.
    pub(super) fn book(&mut self, profit: f64) {
        self.profit += profit;
    }

    /// Sets what is tied: the sum over the stakes of open trades in order of opening, so that it is the same sum
    /// whatever was open before.
    pub(super) fn tie(&mut self, stakes: impl Iterator<Item = f64>) {
        self.tied = stakes.fold(0.0, |sum, stake| sum + stake);
    }

    pub(super) const fn tied(&self) -> f64 {
        self.tied
    }

    /// Money that is in no trade.
    pub(super) fn free(&self) -> f64 {
        self.start + self.profit - self.tied
    }

    /// Money at the start and what closed trades brought, as the sum of its parts: rounding them differs from trade to
    /// trade in the last digit, which can decide when the account was lowest.
    pub(super) fn free_and_tied(&self) -> f64 {
        self.free() + self.tied
    }

    /// Money that the next trade may take, when only a share of the wallet may be traded.
    pub(super) fn available(&self, ratio: f64) -> f64 {
        let free = self.free();
        ((self.tied + free) * ratio - self.tied).min(free)
    }
}
