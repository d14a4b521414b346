//! `cargo xtask dev`: the demo server and the web development server side by side.

use std::ffi::OsString;
use std::process::{Child, Command, ExitCode};
use std::sync::mpsc;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::product::{self, Profile};
use crate::{install, web};

/// Runs both until one of them ends, then ends the other.
pub(crate) fn run(checkout: &Checkout, args: &[OsString]) -> Result<ExitCode> {
    install::require_c_compiler()?;
    web::shell(checkout)?;
    // The server embeds whatever build of the page exists; the page under development comes from Vite.
    web::build(checkout)?;
    let binary = product::build(checkout, Profile::Development)?;

    let server = Command::new(&binary)
        .current_dir(&checkout.root)
        .args(["serve", "--demo"])
        .args(args)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let page = Command::new("npm")
        .current_dir(checkout.root.join("web"))
        .args(["run", "dev"])
        .env("TRADE_CANVAS_URL", product::url(args))
        .spawn()
        .context("cannot start npm")?;
    let both = [("the server", server), ("the web development server", page)];
    let ids = both.each_ref().map(|(_, child)| child.id());

    let (ended, first_end) = mpsc::channel();
    for (name, child) in both {
        let ended = ended.clone();
        std::thread::spawn(move || wait(name, child, &ended));
    }
    let first = first_end.recv().context("both programs are gone")?;
    println!("{first} ended; stopping the other");
    for id in ids {
        stop(id);
    }
    _ = first_end.recv();
    Ok(ExitCode::SUCCESS)
}

fn wait(name: &'static str, mut child: Child, ended: &mpsc::Sender<&'static str>) {
    _ = child.wait();
    _ = ended.send(name);
}

/// Asks a process to end; one that is gone already needs no asking.
fn stop(id: u32) {
    _ = Command::new("kill")
        .arg(id.to_string())
        .stderr(std::process::Stdio::null())
        .status();
}
