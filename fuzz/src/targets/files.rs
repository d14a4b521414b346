//! Candle files, and frames of candles.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Once,
};

use tc_backtest::annotate::{Annotation, SIGNALS};
use tc_freqtrade::frame::Frame;
use tc_history::{CandleFile, LAYOUTS, Layout};
use tc_market::SeriesId;

pub(crate) fn feather(data: &[u8]) {
    contained(|| decode("feather", data));
}

pub(crate) fn parquet(data: &[u8]) {
    contained(|| decode("parquet", data));
}

/// A frame of a strategy: what is read is answered, row by row.
pub(crate) fn strategy_frames(data: &[u8]) {
    contained(|| {
        let Ok(frame) = Frame::read(data.to_vec()) else {
            return;
        };
        if let Ok(candles) = frame.candles() {
            assert_eq!(candles.len(), frame.rows());
        }
        let annotation = Annotation::neutral(SIGNALS, frame.rows(), None);
        let answer = frame.annotated(&annotation).expect("what was read is answered");
        let again = Frame::read(answer).expect("an answer can be read");
        assert_eq!(again.rows(), frame.rows());
    });
}

/// The first byte says how the rest is packed.
pub(crate) fn csv(data: &[u8]) {
    if let Some((packing, data)) = data.split_first() {
        decode(["CSV", "gzip CSV", "zip CSV"][usize::from(packing % 3)], data);
    }
}

/// The first byte says how the rest is packed.
pub(crate) fn json(data: &[u8]) {
    if let Some((packing, data)) = data.split_first() {
        decode(["JSON", "gzip JSON"][usize::from(packing % 2)], data);
    }
}

/// The libraries of the columnar formats panic on some damaged files. The decoder contains that and answers an error; only
/// a panic that reaches us is one of ours.
fn contained(run: impl FnOnce()) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        eprintln!("panicked: {}", text.unwrap_or("no message"));
        std::process::abort();
    }
}

fn layout(name: &str) -> &'static Layout {
    let layout = LAYOUTS.iter().find(|layout| layout.name == name);
    layout.unwrap_or_else(|| panic!("no layout is called {name}"))
}

/// Candles come out in order, and every row is accounted for.
fn decode(layout_name: &str, data: &[u8]) {
    let file = CandleFile {
        path: PathBuf::from("fuzz"),
        series: "binance:spot:BTC/USDT:1m"
            .parse::<SeriesId>()
            .expect("a series id"),
        layout: layout(layout_name),
        period: None,
        size_bytes: data.len() as u64,
    };
    if let Ok(decoded) = file.decode_bytes(data.to_vec(), None) {
        assert!(decoded.candles.is_sorted_by(|a, b| a.time() < b.time()));
        let report = &decoded.report;
        let others =
            report.null_rows + report.duplicate_rows + report.unfinished_rows + report.left_out_rows();
        assert_eq!(report.rows, decoded.candles.len() as u64 + others);
    }
}
