//! How far a run is, from what freqtrade logs.

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The program starts and reads its configuration.
    Starting,
    /// It reads candles.
    LoadingCandles,
    /// The strategy computes its indicators.
    Indicators,
    /// Trades are simulated.
    Simulating,
    /// It writes its result.
    Writing,
}

/// What a log line says when a stage begins.
const MARKS: &[(&str, Stage)] = &[
    ("Using resolved strategy", Stage::LoadingCandles),
    ("Loading data from", Stage::LoadingCandles),
    ("Running backtesting for Strategy", Stage::Indicators),
    ("Dataload complete. Calculating indicators", Stage::Indicators),
    ("Backtesting with data from", Stage::Simulating),
    ("dumping json to", Stage::Writing),
];

impl Stage {
    /// One word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::LoadingCandles => "loading_candles",
            Self::Indicators => "indicators",
            Self::Simulating => "simulating",
            Self::Writing => "writing",
        }
    }

    /// The stage that begins with a line.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let mark = MARKS.iter().find(|(mark, _)| line.contains(mark));
        mark.map(|(_, stage)| *stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_log_begin_stages() {
        for (line, stage) in [
            (
                "2026-01-01 - freqtrade.optimize.backtesting - INFO - Backtesting with data from 2026-01-01 up to",
                Some(Stage::Simulating),
            ),
            (
                "freqtrade.data.history.history_utils - INFO - Loading data from 2026",
                Some(Stage::LoadingCandles),
            ),
            ("Checking exchange...", None),
        ] {
            assert_eq!(Stage::of_line(line), stage, "{line}");
        }
        assert!(Stage::Starting < Stage::Writing);
    }
}
