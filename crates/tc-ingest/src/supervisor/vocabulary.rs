//! What goes in and out of the supervisor.

use tc_market::{DerivedTimeframes, SeriesId};

/// What a process does with live data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IngestRole {
    /// Everything.
    #[default]
    Hybrid,
    /// Jobs.
    Ingest,
    /// No jobs: subscribers are served from what others store.
    Read,
}

impl IngestRole {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Ingest => "ingest",
            Self::Read => "read",
        }
    }

    /// The role of this name, in any case; what is no name of a role is `hybrid`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let roles = [Self::Ingest, Self::Read];
        let named = roles
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(name));
        named.unwrap_or_default()
    }
}

/// Which series are followed, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupervisorOptions {
    /// Series that are pinned while `whitelist_ingest` is on, and ordinary ones otherwise.
    pub whitelist: Vec<SeriesId>,
    /// Series that are built from the candles of others: they are followed through their base.
    pub derived: DerivedTimeframes,
    /// Keep one job per listed series, whoever listens.
    pub whitelist_ingest: bool,
    /// Start a job when a series is subscribed.
    pub ondemand_ingest: bool,
    /// Most jobs that are not pinned; 0 is unlimited.
    pub ondemand_max_jobs: usize,
    /// How long a job without subscribers is kept, in milliseconds.
    pub ondemand_idle_ttl_ms: u64,
    /// What this process does, when `role_guard` is on.
    pub role: IngestRole,
    /// Whether the role counts.
    pub role_guard: bool,
}

impl SupervisorOptions {
    /// Whether this process runs jobs at all.
    #[must_use]
    pub fn jobs_enabled(&self) -> bool {
        !(self.role_guard && self.role == IngestRole::Read)
    }

    /// Whether a subscription starts a job.
    #[must_use]
    pub fn follows_subscribers(&self) -> bool {
        self.ondemand_ingest && self.jobs_enabled()
    }

    /// Whether the listed series have jobs of their own.
    #[must_use]
    pub fn follows_whitelist(&self) -> bool {
        self.whitelist_ingest && self.jobs_enabled()
    }
}

impl Default for SupervisorOptions {
    fn default() -> Self {
        Self {
            whitelist: Vec::new(),
            derived: DerivedTimeframes::default(),
            whitelist_ingest: false,
            ondemand_ingest: false,
            ondemand_max_jobs: 0,
            ondemand_idle_ttl_ms: 60_000,
            role: IngestRole::default(),
            role_guard: false,
        }
    }
}

/// Names one run of a job; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub(super) u64);

/// What the owner has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupervisorAction {
    /// Start a job.
    Start {
        /// What it ingests.
        series: SeriesId,
        /// Its name, to be given back when it has ended.
        run: RunId,
    },
    /// Ask a running job to stop; its end is still to be reported.
    Stop {
        /// What it ingests.
        series: SeriesId,
        /// Which run.
        run: RunId,
    },
}

/// Why a subscription gets no job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IngestRefusal {
    /// Every slot is taken by a job that somebody listens to.
    #[error("no ingest job slot is free")]
    Capacity,
    /// The job is down and may not be started again yet.
    #[error("ingest job is cooling down for {wait_ms} ms")]
    CoolingDown {
        /// Milliseconds until it may.
        wait_ms: u64,
    },
    /// Nothing is started any more.
    #[error("ingest is shutting down")]
    ShuttingDown,
}

/// Whether an accepted subscription must be released later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Pinned, or on-demand ingest is off: nothing is counted.
    Free,
    /// One reference was added.
    Counted,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEnd {
    /// It stopped as asked, or had nothing more to do.
    Stopped,
    /// It failed.
    Failed {
        /// Milliseconds before it may be started again.
        retry_after_ms: u64,
    },
}

/// A job as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// What it ingests.
    pub series: SeriesId,
    /// Subscriptions that hold it; `None` when it is pinned.
    pub references: Option<u32>,
    /// Since when nobody holds it.
    pub idle_since_ms: Option<u64>,
    /// When its present or last run began.
    pub started_at_ms: u64,
    /// Number of failed runs.
    pub crashes: u32,
    /// When the last run failed.
    pub last_crash_at_ms: Option<u64>,
    /// Whether a run is on and not being stopped.
    pub running: bool,
}
