//! The files that the rules look at.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;

/// Longer files are data, not text that somebody wrote.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// All text files of the source tree.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Root of the tree, absolute.
    pub(crate) root: PathBuf,
    /// Every tracked text file, sorted by path.
    pub(crate) files: Vec<File>,
}

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Path relative to the root, with `/` between folders.
    pub(crate) path: String,
    /// The whole content.
    pub(crate) text: String,
}

impl Tree {
    /// Reads what git lists and leaves out what is not text.
    pub(crate) fn read(checkout: &Checkout) -> Result<Self> {
        let mut files = Vec::new();
        for path in checkout.files()? {
            let absolute = checkout.root.join(&path);
            let size = absolute
                .metadata()
                .with_context(|| format!("cannot read {}", path.display()))?
                .len();
            if size > MAX_TEXT_BYTES {
                continue;
            }
            let bytes =
                std::fs::read(&absolute).with_context(|| format!("cannot read {}", path.display()))?;
            if let Ok(text) = String::from_utf8(bytes)
                && !text.contains('\0')
            {
                files.push(File {
                    path: path.to_string_lossy().replace('\\', "/"),
                    text,
                });
            }
        }
        Ok(Self {
            root: checkout.root.clone(),
            files,
        })
    }

    /// The file at this path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Rust files of all crates, tests included.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// A tree of the given files, for the tests of a rule.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            root: PathBuf::new(),
            files: files.iter().map(file).collect(),
        }
    }
}

impl File {
    /// Lines with their numbers, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// File name without folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// File name without folders and without anything after the first dot.
    pub(crate) fn stem(&self) -> &str {
        self.name().split('.').next().unwrap_or_default()
    }

    /// Names of the folders it lies in, outermost first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.split('/').filter(|name| !name.is_empty())
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        const FOLDERS: &[&str] = &["tests", "benches", "e2e", "conformance", "props"];
        const STEMS: &[&str] = &["tests", "props", "conformance"];
        self.folders()
            .any(|folder| FOLDERS.contains(&folder) || folder == "tc-it")
            || STEMS.contains(&self.stem())
            || self.name().contains(".test.")
    }
}
