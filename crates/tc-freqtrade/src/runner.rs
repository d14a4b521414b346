//! freqtrade, asked and run.

mod setup;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use self::setup::RunSetup;
use crate::{
    command,
    input::StrategyName,
    installation::Installation,
    listing::{self, Listings, SourceState},
    preflight::{self, PairTimeframes, PreparedRun, RunRequest},
    process::{Ended, Ending, Kept, Program, Watch},
    refusal::Refusal,
    result::RunResult,
    stage::Stage,
};

/// Exit code of a run that took too long.
const TIMED_OUT: i32 = 124;
/// What the Python client of factor columns runs.
const ADAPTER_BIN: &str = "TRADE_CANVAS_ADAPTER_BIN";
/// Longest listing of strategies.
const LISTING_TIMEOUT: Duration = Duration::from_secs(120);

/// A run that is over, however it ended.
#[derive(Debug)]
pub struct FinishedRun {
    /// How the program ended; 124: it took too long.
    pub exit_code: i32,
    /// How long it ran.
    pub duration: Duration,
    /// What was run.
    pub command: Vec<String>,
    /// What it said.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// What it came to, or why that is not known.
    pub result: Result<RunResult, String>,
    /// What has to be known of the result.
    pub warnings: Vec<&'static str>,
}

impl FinishedRun {
    /// Whether it took too long.
    #[must_use]
    pub const fn timed_out(&self) -> bool {
        self.exit_code == TIMED_OUT
    }
}

/// See the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Freqtrade {
    installation: Arc<Installation>,
    listings: Arc<Listings>,
    /// One listing at a time: who waits for another one finds its answer.
    listing: Arc<tokio::sync::Mutex<()>>,
}

impl Freqtrade {
    /// freqtrade as it is installed there.
    #[must_use]
    pub fn new(installation: Installation) -> Self {
        Self {
            installation: Arc::new(installation),
            listings: Arc::default(),
            listing: Arc::default(),
        }
    }

    /// Whether strategies, configuration and directories are where they were said to be. Nothing is started.
    ///
    /// # Errors
    /// The first [`Refusal`] there is.
    pub async fn setup(&self) -> Result<(), Refusal> {
        let installation = Arc::clone(&self.installation);
        blocking(move || preflight::setup(&installation).map(drop)).await?
    }

    /// Names of the strategies, ascending.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn strategies(&self, recursive: bool) -> Result<Vec<StrategyName>, Refusal> {
        let _turn = self.listing.lock().await;
        let installation = Arc::clone(&self.installation);
        let directory = installation.strategy_dir.clone();
        let looked = move || {
            preflight::strategies(&installation)?;
            preflight::directories(&installation)?;
            SourceState::of(&installation.strategy_dir, recursive)
                .map_err(Refusal::system("listing the strategy directory"))
        };
        let state = blocking(looked).await??;
        if let Some(known) = self.listings.get(&directory, recursive, &state) {
            return Ok(known);
        }
        let arguments = command::list_strategies(&self.installation, recursive);
        let program = self.program().with(arguments);
        let watch = Watch {
            timeout: self.installation.timeout.min(LISTING_TIMEOUT),
            kept: Kept::SHOWN,
            on_line: None,
        };
        let ended = program.run(&watch).await?;
        let names = listing::parse_names(&ended.stdout);
        let exit_code = exit_code(&ended);
        if exit_code != 0 && names.is_empty() {
            let stderr = ended.stderr;
            return Err(Refusal::ListingFailed { exit_code, stderr });
        }
        if exit_code == 0 {
            self.listings.put(&directory, recursive, state, names.clone());
        }
        Ok(names)
    }

    /// What there is of a pair.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn pair_timeframes(&self, pair: &str) -> Result<PairTimeframes, Refusal> {
        let (installation, pair) = (Arc::clone(&self.installation), pair.to_owned());
        blocking(move || preflight::pair_timeframes(&installation, &pair)).await?
    }

    /// Whether a run can go well, as far as that is known before it; nothing but the listing is started.
    ///
    /// # Errors
    /// The first [`Refusal`] there is.
    pub async fn prepare(&self, request: RunRequest) -> Result<PreparedRun, Refusal> {
        let installation = Arc::clone(&self.installation);
        let looked = move || {
            let wish = preflight::wish(&request)?;
            Ok::<_, Refusal>((wish, preflight::setup(&installation)?))
        };
        let (wish, config) = blocking(looked).await??;
        if !self.strategies(true).await?.contains(&wish.strategy) {
            return Err(Refusal::StrategyNotFound(wish.strategy));
        }
        let installation = Arc::clone(&self.installation);
        blocking(move || preflight::history(&installation, config, wish)).await?
    }

    /// Runs it. `run_id` names its files and must be a new one; `on_stage` learns how far it is. Dropping the future
    /// ends the program and removes the files.
    ///
    /// # Errors
    /// [`Refusal`] when it cannot be run, and when trades are required and there are none.
    pub async fn run(
        &self,
        prepared: PreparedRun,
        run_id: &str,
        on_stage: Arc<dyn Fn(Stage) + Send + Sync>,
    ) -> Result<FinishedRun, Refusal> {
        let (installation, id) = (Arc::clone(&self.installation), run_id.to_owned());
        let made = blocking(move || RunSetup::make(&installation, prepared, &id)).await??;
        let started = Instant::now();
        let watch = Watch {
            timeout: self.installation.timeout,
            kept: Kept::SHOWN,
            on_line: Some(Arc::new(move |line| {
                if let Some(stage) = Stage::of_line(line) {
                    on_stage(stage);
                }
            })),
        };
        let ended = made.program.run(&watch).await?;
        let duration = started.elapsed();
        let installation = Arc::clone(&self.installation);
        blocking(move || made.finish(&installation, ended, duration)).await?
    }

    fn program(&self) -> Program {
        program(&self.installation)
    }
}

fn program(installation: &Installation) -> Program {
    let mut program = Program::new(&installation.bin, &installation.root);
    program.environment = vec![
        ("NO_COLOR".to_owned(), "1".into()),
        ("COLUMNS".to_owned(), "160".into()),
    ];
    let adapter = installation.adapter.iter();
    let adapter = adapter.map(|program| (ADAPTER_BIN.to_owned(), program.into()));
    program.environment.extend(adapter);
    program
}

/// The code as a shell tells it: 128 and the signal for a program that was killed.
fn exit_code(ended: &Ended) -> i32 {
    match ended.ending {
        Ending::TimedOut => TIMED_OUT,
        #[cfg(unix)]
        Ending::Exited(status) => {
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            status.code().unwrap_or(128 + signal.unwrap_or_default())
        }
        #[cfg(not(unix))]
        Ending::Exited(status) => status.code().unwrap_or(1),
    }
}

/// Does so where waiting for a disk keeps nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Refusal::System {
            action: "working on files",
            error: error.to_string(),
        })
}
