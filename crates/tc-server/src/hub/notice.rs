//! Publications with their frames: encoded when the first subscriber needs them, then shared by all.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::extract::ws::Utf8Bytes;
use tc_market::{Candle, CandleTime, FormingCandle, SeriesId};

use super::delivery::Hole;
use crate::{resources::market::dto::CandleClosed, ws::messages::ServerMessage};

/// One publication on its way to the subscribers of a series.
#[derive(Debug, Clone)]
pub(super) enum Notice {
    /// Closed candles.
    Closed(Arc<ClosedFrames>),
    /// The open bucket.
    Forming { time: CandleTime, frame: Utf8Bytes },
    /// A system event.
    System(Utf8Bytes),
    /// The draw head.
    DrawHead { head: DrawHead, frame: Utf8Bytes },
}

/// How far the drawings are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DrawHead {
    pub(super) to: CandleTime,
    pub(super) epoch: u32,
}

impl DrawHead {
    pub(super) fn frame(self, series: &SeriesId) -> Utf8Bytes {
        let to = self.to.seconds();
        ServerMessage::DrawHead {
            series_id: series.to_string(),
            to_candle_time: to,
            version_id: to,
            epoch: self.epoch,
        }
        .encode()
    }
}

impl Notice {
    pub(super) fn closed(series: &SeriesId, candles: Vec<Candle>) -> Self {
        Self::Closed(Arc::new(ClosedFrames::new(series.clone(), candles)))
    }

    pub(super) fn forming(series: &SeriesId, candle: FormingCandle) -> Self {
        let message = ServerMessage::CandleForming {
            series_id: series.to_string(),
            candle: CandleClosed::from(candle.values()),
        };
        Self::Forming {
            time: candle.time(),
            frame: message.encode(),
        }
    }

    pub(super) fn rebuilt(series: &SeriesId, message: &str) -> Self {
        let series_id = series.to_string();
        let data = serde_json::json!({ "series_id": series_id });
        let (event, message) = ("factor.rebuild".to_owned(), message.to_owned());
        Self::System(
            ServerMessage::System {
                series_id,
                event,
                message,
                data,
            }
            .encode(),
        )
    }

    pub(super) fn draw_head(series: &SeriesId, head: DrawHead) -> Self {
        Self::DrawHead {
            head,
            frame: head.frame(series),
        }
    }
}

/// Closed candles of one publication or catch-up page, with the frames made of them so far.
#[derive(Debug)]
pub(super) struct ClosedFrames {
    series: SeriesId,
    candles: Vec<Candle>,
    made: Mutex<BTreeMap<Form, Utf8Bytes>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    One(usize),
    From(usize),
    Gap(Hole),
}

impl ClosedFrames {
    /// `candles` strictly ascending, at least one.
    pub(super) const fn new(series: SeriesId, candles: Vec<Candle>) -> Self {
        Self {
            series,
            candles,
            made: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn candles(&self) -> &[Candle] {
        &self.candles
    }

    /// `candle_closed` with one candle.
    pub(super) fn one(&self, index: usize) -> Utf8Bytes {
        self.frame(Form::One(index))
    }

    /// `candles_batch` with the candles from `index` on.
    pub(super) fn from(&self, index: usize) -> Utf8Bytes {
        self.frame(Form::From(index))
    }

    /// `gap`.
    pub(super) fn gap(&self, hole: Hole) -> Utf8Bytes {
        self.frame(Form::Gap(hole))
    }

    fn frame(&self, form: Form) -> Utf8Bytes {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(form).or_insert_with(|| self.encode(form)).clone()
    }

    fn encode(&self, form: Form) -> Utf8Bytes {
        let series_id = self.series.to_string();
        match form {
            Form::One(index) => ServerMessage::CandleClosed {
                series_id,
                candle: CandleClosed::from(&self.candles[index]),
            },
            Form::From(index) => {
                let candles = self.candles[index..].iter().map(CandleClosed::from).collect();
                ServerMessage::CandlesBatch { series_id, candles }
            }
            Form::Gap(hole) => ServerMessage::Gap {
                series_id,
                expected_next_time: hole.expected_next.seconds(),
                actual_time: hole.actual.seconds(),
            },
        }
        .encode()
    }
}
