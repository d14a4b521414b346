//! What one line of the option table says.

use std::fmt;

use super::{Origin, Value};

/// Start of every environment variable that this program reads.
pub const ENVIRONMENT_PREFIX: &str = "TRADE_CANVAS_";

/// Which defaults the `ENABLE_*` switches have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Every switch at its plain default; the profile of contract tests.
    Bare,
    /// A workbench for one person: live ingest on demand, REST history, start-up sync, metrics.
    Workbench,
}

impl Profile {
    /// Names as they are written in every source, in the order of [`Profile::ALL`].
    pub const NAMES: &[&str] = &["bare", "workbench"];
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Bare, Self::Workbench];

    /// The name as it is written in every source.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Workbench => "workbench",
        }
    }

    /// The profile of that exact name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether the process runs on the built-in exchange simulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoMode {
    /// Real exchanges.
    Off,
    /// The simulator.
    On,
}

/// Type and limits of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// On or off.
    Switch,
    /// Whole number.
    Int {
        /// Smallest accepted value.
        minimum: i64,
        /// Largest accepted value, where the meaning of the option has one.
        maximum: Option<i64>,
    },
    /// Finite number.
    Float {
        /// Smallest accepted value.
        minimum: f64,
    },
    /// Any text, trimmed.
    Text,
    /// One of a few words. Any other text stops start-up, whatever its source.
    Choice(&'static [&'static str]),
    /// Base URL; trailing slashes are removed.
    Url,
    /// Texts; separated by commas outside the file.
    List,
    /// File or folder; `~` is the home folder.
    Path,
    /// Text that is never printed.
    Secret,
}

/// What a blank value of a text, list, URL or path means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// A value like any other: the empty text or list.
    Value,
    /// Unusable: the default in the environment, an error in the file and on the command line.
    Unusable,
}

/// Built-in default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Preset {
    /// No value.
    Unset,
    /// One value per profile.
    Switch {
        /// In the profile `bare`.
        bare: bool,
        /// In the profile `workbench`.
        workbench: bool,
    },
    /// The value of another switch.
    SwitchOf(&'static str),
    /// Whole number.
    Int(i64),
    /// Number.
    Float(f64),
    /// Text, choice, URL, path or secret.
    Text(&'static str),
    /// List.
    List(&'static [&'static str]),
}

/// How demo mode changes a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DemoPreset {
    /// Not at all.
    Same,
    /// To this text.
    Text(&'static str),
    /// To the address of the simulator, which is known once it runs.
    Simulator,
}

/// One option: everything that the loader, the command line and the reference page know about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionRow {
    /// Name without prefix, upper case.
    pub name: &'static str,
    /// Type and limits.
    pub kind: Kind,
    /// Default.
    pub preset: Preset,
    /// Default in demo mode.
    pub demo_preset: DemoPreset,
    /// What a blank value means.
    pub blank: Blank,
    /// Another name that older environments use.
    pub alias: Option<&'static str>,
    /// False for an option that says where the file is.
    pub in_file: bool,
    /// Unit of a number, empty without one.
    pub unit: &'static str,
    /// First version that has the option.
    pub since: &'static str,
    /// What it does, in one line.
    pub description: &'static str,
}

/// Rows that belong together, with their heading.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// Heading in the help text and the reference page.
    pub heading: &'static str,
    /// The rows, in the order of the reference page.
    pub rows: &'static [OptionRow],
}

const fn row(name: &'static str, kind: Kind, preset: Preset, blank: Blank) -> OptionRow {
    OptionRow {
        name,
        kind,
        preset,
        demo_preset: DemoPreset::Same,
        blank,
        alias: None,
        in_file: true,
        unit: "",
        since: "",
        description: "",
    }
}

/// A switch with the same default in both profiles.
pub(super) const fn switch(name: &'static str, default: bool) -> OptionRow {
    profiled_switch(name, default, default)
}

/// A switch whose default depends on the profile.
pub(super) const fn profiled_switch(name: &'static str, bare: bool, workbench: bool) -> OptionRow {
    row(
        name,
        Kind::Switch,
        Preset::Switch { bare, workbench },
        Blank::Value,
    )
}

/// A switch that follows another one unless it is set itself.
pub(super) const fn switch_of(name: &'static str, other: &'static str) -> OptionRow {
    row(name, Kind::Switch, Preset::SwitchOf(other), Blank::Value)
}

/// A whole number.
pub(super) const fn int(name: &'static str, default: i64, minimum: i64) -> OptionRow {
    row(
        name,
        Kind::Int {
            minimum,
            maximum: None,
        },
        Preset::Int(default),
        Blank::Unusable,
    )
}

/// A whole number without a default.
pub(super) const fn optional_int(name: &'static str, minimum: i64) -> OptionRow {
    row(
        name,
        Kind::Int {
            minimum,
            maximum: None,
        },
        Preset::Unset,
        Blank::Unusable,
    )
}

/// A number.
pub(super) const fn float(name: &'static str, default: f64, minimum: f64) -> OptionRow {
    row(
        name,
        Kind::Float { minimum },
        Preset::Float(default),
        Blank::Unusable,
    )
}

/// A text that may be empty.
pub(super) const fn text(name: &'static str, default: &'static str) -> OptionRow {
    row(name, Kind::Text, Preset::Text(default), Blank::Value)
}

/// A text without a default.
pub(super) const fn optional_text(name: &'static str) -> OptionRow {
    row(name, Kind::Text, Preset::Unset, Blank::Unusable)
}

/// One of a few words.
pub(super) const fn choice(
    name: &'static str,
    default: &'static str,
    words: &'static [&'static str],
) -> OptionRow {
    row(name, Kind::Choice(words), Preset::Text(default), Blank::Unusable)
}

/// A base URL.
pub(super) const fn url(name: &'static str, default: &'static str) -> OptionRow {
    row(name, Kind::Url, Preset::Text(default), Blank::Unusable)
}

/// A list of texts.
pub(super) const fn list(name: &'static str, default: &'static [&'static str]) -> OptionRow {
    row(name, Kind::List, Preset::List(default), Blank::Unusable)
}

/// A path.
pub(super) const fn path(name: &'static str, default: &'static str) -> OptionRow {
    row(name, Kind::Path, Preset::Text(default), Blank::Unusable)
}

/// A path without a default.
pub(super) const fn optional_path(name: &'static str) -> OptionRow {
    row(name, Kind::Path, Preset::Unset, Blank::Unusable)
}

/// A text that is never printed; empty by default.
pub(super) const fn secret(name: &'static str) -> OptionRow {
    row(name, Kind::Secret, Preset::Text(""), Blank::Value)
}

impl OptionRow {
    pub(super) const fn about(mut self, since: &'static str, description: &'static str) -> Self {
        self.since = since;
        self.description = description;
        self
    }

    pub(super) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    pub(super) const fn at_most(mut self, limit: i64) -> Self {
        if let Kind::Int { minimum, .. } = self.kind {
            self.kind = Kind::Int {
                minimum,
                maximum: Some(limit),
            };
        }
        self
    }

    pub(super) const fn blank(mut self, blank: Blank) -> Self {
        self.blank = blank;
        self
    }

    pub(super) const fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    pub(super) const fn demo(mut self, preset: DemoPreset) -> Self {
        self.demo_preset = preset;
        self
    }

    pub(super) const fn not_in_file(mut self) -> Self {
        self.in_file = false;
        self
    }

    /// Name of the environment variable.
    #[must_use]
    pub fn environment_name(&self) -> String {
        format!("{ENVIRONMENT_PREFIX}{}", self.name)
    }

    /// Flat key in the file.
    #[must_use]
    pub fn file_key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// Flag on the command line, without the two dashes.
    #[must_use]
    pub fn flag(&self) -> String {
        flag_of(self.name)
    }

    /// The default, and where it comes from.
    #[must_use]
    pub fn default_value(&self, profile: Profile, demo: DemoMode) -> (Value, Origin) {
        if demo == DemoMode::On {
            match self.demo_preset {
                DemoPreset::Same => {}
                DemoPreset::Text(text) => return (Value::Text(text.to_owned()), Origin::Demo),
                DemoPreset::Simulator => return (self.plain_default(profile), Origin::Demo),
            }
        }
        let origin = match self.preset {
            Preset::Switch { bare, workbench } if bare != workbench => Origin::Profile(profile),
            _ => Origin::Default,
        };
        (self.plain_default(profile), origin)
    }

    fn plain_default(&self, profile: Profile) -> Value {
        match self.preset {
            // The loader asks the other switch; without a loader it is off.
            Preset::SwitchOf(_) => Value::Switch(false),
            Preset::Unset => Value::Unset,
            Preset::Switch { bare, workbench } => Value::Switch(match profile {
                Profile::Bare => bare,
                Profile::Workbench => workbench,
            }),
            Preset::Int(number) => Value::Int(number),
            Preset::Float(number) => Value::Float(number),
            Preset::Text(text) if self.kind == Kind::Secret => Value::Secret(text.to_owned().into()),
            Preset::Text(text) => Value::Text(text.to_owned()),
            Preset::List(items) => Value::List(items.iter().map(|&item| item.to_owned()).collect()),
        }
    }
}

/// The flag of an option name, without the two dashes.
pub(crate) fn flag_of(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}
