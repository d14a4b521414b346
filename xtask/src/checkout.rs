//! Where things are: the source tree, the target folder, and what `cargo metadata` says.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

/// The command without the variables that cargo set for this very program. Build scripts watch some of them, so a
/// nested cargo that inherits them would build those crates again, and so would the next cargo from a shell.
pub(crate) fn unnested(command: Cmd<'_>) -> Cmd<'_> {
    const SET_BY_CARGO: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];
    let names = std::env::vars_os().map(|(name, _)| name);
    let inherited = names.filter(|name| {
        SET_BY_CARGO
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
    });
    inherited.fold(command, |command, name| command.env_remove(name))
}

/// The source tree that this run works on.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// Root of the source tree, absolute.
    pub(crate) root: PathBuf,
    /// Folder that cargo builds into, absolute; may lie outside of the tree.
    pub(crate) target: PathBuf,
    /// Output of `cargo metadata --no-deps`.
    pub(crate) metadata: Value,
}

impl Checkout {
    /// Finds the tree from the manifest folder that cargo hands to the programs it runs.
    pub(crate) fn find() -> Result<Self> {
        let manifest_dir =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest_dir)
            .parent()
            .context("xtask lies in the root of the tree")?;
        let sh = Shell::new()?;
        sh.change_dir(root);
        let text = cmd!(sh, "cargo metadata --no-deps --format-version 1")
            .quiet()
            .read()?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata printed no JSON")?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target folder")?;
        Ok(Self {
            root: root.to_path_buf(),
            target: target.into(),
            metadata,
        })
    }

    /// A shell whose working directory is the root of the tree.
    pub(crate) fn shell(&self) -> Result<Shell> {
        let sh = Shell::new()?;
        sh.change_dir(&self.root);
        Ok(sh)
    }

    /// Folder for tools that the project installs for itself.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Paths of all files that are tracked or would be, relative to the root, sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let sh = self.shell()?;
        let listed = cmd!(sh, "git ls-files -z --cached --others --exclude-standard")
            .quiet()
            .read()?;
        let mut files: Vec<PathBuf> = listed
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .filter(|path| self.root.join(path).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}
