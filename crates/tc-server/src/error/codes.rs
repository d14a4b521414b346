//! Every error code of the HTTP interface, in one list.

mod backtest_lines;
mod lines;

use std::fmt::Write;

use axum::http::StatusCode;

use self::{
    backtest_lines::BACKTEST_LINES,
    lines::{LINES, Line},
};

/// A stable error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// A parameter or body field breaks a rule.
    RequestInvalid,
    /// The body is larger than allowed.
    PayloadTooLarge,
    /// No such path.
    RouteUnknown,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The feature is switched off, or the thing asked for does not exist.
    NotFound,
    /// The series id breaks the grammar.
    SeriesInvalid,
    /// No such exchange is spoken to.
    UnsupportedExchange,
    /// Asked for more often than allowed.
    RateLimited,
    /// A step of the write path failed.
    IngestFailed,
    /// The factor ledger is behind.
    FactorOutOfSync,
    /// The feature rows are behind.
    FeatureOutOfSync,
    /// The drawings are behind or damaged.
    OverlayOutOfSync,
    /// There is no candle to repair or rebuild at.
    RepairNoData,
    /// The factor ledger is behind, also after a repair.
    RepairFactorOutOfSync,
    /// The drawings are behind or damaged, also after a repair.
    RepairOverlayOutOfSync,
    /// A step of a repair failed.
    RepairFailed,
    /// Somebody else's server, or a source of history, gave no usable answer.
    Upstream,
    /// A frame of a series without candles.
    WorldNoData,
    /// The newest frame of a series that was never drawn.
    WorldNoOverlay,
    /// The body is of another type.
    UnsupportedMediaType,
    /// There is no candle to prepare for.
    ReplayPrepareNoData,
    /// The factor ledger is behind, also after a refresh.
    ReplayPrepareFactorOutOfSync,
    /// The drawings are behind, also after a refresh.
    ReplayPrepareOverlayOutOfSync,
    /// There is no candle to replay.
    ReplayNoData,
    /// Candles of a package are missing.
    ReplayCoverageMissing,
    /// The ledgers do not cover a package.
    ReplayOutOfSync,
    /// No such job or package.
    ReplayStatusNotFound,
    /// No such package.
    ReplayWindowNotFound,
    /// A bar past the last one of a package.
    ReplayIndexOutOfRange,
    /// No such coverage job.
    ReplayCoverageNotFound,
    /// No package to export.
    ReplayExportNotFound,
    /// A package file that cannot be used.
    ReplayBadPackage,
    /// There is no candle for a package of drawings.
    OverlayReplayNoData,
    /// The ledgers do not cover a package of drawings.
    OverlayReplayOutOfSync,
    /// No such package of drawings.
    OverlayReplayNotFound,
    /// A bar past the last one of a package of drawings.
    OverlayReplayIndexOutOfRange,
    /// The name of a strategy breaks the grammar.
    BacktestStrategyNameInvalid,
    /// The mock has one strategy only.
    BacktestMockStrategyNotFound,
    /// A pair breaks the grammar.
    BacktestPairInvalid,
    /// A timeframe breaks the grammar.
    BacktestTimeframeInvalid,
    /// A timerange breaks the grammar.
    BacktestTimerangeInvalid,
    /// The engine is not part of this server.
    BacktestEngineUnavailable,
    /// There is no directory with strategies.
    BacktestStrategyPathMissing,
    /// No configuration of freqtrade is named.
    BacktestConfigMissing,
    /// The configuration of freqtrade is not there.
    BacktestConfigNotFound,
    /// The configuration of freqtrade cannot be used.
    BacktestConfigInvalid,
    /// The directory of freqtrade is not there.
    BacktestRootNotFound,
    /// The user directory of freqtrade is not there.
    BacktestUserdirNotFound,
    /// The strategies could not be listed.
    BacktestListStrategiesFailed,
    /// No such strategy.
    BacktestStrategyNotFound,
    /// There are no candles to run over.
    BacktestHistoryMissing,
    /// A parameter of a strategy is unknown, or its value does not fit.
    BacktestParamsInvalid,
    /// The configuration asks for something that the native engine cannot do.
    BacktestNativeUnsupported,
    /// The signals of this run cannot be checked.
    BacktestBiasUnavailable,
    /// The funding of a future cannot be read.
    BacktestFundingBad,
    /// A run that ended well wrote no result.
    BacktestExportMissing,
    /// The result of a run cannot be read.
    BacktestExportBad,
    /// A run made no trades.
    BacktestNoTrades,
    /// Too many runs wait.
    BacktestBusy,
    /// The engine does not run.
    BacktestFailed,
    /// No such run.
    BacktestRunNotFound,
    /// The run is over already.
    BacktestNotRunning,
    /// The run is not over.
    BacktestRunBusy,
    /// The run was called off.
    BacktestCancelled,
    /// The store does not answer.
    StorageUnavailable,
    /// The process is not ready to serve.
    NotReady,
    /// The process is stopping.
    ShuttingDown,
    /// More sockets are open than allowed.
    TooManySockets,
    /// A bug.
    Internal,
}

/// What every code says.
const LISTS: [&[Line]; 2] = [LINES, BACKTEST_LINES];

/// Every code, for the reference page.
const ERROR_CODES: &[ErrorCode] = &[
    ErrorCode::RequestInvalid,
    ErrorCode::PayloadTooLarge,
    ErrorCode::RouteUnknown,
    ErrorCode::MethodNotAllowed,
    ErrorCode::NotFound,
    ErrorCode::SeriesInvalid,
    ErrorCode::UnsupportedExchange,
    ErrorCode::RateLimited,
    ErrorCode::IngestFailed,
    ErrorCode::FactorOutOfSync,
    ErrorCode::FeatureOutOfSync,
    ErrorCode::OverlayOutOfSync,
    ErrorCode::RepairNoData,
    ErrorCode::RepairFactorOutOfSync,
    ErrorCode::RepairOverlayOutOfSync,
    ErrorCode::RepairFailed,
    ErrorCode::Upstream,
    ErrorCode::WorldNoData,
    ErrorCode::WorldNoOverlay,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::ReplayPrepareNoData,
    ErrorCode::ReplayPrepareFactorOutOfSync,
    ErrorCode::ReplayPrepareOverlayOutOfSync,
    ErrorCode::ReplayNoData,
    ErrorCode::ReplayCoverageMissing,
    ErrorCode::ReplayOutOfSync,
    ErrorCode::ReplayStatusNotFound,
    ErrorCode::ReplayWindowNotFound,
    ErrorCode::ReplayIndexOutOfRange,
    ErrorCode::ReplayCoverageNotFound,
    ErrorCode::ReplayExportNotFound,
    ErrorCode::ReplayBadPackage,
    ErrorCode::OverlayReplayNoData,
    ErrorCode::OverlayReplayOutOfSync,
    ErrorCode::OverlayReplayNotFound,
    ErrorCode::OverlayReplayIndexOutOfRange,
    ErrorCode::StorageUnavailable,
    ErrorCode::NotReady,
    ErrorCode::ShuttingDown,
    ErrorCode::TooManySockets,
    ErrorCode::Internal,
    ErrorCode::BacktestStrategyNameInvalid,
    ErrorCode::BacktestMockStrategyNotFound,
    ErrorCode::BacktestPairInvalid,
    ErrorCode::BacktestTimeframeInvalid,
    ErrorCode::BacktestTimerangeInvalid,
    ErrorCode::BacktestEngineUnavailable,
    ErrorCode::BacktestStrategyPathMissing,
    ErrorCode::BacktestConfigMissing,
    ErrorCode::BacktestConfigNotFound,
    ErrorCode::BacktestConfigInvalid,
    ErrorCode::BacktestRootNotFound,
    ErrorCode::BacktestUserdirNotFound,
    ErrorCode::BacktestListStrategiesFailed,
    ErrorCode::BacktestStrategyNotFound,
    ErrorCode::BacktestHistoryMissing,
    ErrorCode::BacktestParamsInvalid,
    ErrorCode::BacktestNativeUnsupported,
    ErrorCode::BacktestBiasUnavailable,
    ErrorCode::BacktestFundingBad,
    ErrorCode::BacktestExportMissing,
    ErrorCode::BacktestExportBad,
    ErrorCode::BacktestNoTrades,
    ErrorCode::BacktestBusy,
    ErrorCode::BacktestFailed,
    ErrorCode::BacktestRunNotFound,
    ErrorCode::BacktestNotRunning,
    ErrorCode::BacktestRunBusy,
    ErrorCode::BacktestCancelled,
];

impl ErrorCode {
    fn line(self) -> &'static Line {
        let mut lines = LISTS.iter().copied().flatten();
        lines
            .find(|line| line.code == self)
            .unwrap_or(&LINES[LINES.len() - 1])
    }

    /// Dotted, stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.line().name
    }

    /// HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        let mut list = 0;
        while list < LISTS.len() {
            let mut n = 0;
            while n < LISTS[list].len() {
                if LISTS[list][n].code as u8 == self as u8 {
                    return LISTS[list][n].status;
                }
                n += 1;
            }
            list += 1;
        }
        StatusCode::INTERNAL_SERVER_ERROR
    }

    /// What clients match on.
    #[must_use]
    pub fn detail(self) -> &'static str {
        self.line().detail
    }

    /// What happened and what to do.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.line().message
    }
}

/// The reference page of all codes.
#[must_use]
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Error codes\n\nEvery error body is `{\"detail\", \"code\", \"message\", \"request_id\"}`.\n\n| code | status | detail | message |\n| --- | --- | --- | --- |\n",
    );
    for code in ERROR_CODES {
        let (name, status) = (code.name(), code.status().as_u16());
        let _ = writeln!(
            page,
            "| `{name}` | {status} | `{}` | {} |",
            code.detail(),
            code.message()
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_exactly_one_line() {
        let lines = || LISTS.iter().copied().flatten();
        assert_eq!(lines().count(), ERROR_CODES.len());
        for (line, code) in lines().zip(ERROR_CODES) {
            assert_eq!(line.code, *code);
            assert_eq!(code.status(), line.status);
            assert!(lines().filter(|other| other.name == line.name).count() == 1);
        }
    }
}
