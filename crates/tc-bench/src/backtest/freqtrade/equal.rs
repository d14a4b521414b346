//! Both engines made the same trades, to the bit.

use anyhow::{bail, ensure};
use serde_json::{Value, json};
use tc_backtest::{Run, Side, Trade};

use super::RealRun;

/// Fails with the first difference between two runs.
///
/// # Errors
/// Names the trade, its field and both values.
pub(in crate::backtest) fn ensure_equal(native: &Run, real: &RealRun) -> anyhow::Result<()> {
    for (at, (native, theirs)) in native.trades.iter().zip(real.trades()).enumerate() {
        compare(&format!("trade {at}"), &fields(native), theirs)?;
    }
    ensure!(
        native.trades.len() == real.trades().len(),
        "the native engine made {} trades, freqtrade {}; the first ones are equal",
        native.trades.len(),
        real.trades().len()
    );
    compare(
        "the run",
        &json!({
            "starting_balance": native.starting_balance,
            "final_balance": native.final_balance,
        }),
        &real.result,
    )
}

/// What a trade is, under the names of freqtrade.
fn fields(trade: &Trade) -> Value {
    json!({
        "open_timestamp": trade.open_ms,
        "close_timestamp": trade.close_ms,
        "is_short": trade.side == Side::Short,
        "open_rate": trade.open_rate,
        "close_rate": trade.close_rate,
        "amount": trade.amount,
        "stake_amount": trade.stake_amount,
        "profit_abs": trade.profit_abs,
        "profit_ratio": trade.profit_ratio,
        "exit_reason": trade.exit_reason.as_str(),
        "min_rate": trade.min_rate,
        "max_rate": trade.max_rate,
        "stop_loss_abs": trade.stop_loss_abs,
    })
}

fn compare(place: &str, native: &Value, theirs: &Value) -> anyhow::Result<()> {
    for (name, value) in native.as_object().into_iter().flatten() {
        if !is_equal(value, &theirs[name]) {
            bail!(
                "{place}: {name} is {value} with the native engine and {} with freqtrade; {native} and {theirs}",
                theirs[name]
            );
        }
    }
    Ok(())
}

/// Numbers are equal when they are the same number, whether or not one is written without decimals.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        // Adding zero makes both zeros the same.
        (Some(one), Some(other)) => (one + 0.0).to_bits() == (other + 0.0).to_bits(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_told() {
        let native = json!({ "open_rate": 100.0, "is_short": false, "profit_abs": -0.0 });
        let equal = json!({ "open_rate": 100, "is_short": false, "profit_abs": 0.0, "weekday": 1 });
        assert!(compare("trade 0", &native, &equal).is_ok());
        for (name, other) in [
            ("open_rate", json!(100.000_000_000_000_02)),
            ("is_short", json!(true)),
            ("profit_abs", Value::Null),
        ] {
            let mut different = equal.clone();
            different[name] = other;
            let told = compare("trade 7", &native, &different).unwrap_err().to_string();
            assert!(told.starts_with(&format!("trade 7: {name} is ")), "{told}");
        }
    }
}
