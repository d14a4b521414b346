//! A case as files, in the layout of the recorded cases of the repository.

use std::{
    fmt::{Display, Write as _},
    fs,
    path::Path,
};

use serde_json::{Map, Value, json};
use tc_backtest::{BeforeOffset, DataRange, MarkCandle, Shorts, Slots, Stake, Trading, date_of, day_of};

use super::cases::{RandomCase, RandomPair};

impl RandomCase {
    /// Writes the inputs into a folder.
    pub(super) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let put = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
        put("case.json", pretty(&self.to_json()));
        put("freqtrade_config.json", pretty(&self.freqtrade_config()));
        for pair in &self.pairs {
            let name = pair.market.market.pair.replace(['/', ':'], "_");
            put(&format!("ohlcv_{name}.csv"), candles(pair));
            put(&format!("signals_{name}.csv"), signals(pair));
            if matches!(self.config.trading, Trading::Futures { .. }) {
                put(
                    &format!("funding_{name}.csv"),
                    columns("date_ms,funding_rate", &pair.rates),
                );
                put(&format!("mark_{name}.csv"), marks(pair));
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        self.pairs
            .iter()
            .map(|pair| pair.market.market.pair.as_str())
            .collect()
    }

    /// What the configuration and the case say alike.
    fn shared(&self) -> Map<String, Value> {
        let config = &self.config;
        let roi = config
            .roi
            .steps()
            .iter()
            .map(|step| (step.minutes.to_string(), json!(step.ratio)));
        let futures = matches!(config.trading, Trading::Futures { .. });
        let trailing = config.trailing;
        let shared = json!({
            "timeframe": self.timeframe.to_string(),
            "trading_mode": if futures { "futures" } else { "spot" },
            "margin_mode": if futures { "isolated" } else { "" },
            "stake_amount": match config.stake {
                Stake::Fixed(stake) => json!(stake),
                Stake::Unlimited => json!("unlimited"),
            },
            "tradable_balance_ratio": config.tradable_balance_ratio,
            "max_open_trades": match config.slots {
                Slots::AtMost(slots) => i64::from(slots),
                Slots::Unlimited => -1,
            },
            "fee": config.fee,
            "startup_candle_count": self.range.startup_candles,
            "minimal_roi": roi.collect::<Map<_, _>>(),
            "stoploss": config.stop_loss,
            "trailing_stop": trailing.is_some(),
            "trailing_stop_positive": trailing.and_then(|trailing| trailing.positive),
            "trailing_stop_positive_offset": trailing.map_or(0.0, |trailing| trailing.positive_offset),
            "trailing_only_offset_is_reached": trailing
                .is_some_and(|trailing| trailing.before_offset == BeforeOffset::Stays),
            "use_exit_signal": config.exits.use_exit_signal,
            "exit_profit_only": config.exits.profit_only_above.is_some(),
            "exit_profit_offset": config.exits.profit_only_above.unwrap_or(0.0),
            "ignore_roi_if_entry_signal": config.exits.ignore_roi_if_entry_signal,
            "liquidation_buffer": config.liquidation_buffer,
            "amount_reserve_percent": config.amount_reserve,
            "unfilledtimeout": config.exit_timeout_ms.map(|most| {
                json!({ "entry": 10, "exit": most / 60_000, "exit_timeout_count": 0, "unit": "minutes" })
            }),
        });
        shared.as_object().unwrap().clone()
    }

    fn to_json(&self) -> Value {
        let mut case = self.shared();
        let (leverage, can_short) = match self.config.trading {
            Trading::Spot => (1.0, false),
            Trading::Futures { leverage, shorts } => (leverage, shorts == Shorts::Allowed),
        };
        let of_pairs = |of: fn(&RandomPair) -> Value| -> Map<String, Value> {
            self.pairs
                .iter()
                .map(|pair| (pair.market.market.pair.clone(), of(pair)))
                .collect()
        };
        let more = json!({
            "schema": 1, "name": self.name, "pairs": self.names(), "can_short": can_short, "leverage": leverage,
            "wallet": self.config.wallet, "timerange": timerange(&self.range), "precision_mode": "tick_size",
            "markets": of_pairs(|pair| pair.market.to_json()),
            "leverage_tiers": of_pairs(|pair| pair.market.tiers_json()),
        });
        case.extend(more.as_object().unwrap().clone());
        case.into()
    }

    fn freqtrade_config(&self) -> Value {
        let mut config = self.shared();
        config.retain(|_, value| !value.is_null());
        let order = json!({ "price_side": "other", "use_order_book": true });
        let more = json!({
            "dry_run": true, "dry_run_wallet": self.config.wallet, "stake_currency": "USDT",
            "fiat_display_currency": "", "entry_pricing": order, "exit_pricing": order,
            "order_types": { "entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": false },
            "exchange": { "name": "binance", "pair_whitelist": self.names(), "pair_blacklist": [] },
            "pairlists": [{ "method": "StaticPairList" }], "dataformat_ohlcv": "feather", "internals": {},
        });
        config.extend(more.as_object().unwrap().clone());
        config.into()
    }
}

fn timerange(range: &DataRange) -> Option<String> {
    let day = |time_ms: Option<i64>| {
        time_ms.map_or(String::new(), |time_ms| {
            let date = date_of(day_of(time_ms));
            format!("{:04}{:02}{:02}", date.year, date.month, date.day)
        })
    };
    (range.start_ms.is_some() || range.end_ms.is_some())
        .then(|| format!("{}-{}", day(range.start_ms), day(range.end_ms)))
}

fn columns(head: &str, rows: &[(i64, impl Display)]) -> String {
    let mut text = format!("{head}\n");
    for (time_ms, value) in rows {
        writeln!(text, "{time_ms},{value}").unwrap();
    }
    text
}

fn candles(pair: &RandomPair) -> String {
    let row = |candle: &tc_market::Candle| {
        let prices = [
            candle.open(),
            candle.high(),
            candle.low(),
            candle.close(),
            candle.volume(),
        ];
        (
            candle.time().seconds() * 1_000,
            prices.map(|price| price.to_string()).join(","),
        )
    };
    columns(
        "date_ms,open,high,low,close,volume",
        &pair.candles.iter().map(row).collect::<Vec<_>>(),
    )
}

fn marks(pair: &RandomPair) -> String {
    let row = |mark: &MarkCandle| {
        let (open, close) = (mark.open, mark.close);
        (
            mark.time_ms,
            format!("{open},{},{},{close},0", open.max(close), open.min(close)),
        )
    };
    columns(
        "date_ms,open,high,low,close,volume",
        &pair.marks.iter().map(row).collect::<Vec<_>>(),
    )
}

fn signals(pair: &RandomPair) -> String {
    let asking = pair
        .candles
        .iter()
        .zip(&pair.signals)
        .filter(|(_, row)| row.flags.contains(&true));
    let rows = asking.map(|(candle, row)| {
        let flags = row.flags.map(|flag| if flag { "1" } else { "0" }).join(",");
        (
            candle.time().seconds() * 1_000,
            format!("{flags},{},{}", row.enter_tag, row.exit_tag),
        )
    });
    let head = "date_ms,enter_long,exit_long,enter_short,exit_short,enter_tag,exit_tag";
    columns(head, &rows.collect::<Vec<_>>())
}
