//! A run of the native engine as a result file of freqtrade tells it: its figures and trades under the same names.

mod trades;

use serde_json::{Map, Value, json};
use tc_backtest::{Cell, ClosedTrades, Extra, GroupKey, GroupLine, Metrics, Period, Run, WalletStats};

pub use self::trades::{TradeRecord, trades};
use self::trades::{day_text, instant_text};

/// Every figure of a run. What is not defined is null.
#[must_use]
pub fn figures(run: &Run, metrics: &Metrics) -> Map<String, Value> {
    let mut figures = closed(&metrics.closed);
    add(&mut figures, of_all(run, metrics));
    add(&mut figures, of_trades(metrics));
    add(&mut figures, tables(metrics));
    let wallet = metrics.wallet_stats.as_ref().map(wallet);
    figures.insert("wallet_stats".to_owned(), wallet.unwrap_or_default());
    figures.insert("extra".to_owned(), extra(&metrics.extra));
    figures
}

/// The figures of one point of a sweep, under the names that they have in a run.
#[must_use]
pub fn cell_figures(cell: &Cell) -> Map<String, Value> {
    let mut figures = closed(&cell.closed);
    add(
        &mut figures,
        json!({
            "total_trades": cell.closed.trades,
            "cagr": cell.closed.cagr,
            "final_balance": cell.final_balance,
            "rejected_signals": cell.rejected_signals,
            "holding_avg_s": cell.closed.duration_avg_minutes * 60,
            "wallet_stats": cell.wallet.as_ref().map(wallet),
            "extra": { "exposure": cell.exposure },
        }),
    );
    figures
}

fn add(figures: &mut Map<String, Value>, more: Value) {
    if let Value::Object(more) = more {
        figures.extend(more);
    }
}

fn closed(numbers: &ClosedTrades) -> Map<String, Value> {
    let mut figures = Map::new();
    let found = json!({
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
    add(&mut figures, found);
    figures
}

fn of_all(run: &Run, metrics: &Metrics) -> Value {
    let days = &metrics.days;
    json!({
        "total_trades": metrics.closed.trades,
        "trade_count_long": metrics.trade_count_long,
        "trade_count_short": metrics.trade_count_short,
        "profit_total_long_abs": metrics.profit_total_long_abs,
        "profit_total_short_abs": metrics.profit_total_short_abs,
        "profit_total_long": metrics.profit_total_long_abs / metrics.starting_balance,
        "profit_total_short": metrics.profit_total_short_abs / metrics.starting_balance,
        "profit_median": metrics.profit_median,
        "cagr": metrics.cagr,
        "backtest_start": instant_text(run.begin_ms),
        "backtest_start_ts": run.begin_ms,
        "backtest_end": instant_text(run.finish_ms),
        "backtest_end_ts": run.finish_ms,
        "backtest_days": metrics.backtest_days,
        "trades_per_day": metrics.trades_per_day,
        "market_change": metrics.market_change,
        "pairlist": run.pairs,
        "starting_balance": metrics.starting_balance,
        "final_balance": metrics.final_balance,
        "rejected_signals": metrics.rejected_signals,
        "timedout_entry_orders": 0,
        "timedout_exit_orders": metrics.timedout_exit_orders,
        "canceled_trade_entries": 0,
        "canceled_entry_orders": 0,
        "avg_stake_amount": metrics.avg_stake_amount,
        "total_volume": metrics.total_volume,
        "backtest_best_day": days.best,
        "backtest_worst_day": days.worst,
        "backtest_best_day_abs": days.best_abs,
        "backtest_worst_day_abs": days.worst_abs,
        "winning_days": days.winning,
        "draw_days": days.draws,
        "losing_days": days.losing,
        "daily_profit": days.profits.iter().map(|(day, profit)| json!([day_text(*day), profit])).collect::<Value>(),
    })
}

/// Durations, streaks and the deepest fall.
fn of_trades(metrics: &Metrics) -> Value {
    let (holding, drawdown) = (&metrics.holding, metrics.drawdown.as_ref());
    json!({
        "max_consecutive_wins": holding.max_consecutive_wins,
        "max_consecutive_losses": holding.max_consecutive_losses,
        "holding_avg_s": holding.avg_minutes * 60,
        "winner_holding_min_s": holding.winners.min_minutes * 60,
        "winner_holding_max_s": holding.winners.max_minutes * 60,
        "winner_holding_avg_s": holding.winners.avg_minutes * 60,
        "loser_holding_min_s": holding.losers.min_minutes * 60,
        "loser_holding_max_s": holding.losers.max_minutes * 60,
        "loser_holding_avg_s": holding.losers.avg_minutes * 60,
        "max_relative_drawdown": drawdown.map_or(0.0, |drawdown| drawdown.fall.max_relative),
        "drawdown_start": drawdown.map(|drawdown| instant_text(drawdown.start_ms)),
        "drawdown_start_ts": drawdown.map(|drawdown| drawdown.start_ms),
        "drawdown_end": drawdown.map(|drawdown| instant_text(drawdown.end_ms)),
        "drawdown_end_ts": drawdown.map(|drawdown| drawdown.end_ms),
        "drawdown_duration_s": drawdown.map_or(0, |drawdown| drawdown.duration_s()),
        "max_drawdown_high": drawdown.map_or(0.0, |drawdown| drawdown.fall.high),
        "max_drawdown_low": drawdown.map_or(0.0, |drawdown| drawdown.fall.low),
        "csum_min": drawdown.map_or(0.0, |drawdown| drawdown.csum_min),
        "csum_max": drawdown.map_or(0.0, |drawdown| drawdown.csum_max),
    })
}

fn tables(metrics: &Metrics) -> Value {
    let lines = |lines: &[GroupLine]| -> Value { lines.iter().map(line).collect() };
    let (groups, breakdown) = (&metrics.groups, &metrics.periodic_breakdown);
    json!({
        "results_per_pair": lines(&groups.pairs),
        "results_per_enter_tag": lines(&groups.enter_tags),
        "exit_reason_summary": lines(&groups.exit_reasons),
        "mix_tag_stats": lines(&groups.entry_and_exit),
        "left_open_trades": lines(&groups.left_open),
        "periodic_breakdown": {
            "day": periods(&breakdown.day),
            "week": periods(&breakdown.week),
            "month": periods(&breakdown.month),
            "year": periods(&breakdown.year),
            "weekday": periods(&breakdown.weekday),
        },
    })
}

fn line(line: &GroupLine) -> Value {
    let mut figures = closed(&line.numbers);
    let key = match &line.key {
        GroupKey::Name(name) => json!(name),
        GroupKey::EntryAndExit {
            enter_tag,
            exit_reason,
        } => json!([enter_tag, exit_reason]),
        GroupKey::Total => json!("TOTAL"),
    };
    add(
        &mut figures,
        json!({
            "key": key,
            "trades": line.numbers.trades,
            "cagr": line.numbers.cagr,
            "duration_avg": duration_text(line.numbers.trades, line.numbers.duration_avg_minutes),
        }),
    );
    Value::Object(figures)
}

/// `1 day, 2:05:00`.
fn duration_text(trades: usize, minutes: i64) -> String {
    if trades == 0 {
        return "0:00".to_owned();
    }
    let clock = format!("{}:{:02}:00", minutes / 60 % 24, minutes % 60);
    match minutes / 1_440 {
        0 => clock,
        1 => format!("1 day, {clock}"),
        days => format!("{days} days, {clock}"),
    }
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

fn wallet(wallet: &WalletStats) -> Value {
    json!({
        "start_balance": wallet.start_balance,
        "end_balance": wallet.end_balance,
        "high_balance": wallet.high_balance,
        "high_ts": wallet.high_ms,
        "low_balance": wallet.low_balance,
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

fn extra(extra: &Extra) -> Value {
    let months = extra
        .monthly_returns
        .iter()
        .map(|month| json!({ "year": month.year, "month": month.month, "return": month.change }));
    json!({
        "exposure": extra.exposure,
        "volatility_ann": extra.volatility_ann,
        "omega": extra.omega,
        "tail_ratio": extra.tail_ratio,
        "var_95": extra.var_95,
        "cvar_95": extra.cvar_95,
        "ulcer_index": extra.ulcer_index,
        "recovery_factor": extra.recovery_factor,
        "payoff_ratio": extra.payoff_ratio,
        "kelly": extra.kelly,
        "max_drawdown_duration_s": extra.max_drawdown_duration_s,
        "fees_paid": extra.fees_paid,
        "funding_paid": extra.funding_paid,
        "long_ratio": extra.long_ratio,
        "best_trade": extra.best_trade,
        "worst_trade": extra.worst_trade,
        "skew": extra.skew,
        "kurtosis": extra.kurtosis,
        "buy_and_hold": extra.buy_and_hold,
        "monthly_returns": months.collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::duration_text;

    #[test]
    fn durations_are_written_as_by_freqtrade() {
        assert_eq!(duration_text(0, 0), "0:00");
        assert_eq!(duration_text(3, 0), "0:00:00");
        assert_eq!(duration_text(1, 65), "1:05:00");
        assert_eq!(duration_text(2, 1_440 + 125), "1 day, 2:05:00");
        assert_eq!(duration_text(2, 3 * 1_440 + 600), "3 days, 10:00:00");
    }
}
