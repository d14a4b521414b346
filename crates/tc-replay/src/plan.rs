//! Which bars a package has, and how they are cut into windows.

use tc_market::{CandleTime, SeriesId};

/// What the frames of a package hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageKind {
    /// Drawings and slices.
    Replay,
    /// Drawings alone.
    Drawings,
}

impl PackageKind {
    /// Name of the kind in cache keys and of the folder that its packages lie in.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Self::Replay => "replay_package_v2",
            Self::Drawings => "overlay_replay_package_v2",
        }
    }
}

/// Which frames are wanted: the stored candles of a range, each seen through a window of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayPlan {
    /// What the frames hold.
    pub kind: PackageKind,
    /// The series.
    pub series: SeriesId,
    /// The last bar, a stored candle.
    pub to: CandleTime,
    /// Length of the range, and of the window of each frame, candles.
    pub window_candles: u32,
    /// Bars per window of the package.
    pub window_size: u32,
    /// Bars between two complete lists of active drawings.
    pub snapshot_interval: u32,
}

impl ReplayPlan {
    /// The oldest time that a bar can have.
    #[must_use]
    pub fn from(&self) -> CandleTime {
        let bars = i64::from(self.window_candles.max(1)) - 1;
        CandleTime::clamped((self.to.seconds() - bars * self.series.timeframe().seconds()).max(0))
    }

    /// First time that the frame of the bar at `time` looks at.
    #[must_use]
    pub fn window_start(&self, time: CandleTime) -> CandleTime {
        let span = i64::from(self.window_candles) * self.series.timeframe().seconds();
        CandleTime::clamped((time.seconds() - span).max(0))
    }
}
