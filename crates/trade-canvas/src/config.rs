//! Options: what can be set, where it was set, and the typed result.
//!
//! [`load`] is a function of its [`Sources`]; nothing here reads the environment or the file system by itself.
//! To add an option, write one row in `config/table.rs` and one field read in `config/settings.rs`: the
//! loader, the flags with their help text, `config show` and the reference page follow from the row.

mod backtest;
mod derived;
mod error;
mod file;
mod guards;
mod history;
mod load;
pub(crate) mod nearest;
mod notice;
mod reference;
mod replay;
mod resolved;
mod row;
mod settings;
mod show;
mod table;
mod value;
mod whitelist;

#[cfg(test)]
mod tests;

pub use backtest::BacktestConfig;
pub use derived::DerivedConfig;
pub use error::{ConfigError, Subject};
pub use history::{DownloadConfig, FreqtradeConfig, HistoryConfig, HistorySource};
pub use load::{CliValues, Loaded, Origin, ResolvedOption, Sources, load};
pub use notice::{Notice, NoticeLevel};
pub use reference::reference_markdown;
pub use replay::ReplayConfig;
pub(crate) use row::flag_of;
pub use row::{Blank, DemoMode, DemoPreset, ENVIRONMENT_PREFIX, Kind, OptionRow, Preset, Profile, Section};
pub use settings::{
    Config, DemoConfig, Endpoint, ExchangeConfig, FactorConfig, HttpConfig, IngestConfig, MarketWsConfig,
    OverlayConfig, ProcessConfig, StorageConfig,
};
pub use show::{show_json, show_table};
pub use table::{SECTIONS, WITHOUT_EFFECT, rows};
pub use value::{Secret, Value};
pub use whitelist::built_in_whitelist;
