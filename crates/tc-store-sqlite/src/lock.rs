//! The lock that makes one process the writer of a file.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use tc_store::StoreError;

/// Held as long as it lives, and given back by the operating system when the process ends in any way. The file stays:
/// removing it would let two processes hold two files of one name.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

/// `<db path>.lock`.
pub(crate) fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

impl WriterLock {
    /// Takes the lock and leaves the id of this process in it.
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let lock = lock_path(path);
        let refused = |error: std::io::Error| StoreError::Open {
            path: path.display().to_string(),
            reason: format!(
                "its lock file {} cannot be used ({error}); make the folder writable or choose another path",
                lock.display()
            ),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked {
                    path: path.display().to_string(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(error)) => return Err(refused(error)),
        }
        file.set_len(0).map_err(refused)?;
        writeln!(file, "{}", std::process::id()).map_err(refused)?;
        Ok(Self { _file: file })
    }
}

/// The process id in a lock file of somebody else; where locks also forbid reading, nothing is known.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match (read, text.trim()) {
        (Ok(_), id) if !id.is_empty() => id.to_owned(),
        _ => "unknown".to_owned(),
    }
}
