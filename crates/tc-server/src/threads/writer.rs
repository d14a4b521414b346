//! The only thread that writes.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tc_ingest::{IngestPipeline, IngestReport, Job, MAX_GROUP_JOBS, PipelineError, Publisher};
use tc_store::Storage;
use tokio::sync::{mpsc, oneshot, watch};

use super::{group::take_group, observe};
use crate::debug::{self, DebugLog};

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The pipeline failed; it says what was kept.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The writer takes no more jobs.
    #[error("writer is shutting down")]
    ShuttingDown,
}

struct Request {
    job: Job,
    done: oneshot::Sender<Result<IngestReport, PipelineError>>,
    queued: Queued,
}

/// Counts a job from the call until it is begun or given up.
struct Queued(Arc<AtomicUsize>);

impl Queued {
    fn new(depth: &Arc<AtomicUsize>) -> Self {
        depth.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(depth))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The writer thread. It ends when every job that was accepted has been done.
#[derive(Debug)]
pub struct WriterThread;

impl WriterThread {
    /// Starts the thread; what jobs did is counted, and told to `debug`. At most `queue_capacity` jobs wait (at least 1), then submitting waits.
    ///
    /// A panic inside the pipeline stops the process: what is in memory may no longer match what is stored.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(
        storage: Arc<dyn Storage>,
        publisher: Arc<dyn Publisher>,
        mut pipeline: IngestPipeline,
        queue_capacity: usize,
        debug: DebugLog,
    ) -> io::Result<WriterHandle> {
        let run = move |jobs| pipeline.run(storage.as_ref(), publisher.as_ref(), jobs);
        Self::spawn_with(run, queue_capacity, std::process::abort, debug)
    }

    /// As [`WriterThread::spawn`] with any way to run a group, and of ending the process.
    pub(crate) fn spawn_with<R, H, N>(
        run: R,
        queue_capacity: usize,
        halt: H,
        debug: DebugLog,
    ) -> io::Result<WriterHandle>
    where
        R: FnMut(Vec<Job>) -> Vec<Result<IngestReport, PipelineError>> + Send + 'static,
        H: FnOnce() -> N + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(queue_capacity.max(1));
        let depth = Arc::new(AtomicUsize::new(0));
        let (ended, end) = watch::channel(false);
        let body = move || {
            if catch_unwind(AssertUnwindSafe(|| serve(receiver, run, &debug))).is_err() {
                tracing::error!("writer panicked; the process stops");
                metrics::counter!("storage_writer_panics_total").increment(1);
                halt();
            }
            ended.send_replace(true);
        };
        thread::Builder::new().name("tc-writer".to_owned()).spawn(body)?;
        Ok(WriterHandle {
            inner: Arc::new(Inner {
                sender: Mutex::new(Some(sender)),
                depth,
                end,
            }),
        })
    }
}

fn serve<R>(mut receiver: mpsc::Receiver<Request>, mut run: R, debug: &DebugLog)
where
    R: FnMut(Vec<Job>) -> Vec<Result<IngestReport, PipelineError>>,
{
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            match receiver.blocking_recv() {
                Some(request) => waiting.push_back(request),
                None => return,
            }
        }
        while waiting.len() < MAX_GROUP_JOBS
            && let Ok(request) = receiver.try_recv()
        {
            waiting.push_back(request);
        }
        let group = take_group(&mut waiting, |request: &Request| &request.job);
        let begin = |Request { job, done, queued }| {
            drop(queued);
            (job, done)
        };
        let (jobs, callers): (Vec<_>, Vec<_>) = group.into_iter().map(begin).unzip();
        let origins: Vec<_> = jobs.iter().map(|job: &Job| job.origin).collect();
        for ((origin, caller), result) in origins.into_iter().zip(callers).zip(run(jobs)) {
            observe::count(origin, &result);
            debug.record_all(
                debug
                    .is_on()
                    .then(|| debug::outcome(origin, &result))
                    .into_iter()
                    .flatten(),
            );
            // A caller that went away has its candles stored all the same.
            let _gone = caller.send(result);
        }
    }
}

/// Hands jobs to the writer thread. Cheap to clone.
#[derive(Clone)]
pub struct WriterHandle {
    inner: Arc<Inner>,
}

struct Inner {
    sender: Mutex<Option<mpsc::Sender<Request>>>,
    depth: Arc<AtomicUsize>,
    end: watch::Receiver<bool>,
}

impl fmt::Debug for WriterHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriterHandle")
            .field("queue_depth", &self.queue_depth())
            .finish_non_exhaustive()
    }
}

impl WriterHandle {
    /// Has the job done and waits for its outcome; waits for a place in the queue first.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(&self, job: Job) -> Result<IngestReport, SubmitError> {
        let sender = self.sender().ok_or(SubmitError::ShuttingDown)?;
        let (done, outcome) = oneshot::channel();
        let request = Request {
            job,
            done,
            queued: Queued::new(&self.inner.depth),
        };
        sender
            .send(request)
            .await
            .map_err(|_| SubmitError::ShuttingDown)?;
        drop(sender);
        finished(outcome.await)
    }

    /// As [`WriterHandle::submit`] for threads without an async runtime.
    ///
    /// # Errors
    /// [`SubmitError`].
    ///
    /// # Panics
    /// Inside an async runtime.
    pub fn submit_blocking(&self, job: Job) -> Result<IngestReport, SubmitError> {
        let sender = self.sender().ok_or(SubmitError::ShuttingDown)?;
        let (done, outcome) = oneshot::channel();
        let request = Request {
            job,
            done,
            queued: Queued::new(&self.inner.depth),
        };
        sender
            .blocking_send(request)
            .map_err(|_| SubmitError::ShuttingDown)?;
        drop(sender);
        finished(outcome.blocking_recv())
    }

    /// Jobs that were submitted and not begun.
    #[must_use]
    pub fn queue_depth(&self) -> usize {
        self.inner.depth.load(Ordering::Relaxed)
    }

    /// Accepts nothing more and waits until everything accepted is done.
    pub async fn drain(&self) {
        self.inner
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut end = self.inner.end.clone();
        // An error means that the thread is gone, which is what is waited for.
        let _ended = end.wait_for(|ended| *ended).await;
    }

    fn sender(&self) -> Option<mpsc::Sender<Request>> {
        self.inner
            .sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn finished(
    outcome: Result<Result<IngestReport, PipelineError>, oneshot::error::RecvError>,
) -> Result<IngestReport, SubmitError> {
    match outcome {
        Ok(result) => result.map_err(SubmitError::Pipeline),
        Err(_) => Err(SubmitError::ShuttingDown),
    }
}
