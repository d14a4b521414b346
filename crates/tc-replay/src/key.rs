//! Cache keys: equal for two packages only if every frame of them is equal.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tc_factor::Fingerprint;
use tc_overlay::RenderKey;

use crate::{
    ReplayPlan,
    packed::{hex, sha256},
};

/// Hex digits of a key.
const DIGITS: usize = 24;

/// Name of a package: the first 24 hex digits of a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CacheKey(String);

/// The text is not 24 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a package key: 24 lower-case hex digits are expected")]
pub struct KeyError;

impl CacheKey {
    /// The key of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut text = hex(&sha256(bytes));
        text.truncate(DIGITS);
        Self(text)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CacheKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == DIGITS && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyError)
        }
    }
}

impl TryFrom<String> for CacheKey {
    type Error = KeyError;

    fn try_from(text: String) -> Result<Self, KeyError> {
        text.parse()
    }
}

impl From<CacheKey> for String {
    fn from(key: CacheKey) -> Self {
        key.0
    }
}

impl fmt::Display for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that the frames of a package depend on. Candles after its last bar do not change it. The fields are in the
/// order of their names, which makes the JSON canonical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPayload {
    /// Times that the ledgers of the series were folded again.
    pub epoch: u32,
    /// What the ledger was computed with, hex.
    pub factor_fingerprint: String,
    /// Always 0.
    pub preload_offset: u32,
    /// What the drawings were made with, hex.
    pub render_key: String,
    /// Kind of the package.
    pub schema: String,
    /// The series.
    pub series_id: String,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
    /// The last bar, Unix seconds.
    pub to_candle_time: i64,
    /// Length of the range and of the window of each frame, candles.
    pub window_candles: u32,
    /// Bars per window of the package.
    pub window_size: u32,
}

impl KeyPayload {
    /// What the frames of `plan` depend on.
    #[must_use]
    pub fn new(plan: &ReplayPlan, fingerprint: Fingerprint, render_key: RenderKey, epoch: u32) -> Self {
        Self {
            epoch,
            factor_fingerprint: fingerprint.to_string(),
            preload_offset: 0,
            render_key: hex(render_key.as_bytes()),
            schema: plan.kind.schema().to_owned(),
            series_id: plan.series.as_str().to_owned(),
            snapshot_interval: plan.snapshot_interval,
            to_candle_time: plan.to.seconds(),
            window_candles: plan.window_candles,
            window_size: plan.window_size,
        }
    }

    /// The key of the package.
    ///
    /// # Errors
    /// [`serde_json::Error`] does not occur for these fields.
    pub fn cache_key(&self) -> Result<CacheKey, serde_json::Error> {
        Ok(CacheKey::of(&serde_json::to_vec(self)?))
    }
}
