//! The loader from outside: what goes in through four sources, what comes out.

mod page;
mod shown;
mod sources;
mod stops;
mod switches;
mod values;
mod whitelist;

use std::{collections::BTreeMap, io};

use super::{CliValues, ConfigError, Loaded, Notice, Origin, Sources, Value, load, table};

/// Sources under construction.
#[derive(Default)]
struct Given {
    environment: BTreeMap<String, String>,
    command_line: CliValues,
    files: BTreeMap<String, String>,
    no_demo: bool,
}

impl Given {
    /// Sets `TRADE_CANVAS_{name}`.
    fn variable(mut self, name: &str, text: &str) -> Self {
        self.environment
            .insert(format!("TRADE_CANVAS_{name}"), text.to_owned());
        self
    }

    fn home(mut self, path: &str) -> Self {
        self.environment.insert("HOME".to_owned(), path.to_owned());
        self
    }

    fn flag(mut self, name: &'static str, text: &str) -> Self {
        self.command_line.insert(name, text.to_owned());
        self
    }

    /// The default configuration file.
    fn toml(self, text: &str) -> Self {
        self.file("trade-canvas.toml", text)
    }

    fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    fn without_demo(mut self) -> Self {
        self.no_demo = true;
        self
    }

    fn try_load(&self) -> Result<Loaded, ConfigError> {
        load(&Sources {
            environment: &self.environment,
            command_line: &self.command_line,
            read_file: &|path| match self.files.get(path.to_str().unwrap()) {
                Some(text) if text == UNREADABLE => Err(io::ErrorKind::PermissionDenied.into()),
                Some(text) => Ok(text.clone()),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            demo_offered: !self.no_demo,
        })
    }

    fn load(&self) -> Loaded {
        self.try_load().unwrap()
    }

    /// The sentence that stops start-up.
    fn refusal(&self) -> String {
        self.try_load().unwrap_err().to_string()
    }
}

/// Content of a file that exists and cannot be read.
const UNREADABLE: &str = "\u{0}unreadable";

fn value_of(loaded: &Loaded, name: &str) -> (Value, Origin) {
    let option = loaded
        .options
        .iter()
        .find(|option| option.row.name == name)
        .unwrap();
    (option.value.clone(), option.origin.clone())
}

fn in_file(line: usize) -> Origin {
    Origin::File {
        path: "trade-canvas.toml".to_owned(),
        line,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn items(items: &[&str]) -> Value {
    Value::List(items.iter().map(|&item| item.to_owned()).collect())
}

/// Whether the loader said that a variable is unusable, below its minimum, or a doubtful switch.
fn complaint(notices: &[Notice]) -> &'static str {
    match notices {
        [] => "",
        [Notice::Replaced { .. }] => "replaced",
        [Notice::Raised { .. }] => "raised",
        [Notice::DoubtfulSwitch { .. }] => "doubtful",
        other => panic!("unexpected notices {other:?}"),
    }
}

#[test]
fn table_is_consistent() {
    let mut names: Vec<&str> = table::rows()
        .flat_map(|row| [Some(row.name), row.alias])
        .flatten()
        .collect();
    names.extend(table::WITHOUT_EFFECT);
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is listed twice");
    for row in table::rows() {
        assert!(
            row.name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'),
            "{}",
            row.name
        );
        assert!(
            !row.since.is_empty() && row.description.ends_with('.'),
            "{}",
            row.name
        );
        assert!(!row.description.contains(['|', '\n']), "{}", row.name);
    }
}
