//! Recorded back-tests: inputs, and what freqtrade made of them.

mod metrics;
mod trades;

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tc_market::{Candle, CandleTime, Timeframe};

use crate::{
    BeforeOffset, Config, DataRange, ExitOptions, FundingSeries, LeverageTier, MarkCandle, Market,
    OrderLimits, PairInput, PairSeries, RoiStep, RoiTable, Run, Shorts, Signal, SignalColumns, Slots, Stake,
    Tick, Trading, Trailing,
    calendar::{DAY_MS, Date, day_from},
    simulate,
};

/// Cases that are part of the repository.
pub(crate) const IN_REPOSITORY: [&str; 10] = [
    "futures_15m_liquidation",
    "futures_1m_equal_losses",
    "futures_5m_long_short_funding",
    "futures_5m_mark_holes",
    "futures_5m_whole_stop",
    "spot_15m_left_open",
    "spot_1m_finer_tick",
    "spot_1m_trailing_offset",
    "spot_5m_roi_stop_signal",
    "spot_5m_timerange_two_pairs",
];

/// One recorded back-test.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) case: Value,
    pub(crate) config: Config,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    series: PairSeries,
    signals: SignalColumns,
    funding: Option<FundingSeries>,
}

/// Cases of the repository, and further ones next to the checkout.
pub(crate) fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut folders: BTreeMap<String, PathBuf> = BTreeMap::new();
    for base in ["golden/backtest", "../shared/golden/backtest"] {
        for entry in fs::read_dir(root.join(base)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if exists(&path, "case.json") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                folders.entry(name).or_insert(path);
            }
        }
    }
    assert!(IN_REPOSITORY.iter().all(|name| folders.contains_key(*name)));
    folders.values().map(|folder| Case::open(folder)).collect()
}

impl Case {
    fn open(folder: &Path) -> Self {
        let case = json(folder, "case.json");
        let timeframe: Timeframe = case["timeframe"].as_str().unwrap().parse().unwrap();
        let range = range(&case);
        let names = case["pairs"].as_array().unwrap();
        let mut pairs: Vec<Pair> = names
            .iter()
            .map(|name| pair(folder, &case, name.as_str().unwrap(), timeframe, range))
            .collect();
        if case["trading_mode"] == "futures" {
            let first_ms = pairs.iter().map(|pair| pair.series.time_ms(0)).min().unwrap();
            let span = range.span(first_ms, timeframe.seconds() * 1_000);
            for pair in &mut pairs {
                pair.funding = Some(funding(folder, &pair.series.market().pair, span.clone()));
            }
        }
        Self {
            folder: folder.to_owned(),
            config: config(&case),
            case,
            pairs,
        }
    }

    pub(crate) fn run(&self) -> Run {
        let inputs: Vec<_> = self.pairs.iter().map(Pair::input).collect();
        simulate(&self.config, &inputs).unwrap()
    }

    pub(crate) fn expected(&self, name: &str) -> Value {
        json(&self.folder, name)
    }

    /// Worth of the account at every recorded time.
    pub(crate) fn expected_equity(&self) -> Vec<(i64, f64)> {
        let mut worth: Vec<(i64, f64)> = Vec::new();
        for row in csv(&self.folder, "expected_wallet.csv") {
            let (time, value) = (row[0].parse().unwrap(), number(&row[2]) * number(&row[3]));
            match worth.last_mut() {
                Some((last, sum)) if *last == time => *sum += value,
                _ => worth.push((time, value)),
            }
        }
        worth
    }
}

impl Pair {
    fn input(&self) -> PairInput<'_> {
        PairInput {
            series: &self.series,
            signals: &self.signals,
            funding: self.funding.as_ref(),
        }
    }
}

fn pair(folder: &Path, case: &Value, name: &str, timeframe: Timeframe, range: DataRange) -> Pair {
    let file = name.replace(['/', ':'], "_");
    let candles: Vec<Candle> = csv(folder, &format!("ohlcv_{file}.csv"))
        .iter()
        .map(|row| {
            let n = |at: usize| number(&row[at]);
            let time = CandleTime::new(row[0].parse::<i64>().unwrap() / 1_000).unwrap();
            Candle::new(time, n(1), n(2), n(3), n(4), n(5)).unwrap()
        })
        .collect();
    let mut signals = SignalColumns::new(candles.len());
    for row in csv(folder, &format!("signals_{file}.csv")) {
        let seconds = row[0].parse::<i64>().unwrap() / 1_000;
        let Ok(at) = candles.binary_search_by_key(&seconds, |candle| candle.time().seconds()) else {
            continue;
        };
        for (column, signal) in [
            (1, Signal::EnterLong),
            (2, Signal::ExitLong),
            (3, Signal::EnterShort),
            (4, Signal::ExitShort),
        ] {
            if row[column] == "1" {
                signals.set(at, signal);
            }
        }
        if !row[5].is_empty() {
            signals.tag_entry(at, row[5].as_str().into());
        }
        if !row[6].is_empty() {
            signals.tag_exit(at, row[6].as_str().into());
        }
    }
    let market = market(case, name);
    Pair {
        series: PairSeries::prepare(market, &candles, timeframe, range).unwrap(),
        signals,
        funding: None,
    }
}

fn funding(folder: &Path, pair: &str, span: RangeInclusive<i64>) -> FundingSeries {
    let file = pair.replace(['/', ':'], "_");
    let rates = csv(folder, &format!("funding_{file}.csv"));
    let rate = |row: &Vec<String>| (row[0].parse().unwrap(), number(&row[1]));
    let marks = csv(folder, &format!("mark_{file}.csv"));
    let mark = |row: &Vec<String>| MarkCandle {
        time_ms: row[0].parse().unwrap(),
        open: number(&row[1]),
        close: number(&row[4]),
    };
    let rates: Vec<_> = rates.iter().map(rate).collect();
    FundingSeries::new(&rates, &marks.iter().map(mark).collect::<Vec<_>>(), span)
}

fn market(case: &Value, name: &str) -> Market {
    let market = &case["markets"][name];
    let tick = |key: &str| Tick::new(market["precision"][key].as_f64().unwrap()).unwrap();
    let limit = |key: &str, end: &str| market["limits"][key][end].as_f64();
    let tiers = case["leverage_tiers"][name]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let tier = |tier: &Value| LeverageTier {
        min_notional: tier["minNotional"].as_f64().unwrap(),
        max_notional: tier["maxNotional"].as_f64(),
        maintenance_rate: tier["maintenanceMarginRate"].as_f64().unwrap(),
        maintenance_amount: tier["maintAmt"].as_f64().unwrap_or_default(),
        max_leverage: tier["maxLeverage"].as_f64().unwrap(),
    };
    Market {
        pair: name.to_owned(),
        price_tick: tick("price"),
        amount_step: tick("amount"),
        limits: OrderLimits {
            amount_min: limit("amount", "min"),
            amount_max: limit("amount", "max"),
            cost_min: limit("cost", "min"),
            cost_max: limit("cost", "max"),
        },
        tiers: tiers.iter().map(tier).collect(),
    }
}

fn config(case: &Value) -> Config {
    let flag = |key: &str| case[key].as_bool().unwrap();
    let float = |key: &str| case[key].as_f64().unwrap();
    let roi = case["minimal_roi"].as_object().unwrap().iter();
    let slots = case["max_open_trades"].as_i64().unwrap();
    Config {
        wallet: float("wallet"),
        stake: case["stake_amount"]
            .as_f64()
            .map_or(Stake::Unlimited, Stake::Fixed),
        tradable_balance_ratio: float("tradable_balance_ratio"),
        slots: u32::try_from(slots)
            .ok()
            .filter(|slots| *slots > 0)
            .map_or(Slots::Unlimited, Slots::AtMost),
        fee: float("fee"),
        trading: if case["trading_mode"] == "futures" {
            Trading::Futures {
                leverage: float("leverage"),
                shorts: if flag("can_short") {
                    Shorts::Allowed
                } else {
                    Shorts::Ignored
                },
            }
        } else {
            Trading::Spot
        },
        roi: RoiTable::new(roi.map(|(minutes, ratio)| RoiStep {
            minutes: minutes.parse().unwrap(),
            ratio: ratio.as_f64().unwrap(),
        })),
        stop_loss: float("stoploss"),
        trailing: flag("trailing_stop").then(|| Trailing {
            positive: case["trailing_stop_positive"].as_f64(),
            positive_offset: float("trailing_stop_positive_offset"),
            before_offset: if flag("trailing_only_offset_is_reached") {
                BeforeOffset::Stays
            } else {
                BeforeOffset::Follows
            },
        }),
        exits: ExitOptions {
            use_exit_signal: flag("use_exit_signal"),
            profit_only_above: flag("exit_profit_only").then(|| float("exit_profit_offset")),
            ignore_roi_if_entry_signal: flag("ignore_roi_if_entry_signal"),
        },
        liquidation_buffer: float("liquidation_buffer"),
        amount_reserve: float("amount_reserve_percent"),
        exit_timeout_ms: case["unfilledtimeout"]["exit"]
            .as_i64()
            .map(|minutes| minutes * 60_000),
    }
}

fn range(case: &Value) -> DataRange {
    let day = |text: &str| {
        let part = |from: usize, to: usize| text[from..to].parse::<i64>().unwrap();
        (!text.is_empty()).then(|| {
            let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
            day_from(Date { year, month, day }) * DAY_MS
        })
    };
    let (start, end) = case["timerange"].as_str().unwrap_or("-").split_once('-').unwrap();
    DataRange {
        start_ms: day(start),
        end_ms: day(end),
        startup_candles: usize::try_from(case["startup_candle_count"].as_u64().unwrap()).unwrap(),
    }
}

fn exists(folder: &Path, name: &str) -> bool {
    folder.join(name).is_file() || folder.join(format!("{name}.gz")).is_file()
}

fn text(folder: &Path, name: &str) -> String {
    if let Ok(text) = fs::read_to_string(folder.join(name)) {
        return text;
    }
    let packed = fs::File::open(folder.join(format!("{name}.gz"))).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&text(folder, name)).unwrap()
}

fn csv(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = text(folder, name);
    let rows = text.lines().skip(1);
    rows.map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}
