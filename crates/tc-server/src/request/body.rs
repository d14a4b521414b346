//! JSON bodies.

mod grid;
mod words;

use std::ops::RangeInclusive;

use axum::{
    extract::{FromRequest, Request},
    http::header::CONTENT_TYPE,
};
use serde_json::{Map, Value, json};
use tc_market::{Candle, CandleError, CandleTime};

use super::{Violation, ViolationKind, bytes::read_body, query::parse_int};
use crate::{ApiError, AppState};

/// A request body that is a JSON object.
#[derive(Debug)]
pub(crate) struct JsonBody(pub Object);

impl FromRequest<AppState> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .split(';')
                    .next()
                    .is_some_and(|mime| mime.trim() == "application/json")
            });
        let bytes = read_body(request.into_body(), state.options().http.max_body_bytes).await?;
        if !is_json {
            let message = "must be sent with content-type application/json";
            return Err(refuse(
                ViolationKind::ModelAttributesType,
                &[json!("body")],
                message,
                Value::Null,
            ));
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            let offset = json!(error.column());
            if error.to_string().starts_with("number out of range") {
                return refuse(
                    ViolationKind::FiniteNumber,
                    &[json!("body"), offset],
                    "holds a number out of range",
                    Value::Null,
                );
            }
            refuse(
                ViolationKind::JsonInvalid,
                &[json!("body"), offset],
                "is not JSON",
                Value::Null,
            )
        })?;
        match value {
            Value::Object(fields) => Ok(Self(Object::new(fields, vec![json!("body")]))),
            other => Err(refuse(
                ViolationKind::ModelAttributesType,
                &[json!("body")],
                "must be a JSON object",
                other,
            )),
        }
    }
}

pub(super) fn refuse(kind: ViolationKind, loc: &[Value], message: &str, input: Value) -> ApiError {
    ApiError::invalid(&[Violation::new(kind, loc, message, input)])
}

/// Fields of a JSON object and the rules found broken so far. Unknown fields are ignored.
#[derive(Debug)]
pub(crate) struct Object {
    fields: Map<String, Value>,
    loc: Vec<Value>,
    violations: Vec<Violation>,
}

impl Object {
    const fn new(fields: Map<String, Value>, loc: Vec<Value>) -> Self {
        Self {
            fields,
            loc,
            violations: Vec::new(),
        }
    }

    /// A text of at least one character; empty after a violation.
    pub(crate) fn required_text(&mut self, name: &str) -> String {
        match self.fields.get(name) {
            None => self.violate(ViolationKind::Missing, name, "is required", Value::Null),
            Some(Value::String(text)) if text.is_empty() => {
                self.violate(
                    ViolationKind::StringTooShort,
                    name,
                    "must not be empty",
                    json!(""),
                );
            }
            Some(Value::String(text)) => return text.clone(),
            Some(other) => self.violate(ViolationKind::StringType, name, "must be a text", other.clone()),
        }
        String::new()
    }

    /// A text; `None` when it is absent or null.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.fields.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => {
                self.violate(ViolationKind::StringType, name, "must be a text", other.clone());
                None
            }
        }
    }

    /// An object as it is; empty when it is absent or null.
    pub(crate) fn object(&mut self, name: &str) -> Map<String, Value> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::Object(fields)) => return fields,
            Some(other) => self.violate(
                ViolationKind::ModelAttributesType,
                name,
                "must be an object",
                other,
            ),
        }
        Map::new()
    }

    /// Yes or no, or `default` when absent.
    pub(crate) fn bool(&mut self, name: &str, default: bool) -> bool {
        match self.fields.get(name) {
            None => default,
            Some(Value::Bool(value)) => *value,
            Some(other) => {
                self.violate(
                    ViolationKind::BoolParsing,
                    name,
                    "must be true or false",
                    other.clone(),
                );
                default
            }
        }
    }

    /// A whole number of at least `least`; `None` when it is absent or null.
    pub(crate) fn optional_int(&mut self, name: &str, least: i64) -> Option<i64> {
        if self.fields.get(name).is_none_or(Value::is_null) {
            return None;
        }
        let value = self.required_int(name)?;
        if value < least {
            let message = format!("must be at least {least}");
            let violation = Violation::new(
                ViolationKind::GreaterThanEqual,
                &self.at(name),
                message,
                json!(value),
            );
            self.violations.push(violation.bound("ge", json!(least)));
            return None;
        }
        Some(value)
    }

    /// A whole number within `range`; `None` when it is absent or null.
    pub(crate) fn optional_int_within(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = self.optional_int(name, *range.start())?;
        if value > *range.end() {
            let message = format!("must be at most {}", range.end());
            let violation = Violation::new(
                ViolationKind::LessThanEqual,
                &self.at(name),
                message,
                json!(value),
            );
            self.violations.push(violation.bound("le", json!(range.end())));
            return None;
        }
        Some(value)
    }

    /// One closed or forming candle under `name`.
    pub(crate) fn required_candle(&mut self, name: &str) -> Option<Candle> {
        let value = self.fields.remove(name);
        let loc = self.at(name);
        match value {
            None => {
                self.violate(ViolationKind::Missing, name, "is required", Value::Null);
                None
            }
            Some(value) => self.candle(value, loc),
        }
    }

    /// A list of `1 ..= most` candles under `name`.
    pub(crate) fn required_candles(&mut self, name: &str, most: usize) -> Vec<Candle> {
        let list = match self.fields.remove(name) {
            None => {
                self.violate(ViolationKind::Missing, name, "is required", Value::Null);
                return Vec::new();
            }
            Some(Value::Array(list)) => list,
            Some(other) => {
                self.violate(ViolationKind::ListType, name, "must be a list", other);
                return Vec::new();
            }
        };
        if list.is_empty() {
            let violation = Violation::new(
                ViolationKind::TooShort,
                &self.at(name),
                "must hold a candle",
                json!([]),
            );
            self.violations.push(violation.bound("min_length", json!(1)));
        }
        if list.len() > most {
            let message = format!("must hold at most {most} candles");
            let violation =
                Violation::new(ViolationKind::TooLong, &self.at(name), message, json!(list.len()));
            self.violations.push(violation.bound("max_length", json!(most)));
            return Vec::new();
        }
        let mut candles = Vec::with_capacity(list.len());
        for (n, value) in list.into_iter().enumerate() {
            let mut loc = self.at(name);
            loc.push(json!(n));
            candles.extend(self.candle(value, loc));
        }
        candles
    }

    /// Every broken rule as one error.
    ///
    /// # Errors
    /// 422 with all violations.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(ApiError::invalid(&self.violations))
        }
    }

    fn candle(&mut self, value: Value, loc: Vec<Value>) -> Option<Candle> {
        let Value::Object(fields) = value else {
            self.violations.push(Violation::new(
                ViolationKind::ModelAttributesType,
                &loc,
                "must be an object",
                value,
            ));
            return None;
        };
        let mut object = Self::new(fields, loc);
        let time = object.required_int("candle_time");
        let [open, high, low, close, volume] =
            ["open", "high", "low", "close", "volume"].map(|name| object.required_float(name));
        let candle = object.build_candle(time, [open, high, low, close, volume]);
        self.violations.append(&mut object.violations);
        candle
    }

    fn build_candle(&mut self, time: Option<i64>, values: [Option<f64>; 5]) -> Option<Candle> {
        let (time, [Some(open), Some(high), Some(low), Some(close), Some(volume)]) = (time?, values) else {
            return None;
        };
        let Ok(time) = CandleTime::new(time)
            .map_err(drop)
            .and_then(|time| if time > CandleTime::MIN { Ok(time) } else { Err(()) })
        else {
            self.violate(
                ViolationKind::ValueError,
                "candle_time",
                "must be from 1 to 2^33 - 1",
                json!(time),
            );
            return None;
        };
        match Candle::new(time, open, high, low, close, volume) {
            Ok(candle) => Some(candle),
            Err(error) => {
                let kind = match error {
                    CandleError::NotFinite(_) => ViolationKind::FiniteNumber,
                    _ => ViolationKind::ValueError,
                };
                let input = self.fields.get(error.field()).cloned().unwrap_or_default();
                self.violate(kind, error.field(), &error.to_string(), input);
                None
            }
        }
    }

    /// A whole number; integral floats and numeric texts count.
    fn required_int(&mut self, name: &str) -> Option<i64> {
        let value = self.present(name)?;
        let found = match &value {
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Ok(whole),
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "checked to be a whole number in range"
                )]
                (None, Some(float)) if float.fract() == 0.0 && float.abs() < 9e15 => Ok(float as i64),
                _ => Err((ViolationKind::IntFromFloat, "must be a whole number")),
            },
            Value::String(text) => {
                parse_int(text).ok_or((ViolationKind::IntParsing, "must be a whole number"))
            }
            _ => Err((ViolationKind::IntType, "must be a whole number")),
        };
        self.keep(name, found, value)
    }

    /// A finite number; numeric texts count.
    fn required_float(&mut self, name: &str) -> Option<f64> {
        let value = self.present(name)?;
        let found = match &value {
            Value::Number(number) => number
                .as_f64()
                .ok_or((ViolationKind::FloatType, "must be a number")),
            Value::String(text) => text
                .trim()
                .parse()
                .map_err(|_| (ViolationKind::FloatParsing, "must be a number")),
            _ => Err((ViolationKind::FloatType, "must be a number")),
        };
        let found = found.and_then(|number: f64| {
            if number.is_finite() {
                Ok(number)
            } else {
                Err((ViolationKind::FiniteNumber, "must be finite"))
            }
        });
        self.keep(name, found, value)
    }

    fn present(&mut self, name: &str) -> Option<Value> {
        let value = self.fields.get(name).cloned();
        if value.is_none() {
            self.violate(ViolationKind::Missing, name, "is required", Value::Null);
        }
        value
    }

    fn keep<T>(&mut self, name: &str, found: Result<T, (ViolationKind, &str)>, input: Value) -> Option<T> {
        match found {
            Ok(found) => Some(found),
            Err((kind, message)) => {
                self.violate(kind, name, message, input);
                None
            }
        }
    }

    fn at(&self, name: &str) -> Vec<Value> {
        self.loc.iter().cloned().chain([json!(name)]).collect()
    }

    fn violate(&mut self, kind: ViolationKind, name: &str, message: &str, input: Value) {
        self.violations
            .push(Violation::new(kind, &self.at(name), message, input));
    }
}
