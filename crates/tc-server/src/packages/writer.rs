//! Writing a package: window by window, the manifest last.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tc_read::PackageSink;
use tc_replay::{
    CacheKey, KeyPayload, MANIFEST_FILE, Manifest, ManifestError, PackageMetadata, PackedError,
    RecordedWindow, SCHEMA_VERSION, WindowEntry, pack, sha256_hex, window_file,
};

use super::{
    PackageStore, Shelf,
    store::{UNFINISHED, remove, sync_folder, write_whole},
};

/// Why a package was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system refuses.
    #[error("package cannot be written: {0}")]
    File(#[from] io::Error),
    /// A window cannot be packed.
    #[error(transparent)]
    Packed(#[from] PackedError),
    /// The manifest cannot be written.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The process stops.
    #[error("the server is stopping")]
    Stopping,
}

/// A package that is being written. Until [`PackageWriter::finish`] nobody sees it; dropped before, it leaves nothing.
pub struct PackageWriter {
    folder: PathBuf,
    unfinished: PathBuf,
    windows: Vec<WindowEntry>,
    progress: Box<dyn Fn(usize, usize) -> bool + Send>,
    finished: bool,
}

impl std::fmt::Debug for PackageWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackageWriter")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

impl PackageStore {
    /// Begins the package called `key`. `progress` learns how many of all bars are done and says whether to go on.
    ///
    /// # Errors
    /// [`io::Error`] when the folder cannot be made.
    pub fn begin(
        &self,
        shelf: Shelf,
        key: &CacheKey,
        progress: impl Fn(usize, usize) -> bool + Send + 'static,
    ) -> io::Result<PackageWriter> {
        PackageWriter::begin(self.folder(shelf, key), progress)
    }
}

impl PackageWriter {
    /// Begins a package in `folder`, whose parent exists or is made.
    ///
    /// # Errors
    /// [`io::Error`] when the folder cannot be made.
    pub fn begin(
        folder: PathBuf,
        progress: impl Fn(usize, usize) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("package");
        let unfinished = folder.with_file_name(format!("{UNFINISHED}{name}"));
        remove(&unfinished)?;
        fs::create_dir_all(&unfinished)?;
        Ok(Self {
            folder,
            unfinished,
            windows: Vec::new(),
            progress: Box::new(progress),
            finished: false,
        })
    }

    /// Writes the manifest and shows the package.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn finish(
        mut self,
        key_payload: KeyPayload,
        metadata: PackageMetadata,
        created_at_ms: i64,
    ) -> Result<Manifest, WriteError> {
        let manifest = Manifest {
            schema_version: SCHEMA_VERSION,
            cache_key: key_payload.cache_key().map_err(ManifestError::from)?,
            key_payload,
            metadata,
            created_at_ms,
            windows: std::mem::take(&mut self.windows),
        };
        self.publish(&manifest.to_bytes()?)?;
        Ok(manifest)
    }

    /// The last steps: everything but the manifest is safe on disk before it comes, and the folder appears at once.
    fn publish(&mut self, manifest: &[u8]) -> Result<(), WriteError> {
        sync_folder(&self.unfinished)?;
        write_whole(&self.unfinished, MANIFEST_FILE, manifest)?;
        sync_folder(&self.unfinished)?;
        remove(&self.folder)?;
        fs::rename(&self.unfinished, &self.folder)?;
        if let Some(parent) = self.folder.parent() {
            // Of a name without a folder that is the working directory.
            let here = parent.as_os_str().is_empty();
            sync_folder(if here { Path::new(".") } else { parent })?;
        }
        self.finished = true;
        Ok(())
    }

    /// Takes window files as they are, for the manifest that lists them.
    pub(super) fn take_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        Ok(write_whole(&self.unfinished, name, bytes)?)
    }

    /// Where the package is to appear instead.
    pub(super) fn move_to(&mut self, folder: PathBuf) {
        self.folder = folder;
    }

    /// As [`PackageWriter::finish`], with the manifest that came with the files.
    pub(super) fn finish_as(mut self, manifest: &[u8]) -> Result<(), WriteError> {
        self.publish(manifest)
    }
}

impl PackageSink for PackageWriter {
    type Error = WriteError;

    fn window(&mut self, window: RecordedWindow) -> Result<(), WriteError> {
        let bytes = pack(&window.json)?;
        let file = window_file(window.window_index);
        write_whole(&self.unfinished, &file, &bytes)?;
        self.windows.push(WindowEntry {
            window_index: window.window_index,
            start_idx: window.start_idx,
            end_idx: window.end_idx,
            start_time: window.start_time.seconds(),
            end_time: window.end_time.seconds(),
            bytes: bytes.len() as u64,
            sha256: sha256_hex(&bytes),
            file,
        });
        Ok(())
    }

    fn bars_done(&mut self, done: usize, total: usize) -> Result<(), WriteError> {
        if (self.progress)(done, total) {
            Ok(())
        } else {
            Err(WriteError::Stopping)
        }
    }
}

impl Drop for PackageWriter {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = remove(&self.unfinished)
        {
            tracing::warn!(path = %self.unfinished.display(), %error, "what is left of a package cannot be removed");
        }
    }
}
