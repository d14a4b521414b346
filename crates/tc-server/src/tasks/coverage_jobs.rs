//! Coverage that somebody asked for by name: started once, looked at until it is over. Replay contract, section 3.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tc_market::{CandleTime, SeriesId};
use tc_read::{Coverage as Counted, coverage};

use super::{Background, Coverage};
use crate::threads::{ReadPoolError, ReaderPool};

/// Jobs that are remembered; of those that are over the oldest are forgotten first.
const REMEMBERED: usize = 1_000;

/// Name of a job: what it covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CoverageJobId(String);

impl CoverageJobId {
    /// The job that covers `target` candles up to `to`, Unix seconds as they were given.
    #[must_use]
    pub fn new(series: &SeriesId, to: i64, target: u32) -> Self {
        Self(format!("coverage_{series}:{to}:{target}"))
    }

    /// A name as a client knows it.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CoverageJobState {
    /// Candles are being fetched.
    Building,
    /// Every candle is there.
    Done,
    /// Something is missing, and why.
    Failed(String),
}

/// A job as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageJob {
    /// What it covers.
    pub series: SeriesId,
    /// The last candle, Unix seconds.
    pub to: i64,
    /// Candles that are wanted.
    pub target: u32,
    /// How it stands.
    pub state: CoverageJobState,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct CoverageJobs(Arc<Inner>);

struct Inner {
    coverage: Coverage,
    readers: ReaderPool,
    background: Background,
    jobs: Mutex<Jobs>,
}

#[derive(Default)]
struct Jobs {
    by_id: HashMap<CoverageJobId, CoverageJob>,
    /// Jobs that are over, the oldest first.
    over: VecDeque<CoverageJobId>,
}

impl fmt::Debug for CoverageJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoverageJobs").finish_non_exhaustive()
    }
}

impl CoverageJobs {
    /// Jobs of `coverage`, none of them running.
    #[must_use]
    pub fn new(coverage: Coverage, background: Background) -> Self {
        let readers = coverage.parts().readers.clone();
        Self(Arc::new(Inner {
            coverage,
            readers,
            background,
            jobs: Mutex::default(),
        }))
    }

    /// Starts the job called `id`, unless it runs or went well.
    pub fn start(&self, id: &CoverageJobId, series: &SeriesId, to: i64, target: u32) -> CoverageJob {
        let job = CoverageJob {
            series: series.clone(),
            to,
            target,
            state: CoverageJobState::Building,
        };
        {
            let mut jobs = self.jobs();
            if let Some(known) = jobs.by_id.get(id)
                && !matches!(known.state, CoverageJobState::Failed(_))
            {
                return known.clone();
            }
            jobs.over.retain(|over| over != id);
            jobs.by_id.insert(id.clone(), job.clone());
        }
        let (jobs, id, running) = (self.clone(), id.clone(), job.clone());
        self.0.background.tasks.spawn(async move {
            let state = jobs.run(&running).await;
            jobs.ended(&id, state);
        });
        job
    }

    /// The job called `id`; `None` when it is not known.
    #[must_use]
    pub fn get(&self, id: &CoverageJobId) -> Option<CoverageJob> {
        self.jobs().by_id.get(id).cloned()
    }

    /// How many candles of a job are stored.
    ///
    /// # Errors
    /// [`ReadPoolError`], or what the storage says.
    pub async fn count(&self, job: &CoverageJob) -> Result<Counted, CountError> {
        let (series, to, target) = (job.series.clone(), job.to, job.target);
        let counted = self
            .0
            .readers
            .read(move |snapshot| coverage(snapshot, &series, to, target));
        Ok(counted.await??)
    }

    async fn run(&self, job: &CoverageJob) -> CoverageJobState {
        let inner = &self.0;
        let to = CandleTime::clamped(job.to);
        let covering = inner.coverage.ensure_tail(&job.series, job.target, Some(to));
        let covered = tokio::select! {
            biased;
            () = inner.background.stop.cancelled() => {
                return CoverageJobState::Failed("the server is stopping".to_owned());
            }
            covered = covering => covered,
        };
        match self.count(job).await {
            Ok(counted) if counted.candles_ready >= u64::from(job.target) => CoverageJobState::Done,
            Ok(_) => match covered.errors.first() {
                Some(error) => CoverageJobState::Failed(error.clone()),
                None => CoverageJobState::Failed("coverage_missing".to_owned()),
            },
            Err(error) => CoverageJobState::Failed(error.to_string()),
        }
    }

    fn ended(&self, id: &CoverageJobId, state: CoverageJobState) {
        let mut jobs = self.jobs();
        if let Some(job) = jobs.by_id.get_mut(id) {
            job.state = state;
            jobs.over.push_back(id.clone());
        }
        while jobs.by_id.len() > REMEMBERED
            && let Some(oldest) = jobs.over.pop_front()
        {
            jobs.by_id.remove(&oldest);
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why candles could not be counted.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
    /// No reader answered.
    #[error(transparent)]
    Pool(#[from] ReadPoolError),
    /// The storage failed.
    #[error(transparent)]
    Read(#[from] tc_read::ReadError),
}
