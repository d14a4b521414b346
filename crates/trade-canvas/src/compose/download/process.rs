//! A program that runs to its end, or is killed with everything it started.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
};

/// Bytes of the program's words that are kept, the last ones.
const KEPT_BYTES: usize = 2_000;

/// A program and the directory it runs in.
pub(super) struct Program<'a> {
    pub(super) bin: &'a Path,
    pub(super) directory: &'a Path,
}

/// How it ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The last of what it complained of; of what it said, when it complained of nothing.
    pub(super) words: String,
}

/// Why there is no end to tell of.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramError {
    #[error("{} does not start: {source}", .bin.display())]
    Start { bin: PathBuf, source: io::Error },
    #[error("no end after {} s", .0.as_secs_f64())]
    Timeout(Duration),
    #[error(transparent)]
    Wait(#[from] io::Error),
}

impl Program<'_> {
    /// Runs it with these arguments. Dropping the future kills it.
    pub(super) async fn run(
        &self,
        arguments: Vec<OsString>,
        timeout: Duration,
    ) -> Result<Ended, ProgramError> {
        let mut command = Command::new(self.bin);
        command
            .args(arguments)
            .current_dir(self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Whatever it starts ends with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|source| ProgramError::Start {
            bin: self.bin.to_owned(),
            source,
        })?;
        let group = Group::of(&child);
        let run = tokio::time::timeout(timeout, finished(&mut child)).await;
        let ended = run.map_err(|_| ProgramError::Timeout(timeout))??;
        group.release();
        Ok(ended)
    }
}

/// Waits for the end.
async fn finished(child: &mut Child) -> io::Result<Ended> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (status, said, complained) = tokio::join!(child.wait(), tail(stdout), tail(stderr));
    Ok(Ended {
        status: status?,
        words: if complained.trim().is_empty() {
            said
        } else {
            complained
        },
    })
}

/// Reads to the end and keeps the last bytes.
async fn tail(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else {
        return String::new();
    };
    let mut chunk = [0_u8; 4_096];
    // Words that cannot be read are no reason to give the run up.
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        let surplus = kept.len().saturating_sub(KEPT_BYTES);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
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
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0
            && let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw)
        {
            // It may have ended meanwhile.
            let _gone = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}
