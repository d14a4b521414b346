//! Grids: names, and the values that each takes.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::{
    super::{Violation, ViolationKind},
    Object,
};

/// A name and its values.
pub(crate) type GridLine = (String, Vec<f64>);

/// Decimals that a computed value is rounded to: 0.1 + 2 * 0.1 is 0.3.
const DECIMALS: i32 = 12;

impl Object {
    /// A grid of `1 ..= most` combinations under `name`: an object whose fields are lists of numbers or `from`, `to` and
    /// `step`, both ends included. Empty after a violation.
    pub(crate) fn required_grid(&mut self, name: &str, most: usize) -> Vec<GridLine> {
        let fields = match self.fields.remove(name) {
            None => {
                self.violate(ViolationKind::Missing, name, "is required", Value::Null);
                return Vec::new();
            }
            Some(Value::Object(fields)) => fields,
            Some(other) => {
                let message = "must be an object";
                self.violate(ViolationKind::ModelAttributesType, name, message, other);
                return Vec::new();
            }
        };
        if fields.is_empty() {
            let message = "must name a parameter and its values";
            let violation = Violation::new(ViolationKind::TooShort, &self.at(name), message, json!({}));
            self.violations.push(violation.bound("min_length", json!(1)));
            return Vec::new();
        }
        let before = self.violations.len();
        let mut lines = Vec::with_capacity(fields.len());
        for (param, values) in fields {
            let loc = [self.at(name), vec![json!(param)]].concat();
            let values = self.grid_values(values, &loc, most);
            lines.push((param, values));
        }
        if self.violations.len() > before {
            return Vec::new();
        }
        let sizes = lines.iter().map(|(_, values)| values.len());
        let size = sizes.fold(1_usize, usize::saturating_mul);
        if size > most {
            self.too_many(&self.at(name), most);
            return Vec::new();
        }
        lines
    }

    fn grid_values(&mut self, values: Value, loc: &[Value], most: usize) -> Vec<f64> {
        match values {
            Value::Array(values) => self.grid_list(values, loc),
            Value::Object(span) => self.grid_span(span, loc, most),
            other => {
                let message = "must be a list of numbers, or from, to and step";
                let kind = ViolationKind::ListType;
                self.violations.push(Violation::new(kind, loc, message, other));
                Vec::new()
            }
        }
    }

    fn grid_list(&mut self, values: Vec<Value>, loc: &[Value]) -> Vec<f64> {
        if values.is_empty() {
            let violation = Violation::new(ViolationKind::TooShort, loc, "must hold a value", json!([]));
            self.violations.push(violation.bound("min_length", json!(1)));
        }
        let mut numbers = Vec::with_capacity(values.len());
        for (n, value) in values.into_iter().enumerate() {
            let number = match &value {
                Value::Bool(on) => Some(f64::from(u8::from(*on))),
                Value::Number(number) => number.as_f64(),
                _ => None,
            };
            match number {
                Some(number) => numbers.push(number),
                None => {
                    let loc = [loc, &[json!(n)]].concat();
                    let violation = Violation::new(ViolationKind::FloatType, &loc, "must be a number", value);
                    self.violations.push(violation);
                }
            }
        }
        numbers
    }

    fn grid_span(&mut self, span: Map<String, Value>, loc: &[Value], most: usize) -> Vec<f64> {
        let mut object = Self::new(span, loc.to_vec());
        let ends = ["from", "to", "step"].map(|name| object.required_float(name));
        if let [_, _, Some(step)] = ends
            && step <= 0.0
        {
            object.violate(ViolationKind::ValueError, "step", "must be above 0", json!(step));
        }
        if let [Some(from), Some(to), _] = ends
            && to < from
        {
            object.violate(
                ViolationKind::ValueError,
                "to",
                "must not be below from",
                json!(to),
            );
        }
        let is_broken = !object.violations.is_empty();
        self.violations.append(&mut object.violations);
        let (false, [Some(from), Some(to), Some(step)]) = (is_broken, ends) else {
            return Vec::new();
        };
        // A last value that rounding has moved past the end belongs to the grid.
        let steps = ((to - from) / step + 1e-9).floor();
        if steps >= most as f64 {
            self.too_many(loc, most);
            return Vec::new();
        }
        let mut values = Vec::new();
        let mut n = 0.0;
        while n <= steps {
            values.push(rounded(from + n * step));
            n += 1.0;
        }
        values
    }

    fn too_many(&mut self, loc: &[Value], most: usize) {
        let message = format!("must have at most {most} combinations");
        let violation = Violation::new(ViolationKind::TooLong, loc, message, Value::Null);
        self.violations.push(violation.bound("max_length", json!(most)));
    }
}

/// As people would have written it.
fn rounded(value: f64) -> f64 {
    let scale = 10_f64.powi(DECIMALS);
    let scaled = (value * scale).round() / scale;
    if scaled.is_finite() { scaled } else { value }
}
