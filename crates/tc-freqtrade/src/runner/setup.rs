//! One run: its files, its program, and what is made of both when it is over.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{exit_code, program};
use crate::{
    command::{self, RunFiles},
    files::{ResultFolder, ScratchFolder},
    input::StrategyName,
    installation::Installation,
    offline,
    preflight::PreparedRun,
    process::{Ended, Ending, Program},
    refusal::Refusal,
    result::{self, ResultError, RunResult},
    run_config::{RunSubject, run_config},
    runner::FinishedRun,
};

/// Bytes of what the program said that are shown when there are no trades.
pub(super) const TAIL_CHARS: usize = 2_000;
/// Document with the markets of a run.
const MARKETS: &str = "markets.json";
/// What a run is warned of when funding is counted as nothing.
const FUNDING_MISSING: &str = "funding_data_missing";
/// What a run is warned of when its curve of money is in an unknown form.
const EQUITY_UNREADABLE: &str = "equity_unreadable";

/// Everything that one run has of its own.
pub(super) struct RunSetup {
    prepared: PreparedRun,
    pub(super) program: Program,
    results: ResultFolder,
    scratch: ScratchFolder,
}

impl RunSetup {
    pub(super) fn make(
        installation: &Installation,
        prepared: PreparedRun,
        run_id: &str,
    ) -> Result<Self, Refusal> {
        let failed = || Refusal::system("making the files of a run");
        let user_dir = installation.user_dir();
        fs::create_dir_all(user_dir).map_err(failed())?;
        let scratch = ScratchFolder::make(user_dir.join(format!(".tc_run_{run_id}"))).map_err(failed())?;
        let results = ResultFolder::make(&user_dir.join("backtest_results"), run_id).map_err(failed())?;
        let subject = RunSubject {
            pair: &prepared.wish.pair,
            timeframe: &prepared.wish.timeframe,
            data_dir: &prepared.data_dir,
        };
        let config = run_config(&prepared.config, &subject);
        let config = scratch.write("config.json", &config).map_err(failed())?;
        let files = RunFiles {
            config: &config,
            results: results.path(),
        };
        let arguments = command::backtesting(installation, &prepared, files);
        let mut program = program(installation).with(arguments);
        if installation.offline_markets {
            go_offline(installation, &prepared, &scratch, &mut program)?;
        }
        Ok(Self {
            prepared,
            program,
            results,
            scratch,
        })
    }

    pub(super) fn finish(
        self,
        installation: &Installation,
        ended: Ended,
        duration: Duration,
    ) -> Result<FinishedRun, Refusal> {
        let Self {
            prepared,
            program,
            results,
            scratch,
        } = self;
        let exit_code = exit_code(&ended);
        let strategy = &prepared.wish.strategy;
        let found = result::find(results.path());
        let result = match &found {
            Ok(file) => result::read(file, strategy),
            Err(_) => Err(ResultError::Missing),
        };
        let refused = if installation.require_trades && exit_code == 0 {
            require_trades(strategy, &ended, results.path(), found, &result).err()
        } else {
            None
        };
        if result.is_ok() {
            // Amounts and least stakes follow from the markets, so they stay with the result; there are none when the
            // exchange was asked.
            let _online = fs::rename(scratch.path().join(MARKETS), results.path().join(MARKETS));
            results.keep().map_err(Refusal::system("removing old results"))?;
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        let lost_equity = result.as_ref().is_ok_and(|result| result.equity.is_none());
        let warnings = [
            prepared.lacks_funding.then_some(FUNDING_MISSING),
            lost_equity.then_some(EQUITY_UNREADABLE),
        ];
        let warnings = warnings.into_iter().flatten().collect();
        let (stdout, stderr) = words(ended, installation.timeout);
        Ok(FinishedRun {
            exit_code,
            duration,
            command: shown(&program),
            stdout,
            stderr,
            result: result.map_err(|error| error.to_string()),
            warnings,
        })
    }
}

/// Has the module with markets from a file run in the place of the program.
fn go_offline(
    installation: &Installation,
    prepared: &PreparedRun,
    scratch: &ScratchFolder,
    program: &mut Program,
) -> Result<(), Refusal> {
    let failed = |error: String| Refusal::System {
        action: "preparing markets from a file",
        error,
    };
    let interpreter = installation.interpreter().ok_or_else(|| {
        failed(format!(
            "there is no Python beside {}",
            installation.bin.display()
        ))
    })?;
    let mut pairs = vec![prepared.wish.pair.clone()];
    let mode = prepared.config.trading_mode();
    for pair in offline::parse_pairs(&installation.offline_pairs) {
        let pair = prepared.config.resolve(pair);
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let listed: Vec<String> = pairs.iter().map(ToString::to_string).collect();
    let file = scratch.write(MARKETS, &offline::markets_document(&pairs, mode));
    let file = file.map_err(|error| failed(error.to_string()))?;
    offline::write_module(scratch.path()).map_err(|error| failed(error.to_string()))?;
    let path = offline::python_path(scratch.path(), installation.python_path.as_ref());
    let path = path.map_err(|error| failed(error.to_string()))?;
    program.environment.extend([
        ("PYTHONPATH".to_owned(), path),
        ("TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS".to_owned(), "1".into()),
        (offline::PAIRS_VARIABLE.to_owned(), listed.join(",").into()),
        (offline::FILE_VARIABLE.to_owned(), file.into()),
    ]);
    program.bin = interpreter;
    let mut arguments: Vec<OsString> = vec!["-m".into(), offline::MODULE.into()];
    arguments.append(&mut program.arguments);
    program.arguments = arguments;
    Ok(())
}

/// A run that ended well has a result with trades.
fn require_trades(
    strategy: &StrategyName,
    ended: &Ended,
    directory: &Path,
    found: Result<PathBuf, ResultError>,
    result: &Result<RunResult, ResultError>,
) -> Result<(), Refusal> {
    let file = found.map_err(|_| Refusal::ExportMissing {
        directory: directory.to_owned(),
    })?;
    match result {
        Err(error) => Err(Refusal::ExportBad {
            file,
            error: error.to_string(),
        }),
        Ok(result) if result.total_trades == 0 => Err(Refusal::NoTrades {
            strategy: strategy.clone(),
            file,
            stdout_tail: tail(&ended.stdout).to_owned(),
        }),
        Ok(_) => Ok(()),
    }
}

/// The last characters.
pub(super) fn tail(text: &str) -> &str {
    let from = text.char_indices().rev().nth(TAIL_CHARS - 1);
    from.map_or(text, |(at, _)| &text[at..])
}

/// What is told of both streams. After a run that took too long everything is in the second one.
fn words(ended: Ended, timeout: Duration) -> (String, String) {
    match ended.ending {
        Ending::Exited(_) => (ended.stdout, ended.stderr),
        Ending::TimedOut => {
            let mut told = ended.stdout;
            for more in [ended.stderr, format!("timeout after {}s", timeout.as_secs_f64())] {
                if !told.is_empty() && !told.ends_with('\n') {
                    told.push('\n');
                }
                told.push_str(&more);
            }
            (String::new(), told)
        }
    }
}

fn shown(program: &Program) -> Vec<String> {
    let arguments = program
        .arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(program.bin.display().to_string())
        .chain(arguments)
        .collect()
}
