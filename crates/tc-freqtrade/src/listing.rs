//! The strategies there are. Asking freqtrade takes two seconds and is needed before every run, so its answer is kept for
//! as long as no file in the directory changes.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::input::StrategyName;

/// Directories within directories that are looked into.
const DEEPEST: usize = 16;

/// The names in what `list-strategies -1` says: one in a line, among other lines.
#[must_use]
pub fn parse_names(stdout: &str) -> Vec<StrategyName> {
    let names = stdout
        .lines()
        .filter_map(|line| StrategyName::parse(line.trim()).ok());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What tells whether a directory of strategies is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState(Vec<(PathBuf, Option<SystemTime>, u64)>);

impl SourceState {
    /// The files of Python in `directory`, also in directories within it when `recursive`.
    ///
    /// # Errors
    /// When a directory cannot be listed.
    pub fn of(directory: &Path, recursive: bool) -> io::Result<Self> {
        let mut files = Vec::new();
        collect(directory, if recursive { DEEPEST } else { 0 }, &mut files)?;
        files.sort();
        Ok(Self(files))
    }
}

fn collect(
    directory: &Path,
    depth: usize,
    files: &mut Vec<(PathBuf, Option<SystemTime>, u64)>,
) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        // What went away meanwhile is no file any more.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "py") {
            files.push((path, metadata.modified().ok(), metadata.len()));
        }
    }
    Ok(())
}

/// The newest answer for each way of asking.
#[derive(Debug, Default)]
pub struct Listings(Mutex<Kept>);

/// By directory and whether directories within it count.
type Kept = HashMap<(PathBuf, bool), (SourceState, Vec<StrategyName>)>;

impl Listings {
    /// The names, if they were asked for while the files were as they are in `state`.
    #[must_use]
    pub fn get(&self, directory: &Path, recursive: bool, state: &SourceState) -> Option<Vec<StrategyName>> {
        let kept = self.kept();
        let (known, names) = kept.get(&(directory.to_owned(), recursive))?;
        (known == state).then(|| names.clone())
    }

    /// Keeps the names of the files as they are in `state`.
    pub fn put(&self, directory: &Path, recursive: bool, state: SourceState, names: Vec<StrategyName>) {
        self.kept()
            .insert((directory.to_owned(), recursive), (state, names));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
