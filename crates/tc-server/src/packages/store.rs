//! Packages as files: reading them whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tc_replay::{CacheKey, MANIFEST_FILE, Manifest, WindowEntry, sha256_hex, unpack};

use super::Shelf;

/// File whose time of change says when a package was read last.
pub(super) const STAMP_FILE: &str = ".last_read";
/// Beginning of the names of files and folders that are not complete.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// How much packages may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Bytes of all of them.
    pub max_bytes: u64,
    /// Packages that were not read for longer are dropped, milliseconds.
    pub max_age_ms: i64,
}

/// Packages below one folder.
#[derive(Debug, Clone)]
pub struct PackageStore {
    pub(super) root: PathBuf,
    pub(super) limits: PackageLimits,
}

/// A package that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPackage {
    /// Where it lies.
    pub shelf: Shelf,
    /// Its name.
    pub key: CacheKey,
    /// What it is.
    pub manifest: Manifest,
}

impl PackageStore {
    /// Packages below `root`. What an earlier process left unfinished is removed.
    ///
    /// # Errors
    /// [`io::Error`] when the folder cannot be made or read.
    pub fn open(root: PathBuf, limits: PackageLimits) -> io::Result<Self> {
        let store = Self { root, limits };
        for shelf in Shelf::ALL {
            let folder = store.root.join(shelf.folder());
            fs::create_dir_all(&folder)?;
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                if name.parse::<CacheKey>().is_err() || !path.join(MANIFEST_FILE).is_file() {
                    tracing::info!(path = %path.display(), "what is left of an unfinished package is removed");
                    remove(&path)?;
                }
            }
        }
        Ok(store)
    }

    /// The package called `key`; `None` when there is none that can be used. One that is damaged is removed.
    #[must_use]
    pub fn find(&self, shelf: Shelf, key: &CacheKey) -> Option<StoredPackage> {
        let path = self.folder(shelf, key).join(MANIFEST_FILE);
        let bytes = fs::read(&path).ok()?;
        match Manifest::parse(&bytes) {
            Ok(manifest) if shelf == Shelf::Imported || manifest.cache_key == *key => Some(StoredPackage {
                shelf,
                key: key.clone(),
                manifest,
            }),
            Ok(_) => self.set_aside(shelf, key, "its manifest is that of another package"),
            Err(error) => self.set_aside(shelf, key, &error.to_string()),
        }
    }

    /// JSON of a window; `None` when the package cannot be used: it is removed.
    #[must_use]
    pub fn window(&self, package: &StoredPackage, window_index: usize) -> Option<Vec<u8>> {
        let entry = package.manifest.windows.get(window_index)?;
        let (shelf, key) = (package.shelf, &package.key);
        match read_window(&self.folder(shelf, key), entry) {
            Ok(json) => Some(json),
            Err(reason) => self.set_aside(shelf, key, &reason),
        }
    }

    /// Notes that a package was read.
    pub fn touch(&self, package: &StoredPackage, now_ms: i64) {
        let path = self.folder(package.shelf, &package.key).join(STAMP_FILE);
        let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
        let noted = fs::File::create(&path).and_then(|file| file.set_modified(time));
        if let Err(error) = noted {
            tracing::warn!(path = %path.display(), %error, "when a package was read cannot be noted");
        }
    }

    /// Number and bytes of all packages.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        let all = self.all();
        (all.len(), all.iter().map(|one| one.bytes).sum())
    }

    pub(super) fn folder(&self, shelf: Shelf, key: &CacheKey) -> PathBuf {
        self.root.join(shelf.folder()).join(key.as_str())
    }

    /// A damaged package counts as none: it is deleted, and the next build makes it anew.
    fn set_aside<T>(&self, shelf: Shelf, key: &CacheKey, reason: &str) -> Option<T> {
        tracing::warn!(shelf = shelf.folder(), %key, reason, "package cannot be used and is removed");
        if let Err(error) = remove(&self.folder(shelf, key)) {
            tracing::warn!(%key, %error, "package cannot be removed");
        }
        None
    }

    /// Every package with a manifest.
    pub(super) fn all(&self) -> Vec<Listed> {
        let mut all = Vec::new();
        for shelf in Shelf::ALL {
            let entries = fs::read_dir(self.root.join(shelf.folder()));
            for path in entries.into_iter().flatten().flatten().map(|entry| entry.path()) {
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                let Ok(key) = name.parse::<CacheKey>() else {
                    continue;
                };
                let manifest = path.join(MANIFEST_FILE);
                let Ok(made) = fs::metadata(&manifest).and_then(|data| data.modified()) else {
                    continue;
                };
                let read = fs::metadata(path.join(STAMP_FILE)).and_then(|data| data.modified());
                all.push(Listed {
                    shelf,
                    key,
                    bytes: bytes_in(&path),
                    read_ms: unix_ms(read.unwrap_or(made)),
                });
            }
        }
        all
    }
}

/// A package as the eviction sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) shelf: Shelf,
    pub(super) key: CacheKey,
    pub(super) bytes: u64,
    pub(super) read_ms: i64,
}

fn read_window(folder: &Path, entry: &WindowEntry) -> Result<Vec<u8>, String> {
    let bytes = fs::read(folder.join(&entry.file)).map_err(|error| format!("{}: {error}", entry.file))?;
    verify(entry, &bytes)?;
    unpack(&bytes).map_err(|error| format!("{}: {error}", entry.file))
}

/// Whether bytes are those that the manifest speaks of.
pub(super) fn verify(entry: &WindowEntry, bytes: &[u8]) -> Result<(), String> {
    if bytes.len() as u64 != entry.bytes {
        return Err(format!(
            "{} has {} bytes, {} are expected",
            entry.file,
            bytes.len(),
            entry.bytes
        ));
    }
    if sha256_hex(bytes) != entry.sha256 {
        return Err(format!("{} has another checksum", entry.file));
    }
    Ok(())
}

/// Writes a file so that it is there whole or not at all.
pub(super) fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{UNFINISHED}{name}"));
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))
}

/// Makes the names in a folder outlive a crash.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Removes a file or a folder. One that is gone already is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|data| data.len())
        .sum()
}

fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
