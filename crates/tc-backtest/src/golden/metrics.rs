//! Metrics: every recorded number to nine digits.

use serde_json::{Map, Value, json};

use super::{Case, cases};
use crate::{ClosedTrades, GroupKey, GroupLine, Metrics, Period, Run};

/// Greatest relative difference.
const TOLERANCE: f64 = 1e-9;

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
            let scale = found.abs().max(expected.abs()).max(1e-6);
            assert!(
                (found - expected).abs() <= scale * TOLERANCE,
                "{place}: {found} {expected}"
            );
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

fn closed(numbers: &ClosedTrades) -> Map<String, Value> {
    let json = json!({
        "wins": numbers.wins,
        "draws": numbers.draws,
        "losses": numbers.losses,
        "winrate": numbers.winrate,
        "profit_total_abs": numbers.profit_total_abs,
        "profit_total": numbers.profit_total,
        "profit_mean": numbers.profit_mean,
        "expectancy": numbers.expectancy,
        "expectancy_ratio": numbers.expectancy_ratio,
        "sharpe": numbers.sharpe,
        "sortino": numbers.sortino,
        "calmar": numbers.calmar,
        "sqn": numbers.sqn,
        "p_value": numbers.p_value,
        "profit_factor": numbers.profit_factor,
        "max_drawdown_account": numbers.max_drawdown_account,
        "max_drawdown_abs": numbers.max_drawdown_abs,
    });
    json.as_object().unwrap().clone()
}

fn line(line: &GroupLine) -> Value {
    let mut json = closed(&line.numbers);
    let minutes = line.numbers.duration_avg_minutes;
    json.insert("trades".into(), line.numbers.trades.into());
    json.insert("cagr".into(), line.numbers.cagr.into());
    if minutes > 0 && minutes < 1_440 {
        json.insert(
            "duration_avg".into(),
            format!("{}:{:02}:00", minutes / 60, minutes % 60).into(),
        );
    }
    let key = match &line.key {
        GroupKey::Name(name) => json!(name),
        GroupKey::EntryAndExit {
            enter_tag,
            exit_reason,
        } => json!([enter_tag, exit_reason]),
        GroupKey::Total => json!("TOTAL"),
    };
    json.insert("key".into(), key);
    json.into()
}

fn periods(periods: &[Period]) -> Value {
    let period = |period: &Period| {
        json!({
            "date_ts": period.label, "profit_abs": period.profit_abs, "wins": period.wins, "draws": period.draws,
            "losses": period.losses, "trades": period.trades(), "profit_factor": period.profit_factor,
        })
    };
    periods.iter().map(period).collect()
}

/// The numbers of a run under the names of the record.
fn numbers(run: &Run, metrics: &Metrics) -> Value {
    let mut json = closed(&metrics.closed);
    let lines = |lines: &[GroupLine]| -> Value { lines.iter().map(line).collect() };
    let (holding, days, breakdown) = (&metrics.holding, &metrics.days, &metrics.periodic_breakdown);
    let more = json!({
        "total_trades": metrics.closed.trades,
        "trade_count_long": metrics.trade_count_long,
        "trade_count_short": metrics.trade_count_short,
        "profit_total_long_abs": metrics.profit_total_long_abs,
        "profit_total_short_abs": metrics.profit_total_short_abs,
        "profit_median": metrics.profit_median,
        "cagr": metrics.cagr,
        "backtest_days": metrics.backtest_days,
        "trades_per_day": metrics.trades_per_day,
        "market_change": metrics.market_change,
        "starting_balance": metrics.starting_balance,
        "final_balance": metrics.final_balance,
        "rejected_signals": metrics.rejected_signals,
        "timedout_exit_orders": metrics.timedout_exit_orders,
        "avg_stake_amount": metrics.avg_stake_amount,
        "total_volume": metrics.total_volume,
        "max_consecutive_wins": holding.max_consecutive_wins,
        "max_consecutive_losses": holding.max_consecutive_losses,
        "backtest_best_day": days.best,
        "backtest_worst_day": days.worst,
        "backtest_best_day_abs": days.best_abs,
        "backtest_worst_day_abs": days.worst_abs,
        "winning_days": days.winning,
        "draw_days": days.draws,
        "losing_days": days.losing,
        "results_per_pair": lines(&metrics.groups.pairs),
        "results_per_enter_tag": lines(&metrics.groups.enter_tags),
        "exit_reason_summary": lines(&metrics.groups.exit_reasons),
        "mix_tag_stats": lines(&metrics.groups.entry_and_exit),
        "left_open_trades": lines(&metrics.groups.left_open),
        "periodic_breakdown": {
            "day": periods(&breakdown.day),
            "week": periods(&breakdown.week),
            "month": periods(&breakdown.month),
            "year": periods(&breakdown.year),
            "weekday": periods(&breakdown.weekday),
        },
        "backtest_start_ts": run.begin_ms,
    });
    json.extend(more.as_object().unwrap().clone());
    if metrics.closed.trades > 0 {
        json.extend(of_trades(metrics));
    }
    json.into()
}

/// What only a run with trades has.
fn of_trades(metrics: &Metrics) -> Map<String, Value> {
    let (holding, drawdown) = (&metrics.holding, metrics.drawdown.unwrap());
    let json = json!({
        "holding_avg_s": holding.avg_minutes * 60,
        "winner_holding_min_s": holding.winners.min_minutes * 60,
        "winner_holding_max_s": holding.winners.max_minutes * 60,
        "winner_holding_avg_s": holding.winners.avg_minutes * 60,
        "loser_holding_min_s": holding.losers.min_minutes * 60,
        "loser_holding_max_s": holding.losers.max_minutes * 60,
        "loser_holding_avg_s": holding.losers.avg_minutes * 60,
        "max_relative_drawdown": drawdown.fall.max_relative,
        "drawdown_start_ts": drawdown.start_ms,
        "drawdown_end_ts": drawdown.end_ms,
        "drawdown_duration_s": drawdown.duration_s(),
        "max_drawdown_high": drawdown.fall.high,
        "max_drawdown_low": drawdown.fall.low,
        "csum_min": drawdown.csum_min,
        "csum_max": drawdown.csum_max,
        "daily_profit": metrics.days.profits.iter().map(|(day, profit)| json!([date(*day), profit])).collect::<Value>(),
    });
    json.as_object().unwrap().clone()
}

fn date(day: i64) -> String {
    let date = crate::calendar::date_of(day);
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn wallet(metrics: &Metrics) -> Value {
    let wallet = metrics.wallet_stats.unwrap();
    json!({
        "start_balance": wallet.start_balance,
        "end_balance": wallet.end_balance,
        "high_balance": wallet.high_balance,
        "low_balance": wallet.low_balance,
        "high_ts": wallet.high_ms,
        "low_ts": wallet.low_ms,
        "sharpe": wallet.sharpe,
        "sortino": wallet.sortino,
        "calmar": wallet.calmar,
        "max_drawdown_account": wallet.drawdown.account,
        "max_relative_drawdown": wallet.drawdown.max_relative,
        "max_drawdown_abs": wallet.drawdown.abs,
        "max_drawdown_high": wallet.drawdown.high,
        "max_drawdown_low": wallet.drawdown.low,
        "drawdown_start_ts": wallet.drawdown_start_ms,
        "drawdown_end_ts": wallet.drawdown_end_ms,
    })
}

fn check_case(case: &Case) {
    let run = case.run();
    let metrics = Metrics::of(&run);
    let expected = case.expected("expected_metrics.json");
    let name = case.case["name"].as_str().unwrap();
    check(name, &numbers(&run, &metrics), &expected);
    check(name, &wallet(&metrics), &expected["wallet_stats"]);
}

#[test]
fn every_recorded_number_is_met() {
    cases().iter().for_each(check_case);
}
