//! Bytes of window files: compressed JSON. A window is kept in the form it is sent in, so reading one is decompression
//! and nothing else.

use sha2::{Digest, Sha256};

/// Trade of time for size that costs a tenth of making a package.
const COMPRESSION_LEVEL: i32 = 3;
/// Largest window that is unpacked; a file that claims more is damaged.
const MOST_BYTES: usize = 1 << 30;

/// Why a window could not be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum PackedError {
    /// The bytes are not compressed, or cut off.
    #[error("window cannot be unpacked: {0}")]
    Compression(#[from] std::io::Error),
    /// The file claims to be larger than any window.
    #[error("window of {0} bytes is larger than any that is made")]
    TooLarge(u64),
}

/// Bytes of the file of a window, given its JSON.
///
/// # Errors
/// [`PackedError`].
pub fn pack(json: &[u8]) -> Result<Vec<u8>, PackedError> {
    Ok(zstd::bulk::compress(json, COMPRESSION_LEVEL)?)
}

/// JSON of a window file.
///
/// # Errors
/// [`PackedError`] when the bytes are damaged.
pub fn unpack(bytes: &[u8]) -> Result<Vec<u8>, PackedError> {
    let claimed = zstd::zstd_safe::get_frame_content_size(bytes)
        .ok()
        .flatten()
        .unwrap_or_default();
    match usize::try_from(claimed) {
        Ok(size) if size <= MOST_BYTES => Ok(zstd::bulk::decompress(bytes, size)?),
        _ => Err(PackedError::TooLarge(claimed)),
    }
}

/// SHA-256 as hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sha256(bytes))
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
