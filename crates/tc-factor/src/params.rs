//! Factor parameters: declared by a factor, set by configuration, mixed into the fingerprint.

use std::collections::BTreeMap;

/// Value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParamValue {
    /// Whole number.
    Int(i64),
    /// Number.
    Float(f64),
}

/// One parameter that a factor declares.
#[derive(Debug, Clone, Copy)]
pub struct ParamSpec {
    /// Name within the factor.
    pub name: &'static str,
    /// Value when nothing is set; its variant is the parameter's type.
    pub default: ParamValue,
    /// Smallest allowed value.
    pub min: f64,
}

/// Settings of the engine: parameter overrides and the text mixed into the fingerprint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FactorSettings {
    /// `factor.parameter` to value; what is not named keeps its default.
    pub overrides: BTreeMap<String, ParamValue>,
    /// Operator text mixed into the fingerprint.
    pub logic_version_override: String,
}

impl FactorSettings {
    /// Default settings with the two pivot windows set.
    #[must_use]
    pub fn with_pivot_windows(major: i64, minor: i64) -> Self {
        let overrides = BTreeMap::from([
            ("pivot.window_major".to_owned(), ParamValue::Int(major)),
            ("pivot.window_minor".to_owned(), ParamValue::Int(minor)),
        ]);
        Self {
            overrides,
            logic_version_override: String::new(),
        }
    }
}

/// A parameter setting that does not fit its declaration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParamError {
    /// No factor declares it.
    #[error("parameter {0} is not declared by any factor")]
    Unknown(String),
    /// Below the smallest allowed value.
    #[error("parameter {name} must be at least {min}, got {value:?}")]
    TooSmall {
        /// `factor.parameter`.
        name: String,
        /// The bound.
        min: f64,
        /// The refused value.
        value: ParamValue,
    },
    /// A fraction or infinity where a whole number is due, or a value that is not finite.
    #[error("parameter {name} cannot be {value:?}")]
    WrongType {
        /// `factor.parameter`.
        name: String,
        /// The refused value.
        value: ParamValue,
    },
}

/// Resolved parameters of one factor, in declared order.
#[derive(Debug, Clone, PartialEq)]
pub struct Params(Vec<(&'static str, ParamValue)>);

impl Params {
    /// Applies the overrides that name `factor`.
    ///
    /// # Errors
    /// [`ParamError`] for a value of the wrong type or below the minimum.
    pub fn resolve(factor: &str, specs: &[ParamSpec], settings: &FactorSettings) -> Result<Self, ParamError> {
        specs
            .iter()
            .map(|spec| {
                let name = format!("{factor}.{}", spec.name);
                let value = settings.overrides.get(&name).copied().unwrap_or(spec.default);
                check(name, spec, value).map(|value| (spec.name, value))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Value of a whole-number parameter; 0 when the factor declares no such one.
    #[must_use]
    pub fn int(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(ParamValue::Int(value)) => value,
            _ => 0,
        }
    }

    /// Value of a number parameter; 0 when the factor declares no such one.
    #[must_use]
    pub fn float(&self, name: &str) -> f64 {
        match self.get(name) {
            Some(ParamValue::Float(value)) => value,
            _ => 0.0,
        }
    }

    /// All parameters in declared order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, ParamValue)> {
        self.0.iter().copied()
    }

    fn get(&self, name: &str) -> Option<ParamValue> {
        self.0
            .iter()
            .find(|(declared, _)| *declared == name)
            .map(|(_, value)| *value)
    }
}

fn check(name: String, spec: &ParamSpec, value: ParamValue) -> Result<ParamValue, ParamError> {
    let number = match (spec.default, value) {
        (ParamValue::Int(_), ParamValue::Int(number)) => number as f64,
        (ParamValue::Float(_), ParamValue::Float(number)) if number.is_finite() => number,
        _ => return Err(ParamError::WrongType { name, value }),
    };
    if number < spec.min {
        return Err(ParamError::TooSmall {
            name,
            min: spec.min,
            value,
        });
    }
    Ok(value)
}
