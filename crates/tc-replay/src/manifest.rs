//! Manifest of a package: what it is made of, and how to know that it is whole.

use serde::{Deserialize, Serialize};

use tc_market::CandleTime;

use crate::{CacheKey, KeyPayload, ReplayPlan, SCHEMA_VERSION};

/// Name of the file that comes last; a package without it does not exist.
pub const MANIFEST_FILE: &str = "manifest.json";

/// Where the times of the bars are.
const IDX_TO_TIME: &str = "windows[*].kline[idx].time";

/// Name of the file of a window.
#[must_use]
pub fn window_file(window_index: usize) -> String {
    format!("window_{window_index:05}.zst")
}

/// Keys that the slices of a factor have in any frame of the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorSchema {
    /// The factor.
    pub factor_name: String,
    /// Keys of histories, ascending.
    pub history_keys: Vec<String>,
    /// Keys of heads, ascending.
    pub head_keys: Vec<String>,
}

/// What a reader needs to know before it asks for a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageMetadata {
    /// Version of manifest and window files.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// Length of the timeframe, seconds.
    pub timeframe_s: i64,
    /// Number of bars.
    pub total_candles: usize,
    /// First bar, Unix seconds.
    pub from_candle_time: i64,
    /// Last bar, Unix seconds.
    pub to_candle_time: i64,
    /// Bars per window.
    pub window_size: u32,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
    /// Always 0.
    pub preload_offset: u32,
    /// Where the times of the bars are.
    pub idx_to_time: String,
    /// Every factor, by name; empty in a package of drawings alone.
    pub factor_schema: Vec<FactorSchema>,
}

impl PackageMetadata {
    pub(crate) fn new(
        plan: &ReplayPlan,
        bars: usize,
        first: CandleTime,
        last: CandleTime,
        factor_schema: Vec<FactorSchema>,
    ) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            series_id: plan.series.as_str().to_owned(),
            timeframe_s: plan.series.timeframe().seconds(),
            total_candles: bars,
            from_candle_time: first.seconds(),
            to_candle_time: last.seconds(),
            window_size: plan.window_size,
            snapshot_interval: plan.snapshot_interval,
            preload_offset: 0,
            idx_to_time: IDX_TO_TIME.to_owned(),
            factor_schema,
        }
    }

    /// Position of the window that holds a bar; `None` past the last bar.
    #[must_use]
    pub fn window_of(&self, idx: usize) -> Option<usize> {
        let size = usize::try_from(self.window_size).ok().filter(|size| *size > 0)?;
        (idx < self.total_candles).then(|| idx / size)
    }
}

/// One window file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowEntry {
    /// Position of the window.
    pub window_index: usize,
    /// First bar, counted over the package.
    pub start_idx: usize,
    /// One past the last bar.
    pub end_idx: usize,
    /// First bar, Unix seconds.
    pub start_time: i64,
    /// Last bar, Unix seconds.
    pub end_time: i64,
    /// Name of the file in the folder of the package.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
}

/// A whole package but for its windows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of manifest and window files.
    pub schema_version: u32,
    /// Name of the package.
    pub cache_key: CacheKey,
    /// What its frames depend on.
    pub key_payload: KeyPayload,
    /// What readers need to know first.
    pub metadata: PackageMetadata,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// The window files in order.
    pub windows: Vec<WindowEntry>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("manifest cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It was made by another version.
    #[error("manifest has schema version {0}, {SCHEMA_VERSION} is expected")]
    Version(u32),
    /// It contradicts itself.
    #[error("manifest contradicts itself: {0}")]
    Contradiction(&'static str),
}

impl Manifest {
    /// Reads a manifest and checks that it fits together.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u32,
        }
        let Version { schema_version } = serde_json::from_slice(bytes)?;
        if schema_version != SCHEMA_VERSION {
            return Err(ManifestError::Version(schema_version));
        }
        let manifest: Self = serde_json::from_slice(bytes)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Bytes of the manifest file.
    ///
    /// # Errors
    /// [`ManifestError::Json`] does not occur for these fields.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ManifestError> {
        Ok(serde_json::to_vec(self)?)
    }

    fn check(&self) -> Result<(), ManifestError> {
        let contradiction = |what| Err(ManifestError::Contradiction(what));
        if self.metadata.schema_version != self.schema_version {
            return contradiction("versions differ");
        }
        if self.key_payload.cache_key()? != self.cache_key {
            return contradiction("key is not that of its payload");
        }
        if self.metadata.series_id != self.key_payload.series_id
            || self.metadata.to_candle_time != self.key_payload.to_candle_time
        {
            return contradiction("metadata is of another package");
        }
        let mut next = 0;
        for (position, window) in self.windows.iter().enumerate() {
            if window.window_index != position
                || window.start_idx != next
                || window.end_idx <= next
                || window.file != window_file(position)
                || self.metadata.window_of(next) != Some(position)
            {
                return contradiction("windows do not follow each other");
            }
            next = window.end_idx;
        }
        if next != self.metadata.total_candles {
            return contradiction("windows do not hold every bar");
        }
        Ok(())
    }
}
