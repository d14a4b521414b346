//! `cargo xtask run`: from a fresh clone to a live chart.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::product::{self, Profile};
use crate::{install, web};

/// Installs what is missing, builds web and server, and becomes the demo server.
pub(crate) fn run(checkout: &Checkout, args: &[OsString]) -> Result<ExitCode> {
    install::require_c_compiler()?;
    web::build(checkout)?;
    let binary = product::build(checkout, Profile::Release)?;
    println!(
        "\ntrade-canvas opens at {}  (Ctrl-C stops it)\n",
        product::url(args)
    );
    let mut server = Command::new(&binary);
    server
        .current_dir(&checkout.root)
        .args(["serve", "--demo"])
        .args(args);
    become_server(server).with_context(|| format!("cannot start {}", binary.display()))
}

/// Replaces this process, so that signals reach the server itself.
#[cfg(unix)]
fn become_server(mut server: Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(server.exec())
}

#[cfg(not(unix))]
fn become_server(mut server: Command) -> std::io::Result<ExitCode> {
    Ok(if server.status()?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
