//! What the operator should know about a configuration that is used all the same.

/// One remark of the loader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// The text of an environment variable is unusable.
    #[error("{variable}={given:?} is unusable, using {used}")]
    Replaced {
        /// The variable.
        variable: String,
        /// Its text.
        given: String,
        /// The value used instead.
        used: String,
    },
    /// The value of an environment variable is below its minimum.
    #[error("{variable}={given:?} is below the minimum, using {used}")]
    Raised {
        /// The variable.
        variable: String,
        /// Its text.
        given: String,
        /// The minimum.
        used: String,
    },
    /// A switch is off because its text is not a word for on.
    #[error("{variable}={given:?} is no word for on or off, using {used}")]
    DoubtfulSwitch {
        /// The variable.
        variable: String,
        /// Its text.
        given: String,
        /// The value used.
        used: String,
    },
    /// An environment variable with the prefix is no option.
    #[error("{variable} is not an option and is ignored{}", nearest.as_ref().map(|nearest| format!(", did you mean {nearest}?")).unwrap_or_default())]
    UnknownVariable {
        /// The variable.
        variable: String,
        /// A variable with nearly the same name.
        nearest: Option<String>,
    },
    /// An environment variable and its older name are both set.
    #[error("{alias} is ignored because {variable} is set")]
    AliasIgnored {
        /// The older name.
        alias: String,
        /// The name that wins.
        variable: String,
    },
    /// A timeframe that cannot be used for derived series.
    #[error("{option}: {given:?} {reason}")]
    TimeframeIgnored {
        /// The option.
        option: &'static str,
        /// The timeframe.
        given: String,
        /// What is wrong with it, and what happens.
        reason: &'static str,
    },
    /// A name that is accepted and changes nothing.
    #[error("{name} is accepted and has no effect")]
    WithoutEffect {
        /// The name without prefix.
        name: &'static str,
    },
    /// Demo mode is on for a command that has none.
    #[error("DEMO has no effect on this command")]
    DemoWithoutEffect,
}

/// How urgent a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeLevel {
    /// For the record.
    Info,
    /// Probably not what the operator wanted.
    Warning,
}

impl Notice {
    /// How urgent this one is.
    #[must_use]
    pub const fn level(&self) -> NoticeLevel {
        match self {
            Self::WithoutEffect { .. } | Self::DemoWithoutEffect => NoticeLevel::Info,
            Self::Replaced { .. }
            | Self::Raised { .. }
            | Self::DoubtfulSwitch { .. }
            | Self::UnknownVariable { .. }
            | Self::TimeframeIgnored { .. }
            | Self::AliasIgnored { .. } => NoticeLevel::Warning,
        }
    }
}
