//! Every error code of the HTTP interface, in one list.

use std::fmt::Write;

use axum::http::StatusCode;

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

/// One line of the list: code, status, detail, what happened and what to do.
struct Line {
    code: ErrorCode,
    name: &'static str,
    status: StatusCode,
    detail: &'static str,
    message: &'static str,
}

const fn line(
    code: ErrorCode,
    name: &'static str,
    status: StatusCode,
    detail: &'static str,
    message: &'static str,
) -> Line {
    Line {
        code,
        name,
        status,
        detail,
        message,
    }
}

const LINES: &[Line] = &[
    line(
        ErrorCode::RequestInvalid,
        "request.invalid",
        StatusCode::UNPROCESSABLE_ENTITY,
        "[{type, loc, msg, input}]",
        "The request is not valid; the detail lists every field that breaks a rule.",
    ),
    line(
        ErrorCode::PayloadTooLarge,
        "request.payload_too_large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "The request body is larger than this server accepts; send less at once.",
    ),
    line(
        ErrorCode::RouteUnknown,
        "request.route_unknown",
        StatusCode::NOT_FOUND,
        "Not Found",
        "There is nothing at this path; /api/openapi.json lists what there is.",
    ),
    line(
        ErrorCode::MethodNotAllowed,
        "request.method_not_allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "Method Not Allowed",
        "This path does not answer to this method; the allow header names those it does.",
    ),
    line(
        ErrorCode::NotFound,
        "request.not_found",
        StatusCode::NOT_FOUND,
        "not_found",
        "This is switched off or does not exist.",
    ),
    line(
        ErrorCode::SeriesInvalid,
        "series.invalid_id",
        StatusCode::BAD_REQUEST,
        "invalid_series_id",
        "The series id is malformed; it looks like binance:futures:BTC/USDT:1m.",
    ),
    line(
        ErrorCode::UnsupportedExchange,
        "market.unsupported_exchange",
        StatusCode::BAD_REQUEST,
        "unsupported exchange",
        "This exchange is not spoken to; binance is.",
    ),
    line(
        ErrorCode::RateLimited,
        "market.rate_limited",
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limited",
        "A fresh list was asked for less than two seconds ago; leave force out or wait.",
    ),
    line(
        ErrorCode::IngestFailed,
        "market.ingest_pipeline_failed",
        StatusCode::INTERNAL_SERVER_ERROR,
        "ingest_pipeline_failed",
        "A step of the write path failed; the log names the cause, and the next write of the series catches up.",
    ),
    line(
        ErrorCode::FactorOutOfSync,
        "factor_read.ledger_out_of_sync",
        StatusCode::CONFLICT,
        "ledger_out_of_sync:factor",
        "The factor ledger does not cover this candle yet; try again shortly.",
    ),
    line(
        ErrorCode::FeatureOutOfSync,
        "feature_read.ledger_out_of_sync",
        StatusCode::CONFLICT,
        "ledger_out_of_sync:feature",
        "The feature rows do not cover this candle yet; try again shortly.",
    ),
    line(
        ErrorCode::OverlayOutOfSync,
        "draw_read.ledger_out_of_sync.overlay",
        StatusCode::CONFLICT,
        "ledger_out_of_sync:overlay",
        "The drawings do not cover this candle yet; try again shortly.",
    ),
    line(
        ErrorCode::RepairNoData,
        "read_repair.no_data",
        StatusCode::NOT_FOUND,
        "no_data",
        "No candle is stored at or before this time; import or ingest some first.",
    ),
    line(
        ErrorCode::RepairFactorOutOfSync,
        "read_repair.ledger_out_of_sync.factor",
        StatusCode::CONFLICT,
        "ledger_out_of_sync:factor",
        "The factor ledger does not cover the newest candle; look whether factors are switched off, or rebuild the series.",
    ),
    line(
        ErrorCode::RepairOverlayOutOfSync,
        "read_repair.ledger_out_of_sync.overlay",
        StatusCode::CONFLICT,
        "ledger_out_of_sync:overlay",
        "The drawings disagree with the factor ledger; look whether drawings are switched off, or rebuild the series.",
    ),
    line(
        ErrorCode::RepairFailed,
        "read_repair.overlay_repair_failed",
        StatusCode::INTERNAL_SERVER_ERROR,
        "overlay_repair_failed",
        "A step of the repair failed and nothing was changed; the log names the cause.",
    ),
    line(
        ErrorCode::Upstream,
        "market.upstream_error",
        StatusCode::BAD_GATEWAY,
        "upstream_error",
        "The source of the candles gave no usable answer; the detail says why.",
    ),
    line(
        ErrorCode::WorldNoData,
        "world_read.no_data",
        StatusCode::NOT_FOUND,
        "no_data",
        "There is no candle at or before this time; import or ingest some first.",
    ),
    line(
        ErrorCode::WorldNoOverlay,
        "world_read.no_overlay",
        StatusCode::NOT_FOUND,
        "no_overlay",
        "Nothing was ever drawn for this series; the next write of it does so.",
    ),
    line(
        ErrorCode::StorageUnavailable,
        "system.storage_unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "storage_unavailable",
        "The store does not answer; look at the log of the server.",
    ),
    line(
        ErrorCode::NotReady,
        "system.not_ready",
        StatusCode::SERVICE_UNAVAILABLE,
        "not_ready",
        "The server is not ready; the checks say what it waits for.",
    ),
    line(
        ErrorCode::ShuttingDown,
        "system.shutting_down",
        StatusCode::SERVICE_UNAVAILABLE,
        "server_shutting_down",
        "The server is stopping; try again when it is back.",
    ),
    line(
        ErrorCode::TooManySockets,
        "system.too_many_sockets",
        StatusCode::SERVICE_UNAVAILABLE,
        "too_many_connections",
        "No further socket is accepted; close one that is not needed.",
    ),
    line(
        ErrorCode::Internal,
        "system.internal_error",
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong in the server; the log holds the cause under this request id.",
    ),
];

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
    ErrorCode::StorageUnavailable,
    ErrorCode::NotReady,
    ErrorCode::ShuttingDown,
    ErrorCode::TooManySockets,
    ErrorCode::Internal,
];

impl ErrorCode {
    fn line(self) -> &'static Line {
        LINES
            .iter()
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
        let mut n = 0;
        while n < LINES.len() {
            if LINES[n].code as u8 == self as u8 {
                return LINES[n].status;
            }
            n += 1;
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
        assert_eq!(LINES.len(), ERROR_CODES.len());
        for (line, code) in LINES.iter().zip(ERROR_CODES) {
            assert_eq!(line.code, *code);
            assert_eq!(code.status(), line.status);
            assert!(LINES.iter().filter(|other| other.name == line.name).count() == 1);
        }
    }
}
