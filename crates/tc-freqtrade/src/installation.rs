//! Where freqtrade and its files are.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::base_config::BaseConfig;

/// See the module. Paths but for the program are absolute, or start from the working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The program, by name or path; a relative path starts from `root`.
    pub bin: PathBuf,
    /// Directory that it runs in.
    pub root: PathBuf,
    /// Its user directory; `None`: `work_dir` serves as one.
    pub user_dir: Option<PathBuf>,
    /// Directory for files of runs without a user directory; made when it is needed.
    pub work_dir: PathBuf,
    /// The configuration of the user.
    pub config: Option<PathBuf>,
    /// Data directory that is used whatever the configuration says.
    pub data_dir: Option<PathBuf>,
    /// Data directory when the configuration names none either.
    pub default_data_dir: PathBuf,
    /// Directory with strategies.
    pub strategy_dir: PathBuf,
    /// Longest run.
    pub timeout: Duration,
    /// Whether markets come from a file instead of the exchange.
    pub offline_markets: bool,
    /// Pairs that have markets offline beside the one of the run.
    pub offline_pairs: String,
    /// Whether a run without trades is refused.
    pub require_trades: bool,
    /// Program that strategies ask for columns of factors; `None`: the environment of this process names one.
    pub adapter: Option<PathBuf>,
    /// The variable `PATH` of this process.
    pub search_path: Option<OsString>,
    /// The variable `PYTHONPATH` of this process.
    pub python_path: Option<OsString>,
}

impl Installation {
    /// The directory that counts as user directory.
    #[must_use]
    pub fn user_dir(&self) -> &Path {
        self.user_dir.as_deref().unwrap_or(&self.work_dir)
    }

    /// The data directory: the named one, else that of the configuration, which a relative one starts beside.
    #[must_use]
    pub fn data_dir(&self, config: &BaseConfig) -> PathBuf {
        if let Some(named) = &self.data_dir {
            return named.clone();
        }
        let beside = self.config.as_deref().and_then(Path::parent);
        match (config.data_dir(), beside) {
            (Some(named), Some(beside)) => beside.join(named),
            (Some(named), None) => PathBuf::from(named),
            (None, _) => self.default_data_dir.clone(),
        }
    }

    /// The interpreter beside the program, where a virtual environment has it.
    #[must_use]
    pub fn interpreter(&self) -> Option<PathBuf> {
        let is_path = self.bin.components().count() > 1;
        let bin = if is_path {
            self.root.join(&self.bin)
        } else {
            let path = self.search_path.as_ref()?;
            env::split_paths(path)
                .map(|folder| folder.join(&self.bin))
                .find(|candidate| candidate.is_file())?
        };
        // A link to the program of an environment has no interpreter beside it; the program has.
        let linked = bin.canonicalize().ok();
        let folders = [Some(bin), linked].into_iter().flatten();
        folders
            .filter_map(|bin| bin.parent().map(Path::to_owned))
            .flat_map(|folder| ["python3", "python", "python.exe"].map(|name| folder.join(name)))
            .find(|candidate| candidate.is_file())
    }
}
