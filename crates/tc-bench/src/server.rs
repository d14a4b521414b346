//! A server of the product on a free loopback port.

use std::{collections::BTreeMap, path::Path};

use trade_canvas::config::{self, Config, Sources};

/// Configuration with profile `bare`, dev API on, any free port, and further environment values.
pub(crate) fn config(db: &Path, further: &[(&str, &str)]) -> anyhow::Result<Config> {
    let mut environment: BTreeMap<String, String> = [
        ("TRADE_CANVAS_PROFILE", "bare"),
        ("TRADE_CANVAS_PORT", "0"),
        ("TRADE_CANVAS_ENABLE_DEV_API", "1"),
    ]
    .into_iter()
    .chain(further.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    environment.insert("TRADE_CANVAS_DB_PATH".to_owned(), db.display().to_string());
    let loaded = config::load(&Sources {
        environment: &environment,
        command_line: &Default::default(),
        read_file: &|path| std::fs::read_to_string(path),
        demo_offered: false,
    })?;
    Ok(loaded.config)
}
