//! What a playback sends.

use axum::extract::ws::Utf8Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use tc_factor::CodecError;
use tc_market::{CandleTime, SeriesId};
use tc_read::{FormingBar, Moment, Playback, Played, PlayedDelta, PlayedFrame, Sight};
use utoipa::{PartialSchema, ToSchema};

use crate::{
    ApiError, json,
    resources::{
        draw::{delta, dto::DrawDeltaV1},
        frame::{dto::WorldStateV1, frames},
        market::dto::CandleClosed,
    },
};

/// What becomes of the slice of a factor at a bar.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayFactorSnapshotV1 {
    /// The factor.
    pub factor_name: String,
    /// The bar.
    pub candle_time: i64,
    /// A whole slice, a difference to the slice before, or null: the factor has none any more.
    #[schema(required, value_type = Option<Object>)]
    pub snapshot: Option<Box<RawValue>>,
}

/// What a playback does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReplayStateName {
    /// It stands.
    Paused,
    /// It moves on by itself.
    Playing,
    /// It stands at the end.
    Ended,
}

/// What was found where a playback stopped.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReplayMomentV1 {
    /// The bar.
    pub time: i64,
    /// Kinds of what becomes visible there.
    pub kinds: Vec<&'static str>,
}

/// What `/ws/replay` sends. One text frame each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ReplayMessage {
    /// Everything anew: after open, seek, a backward move, another epoch.
    ReplayFrame {
        /// Epoch of the ledgers.
        epoch: u32,
        /// The bar.
        candle: CandleClosed,
        /// What the chart shows at it.
        frame: Box<RawFrame>,
    },
    /// A move forward.
    ReplayDelta {
        /// Epoch of the ledgers.
        epoch: u32,
        /// The bar before the move.
        from_time: i64,
        /// The bars of the move.
        candles: Vec<CandleClosed>,
        /// The last of them.
        to_time: i64,
        /// From the drawing at `from_time` to that at `to_time`.
        draw_delta: DrawDeltaV1,
        /// From the slices at `from_time` to those at `to_time`; null: not wanted.
        #[schema(required)]
        factor_snapshots: Option<Vec<ReplayFactorSnapshotV1>>,
    },
    /// The bar that is not complete, by the candles of the clock.
    ReplayForming {
        /// Epoch of the ledgers.
        epoch: u32,
        /// The bar so far.
        candle: CandleClosed,
        /// The newest candle of the clock in it.
        clock_time: i64,
    },
    /// Where the playback stands and what it does.
    ReplayState {
        /// What it does.
        state: ReplayStateName,
        /// The newest bar that is shown.
        at_time: i64,
        /// Bars per second, now or when it plays again.
        speed: f64,
        /// The oldest candle that can be gone to, of the clock if there is one: with it a stored bar is complete.
        first_time: i64,
        /// The newest candle that can be reached, of the clock if there is one.
        last_time: i64,
        /// The newest candle of the clock that has passed; null without a clock.
        #[schema(required)]
        clock_time: Option<i64>,
        /// What a jump or a stop found here; null: nothing.
        #[schema(required)]
        moment: Option<ReplayMomentV1>,
    },
    /// A command was refused; the connection stays.
    Error {
        /// `bad_request`, `no_data`, `ledger_out_of_sync:…`, `unavailable`.
        code: String,
        /// What is wrong.
        message: String,
    },
}

/// A frame that is written already; see [`WorldStateV1`].
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct RawFrame(Box<RawValue>);

impl PartialSchema for RawFrame {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::Ref::from_schema_name(WorldStateV1::name()).into()
    }
}

impl ToSchema for RawFrame {}

impl ReplayMessage {
    pub(crate) fn encode(&self) -> Result<Utf8Bytes, CodecError> {
        let text = serde_json::to_string(self).map_err(|_| CodecError::Json)?;
        Ok(text.into())
    }

    fn frame(series: &SeriesId, played: PlayedFrame) -> Result<Self, CodecError> {
        let body = json::body(|out| frames::write(out, series, played.frame))?;
        let text = String::from_utf8(body).map_err(|_| CodecError::Json)?;
        let frame = RawValue::from_string(text).map_err(|_| CodecError::Json)?;
        Ok(Self::ReplayFrame {
            epoch: played.epoch,
            candle: (&played.candle).into(),
            frame: Box::new(RawFrame(frame)),
        })
    }

    fn delta(series: &SeriesId, played: PlayedDelta) -> Result<Self, CodecError> {
        let rows = played.rows.map(|rows| {
            let rows = rows.into_iter();
            rows.map(|row| ReplayFactorSnapshotV1 {
                factor_name: row.factor_name,
                candle_time: row.candle_time,
                snapshot: row.snapshot,
            })
            .collect()
        });
        Ok(Self::ReplayDelta {
            epoch: played.epoch,
            from_time: played.from.seconds(),
            candles: played.candles.iter().map(CandleClosed::from).collect(),
            to_time: played.to.seconds(),
            draw_delta: delta::response(series, played.drawing)?,
            factor_snapshots: rows,
        })
    }

    /// The refusal that a route would answer with.
    pub(crate) fn error(error: &ApiError) -> Self {
        Self::Error {
            code: error.word().to_owned(),
            message: error.message().to_owned(),
        }
    }

    fn forming(bar: &FormingBar) -> Self {
        Self::ReplayForming {
            epoch: bar.epoch,
            candle: bar.candle.values().into(),
            clock_time: bar.clock_time.seconds(),
        }
    }

    pub(crate) fn state(
        playback: &Playback,
        state: ReplayStateName,
        speed: f64,
        moment: Option<Moment>,
    ) -> Self {
        Self::ReplayState {
            state,
            at_time: playback.at().seconds(),
            speed,
            first_time: playback.first().seconds(),
            last_time: playback.last().seconds(),
            clock_time: playback.clock_at().map(CandleTime::seconds),
            moment: moment.map(|moment| ReplayMomentV1 {
                time: moment.at.seconds(),
                kinds: moment.kinds,
            }),
        }
    }
}

/// The frames that tell a client of a move.
pub(crate) fn encode_played(series: &SeriesId, played: Played) -> Result<Vec<Utf8Bytes>, CodecError> {
    let mut frames = Vec::with_capacity(2);
    match played.sight {
        Some(Sight::Frame(frame)) => frames.push(ReplayMessage::frame(series, *frame)?.encode()?),
        Some(Sight::Delta(delta)) => frames.push(ReplayMessage::delta(series, *delta)?.encode()?),
        None => {}
    }
    if let Some(forming) = &played.forming {
        frames.push(ReplayMessage::forming(forming).encode()?);
    }
    Ok(frames)
}
