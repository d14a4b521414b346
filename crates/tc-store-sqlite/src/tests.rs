//! The store as a whole.

mod conformance;
mod crash;
mod opening;
mod readers;

use std::path::Path;

use tc_factor::{KindId, LedgerEvent, Payload};
use tc_market::{Candle, CandleTime, SeriesId};
use tc_overlay::{DrawingId, SettledRow};
use tc_store::{Names, StoreError};

use crate::{SqliteOptions, SqliteStorage};

fn names() -> Names {
    Names {
        event_kinds: vec!["pivot.major".to_owned(), "pen.confirmed".to_owned()],
        drawings: vec!["pivot.major".to_owned()],
    }
}

fn open(path: &Path) -> Result<SqliteStorage, StoreError> {
    SqliteStorage::open(path, names(), SqliteOptions::default())
}

fn series() -> SeriesId {
    "binance:futures:BTC/USDT:1m".parse().unwrap()
}

fn at(seconds: i64) -> CandleTime {
    CandleTime::new(seconds).unwrap()
}

/// One candle per minute from minute `first` on; the close tells the minute.
fn candles(first: i64, count: i64) -> Vec<Candle> {
    (first..first + count)
        .map(|minute| {
            let close = 100.0 + f64::from(i32::try_from(minute).unwrap());
            Candle::new(at(minute * 60), close, close, close, close, 1.0).unwrap()
        })
        .collect()
}

/// The event of one minute.
fn event(minute: i64) -> LedgerEvent {
    LedgerEvent {
        kind: KindId(1),
        ord: 0,
        visible_time: at(minute * 60),
        anchor_time: at(minute * 30),
        payload: Payload::from_slice(&minute.to_le_bytes()),
    }
}

/// The settled drawing of one minute.
fn drawing(minute: i64) -> SettledRow {
    SettledRow {
        version: at(minute * 60),
        ord: 0,
        drawing: DrawingId(0),
        first_time: at(minute * 30),
        last_time: at(minute * 30),
        payload: Payload::from_slice(&minute.to_le_bytes()),
    }
}
