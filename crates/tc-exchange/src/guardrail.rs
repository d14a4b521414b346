//! How long to wait before the next attempt to connect.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

/// Wait between attempts while the guardrail is off.
const CONSTANT_WAIT_MS: u64 = 2_000;

/// Limits of a [`Guardrail`]. All times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardrailOptions {
    /// Off: every wait is two seconds and no state is kept.
    pub enabled: bool,
    /// Failures within the window that open the circuit; at least 1.
    pub crash_budget: u32,
    /// Length of the sliding window.
    pub budget_window_ms: u64,
    /// Wait after the first failure; doubles with each further one.
    pub backoff_initial_ms: u64,
    /// Cap of the doubled wait.
    pub backoff_max_ms: u64,
    /// Wait while the circuit is open.
    pub open_cooldown_ms: u64,
}

impl Default for GuardrailOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            crash_budget: 5,
            budget_window_ms: 60_000,
            backoff_initial_ms: 1_000,
            backoff_max_ms: 15_000,
            open_cooldown_ms: 30_000,
        }
    }
}

impl GuardrailOptions {
    /// Failures before this do not count at `now_ms`.
    const fn window_start_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.budget_window_ms)
    }
}

/// State of the circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardrailState {
    /// Attempts are made after the back-off.
    Closed,
    /// Too many failures: no attempt before the cooldown is over.
    Open,
    /// One attempt is on its way; its failure opens the circuit again.
    HalfOpen,
}

impl GuardrailState {
    /// The name used in snapshots.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Circuit breaker with back-off. Times are monotonic milliseconds handed in by the caller.
#[derive(Debug, Clone)]
pub struct Guardrail {
    options: GuardrailOptions,
    state: GuardrailState,
    failures: VecDeque<u64>,
    consecutive: u32,
    last_failure_ms: Option<u64>,
    last_error: Option<String>,
    last_backoff_ms: u64,
    next_attempt_ms: u64,
}

/// A copy of a guardrail's state for people and health checks. Times as in [`Guardrail`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardrailSnapshot {
    /// The state of the circuit.
    pub state: GuardrailState,
    /// Failures within the window.
    pub window_failures: u32,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// When the last failure was reported.
    pub last_failure_ms: Option<u64>,
    /// Its cause.
    pub last_error: Option<String>,
    /// The wait it led to.
    pub last_backoff_ms: u64,
    /// What is left of that wait.
    pub next_retry_in_ms: u64,
    /// The limits.
    pub options: GuardrailOptions,
    /// When this copy was true.
    pub taken_at_ms: u64,
    failures: Vec<u64>,
}

impl GuardrailSnapshot {
    /// The same state by another clock, which showed `taken_at_ms` when this copy was true.
    #[must_use]
    pub fn on_clock(mut self, taken_at_ms: u64) -> Self {
        let moved = |at_ms: u64| taken_at_ms.saturating_sub(self.taken_at_ms.saturating_sub(at_ms));
        self.last_failure_ms = self.last_failure_ms.map(moved);
        self.failures = self.failures.into_iter().map(moved).collect();
        self.taken_at_ms = taken_at_ms;
        self
    }

    /// The state `elapsed_ms` later, if nothing was tried in between: waits are shorter and failures older.
    #[must_use]
    pub fn later(mut self, elapsed_ms: u64) -> Self {
        self.taken_at_ms = self.taken_at_ms.saturating_add(elapsed_ms);
        self.next_retry_in_ms = self.next_retry_in_ms.saturating_sub(elapsed_ms);
        let start_ms = self.options.window_start_ms(self.taken_at_ms);
        self.failures.retain(|at_ms| *at_ms >= start_ms);
        self.window_failures = count(self.failures.len());
        self
    }
}

impl Guardrail {
    /// A closed circuit without failures.
    #[must_use]
    pub const fn new(options: GuardrailOptions) -> Self {
        Self {
            options,
            state: GuardrailState::Closed,
            failures: VecDeque::new(),
            consecutive: 0,
            last_failure_ms: None,
            last_error: None,
            last_backoff_ms: 0,
            next_attempt_ms: 0,
        }
    }

    /// Counts a failure and returns the wait before the next attempt.
    ///
    /// `jitter` multiplies a back-off (never a cooldown) and is held in 0.8 ..= 1.2.
    pub fn failure(&mut self, now_ms: u64, jitter: f64, error: impl Into<String>) -> u64 {
        self.last_failure_ms = Some(now_ms);
        self.last_error = Some(error.into());
        self.consecutive = self.consecutive.saturating_add(1);
        let wait_ms = if self.options.enabled {
            self.judge(now_ms, jitter)
        } else {
            CONSTANT_WAIT_MS
        };
        self.last_backoff_ms = wait_ms;
        self.next_attempt_ms = now_ms.saturating_add(wait_ms);
        wait_ms
    }

    fn judge(&mut self, now_ms: u64, jitter: f64) -> u64 {
        self.forget_old(now_ms);
        self.failures.push_back(now_ms);
        if self.window_failures() >= self.options.crash_budget.max(1)
            || self.state == GuardrailState::HalfOpen
        {
            // More entries than the budget can never change the verdict.
            while self.window_failures() > self.options.crash_budget.max(1) {
                self.failures.pop_front();
            }
            self.state = GuardrailState::Open;
            return self.options.open_cooldown_ms;
        }
        self.state = GuardrailState::Closed;
        let doublings = (self.consecutive - 1).min(63);
        let backoff = self
            .options
            .backoff_initial_ms
            .saturating_mul(1 << doublings)
            .min(self.options.backoff_max_ms);
        scaled(backoff, jitter)
    }

    /// Asked before an attempt: milliseconds still to wait, 0 to go ahead.
    ///
    /// An open circuit whose cooldown is over becomes half open.
    pub fn before_attempt(&mut self, now_ms: u64) -> u64 {
        let rest_ms = self.next_attempt_ms.saturating_sub(now_ms);
        if rest_ms == 0 && self.state == GuardrailState::Open {
            self.state = GuardrailState::HalfOpen;
        }
        rest_ms
    }

    /// A connection that proved itself: forgets all failures.
    pub fn success(&mut self) {
        self.state = GuardrailState::Closed;
        self.failures.clear();
        self.consecutive = 0;
        self.next_attempt_ms = 0;
    }

    /// The state at `now_ms`.
    #[must_use]
    pub fn snapshot(&self, now_ms: u64) -> GuardrailSnapshot {
        let start_ms = self.options.window_start_ms(now_ms);
        let failures = self.failures.iter().copied();
        let failures: Vec<u64> = failures.filter(|at_ms| *at_ms >= start_ms).collect();
        GuardrailSnapshot {
            state: self.state,
            window_failures: count(failures.len()),
            consecutive_failures: self.consecutive,
            last_failure_ms: self.last_failure_ms,
            last_error: self.last_error.clone(),
            last_backoff_ms: self.last_backoff_ms,
            next_retry_in_ms: self.next_attempt_ms.saturating_sub(now_ms),
            options: self.options,
            taken_at_ms: now_ms,
            failures,
        }
    }

    fn forget_old(&mut self, now_ms: u64) {
        let start_ms = self.options.window_start_ms(now_ms);
        while self.failures.front().is_some_and(|at_ms| *at_ms < start_ms) {
            self.failures.pop_front();
        }
    }

    fn window_failures(&self) -> u32 {
        count(self.failures.len())
    }
}

fn count(failures: usize) -> u32 {
    u32::try_from(failures).unwrap_or(u32::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the product of a bounded wait and a factor of at most 1.2 stays far below 2^53"
)]
fn scaled(wait_ms: u64, factor: f64) -> u64 {
    let factor = if factor.is_finite() {
        factor.clamp(0.8, 1.2)
    } else {
        1.0
    };
    (wait_ms.min(1 << 40) as f64 * factor).round() as u64
}
