//! A few threads that read.

#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use tc_store::{Snapshot, Storage, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

/// Reads that may wait per thread; further callers wait for a place.
const WAITING_PER_THREAD: usize = 64;

/// Why a read gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadPoolError {
    /// No snapshot could be opened.
    #[error(transparent)]
    Snapshot(#[from] StoreError),
    /// The read panicked; the others go on.
    #[error("read panicked")]
    Panicked,
    /// The pool takes no more reads.
    #[error("readers are shutting down")]
    ShuttingDown,
}

type Question = Box<dyn FnOnce(&dyn Storage) + Send>;

/// Runs questions on reader threads, each with a snapshot of its own. Cheap to clone.
#[derive(Clone)]
pub struct ReaderPool {
    sender: Arc<Mutex<Option<mpsc::Sender<Question>>>>,
    threads: usize,
    /// Holds a token for every thread that runs.
    running: TaskTracker,
}

impl fmt::Debug for ReaderPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReaderPool")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl ReaderPool {
    /// Starts `threads` threads (at least one). They end after [`ReaderPool::drain`], or with the last clone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(storage: &Arc<dyn Storage>, threads: usize) -> io::Result<Self> {
        let threads = threads.max(1);
        let (sender, receiver) = mpsc::channel::<Question>(threads * WAITING_PER_THREAD);
        let receiver = Arc::new(Mutex::new(receiver));
        let running = TaskTracker::new();
        for number in 0..threads {
            let (storage, receiver) = (Arc::clone(storage), Arc::clone(&receiver));
            let token = running.token();
            let body = move || {
                // The lock is held while waiting and never while reading.
                while let Some(question) = next(&receiver) {
                    question(storage.as_ref());
                }
                // Whoever waits for the end wants to close the store.
                drop(storage);
                drop(token);
            };
            thread::Builder::new()
                .name(format!("tc-reader-{number}"))
                .spawn(body)?;
        }
        Ok(Self {
            sender: Arc::new(Mutex::new(Some(sender))),
            threads,
            running,
        })
    }

    /// Answers a question from one consistent snapshot.
    ///
    /// A question whose caller has gone away is not asked any more.
    ///
    /// # Errors
    /// [`ReadPoolError`].
    pub async fn read<T, Q>(&self, question: Q) -> Result<T, ReadPoolError>
    where
        T: Send + 'static,
        Q: FnOnce(&dyn Snapshot) -> T + Send + 'static,
    {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sender = sender.ok_or(ReadPoolError::ShuttingDown)?;
        let (done, answer) = oneshot::channel();
        let ask: Question = Box::new(move |storage| {
            if !done.is_closed() {
                let _gone = done.send(contained(storage, question));
            }
        });
        sender.send(ask).await.map_err(|_| ReadPoolError::ShuttingDown)?;
        drop(sender);
        answer.await.map_err(|_| ReadPoolError::ShuttingDown)?
    }

    /// Takes no more questions, answers the waiting ones, and returns when no thread holds the store any more.
    pub async fn drain(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.running.close();
        self.running.wait().await;
    }
}

fn next(receiver: &Mutex<mpsc::Receiver<Question>>) -> Option<Question> {
    receiver
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .blocking_recv()
}

/// A panic is one failed answer, not one thread less.
fn contained<T>(
    storage: &dyn Storage,
    question: impl FnOnce(&dyn Snapshot) -> T,
) -> Result<T, ReadPoolError> {
    let answer = || Ok(question(storage.snapshot()?.as_ref()));
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| {
        metrics::counter!("storage_read_panics_total").increment(1);
        tracing::error!("read panicked");
        Err(ReadPoolError::Panicked)
    })
}
