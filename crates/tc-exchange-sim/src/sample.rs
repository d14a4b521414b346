//! The bundled candles: see `sample/README.md` for their source and licence.

use std::io::Read;

use flate2::read::GzDecoder;
use tc_market::{Candle, CandleTime, MarketKind, SeriesId};

use crate::{SimError, set::base_timeframe};

struct File {
    name: &'static str,
    symbol: &'static str,
    bytes: &'static [u8],
}

const FILES: [File; 3] = [
    File {
        name: "BTCUSDT-1m.csv.gz",
        symbol: "BTC/USDT",
        bytes: include_bytes!("../sample/BTCUSDT-1m.csv.gz"),
    },
    File {
        name: "ETHUSDT-1m.csv.gz",
        symbol: "ETH/USDT",
        bytes: include_bytes!("../sample/ETHUSDT-1m.csv.gz"),
    },
    File {
        name: "SOLUSDT-1m.csv.gz",
        symbol: "SOL/USDT",
        bytes: include_bytes!("../sample/SOLUSDT-1m.csv.gz"),
    },
];

/// The bundled series, `binance:futures:BTC/USDT:1m` first.
#[must_use]
pub fn series() -> Vec<SeriesId> {
    FILES.iter().filter_map(|file| file.series()).collect()
}

/// The candles of one bundled series, ascending; `None` for any other series. Decoded at each call.
///
/// # Errors
/// [`SimError::Sample`] when the file is damaged.
pub fn candles(series: &SeriesId) -> Result<Option<Vec<Candle>>, SimError> {
    FILES
        .iter()
        .find(|file| file.series().as_ref() == Some(series))
        .map(File::decode)
        .transpose()
}

impl File {
    fn series(&self) -> Option<SeriesId> {
        SeriesId::from_parts(
            "binance",
            MarketKind::Futures.name(),
            self.symbol,
            base_timeframe(),
        )
        .ok()
    }

    fn decode(&self) -> Result<Vec<Candle>, SimError> {
        let damaged = |line| SimError::Sample {
            file: self.name,
            line,
        };
        let mut text = String::new();
        GzDecoder::new(self.bytes)
            .read_to_string(&mut text)
            .map_err(|_| damaged(1))?;
        text.lines()
            .enumerate()
            .skip(1)
            .map(|(index, row)| parse_row(row).ok_or_else(|| damaged(index + 1)))
            .collect()
    }
}

fn parse_row(row: &str) -> Option<Candle> {
    let (time, values) = row.split_once(',')?;
    let time = CandleTime::new(time.parse().ok()?).ok()?;
    let values: Vec<f64> = values.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [open, high, low, close, volume] = values[..] else {
        return None;
    };
    Candle::new(time, open, high, low, close, volume).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_series_of_the_same_six_thousand_minutes() {
        let names: Vec<_> = series().iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "binance:futures:BTC/USDT:1m",
                "binance:futures:ETH/USDT:1m",
                "binance:futures:SOL/USDT:1m"
            ]
        );
        for series in series() {
            let candles = candles(&series).unwrap().unwrap();
            assert_eq!(candles.len(), 6_000);
            assert!(
                candles
                    .iter()
                    .zip(0..)
                    .all(|(candle, index)| candle.time().seconds() == 1_747_353_600 + 60 * index)
            );
        }
        assert_eq!(
            candles(&"binance:spot:BTC/USDT:1m".parse().unwrap()).unwrap(),
            None
        );
    }

    #[test]
    fn a_damaged_row_is_named() {
        assert!(parse_row("1747353600,1,2,0.5,1.5,3").is_some());
        for row in [
            "",
            "x,1,2,0.5,1.5,3",
            "60,1,2,0.5,1.5",
            "60,1,2,0.5,1.5,3,4",
            "60,1,0.9,0.5,1.5,3",
            "60,1,2,0.5,x,3",
        ] {
            assert!(parse_row(row).is_none(), "{row}");
        }
    }
}
