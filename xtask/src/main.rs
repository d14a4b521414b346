//! Project automation: everything a contributor or the CI runs, in one program.
//!
//! It does not build product code of its own and no product crate depends on it.
//! Start reading at [`flags`]: each command there is one module here.
//!
//! `cargo xtask` without arguments prints the list of commands.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool: it prints, takes the time of its steps and reads its environment"
)]

mod adr;
mod bench;
mod checkout;
mod dev;
mod factor;
mod flags;
mod fuzz;
mod generate;
mod install;
mod product;
mod run;
mod steps;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use crate::checkout::Checkout;
use crate::flags::{NewCmd, XtaskCmd};

/// A command line that says nothing this program can do.
const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    if fuzz::is_wrapping() {
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        return fuzz::compile_with_counters(&arguments).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        });
    }
    let args = flags::split_passthrough(std::env::args_os().skip(1).collect());
    let parsed = match flags::Xtask::from_vec(args) {
        Ok(parsed) => parsed,
        Err(help) if help.is_help() => help.exit(),
        Err(error) => {
            eprintln!("error: {error}; `cargo xtask` lists the commands");
            return ExitCode::from(USAGE_ERROR);
        }
    };
    match dispatch(parsed.subcommand) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: XtaskCmd) -> anyhow::Result<ExitCode> {
    if let XtaskCmd::Help(_) = command {
        println!("{}", flags::OVERVIEW);
        return Ok(ExitCode::SUCCESS);
    }
    let checkout = Checkout::find()?;
    match command {
        XtaskCmd::Help(_) => unreachable!("answered above"),
        XtaskCmd::Run(args) => run::run(&checkout, &args.args),
        XtaskCmd::Dev(args) => dev::run(&checkout, &args.args),
        XtaskCmd::Test(options) => test::run(&checkout, &test::Selection::from_test(&options)?),
        XtaskCmd::Check(options) => test::run(&checkout, &test::Selection::from_check(&options)),
        XtaskCmd::Tidy(options) => tidy::run(&checkout, options.shrink),
        XtaskCmd::Gen(options) => generate::run(&checkout, generate::Mode::from_check(options.check)),
        XtaskCmd::Bench(options) => bench::run(
            &checkout,
            &options.suites,
            bench::Table::from_readme(options.readme),
        ),
        XtaskCmd::Fuzz(options) => {
            let seconds = options.seconds.unwrap_or(fuzz::NIGHTLY_S);
            fuzz::run(&checkout, seconds, fuzz::Counters::All, &options.targets)
        }
        XtaskCmd::New(new) => match new.subcommand {
            NewCmd::Adr(options) => adr::create(&checkout, &options.name),
            NewCmd::Factor(options) => factor::create(&checkout, &options.name),
        },
    }
}
