//! Where candles of the past come from, and who may ask for them.

use std::{
    env,
    path::{self, Path},
    sync::Arc,
    time::Duration,
};

use tc_exchange::HistoryClient;
use tc_history::FreqtradeHistory;
use tc_market::{Candle, CandleTime, SeriesId};
use tc_server::{
    debug::DebugLog,
    tasks::{
        Backfills, Background, Coverage, CoverageOptions, CoverageParts, DownloadOptions, Downloads,
        GapHealOptions, GapHealer, LocalHistory, LocalHistoryError, ReadFollowUp, ReadFollowUpOptions,
    },
};

use super::{clock::monotonic_micros, download::FreqtradeDownload, options::bounded};
use crate::config::{Config, FreqtradeConfig, HistorySource};

/// Folder of what outlives the process beside the store.
const STATE_FOLDER: &str = "runtime_state";
const PROGRESS_FILE: &str = "market_backfill_progress.json";
/// What a user directory beside the workbench is called.
const OWN_USER_DIR: &str = "freqtrade_user_data";

/// The configured candle files, if there is a source of any.
pub(super) fn local_history(config: &Config) -> Option<Arc<dyn LocalHistory>> {
    match config.history.source {
        HistorySource::None => None,
        HistorySource::Freqtrade => Some(Arc::new(Files(freqtrade(&config.freqtrade)))),
    }
}

/// The candle files of an installation of freqtrade.
pub(super) fn freqtrade(config: &FreqtradeConfig) -> FreqtradeHistory {
    let own = || env::current_dir().ok().map(|here| here.join(OWN_USER_DIR));
    let root = config.root.as_deref().unwrap_or(Path::new("."));
    FreqtradeHistory {
        // Absolute, because freqtrade runs in it: what is relative to it must not be looked for in it twice. Without a
        // working directory there is nothing that a relative path could mean.
        root: path::absolute(root).unwrap_or_else(|_| root.to_owned()),
        data_dir: config.data_dir.clone(),
        config: config.config.clone(),
        user_dir: config
            .user_dir
            .clone()
            .or_else(|| own().filter(|own| own.is_dir())),
        home: env::home_dir(),
    }
}

/// Who brings newer candles into these files, if anybody may.
pub(super) fn downloads(config: &Config, background: &Background) -> Option<Downloads> {
    let FreqtradeConfig {
        bin,
        timeout,
        download,
        ..
    } = &config.freqtrade;
    match config.history.source {
        HistorySource::Freqtrade if download.enabled => {
            let fetcher = FreqtradeDownload::new(bin, freqtrade(&config.freqtrade), *timeout);
            let options = DownloadOptions {
                cooldown: Duration::from_secs(download.cooldown_s),
                ..DownloadOptions::default()
            };
            let (clock, background) = (monotonic_micros(), background.clone());
            Some(Downloads::new(Arc::new(fetcher), options, clock, background))
        }
        HistorySource::Freqtrade | HistorySource::None => None,
    }
}

struct Files(FreqtradeHistory);

impl LocalHistory for Files {
    fn newest(
        &self,
        series: &SeriesId,
        limit: usize,
        latest_closed: CandleTime,
    ) -> Result<Vec<Candle>, LocalHistoryError> {
        self.0
            .newest(series, limit, latest_closed)
            .map_err(LocalHistoryError::new)
    }
}

/// REST history, if it may be asked.
pub(super) fn rest(config: &Config, history: &HistoryClient) -> Option<HistoryClient> {
    config.history.rest_backfill.then(|| history.clone())
}

/// The progress of backfills; what an earlier process left of it counts when it is kept.
pub(super) fn backfills(config: &Config, background: &Background) -> Backfills {
    if !config.history.keep_progress {
        return Backfills::default();
    }
    let folder = config.storage.db_path.parent().unwrap_or(&config.storage.db_path);
    let path = folder.join(STATE_FOLDER).join(PROGRESS_FILE);
    let backfills = Backfills::resumed(&path);
    let keeper = backfills.clone().keep_in(path, background.stop.clone());
    background.tasks.spawn(keeper);
    backfills
}

/// What covers series.
pub(super) fn coverage(config: &Config, parts: CoverageParts) -> Coverage {
    let options = CoverageOptions {
        rest_on_read: config.history.rest_on_read,
        derived: config.derived.timeframes.clone(),
        ..CoverageOptions::default()
    };
    Coverage::new(parts, options)
}

/// What heals holes before subscribers are told of them.
pub(super) fn healer(config: &Config, coverage: &Coverage, background: &Background) -> Option<GapHealer> {
    let history = &config.history;
    let options = GapHealOptions {
        file_rows: history.gap_backfill_file_rows,
        read_limit: history.gap_backfill_read_limit,
    };
    history
        .gap_backfill
        .then(|| GapHealer::new(coverage.clone(), options, background.clone()))
}

/// What candle reads set off.
pub(super) fn follow_up(
    config: &Config,
    coverage: &Coverage,
    debug: &DebugLog,
    background: &Background,
) -> ReadFollowUp {
    let history = &config.history;
    let options = ReadFollowUpOptions {
        tail_backfill: history.tail_backfill,
        tail_max_candles: history.tail_backfill_max_candles.map(bounded),
        ledger_warm_up: history.ledger_warm_up,
    };
    ReadFollowUp::new(coverage.clone(), options, debug.clone(), background.clone())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::DownloadConfig;

    fn config(root: Option<&str>) -> FreqtradeConfig {
        FreqtradeConfig {
            root: root.map(PathBuf::from),
            user_dir: Some("mine".into()),
            config: None,
            data_dir: Some("candles".into()),
            bin: "freqtrade".into(),
            timeout: Duration::from_secs(1),
            download: DownloadConfig {
                enabled: true,
                cooldown_s: 1,
            },
        }
    }

    #[test]
    fn the_root_is_absolute() {
        let here = env::current_dir().unwrap();
        for (root, expected) in [
            (None, here.clone()),
            (Some("installed/freqtrade"), here.join("installed/freqtrade")),
            (Some("/opt/freqtrade"), PathBuf::from("/opt/freqtrade")),
        ] {
            let places = freqtrade(&config(root));
            assert_eq!(places.root, expected);
            assert_eq!(places.directory(), Some(expected.join("candles")));
        }
    }
}
