//! What is told of the built-in strategies.

use serde_json::{
    Map, Value, json,
    value::{RawValue, to_raw_value},
};
use tc_backtest::{STRATEGIES, Sides, StrategyParam, StrategySpec};
use tc_factor::ParamValue;
use tc_overlay::FoldSetup;

/// Every strategy, in name order: a JSON list of specs.
pub(super) fn json(setup: &FoldSetup) -> Result<Box<RawValue>, serde_json::Error> {
    let specs: Vec<Value> = STRATEGIES.iter().map(|spec| told(spec, setup)).collect();
    to_raw_value(&specs)
}

fn told(spec: &StrategySpec, setup: &FoldSetup) -> Value {
    let properties = spec
        .params
        .iter()
        .map(|param| (param.name.to_owned(), property(param)));
    json!({
        "schema_version": 1,
        "strategy_name": spec.name,
        "strategy_version": spec.version,
        "label": spec.label,
        "description": spec.description,
        "can_long": true,
        "can_short": spec.sides == Sides::LongAndShort,
        "factor_roots": spec.factors,
        "params_schema": {
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "additionalProperties": false,
        },
        "logic_hash": logic_hash(spec, setup),
    })
}

/// The schema of one parameter.
fn property(param: &StrategyParam) -> Value {
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| schema.insert(key.to_owned(), value);
    set("title", json!(param.label));
    set("description", json!(param.description));
    match param.default {
        ParamValue::Int(default) if param.is_switch() => {
            set("type", json!("boolean"));
            set("default", json!(default != 0));
            return Value::Object(schema);
        }
        ParamValue::Int(default) => {
            set("type", json!("integer"));
            set("default", json!(default));
        }
        ParamValue::Float(default) => {
            set("type", json!("number"));
            set("default", json!(default));
        }
    }
    set("minimum", json!(param.min));
    set("maximum", json!(param.max));
    set("step", json!(param.step));
    Value::Object(schema)
}

/// Changes with the strategy, its parameters, and the factors that run: their logic and their settings.
fn logic_hash(spec: &StrategySpec, setup: &FoldSetup) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    field(spec.name);
    field(spec.version);
    for param in spec.params {
        field(&property(param).to_string());
        field(param.name);
    }
    for factor in spec.factors {
        field(factor);
    }
    for factor in setup.factors.specs() {
        field(factor.factor_name);
        field(factor.logic_version);
    }
    field(&setup.settings.logic_version_override);
    for (name, value) in &setup.settings.overrides {
        field(name);
        match value {
            ParamValue::Int(value) => field(&value.to_string()),
            ParamValue::Float(value) => field(&format!("{:016x}", value.to_bits())),
        }
    }
    hasher.finalize().to_hex().to_string()
}
