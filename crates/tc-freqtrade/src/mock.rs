//! Answers without freqtrade, for pages and contract tests.

use std::path::Path;

use crate::{
    input::StrategyName,
    preflight::{self, RunRequest},
    refusal::Refusal,
};

/// The only strategy.
pub const STRATEGY: &str = "DemoStrategy";

/// What a run is said to have come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MockRun {
    /// The command that would have been run.
    pub command: Vec<String>,
    /// What it would have said.
    pub stdout: String,
}

/// A run of nothing. The values of the client but for the name are echoed unread.
///
/// # Errors
/// [`Refusal::Input`] for no name, [`Refusal::MockStrategyNotFound`] for another one than [`STRATEGY`].
pub fn run(bin: &Path, request: &RunRequest) -> Result<MockRun, Refusal> {
    let strategy = preflight::strategy_name(request)?;
    if strategy.as_str() != STRATEGY {
        return Err(Refusal::MockStrategyNotFound(strategy));
    }
    let RunRequest { pair, timeframe, .. } = request;
    let range = request.timerange.as_deref().unwrap_or_default();
    Ok(MockRun {
        command: command(bin, &strategy, request),
        stdout: format!(
            "TRADE_CANVAS MOCK BACKTEST\nstrategy={strategy}\npair={pair}\ntimeframe={timeframe}\ntimerange={range}\nresult=ok\n"
        ),
    })
}

fn command(bin: &Path, strategy: &StrategyName, request: &RunRequest) -> Vec<String> {
    let bin = bin.display().to_string();
    let mut command: Vec<String> = [
        bin.as_str(),
        "backtesting",
        "--strategy",
        strategy.as_str(),
        "--timeframe",
        &request.timeframe,
        "--pairs",
        &request.pair,
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(range) = request.timerange.as_ref().filter(|range| !range.is_empty()) {
        command.extend(["--timerange".to_owned(), range.clone()]);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mock(strategy: &str, timerange: Option<&str>) -> Result<MockRun, Refusal> {
        let request = RunRequest {
            strategy_name: strategy.to_owned(),
            pair: "gld usdt".to_owned(),
            timeframe: "1h".to_owned(),
            timerange: timerange.map(str::to_owned),
        };
        run(Path::new("ft"), &request)
    }

    #[test]
    fn it_echoes() {
        let with = mock(STRATEGY, Some("20260101-")).unwrap();
        let expected =
            "ft backtesting --strategy DemoStrategy --timeframe 1h --pairs gld usdt --timerange 20260101-";
        assert_eq!(with.command.join(" "), expected);
        let lines = "TRADE_CANVAS MOCK BACKTEST\nstrategy=DemoStrategy\npair=gld usdt\ntimeframe=1h\ntimerange=20260101-\nresult=ok\n";
        assert_eq!(with.stdout, lines);
        for none in [None, Some("")] {
            let without = mock(STRATEGY, none).unwrap();
            assert_eq!(without.command.len(), 8);
            assert!(without.stdout.contains("\ntimerange=\n"), "{}", without.stdout);
        }
    }

    #[test]
    fn it_knows_one_strategy() {
        assert!(matches!(
            mock("Other", None),
            Err(Refusal::MockStrategyNotFound(_))
        ));
        assert!(matches!(mock("../etc", None), Err(Refusal::Input { .. })));
    }
}
