//! Files of one run: gone when it is over but for its result.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Results that are kept, the newest ones.
const KEPT_RESULTS: usize = 50;
/// What the directory of a result begins with.
const RESULT_PREFIX: &str = "tc_";

/// A folder that goes when this does.
#[derive(Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    /// Makes it; only this user may look into it.
    pub(crate) fn make(path: PathBuf) -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a document that only this user may read.
    pub(crate) fn write(&self, name: &str, document: &Value) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        let mut options = fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        file.write_all(document.to_string().as_bytes())?;
        Ok(path)
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What stays is found by its name.
        let _stays = fs::remove_dir_all(&self.0);
    }
}

/// The directory that the result of a run is written to; goes with this unless it is kept.
#[derive(Debug)]
pub(crate) struct ResultFolder {
    path: PathBuf,
    kept: bool,
}

impl ResultFolder {
    /// Makes it below `results`.
    pub(crate) fn make(results: &Path, run_id: &str) -> io::Result<Self> {
        fs::create_dir_all(results)?;
        let path = results.join(format!("{RESULT_PREFIX}{run_id}"));
        fs::create_dir(&path)?;
        Ok(Self { path, kept: false })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps it, and of the others the newest.
    pub(crate) fn keep(mut self) -> io::Result<()> {
        self.kept = true;
        match self.path.parent() {
            Some(results) => prune(results, KEPT_RESULTS),
            None => Ok(()),
        }
    }
}

impl Drop for ResultFolder {
    fn drop(&mut self) {
        if !self.kept {
            let _stays = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes all but the newest folders of results; others are not ours.
fn prune(results: &Path, keep: usize) -> io::Result<()> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(results)? {
        let entry = entry?;
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(RESULT_PREFIX));
        let metadata = entry.metadata()?;
        if is_ours && metadata.is_dir() {
            folders.push((metadata.modified().ok(), entry.path()));
        }
    }
    folders.sort();
    let surplus = folders.len().saturating_sub(keep);
    for (_, folder) in folders.drain(..surplus) {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_goes_with_everything_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = ScratchFolder::make(folder.path().join("x")).unwrap();
        let file = scratch.write("config.json", &serde_json::json!({})).unwrap();
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        scratch.write("config.json", &serde_json::json!({})).unwrap_err();
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!file.exists() && !path.exists());
    }

    #[test]
    fn a_result_is_kept_when_it_is_said_so_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("results");
        drop(ResultFolder::make(&results, "0").unwrap());
        assert!(!results.join("tc_0").exists());
        for n in 1..=3 {
            ResultFolder::make(&results, &n.to_string())
                .unwrap()
                .keep()
                .unwrap();
        }
        fs::create_dir(results.join("of_the_user")).unwrap();
        ResultFolder::make(&results, "3").unwrap_err();
        prune(&results, 2).unwrap();
        let is_there = |name: &str| results.join(name).exists();
        let oldest_went = !is_there("tc_1") && is_there("tc_2") && is_there("tc_3");
        assert!(oldest_went && is_there("of_the_user"));
    }
}
