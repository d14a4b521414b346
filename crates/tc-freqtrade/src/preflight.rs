//! What can be said before anything is started.

use std::path::PathBuf;

use crate::{
    base_config::{BaseConfig, TradingMode},
    candles::{DataFormat, PairFiles},
    command,
    input::{Pair, StrategyName, Timeframe, Timerange},
    installation::Installation,
    refusal::{HistoryMissing, Refusal},
};

/// What a client asks for, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRequest {
    /// Name of the strategy.
    pub strategy_name: String,
    /// The pair.
    pub pair: String,
    /// The timeframe.
    pub timeframe: String,
    /// The range; `None` or blank: all candles.
    pub timerange: Option<String>,
}

/// What a client asks for, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) strategy: StrategyName,
    pub(crate) pair: Pair,
    pub(crate) timeframe: Timeframe,
    pub(crate) timerange: Option<Timerange>,
}

/// A run that nothing speaks against.
#[derive(Debug, Clone, PartialEq)]
pub struct PreparedRun {
    pub(crate) wish: Wish,
    pub(crate) config: BaseConfig,
    pub(crate) data_dir: PathBuf,
    pub(crate) format: DataFormat,
    pub(crate) lacks_funding: bool,
}

impl PreparedRun {
    /// The pair as freqtrade gets it.
    #[must_use]
    pub const fn pair(&self) -> &Pair {
        &self.wish.pair
    }
}

/// What there is of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairTimeframes {
    /// The pair, resolved.
    pub pair: String,
    /// Which market.
    pub trading_mode: TradingMode,
    /// The data directory.
    pub data_dir: PathBuf,
    /// Ascending as texts.
    pub available_timeframes: Vec<String>,
}

/// Reads the name of a strategy.
///
/// # Errors
/// [`Refusal::Input`].
pub(crate) fn strategy_name(request: &RunRequest) -> Result<StrategyName, Refusal> {
    StrategyName::parse(&request.strategy_name).map_err(|error| Refusal::Input {
        error,
        value: request.strategy_name.clone(),
    })
}

pub(crate) fn pair(text: &str) -> Result<Pair, Refusal> {
    Pair::parse(text).map_err(|error| Refusal::Input {
        error,
        value: text.to_owned(),
    })
}

/// Reads the request.
///
/// # Errors
/// [`Refusal::Input`] for the first value that is not what it has to be.
pub(crate) fn wish(request: &RunRequest) -> Result<Wish, Refusal> {
    let timerange = request.timerange.as_deref().unwrap_or_default();
    Ok(Wish {
        strategy: strategy_name(request)?,
        pair: pair(&request.pair)?,
        timeframe: Timeframe::parse(&request.timeframe).map_err(|error| Refusal::Input {
            error,
            value: request.timeframe.clone(),
        })?,
        timerange: Timerange::parse(timerange).map_err(|error| Refusal::Input {
            error,
            value: timerange.to_owned(),
        })?,
    })
}

/// Everything that every run needs is there; the configuration of the user.
///
/// # Errors
/// The first [`Refusal`] there is.
pub(crate) fn setup(installation: &Installation) -> Result<BaseConfig, Refusal> {
    strategies(installation)?;
    let config = config(installation)?;
    directories(installation)?;
    Ok(config)
}

/// The directory with strategies is there.
///
/// # Errors
/// [`Refusal::StrategyDirMissing`].
pub(crate) fn strategies(installation: &Installation) -> Result<(), Refusal> {
    if installation.strategy_dir.is_dir() {
        Ok(())
    } else {
        Err(Refusal::StrategyDirMissing(installation.strategy_dir.clone()))
    }
}

/// The configuration of the user.
///
/// # Errors
/// When it is not named, not there or not usable.
pub(crate) fn config(installation: &Installation) -> Result<BaseConfig, Refusal> {
    let path = installation.config.as_ref().ok_or(Refusal::ConfigMissing)?;
    if !path.is_file() {
        return Err(Refusal::ConfigNotFound(path.clone()));
    }
    BaseConfig::read(path).map_err(|error| Refusal::ConfigBad {
        path: path.clone(),
        error,
    })
}

/// The directories that freqtrade runs with are there.
///
/// # Errors
/// [`Refusal::RootNotFound`], [`Refusal::UserDirNotFound`].
pub(crate) fn directories(installation: &Installation) -> Result<(), Refusal> {
    if !installation.root.is_dir() {
        return Err(Refusal::RootNotFound(installation.root.clone()));
    }
    match &installation.user_dir {
        Some(named) if !named.is_dir() => Err(Refusal::UserDirNotFound(named.clone())),
        _ => Ok(()),
    }
}

/// What there is of a pair.
///
/// # Errors
/// [`Refusal`].
pub(crate) fn pair_timeframes(installation: &Installation, text: &str) -> Result<PairTimeframes, Refusal> {
    let config = config(installation)?;
    let pair = config.resolve(pair(text)?);
    let data_dir = installation.data_dir(&config);
    let files = PairFiles::new(&data_dir, &pair, config.trading_mode());
    Ok(PairTimeframes {
        pair: pair.to_string(),
        trading_mode: config.trading_mode(),
        available_timeframes: files
            .timeframes()
            .map_err(Refusal::system("listing candle files"))?,
        data_dir,
    })
}

/// The candles of a run are there.
///
/// # Errors
/// [`Refusal::HistoryMissing`].
pub(crate) fn history(
    installation: &Installation,
    config: BaseConfig,
    wish: Wish,
) -> Result<PreparedRun, Refusal> {
    let mode = config.trading_mode();
    let pair = config.resolve(wish.pair);
    let data_dir = installation.data_dir(&config);
    let files = PairFiles::new(&data_dir, &pair, mode);
    let Some(format) = files.format(&wish.timeframe) else {
        return Err(Refusal::HistoryMissing(Box::new(HistoryMissing {
            download_command: command::download_text(installation, &pair, &wish.timeframe, mode),
            pair: pair.to_string(),
            trading_mode: mode,
            expected_paths: files.expected(&wish.timeframe),
            available_timeframes: files
                .timeframes()
                .map_err(Refusal::system("listing candle files"))?,
            timeframe: wish.timeframe.to_string(),
            data_dir,
        })));
    };
    Ok(PreparedRun {
        wish: Wish { pair, ..wish },
        data_dir,
        format,
        lacks_funding: files.lacks_funding(format),
        config,
    })
}
