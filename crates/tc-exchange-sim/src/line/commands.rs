//! JSON commands on a socket.

use serde_json::{Map, Value};
use tc_market::MarketKind;

/// Longest text id of a spot command.
const MAX_ID_CHARS: usize = 36;
const METHODS: &str = "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`";

/// A readable command.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) id: Value,
    pub(super) command: Command,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Subscribe(Vec<String>),
    Unsubscribe(Vec<String>),
    ListSubscriptions,
    Set(Property, bool),
    Get(Property),
}

/// A property of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Combined,
}

/// A refused command.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    id: Value,
    code: i64,
    message: String,
}

impl Refusal {
    pub(super) fn body(&self) -> String {
        serde_json::json!({ "error": { "code": self.code, "msg": self.message }, "id": self.id }).to_string()
    }
}

pub(super) fn too_many(id: Value) -> Refusal {
    Refusal {
        id,
        code: 2,
        message: "Invalid request: too many parameters".to_owned(),
    }
}

/// Reads a command of the market's dialect.
pub(super) fn parse(text: &str, market: MarketKind) -> Result<Request, Refusal> {
    let value: Value = serde_json::from_str(text).map_err(|error| Refusal {
        id: Value::Null,
        code: 3,
        message: format!(
            "Invalid JSON: expected value at line {} column {}",
            error.line(),
            error.column()
        ),
    })?;
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let id = fields.get("id").cloned().unwrap_or_default();
    let refuse = |code, message: String| Refusal {
        id: id.clone(),
        code,
        message,
    };
    let invalid = |what: &str| refuse(2, format!("Invalid request: {what}"));
    let end = format!("at line 1 column {}", text.len());
    if !is_id(fields.get("id"), market) {
        return Err(Refusal {
            id: Value::Null,
            ..invalid("request ID must be an unsigned integer")
        });
    }
    let method = match fields.get("method") {
        None => return Err(invalid(&format!("missing field `method` {end}"))),
        Some(method) => method.as_str().unwrap_or_default(),
    };
    let params = fields
        .get("params")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let command = match method {
        "SUBSCRIBE" => Command::Subscribe(stream_names(params).ok_or_else(|| invalid("invalid stream"))?),
        "UNSUBSCRIBE" => Command::Unsubscribe(stream_names(params).ok_or_else(|| invalid("invalid stream"))?),
        "LIST_SUBSCRIPTIONS" => Command::ListSubscriptions,
        "SET_PROPERTY" | "GET_PROPERTY" => {
            let name = params
                .first()
                .and_then(Value::as_str)
                .ok_or_else(|| invalid("property name must be a string"))?;
            if name != "combined" {
                return Err(refuse(0, "Unknown property".to_owned()));
            }
            if method == "GET_PROPERTY" {
                Command::Get(Property::Combined)
            } else {
                let wanted = params.get(1).and_then(Value::as_bool);
                let wanted =
                    wanted.ok_or_else(|| refuse(1, "Invalid value type: expected Boolean".to_owned()))?;
                Command::Set(Property::Combined, wanted)
            }
        }
        other => {
            return Err(invalid(&format!(
                "unknown variant `{other}`, expected one of {METHODS} {end}"
            )));
        }
    };
    Ok(Request { id, command })
}

/// Any name with a stream type is accepted; whether data follows is another question.
fn stream_names(params: &[Value]) -> Option<Vec<String>> {
    params
        .iter()
        .map(|name| {
            name.as_str()
                .filter(|name| name.contains(['@', '!']))
                .map(str::to_owned)
        })
        .collect()
}

fn is_id(id: Option<&Value>, market: MarketKind) -> bool {
    match (id, market) {
        (Some(Value::Number(number)), MarketKind::Spot) => number.is_i64() || number.is_u64(),
        (Some(Value::Number(number)), MarketKind::Futures) => number.is_u64(),
        (Some(Value::String(text)), MarketKind::Spot) => text.chars().count() <= MAX_ID_CHARS,
        (None | Some(Value::Null), MarketKind::Spot) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spot(text: &str) -> Result<Request, Refusal> {
        parse(text, MarketKind::Spot)
    }

    fn refusal(text: &str, market: MarketKind) -> String {
        parse(text, market).unwrap_err().body()
    }

    #[test]
    fn commands() {
        let request = spot(r#"{"method":"SUBSCRIBE","params":["btcusdt@kline_1m"],"id":1}"#).unwrap();
        assert_eq!(
            request.command,
            Command::Subscribe(vec!["btcusdt@kline_1m".to_owned()])
        );
        assert_eq!(request.id, Value::from(1));
        assert_eq!(
            spot(r#"{"method":"LIST_SUBSCRIPTIONS","id":"x"}"#)
                .unwrap()
                .command,
            Command::ListSubscriptions
        );
        let set = r#"{"method":"SET_PROPERTY","params":["combined",true]}"#;
        assert_eq!(spot(set).unwrap().command, Command::Set(Property::Combined, true));
        let get = r#"{"method":"GET_PROPERTY","params":["combined"],"id":null}"#;
        assert_eq!(spot(get).unwrap().command, Command::Get(Property::Combined));
    }

    #[test]
    fn refusals() {
        let futures = |text| refusal(text, MarketKind::Futures);
        assert_eq!(
            futures(r#"{"method":"SUBSCRIBE","params":["btcusdt"],"id":2}"#),
            r#"{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2}"#
        );
        assert_eq!(
            futures(r#"{"method":"SUBSCRIBE","params":["a@b"],"id":"x"}"#),
            r#"{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"},"id":null}"#
        );
        assert_eq!(
            futures("nonsense"),
            r#"{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 2"},"id":null}"#
        );
        assert!(futures(r#"{"id":1}"#).contains("missing field `method` at line 1 column 8"));
        assert!(
            futures(r#"{"method":"JUMP","id":1}"#)
                .contains("unknown variant `JUMP`, expected one of `SUBSCRIBE`")
        );
        assert!(
            futures(r#"{"method":"GET_PROPERTY","params":["x"],"id":1}"#)
                .contains(r#"{"code":0,"msg":"Unknown property"}"#)
        );
        assert!(
            futures(r#"{"method":"GET_PROPERTY","params":[7],"id":1}"#)
                .contains("property name must be a string")
        );
        assert!(
            futures(r#"{"method":"SET_PROPERTY","params":["combined",1],"id":1}"#)
                .contains(r#"{"code":1,"msg":"Invalid value type: expected Boolean"}"#)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            if let Err(refusal) = spot(&text) {
                prop_assert!(serde_json::from_str::<Value>(&refusal.body()).is_ok());
            }
        }
    }
}
