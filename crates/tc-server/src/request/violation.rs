//! One broken rule.

use serde_json::{Value, json};

/// Which rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// The field is absent.
    Missing,
    /// Text that is not a whole number.
    IntParsing,
    /// A fraction where a whole number is due.
    IntFromFloat,
    /// Not a number at all, where a whole number is due.
    IntType,
    /// Text that is not a number.
    FloatParsing,
    /// Not a number at all.
    FloatType,
    /// NaN, infinite, or too large for a double.
    FiniteNumber,
    /// Text that is neither yes nor no.
    BoolParsing,
    /// Not text.
    StringType,
    /// None of the words that are allowed.
    LiteralError,
    /// Text shorter than allowed.
    StringTooShort,
    /// Text longer than allowed.
    StringTooLong,
    /// Below the smallest value.
    GreaterThanEqual,
    /// Above the largest value.
    LessThanEqual,
    /// A list with too few entries.
    TooShort,
    /// A list with too many entries.
    TooLong,
    /// Not a list.
    ListType,
    /// Not JSON.
    JsonInvalid,
    /// Not a JSON object, or not announced as one.
    ModelAttributesType,
    /// A rule between fields.
    ValueError,
}

impl ViolationKind {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::IntParsing => "int_parsing",
            Self::IntFromFloat => "int_from_float",
            Self::IntType => "int_type",
            Self::FloatParsing => "float_parsing",
            Self::FloatType => "float_type",
            Self::FiniteNumber => "finite_number",
            Self::BoolParsing => "bool_parsing",
            Self::StringType => "string_type",
            Self::LiteralError => "literal_error",
            Self::StringTooShort => "string_too_short",
            Self::StringTooLong => "string_too_long",
            Self::GreaterThanEqual => "greater_than_equal",
            Self::LessThanEqual => "less_than_equal",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::ListType => "list_type",
            Self::JsonInvalid => "json_invalid",
            Self::ModelAttributesType => "model_attributes_type",
            Self::ValueError => "value_error",
        }
    }
}

/// A broken rule and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    kind: ViolationKind,
    loc: Vec<Value>,
    msg: String,
    input: Value,
    ctx: Option<Value>,
}

impl Violation {
    /// A rule broken at `loc`, a path of names and list positions.
    #[must_use]
    pub fn new(kind: ViolationKind, loc: &[Value], msg: impl Into<String>, input: Value) -> Self {
        Self {
            kind,
            loc: loc.to_vec(),
            msg: msg.into(),
            input,
            ctx: None,
        }
    }

    /// Adds the bound that is broken.
    #[must_use]
    pub fn bound(mut self, name: &str, bound: Value) -> Self {
        self.ctx = Some(json!({ name: bound }));
        self
    }

    /// The rule.
    #[must_use]
    pub const fn kind(&self) -> ViolationKind {
        self.kind
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut item =
            json!({ "type": self.kind.name(), "loc": self.loc, "msg": self.msg, "input": self.input });
        if let (Value::Object(fields), Some(ctx)) = (&mut item, &self.ctx) {
            fields.insert("ctx".to_owned(), ctx.clone());
        }
        item
    }

    pub(crate) fn describe(&self) -> String {
        let path: Vec<String> = self
            .loc
            .iter()
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect();
        format!("{} {}", path.join("."), self.msg)
    }
}
