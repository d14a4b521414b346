//! `cargo xtask test` and `check`: every question the project asks of a change, one step each.

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use xshell::cmd;

use crate::checkout::{Checkout, unnested};
use crate::fuzz::Counters;
use crate::generate::Mode;
use crate::product::{self, Profile};
use crate::steps::Report;
use crate::{factor, flags, fuzz, generate, install, tidy, web};

/// One question.
struct Step {
    name: &'static str,
    question: &'static str,
    /// Needs a browser.
    browser: bool,
    /// Part of a run with `--fast`.
    fast: bool,
    run: fn(&Checkout, &Selection) -> Result<()>,
}

/// In the order of the run: what answers soonest comes first, and the page is built before the
/// server that carries it.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        question: "is the Rust code formatted",
        browser: false,
        fast: true,
        run: fmt,
    },
    Step {
        name: "tidy",
        question: "are the project's own rules kept",
        browser: false,
        fast: true,
        run: rules,
    },
    Step {
        name: "deny",
        question: "may every dependency be there",
        browser: false,
        fast: false,
        run: deny,
    },
    Step {
        name: "web-build",
        question: "does the page build",
        browser: false,
        fast: true,
        run: web_build,
    },
    Step {
        name: "web-size",
        question: "is the page small enough",
        browser: false,
        fast: true,
        run: web_size,
    },
    Step {
        name: "web-types",
        question: "does the page type-check",
        browser: false,
        fast: true,
        run: web_types,
    },
    Step {
        name: "web-lint",
        question: "is the web code clean",
        browser: false,
        fast: true,
        run: web_lint,
    },
    Step {
        name: "web-unit",
        question: "do the web unit tests pass",
        browser: false,
        fast: true,
        run: web_unit,
    },
    Step {
        name: "clippy",
        question: "is the Rust code clean",
        browser: false,
        fast: true,
        run: clippy,
    },
    Step {
        name: "rustdoc",
        question: "does the documentation build",
        browser: false,
        fast: false,
        run: rustdoc,
    },
    Step {
        name: "doctest",
        question: "do the documented examples run",
        browser: false,
        fast: false,
        run: doctest,
    },
    Step {
        name: "rust",
        question: "do the Rust tests pass",
        browser: false,
        fast: true,
        run: rust,
    },
    Step {
        name: "fuzz",
        question: "do the parsers survive any bytes",
        browser: false,
        fast: false,
        run: any_bytes,
    },
    Step {
        name: "scaffold",
        question: "does a new factor compile and pass its tests",
        browser: false,
        fast: false,
        run: scaffold,
    },
    Step {
        name: "gen",
        question: "is everything generated up to date",
        browser: false,
        fast: true,
        run: gen_check,
    },
    Step {
        name: "python",
        question: "do strategies of freqtrade get their columns",
        browser: false,
        fast: false,
        run: python,
    },
    Step {
        name: "e2e",
        question: "does the user see it, in a browser",
        browser: true,
        fast: true,
        run: e2e,
    },
];

const BY_BROWSER: &str = "--no-browser";
const BY_FAST: &str = "--fast";
const BY_ONLY: &str = "--only";

/// Which steps run.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    no_browser: bool,
    fast: bool,
    only: Option<Vec<String>>,
}

impl Selection {
    /// The meaning of the flags of `test`.
    pub(crate) fn from_test(flags: &flags::Test) -> Result<Self> {
        let only = flags
            .only
            .as_ref()
            .map(|names| names.split(',').map(|name| name.trim().to_owned()).collect());
        let selection = Self {
            no_browser: flags.no_browser,
            fast: flags.fast,
            only,
        };
        for name in selection.only.iter().flatten() {
            let known = name == "list" || STEPS.iter().any(|step| step.name == name);
            ensure!(known, "there is no step {name:?}; the steps are {}", names());
        }
        Ok(selection)
    }

    /// The meaning of the flags of `check`.
    pub(crate) fn from_check(flags: &flags::Check) -> Self {
        Self {
            no_browser: true,
            fast: flags.fast,
            only: None,
        }
    }

    /// The flag that leaves a step out, if one does.
    fn leaves_out(&self, step: &Step) -> Option<&'static str> {
        if let Some(only) = &self.only {
            return (!only.iter().any(|name| name == step.name)).then_some(BY_ONLY);
        }
        if step.browser && self.no_browser {
            return Some(BY_BROWSER);
        }
        (self.fast && !step.fast).then_some(BY_FAST)
    }
}

/// Runs the selected steps, all of them even if one fails, and prints a summary.
pub(crate) fn run(checkout: &Checkout, selection: &Selection) -> Result<ExitCode> {
    if selection
        .only
        .as_ref()
        .is_some_and(|only| only.iter().any(|name| name == "list"))
    {
        STEPS
            .iter()
            .for_each(|step| println!("{:<12} {}", step.name, step.question));
        return Ok(ExitCode::SUCCESS);
    }
    let mut report = Report::default();
    for step in STEPS {
        match selection.leaves_out(step) {
            Some(flag) => report.skip(step.name, flag),
            None => report.step(step.name, step.question, || (step.run)(checkout, selection)),
        }
    }
    println!("{}", report.summary());
    Ok(if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn names() -> String {
    STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ")
}

fn fmt(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = checkout.shell()?;
    Ok(unnested(cmd!(sh, "cargo fmt --all --check")).run()?)
}

fn rules(checkout: &Checkout, _: &Selection) -> Result<()> {
    match tidy::findings(checkout)? {
        0 => Ok(()),
        count => bail!("{count} findings"),
    }
}

fn deny(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = checkout.shell()?;
    let cargo_deny = install::cargo_deny(checkout, &sh)?;
    Ok(cmd!(
        sh,
        "{cargo_deny} --locked --config deny.toml check --hide-inclusion-graph bans licenses sources"
    )
    .run()?)
}

fn web_build(checkout: &Checkout, _: &Selection) -> Result<()> {
    web::build(checkout)
}

fn web_size(checkout: &Checkout, _: &Selection) -> Result<()> {
    web::script(checkout, "size")
}

fn web_types(checkout: &Checkout, _: &Selection) -> Result<()> {
    web::script(checkout, "typecheck")
}

fn web_lint(checkout: &Checkout, _: &Selection) -> Result<()> {
    web::script(checkout, "lint")
}

fn web_unit(checkout: &Checkout, _: &Selection) -> Result<()> {
    web::script(checkout, "test")
}

fn clippy(checkout: &Checkout, _: &Selection) -> Result<()> {
    install::require_c_compiler()?;
    let sh = checkout.shell()?;
    Ok(unnested(cmd!(
        sh,
        "cargo clippy --workspace --all-targets --locked -- -D warnings"
    ))
    .run()?)
}

fn rustdoc(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = checkout.shell()?;
    let _flags = sh.push_env("RUSTDOCFLAGS", "-D warnings");
    Ok(unnested(cmd!(sh, "cargo doc --workspace --no-deps --locked")).run()?)
}

fn doctest(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = checkout.shell()?;
    Ok(unnested(cmd!(sh, "cargo test --workspace --doc --locked")).run()?)
}

fn rust(checkout: &Checkout, _: &Selection) -> Result<()> {
    install::require_c_compiler()?;
    let sh = checkout.shell()?;
    install::nextest(&sh)?;
    let _freqtrade = sh.push_env(install::FREQTRADE_VARIABLE, install::freqtrade(checkout, &sh)?);
    Ok(unnested(cmd!(sh, "cargo nextest run --workspace --locked --no-fail-fast")).run()?)
}

fn any_bytes(checkout: &Checkout, _: &Selection) -> Result<()> {
    fuzz::run(checkout, fuzz::TEST_S, Counters::Ours, &[]).map(|_| ())
}

fn scaffold(checkout: &Checkout, _: &Selection) -> Result<()> {
    factor::prove(checkout)
}

fn gen_check(checkout: &Checkout, _: &Selection) -> Result<()> {
    generate::run(checkout, Mode::Check).map(|_| ())
}

/// The package is installed as a user installs it, beside freqtrade, and that one is tested.
fn python(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = checkout.shell()?;
    let bin = install::python_tools(checkout, &sh)?;
    let binary = product::build(checkout, Profile::Development)?;
    let _folder = sh.push_dir("python");
    let tool = |name: &str| bin.join(name);
    let (pip, mypy, pytest) = (tool("pip"), tool("mypy"), tool("pytest"));
    let cache = checkout.tools().join("mypy-cache");
    let _clean = sh.push_env("PYTHONDONTWRITEBYTECODE", "1");
    cmd!(
        sh,
        "{pip} install --quiet --disable-pip-version-check --no-deps --force-reinstall ."
    )
    .run()?;
    cmd!(sh, "{mypy} --cache-dir {cache}").run()?;
    let _binary = sh.push_env("TRADE_CANVAS_BIN", binary);
    Ok(cmd!(sh, "{pytest}").run()?)
}

/// The stories get the binary by its path. It is the one that the Rust tests built: its assertions are on, and a build
/// of every dependency with another profile would take longer than all stories.
fn e2e(checkout: &Checkout, _: &Selection) -> Result<()> {
    let sh = web::shell(checkout)?;
    let chromium = install::chromium(&sh)?;
    web::build(checkout)?;
    let binary = product::build(checkout, Profile::Development)?;
    let _browser = sh.push_env("CHROMIUM_PATH", chromium);
    let _binary = sh.push_env("TRADE_CANVAS_BIN", binary);
    Ok(cmd!(sh, "npm run --silent e2e").run()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_by(selection: &Selection) -> Vec<&'static str> {
        STEPS
            .iter()
            .filter(|step| selection.leaves_out(step).is_none())
            .map(|step| step.name)
            .collect()
    }

    fn only(names: &str) -> Result<Selection> {
        let only = Some(names.to_owned());
        Selection::from_test(&flags::Test {
            no_browser: true,
            fast: true,
            only,
        })
    }

    #[test]
    fn without_flags_nothing_is_left_out() {
        assert_eq!(run_by(&Selection::default()).len(), STEPS.len());
    }

    #[test]
    fn each_flag_leaves_out_what_it_says() {
        let without_browser = run_by(&Selection {
            no_browser: true,
            ..Selection::default()
        });
        assert_eq!(without_browser.len(), STEPS.len() - 1);
        assert!(!without_browser.contains(&"e2e"));
        let fast = run_by(&Selection {
            fast: true,
            ..Selection::default()
        });
        assert!(fast.contains(&"rust") && fast.contains(&"e2e") && !fast.contains(&"deny"));
    }

    #[test]
    fn named_steps_run_whatever_the_other_flags_say() {
        assert_eq!(run_by(&only("e2e, deny").unwrap()), ["deny", "e2e"]);
    }

    #[test]
    fn an_unknown_step_is_an_error_that_names_the_known_ones() {
        let error = only("fmt,clipy").unwrap_err().to_string();
        assert!(error.contains("\"clipy\"") && error.contains("clippy"), "{error}");
    }

    #[test]
    fn step_names_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
