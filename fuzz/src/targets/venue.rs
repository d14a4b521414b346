//! What an exchange sends.

use std::sync::OnceLock;

use tc_exchange::{Binance, BinanceEndpoints, Frame, StreamFrame, Venue};
use tc_market::SeriesId;

fn binance() -> &'static Binance {
    static BINANCE: OnceLock<Binance> = OnceLock::new();
    BINANCE.get_or_init(|| {
        let endpoints = BinanceEndpoints {
            spot_ws: "wss://spot.example".to_owned(),
            futures_ws: "wss://futures.example".to_owned(),
            spot_rest: "https://spot.example".to_owned(),
            futures_rest: "https://futures.example".to_owned(),
        };
        Binance::new(endpoints).expect("the addresses are well-formed")
    })
}

/// Frames of a stream connection: klines in and out of envelopes, answers to commands, announcements.
pub(crate) fn kline_frames(data: &[u8]) {
    let series: SeriesId = "binance:spot:BTC/USDT:1m".parse().expect("a series id");
    let StreamFrame { frame, .. } = binance().parse_frame(data);
    if let Frame::Kline(kline) = frame {
        let _whose = binance().belongs_to(&kline, &series);
    }
}

/// Pages of klines.
pub(crate) fn rest_rows(data: &[u8]) {
    let _page = binance().parse_klines(data);
}

/// Instruments and tickers.
pub(crate) fn market_lists(data: &[u8]) {
    let _instruments = binance().parse_instruments(data);
    let _tickers = binance().parse_tickers(data);
}

/// Bodies of refusals.
pub(crate) fn refusals(data: &[u8]) {
    let _refusal = binance().parse_refusal(data);
}
