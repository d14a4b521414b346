//! From the four sources to one configuration.

use std::{collections::BTreeMap, fmt, io, path::Path};

use super::{
    Config, ConfigError, Notice, Subject, Value,
    file::{self, FileOptions},
    guards,
    nearest::close,
    resolved::Resolved,
    row::{DemoMode, ENVIRONMENT_PREFIX, Kind, OptionRow, Preset, Profile},
    settings, table,
    value::{EnvironmentReading, Refusal, from_command_line, from_environment, refusal},
};

/// Texts given on the command line, by option name (or name without effect).
pub type CliValues = BTreeMap<&'static str, String>;

/// Everything that the loader reads: it asks for nothing else.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The environment; `HOME` and what begins with `TRADE_CANVAS_` counts.
    pub environment: &'a BTreeMap<String, String>,
    /// The command line.
    pub command_line: &'a CliValues,
    /// Reads the configuration file and the whitelist.
    pub read_file: &'a dyn Fn(&Path) -> io::Result<String>,
    /// Whether the command can run on the simulator.
    pub demo_offered: bool,
}

impl fmt::Debug for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the environment may be secrets.
        f.debug_struct("Sources")
            .field("demo_offered", &self.demo_offered)
            .finish_non_exhaustive()
    }
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Built in, the same for every profile.
    Default,
    /// Built in for this profile.
    Profile(Profile),
    /// Built in for demo mode.
    Demo,
    /// Another switch, which was set.
    Follows(&'static str),
    /// The configuration file.
    File {
        /// The path as it was given.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment,
    /// A flag.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(profile) => write!(f, "profile {profile}"),
            Self::Demo => f.write_str("demo"),
            Self::Follows(name) => write!(f, "as {name}"),
            Self::File { path, line } => write!(f, "file {path}:{line}"),
            Self::Environment => f.write_str("environment"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// One option with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedOption {
    /// The option.
    pub row: &'static OptionRow,
    /// Its value.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

/// What the loader found.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration, typed.
    pub config: Config,
    /// Every option in table order, for `config show`.
    pub options: Vec<ResolvedOption>,
    /// What to log.
    pub notices: Vec<Notice>,
}

/// Reads all sources. Later ones win: built-in defaults, file, environment, command line.
///
/// # Errors
/// [`ConfigError`], whose message tells the operator what to do.
pub fn load(sources: &Sources<'_>) -> Result<Loaded, ConfigError> {
    let mut notices = Vec::new();
    let layers = Layers::read(sources, &mut notices)?;
    let options = layers.resolve_all(&mut notices)?;
    guards::check(&options)?;

    let demo = match (options.switch("DEMO"), sources.demo_offered) {
        (true, true) => DemoMode::On,
        (true, false) => {
            notices.push(Notice::DemoWithoutEffect);
            DemoMode::Off
        }
        (false, _) => DemoMode::Off,
    };
    let config = settings::build(&options, demo, sources.read_file, &mut notices)?;
    Ok(Loaded {
        config,
        options: options.into_options(),
        notices,
    })
}

/// The three sources above the defaults, parsed.
struct Layers<'a> {
    path: String,
    file: FileOptions,
    environment: &'a BTreeMap<String, String>,
    command_line: BTreeMap<&'static str, Value>,
    home: Option<&'a str>,
    demo_offered: bool,
}

impl<'a> Layers<'a> {
    fn read(sources: &Sources<'a>, notices: &mut Vec<Notice>) -> Result<Self, ConfigError> {
        let mut layers = Self {
            path: String::new(),
            file: FileOptions::default(),
            environment: sources.environment,
            command_line: BTreeMap::new(),
            home: sources
                .environment
                .get("HOME")
                .map(String::as_str)
                .filter(|home| !home.is_empty()),
            demo_offered: sources.demo_offered,
        };
        for (&name, given) in sources.command_line {
            if let Some(row) = table::find(name) {
                let value = from_command_line(row, given, layers.home)
                    .map_err(|refusal| bad_value(Subject::Flag(row.flag()), refusal))?;
                layers.command_line.insert(row.name, value);
            }
        }
        layers.read_file(sources.read_file)?;
        layers.note_names(sources.command_line, notices);
        Ok(layers)
    }

    /// Reads the configuration file; only the default one may be missing.
    fn read_file(&mut self, read: &dyn Fn(&Path) -> io::Result<String>) -> Result<(), ConfigError> {
        let ResolvedOption { value, origin, .. } = self.resolve_early("CONFIG")?;
        self.path = value.to_string();
        match read(Path::new(&self.path)) {
            Ok(text) => self.file = file::read(&self.path, &text, self.home)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && origin == Origin::Default => {}
            Err(source) => {
                return Err(ConfigError::FileUnreadable {
                    path: self.path.clone(),
                    source,
                });
            }
        }
        Ok(())
    }

    /// Remarks on names: unknown variables, older names, names without effect.
    fn note_names(&self, command_line: &CliValues, notices: &mut Vec<Notice>) {
        let mut without_effect: Vec<&'static str> = self.file.without_effect.clone();
        without_effect.extend(
            command_line
                .keys()
                .filter_map(|name| table::find_without_effect(name)),
        );
        for variable in self.environment.keys() {
            let Some(name) = variable.strip_prefix(ENVIRONMENT_PREFIX) else {
                continue;
            };
            if table::READ_ELSEWHERE.iter().any(|(known, _)| *known == name) {
                continue;
            }
            if let Some(known) = table::find_without_effect(name) {
                without_effect.push(known);
            } else if let Some(row) = table::find(name) {
                let proper = row.environment_name();
                if row.name != name && self.environment.contains_key(&proper) {
                    notices.push(Notice::AliasIgnored {
                        alias: variable.clone(),
                        variable: proper,
                    });
                }
            } else {
                let nearest = close(name, table::rows().map(|row| row.name));
                let nearest = nearest.map(|name| format!("{ENVIRONMENT_PREFIX}{name}"));
                notices.push(Notice::UnknownVariable {
                    variable: variable.clone(),
                    nearest,
                });
            }
        }
        without_effect.sort_unstable();
        without_effect.dedup();
        notices.extend(
            without_effect
                .into_iter()
                .map(|name| Notice::WithoutEffect { name }),
        );
    }

    fn resolve_all(&self, notices: &mut Vec<Notice>) -> Result<Resolved, ConfigError> {
        // A choice has passed its check, so the name is always known.
        let profile = Profile::named(&self.resolve_early("PROFILE")?.value.to_string());
        let profile = profile.unwrap_or(Profile::Workbench);
        let demo = match self.resolve_early("DEMO")?.value {
            Value::Switch(true) if self.demo_offered => DemoMode::On,
            _ => DemoMode::Off,
        };
        let options: Result<_, _> = table::rows()
            .map(|row| self.resolve(row, profile, demo, notices))
            .collect();
        Ok(Resolved::new(options?))
    }

    /// Resolves an option that decides how others are resolved; its remarks come with the others.
    fn resolve_early(&self, name: &str) -> Result<ResolvedOption, ConfigError> {
        let row = table::find(name).unwrap_or_else(|| unreachable!("option {name} is not in the table"));
        self.resolve(row, Profile::Workbench, DemoMode::Off, &mut Vec::new())
    }

    fn resolve(
        &self,
        row: &'static OptionRow,
        profile: Profile,
        demo: DemoMode,
        notices: &mut Vec<Notice>,
    ) -> Result<ResolvedOption, ConfigError> {
        if let Some(value) = self.command_line.get(row.name) {
            return Ok(ResolvedOption {
                row,
                value: value.clone(),
                origin: Origin::CommandLine,
            });
        }
        let (below, below_origin) = match self.file.values.get(row.name) {
            Some((value, line)) => (
                value.clone(),
                Origin::File {
                    path: self.path.clone(),
                    line: *line,
                },
            ),
            None => self.default_of(row, profile, demo)?,
        };
        let Some((variable, given)) = self.variable(row) else {
            return Ok(ResolvedOption {
                row,
                value: below,
                origin: below_origin,
            });
        };
        let given = given.to_owned();
        let (value, origin) = match from_environment(row, &given, self.home) {
            EnvironmentReading::Used(value) => (value, Origin::Environment),
            EnvironmentReading::Doubtful(value) => {
                notices.push(Notice::DoubtfulSwitch {
                    variable,
                    given,
                    used: value.to_string(),
                });
                (value, Origin::Environment)
            }
            EnvironmentReading::Raised(value) => {
                notices.push(Notice::Raised {
                    variable,
                    given,
                    used: value.to_string(),
                });
                (value, Origin::Environment)
            }
            EnvironmentReading::Unusable if matches!(row.kind, Kind::Choice(_)) => {
                return Err(bad_value(
                    Subject::Environment(variable),
                    refusal(row, || format!("{given:?}")),
                ));
            }
            EnvironmentReading::Unusable => {
                notices.push(Notice::Replaced {
                    variable,
                    given,
                    used: below.to_string(),
                });
                (below, below_origin)
            }
        };
        Ok(ResolvedOption { row, value, origin })
    }

    /// The built-in default; a switch that follows another one has what that one has.
    fn default_of(
        &self,
        row: &'static OptionRow,
        profile: Profile,
        demo: DemoMode,
    ) -> Result<(Value, Origin), ConfigError> {
        let Preset::SwitchOf(name) = row.preset else {
            return Ok(row.default_value(profile, demo));
        };
        let other = table::find(name).unwrap_or_else(|| unreachable!("option {name} is not in the table"));
        // Its remarks come with itself.
        let followed = self.resolve(other, profile, demo, &mut Vec::new())?;
        let origin = match followed.origin {
            origin @ (Origin::Default | Origin::Profile(_)) => origin,
            _ => Origin::Follows(name),
        };
        Ok((followed.value, origin))
    }

    /// Name and text of the variable that sets an option: its own name before its alias.
    fn variable(&self, row: &OptionRow) -> Option<(String, &str)> {
        let names = [Some(row.name), row.alias].into_iter().flatten();
        names
            .map(|name| format!("{ENVIRONMENT_PREFIX}{name}"))
            .find_map(|variable| {
                let text = self.environment.get(&variable)?;
                Some((variable, text.as_str()))
            })
    }
}

fn bad_value(subject: Subject, Refusal { expected, given }: Refusal) -> ConfigError {
    ConfigError::BadValue {
        subject,
        expected,
        given,
    }
}
