//! A package as one file: an uncompressed tar, the manifest first.

use std::{collections::HashSet, fs, io, io::Read, path::Path};

use tc_replay::{CacheKey, MANIFEST_FILE, Manifest, ManifestError};

use super::{PackageStore, PackageWriter, Shelf, StoredPackage, WriteError, store::verify};

/// Why a package file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no tar, or cut off.
    #[error("the file cannot be read: {0}")]
    Tar(#[source] io::Error),
    /// It does not begin with a manifest.
    #[error("the file does not begin with {MANIFEST_FILE}")]
    NoManifest,
    /// The manifest cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It holds something that its manifest does not list, or not exactly once.
    #[error("the file holds {0:?}, which the manifest does not expect there")]
    Unexpected(String),
    /// Something that the manifest lists is not in it.
    #[error("the file lacks {0}")]
    Missing(String),
    /// A window is not what the manifest says.
    #[error("{0}")]
    Damaged(String),
    /// It cannot be kept.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the package in `folder` as one file.
///
/// # Errors
/// [`io::Error`].
pub fn write_archive(folder: &Path, manifest: &Manifest, out: impl io::Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(out);
    let names =
        std::iter::once(MANIFEST_FILE).chain(manifest.windows.iter().map(|window| window.file.as_str()));
    for name in names {
        let bytes = fs::read(folder.join(name))?;
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        tar.append_data(&mut header, name, bytes.as_slice())?;
    }
    tar.into_inner()?.flush()
}

/// Reads a package file and hands over its windows once everything about each of them is checked. Answers the bytes of the
/// manifest, and what they say.
///
/// # Errors
/// [`ArchiveError`].
pub fn read_archive(
    bytes: &[u8],
    mut take: impl FnMut(&str, &[u8]) -> Result<(), WriteError>,
) -> Result<(Vec<u8>, Manifest), ArchiveError> {
    let mut tar = tar::Archive::new(bytes);
    let mut entries = tar.entries().map_err(ArchiveError::Tar)?;
    let first = entries
        .next()
        .ok_or(ArchiveError::NoManifest)?
        .map_err(ArchiveError::Tar)?;
    let (name, text) = content(first)?;
    if name != MANIFEST_FILE {
        return Err(ArchiveError::NoManifest);
    }
    let manifest = Manifest::parse(&text)?;
    let mut seen = HashSet::new();
    for entry in entries {
        let (name, bytes) = content(entry.map_err(ArchiveError::Tar)?)?;
        let listed = manifest.windows.iter().find(|window| window.file == name);
        let Some(window) = listed.filter(|_| seen.insert(name.clone())) else {
            return Err(ArchiveError::Unexpected(name));
        };
        verify(window, &bytes).map_err(ArchiveError::Damaged)?;
        let json = tc_replay::unpack(&bytes).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        serde_json::from_slice::<tc_replay::WindowContent>(&json)
            .map_err(|error| ArchiveError::Damaged(format!("{name}: {error}")))?;
        take(&name, &bytes)?;
    }
    match manifest
        .windows
        .iter()
        .find(|window| !seen.contains(&window.file))
    {
        Some(window) => Err(ArchiveError::Missing(window.file.clone())),
        None => Ok((text, manifest)),
    }
}

fn content(mut entry: tar::Entry<'_, &[u8]>) -> Result<(String, Vec<u8>), ArchiveError> {
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    if entry.header().entry_type() != tar::EntryType::Regular {
        return Err(ArchiveError::Unexpected(name));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(ArchiveError::Tar)?;
    Ok((name, bytes))
}

impl PackageStore {
    /// The package as one file.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn export(&self, package: &StoredPackage) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let folder = self.folder(package.shelf, &package.key);
        write_archive(&folder, &package.manifest, &mut out)?;
        Ok(out)
    }

    /// Keeps a package file. Nothing of one that cannot be used is kept.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn import(&self, bytes: &[u8]) -> Result<StoredPackage, ArchiveError> {
        // Under a name of its own until its id is known, so that two at once do not meet.
        let draft = CacheKey::of(bytes);
        let folder = self.root.join(Shelf::Imported.folder());
        let mut writer =
            PackageWriter::begin(folder.join(draft.as_str()), |_, _| true).map_err(WriteError::from)?;
        let (text, manifest) = read_archive(bytes, |name, bytes| writer.take_file(name, bytes))?;
        let key = CacheKey::of(&text);
        writer.move_to(self.folder(Shelf::Imported, &key));
        writer.finish_as(&text)?;
        Ok(StoredPackage {
            shelf: Shelf::Imported,
            key,
            manifest,
        })
    }
}
