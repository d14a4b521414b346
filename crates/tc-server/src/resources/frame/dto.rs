//! Wire types of the frame resource.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::resources::{
    draw::dto::DrawDeltaV1,
    factor::dto::{GetFactorSlicesResponseV1, SlicePartV1},
};

/// Query of the newest frame.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct FrameLiveQuery {
    /// The series.
    series_id: String,
    /// Length of the window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
    /// Factors whose slices are wanted, with commas between them; absent: all.
    factors: Option<String>,
    /// What of each slice; the other part is `{}`.
    #[param(inline)]
    part: Option<SlicePartV1>,
}

/// Query of a frame in the past.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct FrameAtTimeQuery {
    /// The series.
    series_id: String,
    /// Instant that is floored to a stored candle, Unix seconds.
    #[param(minimum = 0)]
    at_time: i64,
    /// Length of the window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
    /// Factors whose slices are wanted, with commas between them; absent: all.
    factors: Option<String>,
    /// What of each slice; the other part is `{}`.
    #[param(inline)]
    part: Option<SlicePartV1>,
}

/// Which candle a frame is of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorldTimeV1 {
    /// The instant that was asked for.
    pub at_time: i64,
    /// The stored candle.
    pub aligned_time: i64,
    /// Its id.
    pub candle_id: String,
}

/// What the chart shows at a candle.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct WorldStateV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// The candle.
    pub time: WorldTimeV1,
    /// Slices at the candle.
    pub factor_slices: GetFactorSlicesResponseV1,
    /// The whole drawing of the candle.
    pub draw_state: DrawDeltaV1,
}

/// Query of the poll.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "documents the query; values are read by the query parser"
)]
pub(crate) struct DeltaPollQuery {
    /// The series.
    series_id: String,
    /// Candle that the client has; 0: none.
    #[param(minimum = 0, default = 0)]
    after_id: Option<i64>,
    /// Accepted; there is at most one record.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    limit: Option<i64>,
    /// Length of the window.
    #[param(minimum = 1, maximum = 5000, default = 2000)]
    window_candles: Option<i64>,
}

/// Where to go on from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorldCursorV1 {
    /// Next `after_id`.
    pub id: i64,
}

/// What is new since the candle that a client has.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct WorldDeltaRecordV1 {
    /// The newest candle.
    pub id: i64,
    /// The series.
    pub series_id: String,
    /// Id of the newest candle.
    pub to_candle_id: String,
    /// Its time.
    pub to_candle_time: i64,
    /// What turns the drawing of the client's candle into that of the newest one.
    pub draw_delta: DrawDeltaV1,
    /// Slices at the newest candle.
    pub factor_slices: GetFactorSlicesResponseV1,
}

/// Nothing, or one record.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the answer; it is written part by part")]
pub(crate) struct WorldDeltaPollResponseV1 {
    /// Always 1.
    pub schema_version: u32,
    /// The series.
    pub series_id: String,
    /// Empty when there is no newer candle.
    pub records: Vec<WorldDeltaRecordV1>,
    /// Where to go on from.
    pub next_cursor: WorldCursorV1,
}
