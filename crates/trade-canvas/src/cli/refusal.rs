//! One sentence for a wrong command line, instead of a page.

use std::{error::Error as _, ffi::OsString};

use clap::{
    Command as Clap,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::config::{nearest::nearest, rows};

/// What to do about `error`.
pub(super) fn sentence(error: &clap::Error, program: &Clap, words: &[OsString]) -> String {
    let (command, called) = command_of(program, words);
    let argument = context(error, ContextKind::InvalidArg).unwrap_or_default();
    let flag = argument.split([' ', '=', '[']).next().unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => {
            let word = context(error, ContextKind::InvalidSubcommand).unwrap_or(argument);
            unknown(&word, command, &called)
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = argument.split_whitespace().next().unwrap_or_default();
            format!("{missing} is missing, see {called} --help")
        }
        ErrorKind::ArgumentConflict => format!("{flag} is given twice, keep one of the two"),
        ErrorKind::ValueValidation => {
            let expected = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{flag} must be {expected}")
        }
        ErrorKind::InvalidValue
            if context(error, ContextKind::InvalidValue).is_none_or(|text| text.is_empty()) =>
        {
            format!("{flag} needs a value, see {called} --help")
        }
        ErrorKind::TooManyValues | ErrorKind::NoEquals => {
            format!("{flag} takes one value, see {called} --help")
        }
        ErrorKind::InvalidUtf8 => "an argument is not valid UTF-8, write it in UTF-8".to_owned(),
        _ => format!("the command line cannot be read, see {called} --help"),
    }
}

fn unknown(word: &str, command: &Clap, called: &str) -> String {
    let name = word.split('=').next().unwrap_or_default();
    if name
        .strip_prefix("--")
        .is_some_and(|flag| rows().any(|row| row.flag() == flag))
    {
        return if command.has_subcommands() {
            format!("{name} must stand after the command, as in {called} COMMAND {word}")
        } else {
            format!("{name} is not an option of {called}, remove it")
        };
    }
    let near = if let Some(flag) = name.strip_prefix("--") {
        let flags = command.get_arguments().filter(|known| !known.is_hide_set());
        nearest(flag, flags.filter_map(|known| known.get_long())).map(|near| format!("--{near}"))
    } else if name.starts_with('-') {
        None
    } else {
        let commands = command.get_subcommands().filter(|known| !known.is_hide_set());
        nearest(name, commands.map(Clap::get_name)).map(str::to_owned)
    };
    match near {
        Some(near) if name.starts_with('-') => format!("{name} is not an option, did you mean {near}?"),
        Some(near) => format!("{word} is not a command, did you mean {near}?"),
        None if name.starts_with('-') => format!("{name} is not an option, see {called} --help"),
        None => format!("{word:?} is not expected here, see {called} --help"),
    }
}

/// The innermost command that the words name, and how it is called.
fn command_of<'a>(program: &'a Clap, words: &[OsString]) -> (&'a Clap, String) {
    let mut command = program;
    let mut called = program.get_name().to_owned();
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(inner) = command.find_subcommand(word) else {
            break;
        };
        command = inner;
        called = format!("{called} {word}");
    }
    (command, called)
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(" ")),
        _ => None,
    }
}
