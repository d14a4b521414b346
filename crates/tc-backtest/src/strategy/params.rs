//! Parameters of strategies: declared with a range, set by name.

use tc_factor::ParamValue;

/// One parameter that a strategy declares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StrategyParam {
    /// Name within the strategy.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Value when nothing is set; its variant is the type.
    pub default: ParamValue,
    /// Smallest value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Distance of neighbouring values in a form or a sweep.
    pub step: f64,
}

impl StrategyParam {
    /// A whole number.
    #[must_use]
    pub const fn whole(
        name: &'static str,
        label: &'static str,
        description: &'static str,
        default: i64,
        [min, max]: [i64; 2],
    ) -> Self {
        Self {
            name,
            label,
            description,
            default: ParamValue::Int(default),
            min: min as f64,
            max: max as f64,
            step: 1.0,
        }
    }

    /// A number, in steps of `step`.
    #[must_use]
    pub const fn number(
        name: &'static str,
        label: &'static str,
        description: &'static str,
        default: f64,
        [min, max, step]: [f64; 3],
    ) -> Self {
        Self {
            name,
            label,
            description,
            default: ParamValue::Float(default),
            min,
            max,
            step,
        }
    }

    /// 0 or 1.
    #[must_use]
    pub const fn switch(
        name: &'static str,
        label: &'static str,
        description: &'static str,
        default: bool,
    ) -> Self {
        Self::whole(name, label, description, default as i64, [0, 1])
    }

    /// Whether it is a whole number that is 0 or 1.
    #[must_use]
    pub const fn is_switch(&self) -> bool {
        let are_ends = self.min.abs() < f64::EPSILON && (self.max - 1.0).abs() < f64::EPSILON;
        matches!(self.default, ParamValue::Int(_)) && are_ends
    }

    /// `value` as a value of this parameter.
    ///
    /// # Errors
    /// [`ParamError`] for a fraction where a whole number is due, or a value outside the range.
    pub fn value(&self, value: f64) -> Result<ParamValue, ParamError> {
        let outside = !(self.min..=self.max).contains(&value);
        if outside {
            return Err(ParamError::OutOfRange {
                name: self.name,
                min: self.min,
                max: self.max,
                value,
            });
        }
        match self.default {
            ParamValue::Float(_) => Ok(ParamValue::Float(value)),
            #[expect(clippy::cast_possible_truncation, reason = "whole and inside the range")]
            ParamValue::Int(_) if value.fract() == 0.0 => Ok(ParamValue::Int(value as i64)),
            ParamValue::Int(_) => Err(ParamError::NotWhole {
                name: self.name,
                value,
            }),
        }
    }
}

/// A setting that does not fit the declaration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParamError {
    /// The strategy declares no such parameter.
    #[error("the strategy has no parameter {0}")]
    Unknown(String),
    /// Outside the range.
    #[error("parameter {name} must be from {min} to {max}, got {value}")]
    OutOfRange {
        /// Which parameter.
        name: &'static str,
        /// Smallest value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// The refused value.
        value: f64,
    },
    /// A fraction where a whole number is due.
    #[error("parameter {name} must be a whole number, got {value}")]
    NotWhole {
        /// Which parameter.
        name: &'static str,
        /// The refused value.
        value: f64,
    },
}

/// Values of all parameters of a strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategyParams {
    declared: &'static [StrategyParam],
    values: Vec<ParamValue>,
}

impl StrategyParams {
    /// The defaults.
    #[must_use]
    pub fn defaults(declared: &'static [StrategyParam]) -> Self {
        Self {
            declared,
            values: declared.iter().map(|param| param.default).collect(),
        }
    }

    /// Sets a parameter.
    ///
    /// # Errors
    /// [`ParamError`] when there is no such parameter or the value does not fit it.
    pub fn set(&mut self, name: &str, value: f64) -> Result<(), ParamError> {
        let unknown = || ParamError::Unknown(name.to_owned());
        let at = self.position(name).ok_or_else(unknown)?;
        self.values[at] = self.declared[at].value(value)?;
        Ok(())
    }

    /// Value of a whole-number parameter; 0 when there is none of that name.
    #[must_use]
    pub fn whole(&self, name: &str) -> i64 {
        match self.position(name).map(|at| self.values[at]) {
            Some(ParamValue::Int(value)) => value,
            _ => 0,
        }
    }

    /// Value of a number parameter; 0 when there is none of that name.
    #[must_use]
    pub fn number(&self, name: &str) -> f64 {
        match self.position(name).map(|at| self.values[at]) {
            Some(ParamValue::Float(value)) => value,
            _ => 0.0,
        }
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.whole(name) != 0
    }

    /// Name and value of every parameter, in declared order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, ParamValue)> {
        self.declared
            .iter()
            .map(|param| param.name)
            .zip(self.values.iter().copied())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.declared.iter().position(|param| param.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: &[StrategyParam] = &[
        StrategyParam::whole("touches", "Touches", "", 3, [2, 6]),
        StrategyParam::number("margin", "Margin", "", 0.001, [0.0, 0.02, 0.001]),
        StrategyParam::switch("filter", "Filter", "", true),
    ];

    #[test]
    fn a_switch_is_told_from_numbers() {
        let switches = DECLARED.iter().map(StrategyParam::is_switch);
        assert_eq!(switches.collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn values_stay_in_their_range() {
        let mut params = StrategyParams::defaults(DECLARED);
        assert_eq!((params.whole("touches"), params.is_on("filter")), (3, true));
        params.set("touches", 5.0).unwrap();
        params.set("margin", 0.02).unwrap();
        params.set("filter", 0.0).unwrap();
        assert_eq!((params.whole("touches"), params.is_on("filter")), (5, false));
        assert!((params.number("margin") - 0.02).abs() < f64::EPSILON);
        assert!(matches!(
            params.set("touches", 7.0),
            Err(ParamError::OutOfRange { .. })
        ));
        assert!(matches!(
            params.set("touches", 2.5),
            Err(ParamError::NotWhole { .. })
        ));
        assert!(matches!(
            params.set("margin", f64::NAN),
            Err(ParamError::OutOfRange { .. })
        ));
        assert_eq!(
            params.set("none", 1.0),
            Err(ParamError::Unknown("none".to_owned()))
        );
    }
}
