//! Who builds which package: one job per key however many ask, one build at a time, failed ones may be asked for again.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tc_read::{PackageOutlook, PackageRequest, PackageState, ReadModel};
use tc_replay::CacheKey;
use tc_store::Snapshot;

use super::{PackageStore, Shelf, StoredPackage};
use crate::{clock::unix_ms, tasks::Background, threads::ReaderPool};

/// Failures that are remembered.
const REMEMBERED_FAILURES: usize = 256;

/// What jobs work with.
#[derive(Clone)]
pub struct PackageJobsParts {
    /// Where packages are kept.
    pub store: PackageStore,
    /// Reads for builds alone, so that a build never keeps other reads waiting.
    pub builders: ReaderPool,
    /// The read model.
    pub model: Arc<ReadModel>,
    /// Where builds run, and what ends them.
    pub background: Background,
}

impl fmt::Debug for PackageJobsParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackageJobsParts")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// It runs or waits for its turn.
    Building {
        /// Whole percent of the bars, 0 to 99.
        percent: usize,
    },
    /// It failed.
    Failed {
        /// Why.
        reason: String,
    },
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// The package is there.
    Done(Box<StoredPackage>),
    /// A job works on it.
    Building,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct PackageJobs(Arc<Inner>);

struct Inner {
    parts: PackageJobsParts,
    jobs: Mutex<Jobs>,
}

type Name = (Shelf, CacheKey);

#[derive(Default)]
struct Jobs {
    running: HashMap<Name, Arc<AtomicUsize>>,
    failed: HashMap<Name, String>,
    /// Failures, the oldest first.
    order: VecDeque<Name>,
}

impl fmt::Debug for PackageJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackageJobs").finish_non_exhaustive()
    }
}

impl PackageJobs {
    /// Jobs with these parts, none of them running.
    #[must_use]
    pub fn new(parts: PackageJobsParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            jobs: Mutex::default(),
        }))
    }

    /// The packages.
    #[must_use]
    pub fn store(&self) -> &PackageStore {
        &self.0.parts.store
    }

    /// The package called `key`, found on a thread that may block; noted as read.
    pub async fn find(&self, shelf: Shelf, key: &CacheKey) -> Option<StoredPackage> {
        let (store, key) = (self.store().clone(), key.clone());
        let found = tokio::task::spawn_blocking(move || {
            let found = store.find(shelf, &key)?;
            store.touch(&found, unix_ms());
            Some(found)
        });
        found.await.ok().flatten()
    }

    /// JSON of a window of a package, read on a thread that may block.
    pub async fn window(&self, package: &StoredPackage, window_index: usize) -> Option<Vec<u8>> {
        let (store, package) = (self.store().clone(), package.clone());
        let read = tokio::task::spawn_blocking(move || store.window(&package, window_index));
        read.await.ok().flatten()
    }

    /// How the job for `key` stands; `None` when there is none.
    #[must_use]
    pub fn state(&self, shelf: Shelf, key: &CacheKey) -> Option<JobState> {
        let name = (shelf, key.clone());
        let jobs = self.jobs();
        if let Some(percent) = jobs.running.get(&name) {
            let percent = percent.load(Ordering::Relaxed);
            return Some(JobState::Building { percent });
        }
        let reason = jobs.failed.get(&name).cloned();
        reason.map(|reason| JobState::Failed { reason })
    }

    /// Makes sure that the package of `outlook` is there or on its way.
    pub async fn start(&self, outlook: &PackageOutlook) -> Started {
        let shelf = Shelf::from(outlook.plan.kind);
        if let Some(found) = self.find(shelf, &outlook.cache_key).await {
            return Started::Done(Box::new(found));
        }
        let name = (shelf, outlook.cache_key.clone());
        let percent = Arc::new(AtomicUsize::new(0));
        {
            let mut jobs = self.jobs();
            if jobs.running.contains_key(&name) {
                return Started::Building;
            }
            jobs.failed.remove(&name);
            jobs.running.insert(name.clone(), Arc::clone(&percent));
        }
        let (jobs, outlook) = (self.clone(), outlook.clone());
        self.0.parts.background.tasks.spawn(async move {
            let made = jobs.build(outlook, percent).await;
            jobs.ended(name, made).await;
        });
        Started::Building
    }

    async fn build(&self, outlook: PackageOutlook, percent: Arc<AtomicUsize>) -> Result<(), String> {
        let parts = self.0.parts.clone();
        let (store, model, stop) = (parts.store, parts.model, parts.background.stop);
        let answer = parts.builders.read(move |snapshot| {
            let progress = move |done: usize, total: usize| {
                percent.store((done * 100 / total.max(1)).min(99), Ordering::Relaxed);
                !stop.is_cancelled()
            };
            build(snapshot, &model, &store, &outlook, progress)
        });
        answer.await.map_err(|error| error.to_string())?
    }

    async fn ended(&self, name: Name, made: Result<(), String>) {
        match &made {
            Ok(()) => {
                metrics::counter!("replay_packages_built_total").increment(1);
                let (store, (shelf, key)) = (self.store().clone(), name.clone());
                let evicting = tokio::task::spawn_blocking(move || {
                    store.evict(unix_ms(), Some((shelf, &key)));
                    store.size()
                });
                if let Ok((packages, bytes)) = evicting.await {
                    #[expect(clippy::cast_precision_loss, reason = "a disk holds fewer than 2^53 bytes")]
                    metrics::gauge!("replay_packages_bytes").set(bytes as f64);
                    #[expect(clippy::cast_precision_loss, reason = "a disk holds fewer than 2^53 packages")]
                    metrics::gauge!("replay_packages").set(packages as f64);
                }
            }
            Err(reason) => {
                tracing::warn!(key = %name.1, reason, "replay package could not be made");
                metrics::counter!("replay_packages_failed_total").increment(1);
            }
        }
        let mut jobs = self.jobs();
        jobs.running.remove(&name);
        if let Err(reason) = made {
            if jobs.failed.insert(name.clone(), reason).is_none() {
                jobs.order.push_back(name);
            }
            if jobs.order.len() > REMEMBERED_FAILURES
                && let Some(oldest) = jobs.order.pop_front()
            {
                jobs.failed.remove(&oldest);
            }
        }
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks, key and build are of one snapshot: what was true when the package was asked for must be true still.
fn build(
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    store: &PackageStore,
    asked: &PackageOutlook,
    progress: impl Fn(usize, usize) -> bool + Send + 'static,
) -> Result<(), String> {
    let plan = &asked.plan;
    let request = PackageRequest {
        kind: plan.kind,
        to_time: Some(plan.to.seconds()),
        window_candles: plan.window_candles,
        window_size: plan.window_size,
        snapshot_interval: plan.snapshot_interval,
    };
    let now = model
        .package_outlook(snapshot, &plan.series, &request)
        .map_err(|error| error.to_string())?;
    match now.state {
        PackageState::Ready if now.cache_key == asked.cache_key => {}
        PackageState::Ready => return Err("the series was folded again meanwhile; ask again".to_owned()),
        PackageState::CoverageMissing => return Err("coverage_missing".to_owned()),
        PackageState::OutOfSync => return Err("ledger_out_of_sync:replay".to_owned()),
    }
    let mut writer = store
        .begin(plan.kind.into(), &asked.cache_key, progress)
        .map_err(|error| error.to_string())?;
    let metadata = model
        .build_package(snapshot, plan, &mut writer)
        .map_err(|error| error.to_string())?;
    writer
        .finish(now.key_payload, metadata, unix_ms())
        .map(|_| ())
        .map_err(|error| error.to_string())
}
