//! The product's binary: how it is built, where it is, and at which address it serves.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use xshell::cmd;

use crate::checkout::{Checkout, unnested};

const HOST: &str = "127.0.0.1";
const PORT: &str = "8000";

/// How the binary is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Fast to build; the web page is read from `web/dist` at run time.
    Development,
    /// What users run: optimised, the web page inside.
    Release,
}

/// Builds `trade-canvas` and returns the path of the binary.
pub(crate) fn build(checkout: &Checkout, profile: Profile) -> Result<PathBuf> {
    let sh = checkout.shell()?;
    let (flags, folder) = match profile {
        // With the features that the whole workspace asks for, as the tests build it: nothing is compiled twice.
        Profile::Development => (["--workspace", "--bin", "trade-canvas"].as_slice(), "debug"),
        Profile::Release => (["--package", "trade-canvas", "--release"].as_slice(), "release"),
    };
    unnested(cmd!(sh, "cargo build --locked {flags...}")).run()?;
    let name = format!("trade-canvas{}", std::env::consts::EXE_SUFFIX);
    Ok(checkout.target.join(folder).join(name))
}

/// Address of the page, from the same arguments and variables that the server reads.
pub(crate) fn url(args: &[OsString]) -> String {
    let setting = |flag: &str, variable: &str, default: &str| {
        flag_value(args, flag)
            .or_else(|| std::env::var(variable).ok())
            .unwrap_or_else(|| default.to_owned())
    };
    let host = setting("--host", "TRADE_CANVAS_HOST", HOST);
    let port = setting("--port", "TRADE_CANVAS_PORT", PORT);
    let reachable = if host == "0.0.0.0" || host == "::" {
        HOST
    } else {
        &host
    };
    format!("http://{reachable}:{port}")
}

fn flag_value(args: &[OsString], flag: &str) -> Option<String> {
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    args.iter().enumerate().rev().find_map(|(at, arg)| {
        let rest = arg.strip_prefix(flag)?;
        match rest.strip_prefix('=') {
            Some(value) => Some(value.to_owned()),
            None if rest.is_empty() => args.get(at + 1).map(ToString::to_string),
            None => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(args: &[&str], flag: &str) -> Option<String> {
        flag_value(&args.iter().map(OsString::from).collect::<Vec<_>>(), flag)
    }

    #[test]
    fn flags_are_read_in_both_spellings() {
        assert_eq!(value(&["--port", "9000"], "--port").as_deref(), Some("9000"));
        assert_eq!(
            value(&["--port=9001", "--host", "::1"], "--port").as_deref(),
            Some("9001")
        );
        assert_eq!(value(&["--port=1", "--port=2"], "--port").as_deref(), Some("2"));
        assert_eq!(value(&["--ports", "9000"], "--port"), None);
        assert_eq!(value(&["--port"], "--port"), None);
    }
}
