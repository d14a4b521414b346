//! Trades: every field to the bit.

use serde_json::{Value, json};

use super::cases;
use crate::{Run, Side, Trade};

/// The fields of a trade under the names of the record.
fn fields(run: &Run, trade: &Trade) -> Value {
    let (entry, exit) = match trade.side {
        Side::Long => ("buy", "sell"),
        Side::Short => ("sell", "buy"),
    };
    let order = |side: &str, price: f64, time: i64, is_entry: bool, cost: f64| {
        json!({
            "amount": trade.amount, "safe_price": price, "ft_order_side": side, "order_filled_timestamp": time,
            "ft_is_entry": is_entry, "cost": cost,
        })
    };
    json!({
        "pair": run.pairs[trade.pair],
        "stake_amount": trade.stake_amount,
        "max_stake_amount": trade.stake_amount,
        "amount": trade.amount,
        "open_rate": trade.open_rate,
        "close_rate": trade.close_rate,
        "fee_open": trade.fee_open,
        "fee_close": trade.fee_close,
        "trade_duration": trade.duration_minutes(),
        "profit_ratio": trade.profit_ratio,
        "profit_abs": trade.profit_abs,
        "exit_reason": trade.exit_reason.as_str(),
        "initial_stop_loss_abs": trade.initial_stop_loss_abs,
        "initial_stop_loss_ratio": trade.initial_stop_loss_ratio,
        "stop_loss_abs": trade.stop_loss_abs,
        "stop_loss_ratio": trade.stop_loss_ratio,
        "min_rate": trade.min_rate,
        "max_rate": trade.max_rate,
        "enter_tag": trade.enter_tag.as_deref().unwrap_or_default(),
        "leverage": trade.leverage,
        "is_short": trade.side == Side::Short,
        "open_timestamp": trade.open_ms,
        "close_timestamp": trade.close_ms,
        "funding_fees": trade.funding_fees,
        "orders": [
            order(entry, trade.entry_rate, trade.open_ms, true, trade.entry_cost),
            order(exit, trade.close_rate, trade.close_ms, false, trade.exit_cost),
        ],
    })
}

fn check(place: &str, found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Object(found), _) => {
            for (key, value) in found {
                check(&format!("{place}.{key}"), value, &expected[key]);
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{place}");
            for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
                check(&format!("{place}[{at}]"), found, expected);
            }
        }
        (Value::Number(found), Value::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            // Adding zero makes both zeros the same.
            assert_eq!(
                (found + 0.0).to_bits(),
                (expected + 0.0).to_bits(),
                "{place}: {found} {expected}"
            );
        }
        (Value::String(found), Value::Null) => assert_eq!(found, "", "{place}"),
        (Value::Number(found), Value::Null) => assert_eq!(found.as_f64(), Some(0.0), "{place}"),
        _ => assert_eq!(found, expected, "{place}"),
    }
}

#[test]
fn every_field_of_every_trade_is_bit_equal() {
    for case in cases() {
        let run = case.run();
        let expected = case.expected("expected_trades.json");
        let name = case.case["name"].as_str().unwrap();
        let expected = expected.as_array().unwrap();
        for (at, (trade, expected)) in run.trades.iter().zip(expected).enumerate() {
            check(&format!("{name}[{at}]"), &fields(&run, trade), expected);
        }
        assert_eq!(run.trades.len(), expected.len(), "{name}");
        let metrics = case.expected("expected_metrics.json");
        assert_eq!(
            run.rejected_signals,
            metrics["rejected_signals"].as_u64().unwrap(),
            "{name}"
        );
        assert_eq!(
            run.timed_out_exits,
            metrics["timedout_exit_orders"].as_u64().unwrap(),
            "{name}"
        );
        check(name, &json!({"final_balance": run.final_balance}), &metrics);
        check(
            name,
            &json!({"backtest_start_ts": run.begin_ms, "backtest_end_ts": run.finish_ms}),
            &metrics,
        );
    }
}

#[test]
fn the_equity_is_that_of_the_recorded_wallet() {
    for case in cases() {
        let run = case.run();
        let recorded = case.expected_equity();
        assert_eq!(run.equity.values.len(), recorded.len());
        for (at, (time, worth)) in recorded.into_iter().enumerate() {
            assert_eq!(run.equity.time_ms(at), time);
            let found = run.equity.values[at];
            assert!((found - worth).abs() <= worth * 1e-12, "{time}: {found} {worth}");
        }
    }
}
