//! The web page: its packages, its scripts, and its build, each done only when something changed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::checkout::Checkout;
use crate::install;

/// What decides whether the built page is still current, relative to `web/`.
const SOURCES: &[&str] = &["src", "public", "index.html", "package.json", "package-lock.json"];

/// A shell in `web/` with Node.js checked and the packages of the lock file installed.
pub(crate) fn shell(checkout: &Checkout) -> Result<Shell> {
    let sh = checkout.shell()?;
    install::require_node(&sh)?;
    let web = checkout.root.join("web");
    sh.change_dir(&web);
    let stamp = Stamp::new(&web, "packages", &[web.join("package-lock.json")])?;
    if !stamp.is_current() {
        cmd!(sh, "npm ci --no-audit --no-fund").run()?;
        stamp.write()?;
    }
    Ok(sh)
}

/// Runs one script of `web/package.json`.
pub(crate) fn script(checkout: &Checkout, name: &str) -> Result<()> {
    let sh = shell(checkout)?;
    cmd!(sh, "npm run --silent {name}").run()?;
    Ok(())
}

/// Builds `web/dist` unless it is already the build of these sources.
pub(crate) fn build(checkout: &Checkout) -> Result<()> {
    let sh = shell(checkout)?;
    let web = checkout.root.join("web");
    let stamp = Stamp::new(&web, "build", &build_sources(&web)?)?;
    if stamp.is_current() && web.join("dist/index.html").is_file() {
        println!("web/dist is the build of these sources");
        return Ok(());
    }
    cmd!(sh, "npm run --silent build").run()?;
    stamp.write()
}

/// Every source file of the build, and the configuration files in `web/` itself.
fn build_sources(web: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&web.join(source), &mut files)?;
    }
    for entry in web
        .read_dir()
        .with_context(|| format!("cannot list {}", web.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_file() && (name.starts_with("vite.config") || name.starts_with("tsconfig")) {
            files.push(path);
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in path.read_dir()? {
            collect(&entry?.path(), files)?;
        }
    }
    Ok(())
}

/// Remembers in `node_modules` what something was last made from.
#[derive(Debug)]
struct Stamp {
    path: PathBuf,
    hash: String,
}

impl Stamp {
    fn new(web: &Path, name: &str, sources: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for source in sources {
            source.strip_prefix(web).unwrap_or(source).hash(&mut hasher);
            let bytes = std::fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
            bytes.hash(&mut hasher);
        }
        let path = web.join("node_modules/.trade-canvas").join(name);
        Ok(Self {
            path,
            hash: format!("{:016x}", hasher.finish()),
        })
    }

    fn is_current(&self) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|written| written == self.hash)
    }

    fn write(&self) -> Result<()> {
        let folder = self.path.parent().context("a stamp lies in a folder")?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(&self.path, &self.hash)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_current_until_a_source_changes() {
        let web = tempfile::tempdir().unwrap();
        std::fs::create_dir(web.path().join("src")).unwrap();
        std::fs::write(web.path().join("src/main.ts"), "one").unwrap();
        std::fs::write(web.path().join("vite.config.ts"), "two").unwrap();
        std::fs::write(web.path().join("README.md"), "not a source").unwrap();
        let stamp = || Stamp::new(web.path(), "build", &build_sources(web.path()).unwrap()).unwrap();

        assert!(!stamp().is_current());
        stamp().write().unwrap();
        assert!(stamp().is_current());
        std::fs::write(web.path().join("README.md"), "changed").unwrap();
        assert!(stamp().is_current());
        std::fs::write(web.path().join("vite.config.ts"), "changed").unwrap();
        assert!(!stamp().is_current());
    }

    #[test]
    fn a_renamed_source_is_a_change() {
        let web = tempfile::tempdir().unwrap();
        std::fs::write(web.path().join("tsconfig.json"), "x").unwrap();
        let stamp = || Stamp::new(web.path(), "build", &build_sources(web.path()).unwrap()).unwrap();
        stamp().write().unwrap();
        std::fs::rename(
            web.path().join("tsconfig.json"),
            web.path().join("tsconfig.app.json"),
        )
        .unwrap();
        assert!(!stamp().is_current());
    }
}
