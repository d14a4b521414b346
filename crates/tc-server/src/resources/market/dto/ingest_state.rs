//! Wire types of the state of live ingest. Instants are Unix seconds with a fraction.

use serde::Serialize;
use tc_exchange::GuardrailSnapshot;
use utoipa::ToSchema;

use crate::tasks::{IngestJob, IngestState};

/// Every job has this source.
const SOURCE: &str = "binance_ws";

/// Which jobs run, and what decides about them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestStateResponse {
    /// Ascending by series.
    pub jobs: Vec<IngestJobState>,
    /// Ascending.
    pub whitelist_series_ids: Vec<String>,
    /// 0: no limit.
    pub ondemand_max_jobs: usize,
    /// Whether each series of the whitelist has a job of its own.
    pub whitelist_ingest_enabled: bool,
    /// Whether the role counts.
    pub ingest_role_guard_enabled: bool,
    /// `hybrid`, `ingest` or `read`.
    pub ingest_role: &'static str,
    /// Whether this process runs jobs.
    pub ingest_jobs_enabled: bool,
    /// Whether failing jobs back off and pause.
    pub loop_guardrail_enabled: bool,
}

/// One job.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestJobState {
    /// What it ingests.
    pub series_id: String,
    /// Always `binance_ws`.
    pub source: &'static str,
    /// Subscriptions that hold it; -1: it is pinned.
    pub refcount: i64,
    /// Since when nobody holds it.
    #[schema(required)]
    pub last_zero_at: Option<f64>,
    /// When its present or last run began.
    pub started_at: f64,
    /// Failed runs.
    pub crashes: u32,
    /// When the last run failed.
    #[schema(required)]
    pub last_crash_at: Option<f64>,
    /// Whether a run is on.
    pub running: bool,
    /// What holds it back, once something failed.
    #[schema(required)]
    pub guardrail: Option<GuardrailState>,
    /// Whether candles are coming in.
    pub connected: bool,
    /// When the present connection brought its first candle.
    #[schema(required)]
    pub connected_at: Option<f64>,
    /// When the last candle frame came.
    #[schema(required)]
    pub last_frame_at: Option<f64>,
    /// Newest committed candle.
    #[schema(required)]
    pub last_closed_time: Option<i64>,
    /// Connections that ended.
    pub reconnects: u64,
    /// Candle frames that came.
    pub frames: u64,
    /// Frames that were dropped.
    pub dropped_frames: u64,
}

/// State of a circuit breaker.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuardrailState {
    /// Off: every wait is two seconds.
    pub enabled: bool,
    /// `closed`, `open` or `half_open`.
    pub state: &'static str,
    /// Failures within the window.
    pub window_failures: u32,
    /// Failures since the last success.
    pub consecutive_failures: u32,
    /// When the last failure was.
    #[schema(required)]
    pub last_failure_at: Option<f64>,
    /// Its cause.
    #[schema(required)]
    pub last_error: Option<String>,
    /// The wait it led to, seconds.
    pub last_backoff_s: f64,
    /// What is left of it at the time of the answer, seconds.
    pub next_retry_in_s: f64,
    /// The limits.
    pub config: GuardrailConfig,
}

/// Limits of a circuit breaker.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuardrailConfig {
    /// Failures within the window that open the circuit.
    pub crash_budget: u32,
    /// Length of the window, seconds.
    pub budget_window_s: f64,
    /// Wait after the first failure, seconds.
    pub backoff_initial_s: f64,
    /// Longest wait, seconds.
    pub backoff_max_s: f64,
    /// Wait while the circuit is open, seconds.
    pub open_cooldown_s: f64,
}

impl From<IngestState> for IngestStateResponse {
    fn from(state: IngestState) -> Self {
        let options = state.options;
        let mut whitelist: Vec<String> = options.whitelist.iter().map(ToString::to_string).collect();
        whitelist.sort_unstable();
        Self {
            jobs: state.jobs.into_iter().map(IngestJobState::from).collect(),
            whitelist_series_ids: whitelist,
            ondemand_max_jobs: options.ondemand_max_jobs,
            whitelist_ingest_enabled: options.whitelist_ingest,
            ingest_role_guard_enabled: options.role_guard,
            ingest_role: options.role.name(),
            ingest_jobs_enabled: options.jobs_enabled(),
            loop_guardrail_enabled: state.guardrail_enabled,
        }
    }
}

impl From<IngestJob> for IngestJobState {
    fn from(
        IngestJob {
            job,
            status,
            guardrail,
        }: IngestJob,
    ) -> Self {
        Self {
            series_id: job.series.to_string(),
            source: SOURCE,
            refcount: job.references.map_or(-1, i64::from),
            last_zero_at: job.idle_since_ms.map(seconds),
            started_at: seconds(job.started_at_ms),
            crashes: job.crashes,
            last_crash_at: job.last_crash_at_ms.map(seconds),
            running: job.running,
            // The job's own speaks of failed runs, that of its connection of everything smaller.
            guardrail: guardrail.or(status.guardrail).map(GuardrailState::from),
            connected: status.connected,
            connected_at: status.connected_at_ms.map(|at| seconds(at.unsigned_abs())),
            last_frame_at: status.last_frame_at_ms.map(|at| seconds(at.unsigned_abs())),
            last_closed_time: status.last_closed_time.map(tc_market::CandleTime::seconds),
            reconnects: status.reconnects,
            frames: status.frames,
            dropped_frames: status.dropped_frames,
        }
    }
}

impl From<GuardrailSnapshot> for GuardrailState {
    fn from(guardrail: GuardrailSnapshot) -> Self {
        let limits = guardrail.options;
        Self {
            enabled: limits.enabled,
            state: guardrail.state.name(),
            window_failures: guardrail.window_failures,
            consecutive_failures: guardrail.consecutive_failures,
            last_failure_at: guardrail.last_failure_ms.map(seconds),
            last_error: guardrail.last_error,
            last_backoff_s: seconds(guardrail.last_backoff_ms),
            next_retry_in_s: seconds(guardrail.next_retry_in_ms),
            config: GuardrailConfig {
                crash_budget: limits.crash_budget,
                budget_window_s: seconds(limits.budget_window_ms),
                backoff_initial_s: seconds(limits.backoff_initial_ms),
                backoff_max_s: seconds(limits.backoff_max_ms),
                open_cooldown_s: seconds(limits.open_cooldown_ms),
            },
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this age are far below 2^53"
)]
const fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}
