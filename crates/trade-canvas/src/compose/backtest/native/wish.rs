//! What a client asks for, read and checked against the store.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tc_backtest::{
    Config, DataError, DataRange, FundingSeries, Market, ParamError, StrategyParams, StrategySpec, strategy,
};
use tc_freqtrade::{
    base_config::{BaseConfig, BaseConfigError, TradingMode},
    input::{Pair, StrategyName, Timeframe, Timerange},
};
use tc_market::{CandleTime, MarketKind, SeriesId};
use tc_read::{ReadError, ledger_heads};
use tc_server::backtest::{BacktestRefusal, CandlesMissing, InputField, RunOrder, Venue};
use tc_store::Snapshot;

use super::{super::trading_mode, NativeParts, failed, funding, look, trading};

/// Exchange of the series when none is named anywhere.
const EXCHANGE: &str = "binance";
/// Fewest candles that anything can be traded on: a signal acts on the candle after its own.
const FEWEST: u64 = 2;

/// Where candles of a pair are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) pair: Pair,
    pub(super) mode: TradingMode,
    pub(super) base: BaseConfig,
    pub(super) exchange: String,
}

/// A run that nothing speaks against.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) spec: &'static StrategySpec,
    pub(super) params: StrategyParams,
    pub(super) place: Place,
    pub(super) series: SeriesId,
    pub(super) timerange: Option<Timerange>,
    pub(super) config: Config,
    pub(super) market: Market,
    /// What is paid for holding a future, where that is known.
    pub(super) funding: Option<FundingSeries>,
    pub(super) range: DataRange,
}

/// The place of a pair: its market is that of the pair, else the one that is asked for, else the one that is named for
/// series, else that of freqtrade's configuration.
pub(super) fn place(parts: &NativeParts, text: &str, venue: &Venue) -> Result<Place, BacktestRefusal> {
    let pair = Pair::parse(text).map_err(|_| input(InputField::Pair, text))?;
    let base = base_config(parts)?;
    let of_config = || base.as_ref().map(BaseConfig::trading_mode);
    let mode = match pair.settle() {
        Some(_) if venue.market == Some(MarketKind::Spot) => return Err(input(InputField::Pair, text)),
        Some(_) => TradingMode::Futures,
        None => {
            let asked = venue.market.map(trading_mode).or(parts.market);
            asked.or_else(of_config).unwrap_or(TradingMode::Futures)
        }
    };
    let of_config = || base.as_ref()?.of_exchange("name")?.as_str().map(str::to_owned);
    let asked = venue.exchange.clone().or_else(|| parts.exchange.clone());
    let exchange = asked.or_else(of_config);
    let base = match base {
        Some(base) => base,
        None => BaseConfig::parse("{}").map_err(|error| failed("an empty configuration", &error))?,
    };
    Ok(Place {
        pair: match mode {
            TradingMode::Spot => pair,
            TradingMode::Futures => pair.settled_in(base.stake_currency()),
        },
        mode,
        base,
        exchange: exchange.unwrap_or_else(|| EXCHANGE.to_owned()),
    })
}

/// What freqtrade's configuration says of trading, if one is named.
pub(super) fn base_config(parts: &NativeParts) -> Result<Option<BaseConfig>, BacktestRefusal> {
    let Some(path) = &parts.installation.config else {
        return Ok(None);
    };
    if !path.is_file() {
        return Err(BacktestRefusal::ConfigNotFound(path.clone()));
    }
    let read = BaseConfig::read(path);
    let read = read.map_err(|error| config_bad(parts, &error))?;
    Ok(Some(read))
}

/// A configuration that cannot be used.
pub(super) fn config_bad(parts: &NativeParts, error: &BaseConfigError) -> BacktestRefusal {
    BacktestRefusal::ConfigBad {
        path: parts.installation.config.clone().unwrap_or_default(),
        reason: error.to_string(),
    }
}

fn input(field: InputField, value: &str) -> BacktestRefusal {
    BacktestRefusal::InputInvalid {
        field,
        value: value.to_owned(),
    }
}

impl Place {
    /// The series of a timeframe; `None` when no series can be called so. A settle currency is not part of its name.
    fn series(&self, timeframe: &str) -> Option<SeriesId> {
        let symbol = format!("{}/{}", self.pair.base(), self.pair.quote());
        let timeframe = timeframe.parse().ok()?;
        SeriesId::from_parts(&self.exchange, self.mode.as_str(), &symbol, timeframe).ok()
    }

    /// Timeframes of which the store has candles, ascending as texts.
    pub(super) fn timeframes(&self, snapshot: &dyn Snapshot) -> Result<Vec<String>, BacktestRefusal> {
        let listed = snapshot.list_series();
        let listed = listed.map_err(|error| failed("series cannot be listed", &error))?;
        let own = listed.iter().filter(|row| {
            let timeframe = row.series.timeframe().to_string();
            row.head_time.is_some() && self.series(&timeframe).as_ref() == Some(&row.series)
        });
        let found: BTreeSet<String> = own.map(|row| row.series.timeframe().to_string()).collect();
        Ok(found.into_iter().collect())
    }

    /// The refusal of a run without candles.
    fn missing(
        &self,
        parts: &NativeParts,
        snapshot: &dyn Snapshot,
        timeframe: &str,
        in_range: bool,
    ) -> Result<BacktestRefusal, BacktestRefusal> {
        let available_timeframes = self.timeframes(snapshot)?;
        let (exchange, mode) = (&self.exchange, self.mode.as_str());
        let symbol = format!("{}/{}", self.pair.base(), self.pair.quote());
        let hint = if in_range {
            "The store has candles of this series, but not two of them in this range: choose another range, or import \
             older candles."
                .to_owned()
        } else {
            format!(
                "The store has no candles of {exchange}:{mode}:{symbol}:{timeframe}: open it in the chart, import \
                 candle files with the command below, or choose another timeframe."
            )
        };
        Ok(BacktestRefusal::CandlesMissing(Box::new(CandlesMissing {
            pair: self.pair.to_string(),
            timeframe: timeframe.to_owned(),
            trading_mode: mode,
            data_dir: parts.store_path.clone(),
            expected_paths: Vec::new(),
            available_timeframes,
            hint,
            download_command: format!(
                "trade-canvas import <folder with candle files> --exchange {exchange} --market {mode} --symbol {symbol} \
                 --timeframe {timeframe}"
            ),
        })))
    }
}

impl Wish {
    /// Reads an order and checks it, in the order of the contract: form, configuration, strategy, parameters, candles,
    /// ledger, funding.
    pub(super) fn checked(parts: &NativeParts, order: &RunOrder) -> Result<Self, BacktestRefusal> {
        StrategyName::parse(&order.strategy_name).map_err(|_| BacktestRefusal::StrategyNameInvalid)?;
        Pair::parse(&order.pair).map_err(|_| input(InputField::Pair, &order.pair))?;
        let timeframe =
            Timeframe::parse(&order.timeframe).map_err(|_| input(InputField::Timeframe, &order.timeframe))?;
        let text = order.timerange.as_deref().unwrap_or_default();
        let timerange = Timerange::parse(text).map_err(|_| input(InputField::Timerange, text))?;
        let place = place(parts, &order.pair, &order.venue)?;
        let spec = strategy(&order.strategy_name)
            .ok_or_else(|| BacktestRefusal::StrategyNotFound(order.strategy_name.clone()))?;
        let params = read_params(spec, &order.params)?;
        let config = trading::config(parts, &place, spec, &order.trading)?;
        let market = trading::market(&place)?;
        let range = DataRange {
            start_ms: timerange.as_ref().and_then(Timerange::from_ms),
            end_ms: timerange.as_ref().and_then(Timerange::to_ms),
            startup_candles: 0,
        };
        let series = look(parts, |snapshot| {
            let Some(series) = place.series(timeframe.as_str()) else {
                return Err(place.missing(parts, snapshot, timeframe.as_str(), false)?);
            };
            check_candles(parts, snapshot, &place, &series, range)?;
            check_ledger(parts, snapshot, &series, range)?;
            Ok(series)
        })?;
        let funding = funding::read(parts, &place, range)?;
        Ok(Self {
            spec,
            params,
            place,
            series,
            timerange,
            config,
            market,
            funding,
            range,
        })
    }

    /// The same over candles up to this one.
    pub(super) fn until(self, end_ms: i64) -> Self {
        Self {
            range: DataRange {
                end_ms: Some(end_ms),
                ..self.range
            },
            ..self
        }
    }

    /// Last instant whose candles count, Unix seconds.
    pub(super) fn end_s(&self) -> Option<i64> {
        self.range.end_ms.map(seconds)
    }

    /// The refusal of candles that cannot be traded on.
    pub(super) fn unusable(&self, parts: &NativeParts, error: &DataError) -> BacktestRefusal {
        match error {
            DataError::TooFewCandles { .. } => {
                let timeframe = self.series.timeframe().to_string();
                let missing = look(parts, |snapshot| {
                    self.place.missing(parts, snapshot, &timeframe, true)
                });
                missing.unwrap_or_else(|refusal| refusal)
            }
            error => failed("the candles cannot be traded on", error),
        }
    }
}

const fn seconds(time_ms: i64) -> i64 {
    time_ms.div_euclid(1_000)
}

fn check_candles(
    parts: &NativeParts,
    snapshot: &dyn Snapshot,
    place: &Place,
    series: &SeriesId,
    range: DataRange,
) -> Result<(), BacktestRefusal> {
    let count = |from: CandleTime, to: CandleTime| match snapshot.series_key(series)? {
        Some(key) => snapshot.count_between(key, from, to),
        None => Ok(0),
    };
    let counted = |from: CandleTime, to: CandleTime| {
        count(from, to).map_err(|error| failed("candles cannot be counted", &error))
    };
    let from = range.start_ms.map_or(CandleTime::MIN, |start| {
        CandleTime::clamped(start.div_euclid(1_000) + i64::from(start.rem_euclid(1_000) > 0))
    });
    let to = range
        .end_ms
        .map_or(CandleTime::MAX, |end| CandleTime::clamped(seconds(end)));
    if counted(from, to)? >= FEWEST {
        return Ok(());
    }
    let is_stored = counted(CandleTime::MIN, CandleTime::MAX)? >= FEWEST;
    Err(place.missing(parts, snapshot, &series.timeframe().to_string(), is_stored)?)
}

fn check_ledger(
    parts: &NativeParts,
    snapshot: &dyn Snapshot,
    series: &SeriesId,
    range: DataRange,
) -> Result<(), BacktestRefusal> {
    let heads = ledger_heads(&parts.model, snapshot, series, range.end_ms.map(seconds));
    let heads = heads.map_err(|error| unreadable(series, &error))?;
    if heads.factors_cover() {
        return Ok(());
    }
    Err(BacktestRefusal::LedgerBehind {
        series: series.to_string(),
        at: heads.aligned.map_or(0, CandleTime::seconds),
    })
}

/// A ledger that cannot be followed.
pub(super) fn unreadable(series: &SeriesId, error: &ReadError) -> BacktestRefusal {
    match error {
        ReadError::OutOfSync { at, .. } => BacktestRefusal::LedgerBehind {
            series: series.to_string(),
            at: at.seconds(),
        },
        error => failed(&format!("the ledger of {series} cannot be read"), error),
    }
}

fn read_params(
    spec: &'static StrategySpec,
    given: &Map<String, Value>,
) -> Result<StrategyParams, BacktestRefusal> {
    let mut params = StrategyParams::defaults(spec.params);
    for (name, value) in given {
        let number = match value {
            Value::Bool(on) => Some(f64::from(u8::from(*on))),
            value => value.as_f64(),
        };
        let Some(number) = number else {
            return Err(BacktestRefusal::ParamsInvalid {
                name: name.clone(),
                reason: format!("parameter {name} must be a number"),
            });
        };
        params
            .set(name, number)
            .map_err(|error| bad_param(spec, name, &error))?;
    }
    Ok(params)
}

/// A parameter that does not fit the strategy.
pub(super) fn bad_param(spec: &StrategySpec, name: &str, error: &ParamError) -> BacktestRefusal {
    let known: Vec<&str> = spec.params.iter().map(|param| param.name).collect();
    let reason = match error {
        ParamError::Unknown(name) => {
            format!(
                "{} has no parameter {name}; it has {}",
                spec.name,
                known.join(", ")
            )
        }
        error => error.to_string(),
    };
    BacktestRefusal::ParamsInvalid {
        name: name.to_owned(),
        reason,
    }
}
