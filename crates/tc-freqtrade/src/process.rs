//! A program that runs to its end, or is ended with everything it started.

mod output;
#[cfg(test)]
mod tests;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    time::timeout,
};

use output::Keeper;
pub use output::Kept;

/// How long a program that was asked to end may take.
const GRACE: Duration = Duration::from_secs(2);

/// A program and how to start it, never through a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Name or path of it.
    pub bin: PathBuf,
    /// Everything after its name.
    pub arguments: Vec<OsString>,
    /// Directory it runs in.
    pub directory: PathBuf,
    /// Variables that it gets beside those of this process.
    pub environment: Vec<(String, OsString)>,
}

/// Learns a line.
pub type LineListener = Arc<dyn Fn(&str) + Send + Sync>;

/// What a run may take, and what is kept of it.
#[derive(Clone)]
pub struct Watch {
    /// Longest run.
    pub timeout: Duration,
    /// How much of each stream is kept.
    pub kept: Kept,
    /// Learns each line of the error stream as it comes.
    pub on_line: Option<LineListener>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("timeout", &self.timeout)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Exited(ExitStatus),
    /// It took too long and was ended.
    TimedOut,
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// What it said.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// Why there is no end to tell of.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It does not start.
    #[error("{} does not start: {source}", .bin.display())]
    Start {
        /// The program.
        bin: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system does not say how it ended.
    #[error(transparent)]
    Wait(#[from] io::Error),
}

impl Program {
    /// A program called `bin`: found like a command unless it is a path, of which a relative one starts from
    /// `directory`, where it runs.
    #[must_use]
    pub fn new(bin: &Path, directory: &Path) -> Self {
        Self {
            bin: located(bin, directory),
            arguments: Vec::new(),
            directory: directory.to_owned(),
            environment: Vec::new(),
        }
    }

    /// With these arguments.
    #[must_use]
    pub fn with(mut self, arguments: Vec<OsString>) -> Self {
        self.arguments = arguments;
        self
    }

    /// Runs it. Dropping the future kills it with everything it started.
    ///
    /// # Errors
    /// [`ProgramError`].
    pub async fn run(&self, watch: &Watch) -> Result<Ended, ProgramError> {
        let mut child = self.command().spawn().map_err(|source| ProgramError::Start {
            bin: self.bin.clone(),
            source,
        })?;
        let group = Group::of(&child);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (mut said, mut complained) = (Keeper::new(watch.kept), Keeper::new(watch.kept));
        let ending = {
            let on_line = watch.on_line.as_deref();
            let run = async {
                let streams =
                    async { tokio::join!(said.fill(stdout, None), complained.fill(stderr, on_line)) };
                tokio::join!(child.wait(), streams).0
            };
            tokio::pin!(run);
            match timeout(watch.timeout, &mut run).await {
                Ok(status) => Ending::Exited(status?),
                Err(_) => {
                    group.ask_to_end();
                    if timeout(GRACE, &mut run).await.is_err() {
                        group.kill();
                        // What left the group may hold the streams open for ever.
                        let _left = timeout(GRACE, &mut run).await;
                    }
                    Ending::TimedOut
                }
            }
        };
        if ending != Ending::TimedOut {
            group.release();
        }
        Ok(Ended {
            ending,
            stdout: said.text(),
            stderr: complained.text(),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.bin);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Whatever it starts ends with it.
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

fn located(bin: &Path, directory: &Path) -> PathBuf {
    let is_path = bin.components().count() > 1 || bin.is_absolute();
    if is_path {
        directory.join(bin)
    } else {
        bin.to_owned()
    }
}

/// The program and everything it started; killed when this is dropped while they may still run.
struct Group(Option<u32>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The program ended by itself.
    fn release(mut self) {
        self.0 = None;
    }

    #[cfg(unix)]
    fn ask_to_end(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    #[cfg(not(unix))]
    fn ask_to_end(&self) {}

    #[cfg(unix)]
    fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    #[cfg(not(unix))]
    fn kill(&self) {}

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let id = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(rustix::process::Pid::from_raw) {
            // It may have ended meanwhile.
            let _gone = rustix::process::kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
