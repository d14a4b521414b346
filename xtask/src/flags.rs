//! The command line: every command, its flags and the text of its help.

use std::ffi::OsString;

/// What `cargo xtask` alone prints.
pub(crate) const OVERVIEW: &str = "\
Project automation. Usage: cargo xtask <command> [options]

  run [args]       install what is missing, build web and server, start `trade-canvas serve --demo`
  test             every test: format, lints, rules, licences, Rust, web, browser
                     --no-browser   leave out the browser stories
                     --fast         no licences, no rustdoc, no documented examples, no scaffold
                     --only a,b     only these steps (`--only list` prints their names)
  check            everything of `test` but the browser
  dev [args]       demo server and web development server together
  tidy             the project's own rules: dependency directions, lengths, names, module docs
                     --shrink       lower the length budgets to what the code needs now
  gen              OpenAPI document, web client types, configuration and error reference
                     --check        write nothing, fail if something is out of date
  bench [suite]    benchmarks of the release build: the named suites, or all of them
                     --readme       put the table of all suites into the README
  fuzz [target]    any bytes for the parsers: the named targets, or all of them
                     --seconds n    time for each, 60 if not given
  new adr <title>  the next decision record, listed in the index
  new factor <name>
                   a factor that runs: folder, registration and first tests

Arguments after `run` and `dev` go to the server: cargo xtask run --port 9000";

xflags::xflags! {
    /// Project automation.
    cmd xtask {
        /// Prints the list of commands.
        default cmd help {}

        /// Installs what is missing, builds web and server, starts the demo.
        cmd run {
            /// Arguments for `trade-canvas serve --demo`.
            repeated args: OsString
        }

        /// Runs the demo server and the web development server together.
        cmd dev {
            /// Arguments for `trade-canvas serve --demo`.
            repeated args: OsString
        }

        /// Runs every test.
        cmd test {
            /// Leave out the browser stories.
            optional --no-browser
            /// Browser stories on the development build; no licences, no rustdoc.
            optional --fast
            /// Comma-separated names of steps; `list` prints them.
            optional --only steps: String
        }

        /// Runs everything of `test` but the browser.
        cmd check {
            /// No licences, no rustdoc.
            optional --fast
        }

        /// Checks the project's own rules.
        cmd tidy {
            /// Lower the length budgets to what the code needs now.
            optional --shrink
        }

        /// Writes what is generated from the server.
        cmd gen {
            /// Write nothing, fail if something is out of date.
            optional --check
        }

        /// Runs benchmarks.
        cmd bench {
            /// Put the table of all suites into the README.
            optional --readme
            /// Names of suites; all without one.
            repeated suites: String
        }

        /// Runs fuzz targets.
        cmd fuzz {
            /// Seconds for each target; 60 if not given.
            optional --seconds seconds: u32
            /// Names of targets; all without one.
            repeated targets: String
        }

        /// Creates something new and registers it.
        cmd new {
            /// The next decision record.
            cmd adr {
                /// Title, quoted or as a slug.
                required name: String
            }
            /// A factor: folder, registration and first tests.
            cmd factor {
                /// `[a-z][a-z0-9_]*`.
                required name: String
            }
        }
    }
}

/// Marks everything after `run` and `dev` as arguments of the server, so that no `--` is needed.
pub(crate) fn split_passthrough(mut args: Vec<OsString>) -> Vec<OsString> {
    let passes_on = args
        .first()
        .is_some_and(|command| command == "run" || command == "dev");
    let wants_own = args
        .get(1)
        .is_some_and(|next| next == "--" || next == "--help" || next == "-h");
    if passes_on && !wants_own {
        args.insert(1, OsString::from("--"));
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Xtask {
        let args = split_passthrough(args.iter().map(OsString::from).collect());
        Xtask::from_vec(args).expect("these arguments parse")
    }

    #[test]
    fn server_flags_need_no_separator() {
        for args in [&["run", "--port", "9000"][..], &["run", "--", "--port", "9000"]] {
            let XtaskCmd::Run(run) = parse(args).subcommand else {
                panic!("not run: {args:?}")
            };
            assert_eq!(run.args, ["--port", "9000"]);
        }
    }

    #[test]
    fn nothing_means_the_list_of_commands() {
        assert!(matches!(parse(&[]).subcommand, XtaskCmd::Help(_)));
    }

    #[test]
    fn the_overview_names_every_command() {
        for command in [
            "run",
            "test",
            "check",
            "dev",
            "tidy",
            "gen",
            "bench",
            "fuzz",
            "new adr",
            "new factor",
        ] {
            let listed = OVERVIEW
                .lines()
                .any(|line| line.starts_with(&format!("  {command} ")));
            assert!(listed, "{command} is not in the overview");
        }
    }
}
