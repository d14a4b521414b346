//! Why the configuration stops start-up. Each message is one sentence that says what to do.

use std::{fmt, io};

use tc_market::SeriesIdError;

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file, named explicitly or present, cannot be read.
    #[error("{path} cannot be read ({source}): name a readable file with --config or {prefix}CONFIG", prefix = super::ENVIRONMENT_PREFIX)]
    FileUnreadable {
        /// The path as it was given.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The configuration file is not TOML.
    #[error("{path}:{line}: correct this line, it is not valid TOML: {message}")]
    FileSyntax {
        /// The path as it was given.
        path: String,
        /// Line, from 1.
        line: usize,
        /// What the parser found.
        message: String,
    },
    /// A key of the file is no option.
    #[error("{subject} is not an option, did you mean {nearest}?")]
    UnknownKey {
        /// The key.
        subject: Subject,
        /// The nearest key that is one.
        nearest: String,
    },
    /// The file sets an option twice, possibly with two spellings.
    #[error("{subject} is already set on line {first_line}, keep one of the two")]
    SetTwice {
        /// The later one.
        subject: Subject,
        /// Line of the earlier one, from 1.
        first_line: usize,
    },
    /// An option of the file that must be known before the file is read.
    #[error("{subject} can only be given on the command line or in the environment, remove it")]
    NotInFile {
        /// The key.
        subject: Subject,
    },
    /// A value has the wrong type, is below its minimum, or is none of the allowed words.
    #[error("{subject} must be {expected}{}", given.as_ref().map(|given| format!(", not {given}")).unwrap_or_default())]
    BadValue {
        /// Where it was given.
        subject: Subject,
        /// What the option takes.
        expected: String,
        /// The refused value; none for secrets and URLs.
        given: Option<String>,
    },
    /// A combination of options that this build cannot honour.
    #[error("{code}: {advice}")]
    Refused {
        /// Stable code that begins the sentence.
        code: String,
        /// What to do.
        advice: &'static str,
    },
    /// The whitelist file exists and cannot be read.
    #[error("the whitelist {path} cannot be read ({source}): make it readable or unset WHITELIST_PATH")]
    WhitelistUnreadable {
        /// The path as it was given.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The whitelist file is not of the form `{"series_ids":[…]}`.
    #[error("the whitelist {path} must be a JSON object with a list \"series_ids\": {reason}")]
    WhitelistShape {
        /// The path as it was given.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The whitelist file holds a malformed series id.
    #[error("the whitelist {path} must hold well-formed series ids: {source}")]
    WhitelistSeries {
        /// The path as it was given.
        path: String,
        /// What is wrong.
        #[source]
        source: SeriesIdError,
    },
}

/// An option as the user spelled it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A key of the file.
    File {
        /// The path as it was given.
        path: String,
        /// Line, from 1.
        line: usize,
        /// The flat key.
        key: String,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line, without the two dashes.
    Flag(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, key } => write!(f, "{path}:{line}: {key}"),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(flag) => write!(f, "--{flag}"),
        }
    }
}
