//! Processor time of the server's threads.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;

/// Threads that do not belong to the server: the exchange, the client, and the one that waits for both.
const OTHERS: [&str; 3] = ["exchange", "client", "tc-bench"];

/// What the threads of the server that run now have used since they began.
///
/// # Errors
/// When the system does not tell.
pub(super) fn spent() -> anyhow::Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task").context("the system lists threads")? {
        let thread = thread?.path();
        // A thread may end between the listing and the reading; what is measured does not.
        let Ok(name) = fs::read_to_string(thread.join("comm")) else {
            continue;
        };
        if !OTHERS.contains(&name.trim()) {
            total += of(&thread).unwrap_or_default();
        }
    }
    Ok(total)
}

fn of(thread: &Path) -> Option<Duration> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
