//! `cargo xtask gen`: files that the server itself describes, so that nobody writes them twice.
//!
//! `--check` leaves every file as it was and fails when one of them would change.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use xshell::cmd;

use crate::checkout::Checkout;
use crate::product::{self, Profile};
use crate::web;

/// A file that one subcommand of the server prints.
#[derive(Debug)]
struct Page {
    path: &'static str,
    arguments: &'static [&'static str],
}

const PAGES: &[Page] = &[
    Page {
        path: "web/src/api/openapi.json",
        arguments: &["openapi"],
    },
    Page {
        path: "docs/reference/config.md",
        arguments: &["config", "reference"],
    },
    Page {
        path: "docs/reference/error-codes.md",
        arguments: &["error-codes"],
    },
];

/// Made from the OpenAPI document by the web's own script.
const CLIENT_SCRIPT: &str = "gen:api";
const CLIENT: &str = "web/src/api/schema.d.ts";

/// Whether files are written or only compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Bring every file up to date.
    Write,
    /// Leave every file as it is; fail if one is out of date.
    Check,
}

impl Mode {
    /// The meaning of `--check`.
    pub(crate) fn from_check(check: bool) -> Self {
        if check { Self::Check } else { Self::Write }
    }
}

/// Writes or checks everything that is generated.
pub(crate) fn run(checkout: &Checkout, mode: Mode) -> Result<ExitCode> {
    let before = Snapshot::take(&checkout.root)?;
    let generated = generate(checkout);
    let changed = before.changed()?;
    if mode == Mode::Check || generated.is_err() {
        before.restore()?;
    }
    generated?;
    match mode {
        Mode::Write if changed.is_empty() => println!("everything generated is up to date"),
        Mode::Write => changed.iter().for_each(|path| println!("wrote {path}")),
        Mode::Check if changed.is_empty() => println!("everything generated is up to date"),
        Mode::Check => bail!(
            "out of date: {}; run `cargo xtask gen` and commit the result",
            changed.join(", ")
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn generate(checkout: &Checkout) -> Result<()> {
    let binary = product::build(checkout, Profile::Development)?;
    let sh = checkout.shell()?;
    for page in PAGES {
        let arguments = page.arguments;
        let mut text = cmd!(sh, "{binary} {arguments...}").quiet().read()?;
        text.truncate(text.trim_end().len());
        text.push('\n');
        write(&checkout.root.join(page.path), &text)?;
    }
    web::script(checkout, CLIENT_SCRIPT)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().context("a generated file lies in a folder")?;
    std::fs::create_dir_all(folder)?;
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The generated files as they were before.
#[derive(Debug)]
struct Snapshot {
    root: PathBuf,
    files: Vec<(&'static str, Option<Vec<u8>>)>,
}

impl Snapshot {
    fn take(root: &Path) -> Result<Self> {
        let paths = PAGES.iter().map(|page| page.path).chain([CLIENT]);
        Self::of(root, paths)
    }

    fn of(root: &Path, paths: impl Iterator<Item = &'static str>) -> Result<Self> {
        let files = paths
            .map(|path| Ok((path, read(&root.join(path))?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            root: root.to_path_buf(),
            files,
        })
    }

    fn changed(&self) -> Result<Vec<&'static str>> {
        let mut changed = Vec::new();
        for (path, before) in &self.files {
            if read(&self.root.join(path))? != *before {
                changed.push(*path);
            }
        }
        Ok(changed)
    }

    fn restore(&self) -> Result<()> {
        for (path, before) in &self.files {
            let path = self.root.join(path);
            match before {
                Some(bytes) => std::fs::write(path, bytes)?,
                None if path.exists() => std::fs::remove_file(path)?,
                None => {}
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_names_what_changed_and_puts_it_back() {
        let root = tempfile::tempdir().unwrap();
        let text = |path: &str| std::fs::read_to_string(root.path().join(path)).ok();
        std::fs::write(root.path().join("kept"), "a").unwrap();
        std::fs::write(root.path().join("edited"), "b").unwrap();
        let before = Snapshot::of(root.path(), ["kept", "edited", "new"].into_iter()).unwrap();

        std::fs::write(root.path().join("edited"), "c").unwrap();
        std::fs::write(root.path().join("new"), "d").unwrap();
        assert_eq!(before.changed().unwrap(), ["edited", "new"]);

        before.restore().unwrap();
        assert_eq!(before.changed().unwrap(), [""; 0]);
        assert_eq!(text("edited").as_deref(), Some("b"));
        assert_eq!(text("new"), None);
    }
}
