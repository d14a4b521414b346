//! `trade-canvas.toml`: flat keys, or the same names cut into tables at any underscore.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    ConfigError, Subject, Value,
    nearest::nearest,
    row::OptionRow,
    table,
    value::{Refusal, from_toml},
};

/// What a configuration file says.
#[derive(Debug, Default)]
pub(super) struct FileOptions {
    /// Value and line (from 1) of each option, by its name.
    pub(super) values: BTreeMap<&'static str, (Value, usize)>,
    /// Accepted names that change nothing.
    pub(super) without_effect: Vec<&'static str>,
}

/// Reads the text of the file at `path`; `home` replaces `~` in paths.
///
/// # Errors
/// [`ConfigError`] for the first line that is not TOML, names no option, repeats one, or has a bad value.
pub(super) fn read(path: &str, text: &str, home: Option<&str>) -> Result<FileOptions, ConfigError> {
    let document = DeTable::parse(text).map_err(|error| ConfigError::FileSyntax {
        path: path.to_owned(),
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        message: error.message().lines().collect::<Vec<_>>().join(", "),
    })?;
    let mut reader = Reader {
        path,
        text,
        home,
        options: FileOptions::default(),
    };
    reader.table("", document.get_ref())?;
    Ok(reader.options)
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    home: Option<&'a str>,
    options: FileOptions,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) -> Result<(), ConfigError> {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref().to_ascii_uppercase());
            match value.get_ref() {
                DeValue::Table(inner) => self.table(&format!("{name}_"), inner)?,
                leaf => self.leaf(&name, key, leaf)?,
            }
        }
        Ok(())
    }

    fn leaf(
        &mut self,
        name: &str,
        key: &Spanned<impl Sized>,
        value: &DeValue<'_>,
    ) -> Result<(), ConfigError> {
        let line = line_at(self.text, key.span().start);
        let subject = || Subject::File {
            path: self.path.to_owned(),
            line,
            key: name.to_ascii_lowercase().escape_debug().to_string(),
        };
        if let Some(known) = table::find_without_effect(name) {
            self.options.without_effect.push(known);
            return Ok(());
        }
        let Some(row) = table::find(name) else {
            return Err(ConfigError::UnknownKey {
                subject: subject(),
                nearest: nearest_key(name),
            });
        };
        if !row.in_file {
            return Err(ConfigError::NotInFile { subject: subject() });
        }
        if let Some(&(_, first_line)) = self.options.values.get(row.name) {
            return Err(ConfigError::SetTwice {
                subject: subject(),
                first_line,
            });
        }
        let value = from_toml(row, value, self.home).map_err(|Refusal { expected, given }| {
            ConfigError::BadValue {
                subject: subject(),
                expected,
                given,
            }
        })?;
        self.options.values.insert(row.name, (value, line));
        Ok(())
    }
}

fn nearest_key(name: &str) -> String {
    let names = table::rows().filter(|row| row.in_file).map(|row| row.name);
    let row = nearest(name, names).and_then(table::find);
    row.map(OptionRow::file_key).unwrap_or_default()
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}
