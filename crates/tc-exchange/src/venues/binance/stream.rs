//! Frames of the market streams.

use serde_json::{Map, Value, json};
use tc_market::{Candle, CandleTime, FormingCandle};

use crate::{BadFrame, Bar, Frame, Kline, RefusalBody, StreamCommand, StreamFrame, StreamName, StreamVerb};

/// A command as the venue reads it.
pub(super) fn write_command(command: &StreamCommand) -> String {
    let method = match command.verb {
        StreamVerb::Subscribe => "SUBSCRIBE",
        StreamVerb::Unsubscribe => "UNSUBSCRIBE",
    };
    let params: Vec<_> = command.streams.iter().map(StreamName::as_str).collect();
    json!({ "method": method, "params": params, "id": command.id }).to_string()
}

/// Reads a raw or combined frame.
pub(super) fn parse_frame(bytes: &[u8]) -> StreamFrame {
    let unnamed = |frame| StreamFrame { stream: None, frame };
    let mut object = match serde_json::from_slice(bytes) {
        Err(_) => return unnamed(Frame::Bad(BadFrame::NotJson)),
        Ok(Value::Object(object)) => object,
        Ok(_) => return unnamed(Frame::Bad(BadFrame::WrongType)),
    };
    let stream = match object.remove("stream") {
        None => return unnamed(parse_event(&object)),
        Some(Value::String(name)) => Some(name),
        Some(_) => None,
    };
    let frame = match object.get("data") {
        Some(Value::Object(data)) => parse_event(data),
        Some(_) => Frame::Bad(BadFrame::Field("data")),
        None => parse_event(&object),
    };
    StreamFrame { stream, frame }
}

fn parse_event(event: &Map<String, Value>) -> Frame {
    if event.get("e").and_then(Value::as_str) == Some("serverShutdown") {
        return Frame::ServerShutdown;
    }
    if let Some(k) = event.get("k") {
        let parsed = k.as_object().ok_or(BadFrame::Field("k")).and_then(parse_kline);
        return parsed.map_or_else(Frame::Bad, Frame::Kline);
    }
    let id = event.get("id").and_then(Value::as_u64);
    if let Some(error) = event.get("error").and_then(Value::as_object) {
        let body = refusal(error);
        return Frame::Refused { id, body };
    }
    if event.get("result").is_some() {
        return Frame::Ack { id };
    }
    if event.contains_key("code") && event.contains_key("msg") {
        let body = refusal(event);
        return Frame::Refused { id, body };
    }
    if event.get("e").is_some_and(Value::is_string) {
        Frame::Ignored
    } else {
        Frame::Bad(BadFrame::Field("k"))
    }
}

fn refusal(body: &Map<String, Value>) -> RefusalBody {
    RefusalBody {
        code: body.get("code").and_then(Value::as_i64).unwrap_or_default(),
        message: body
            .get("msg")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
    }
}

fn parse_kline(k: &Map<String, Value>) -> Result<Kline, BadFrame> {
    let text = |name: &'static str| {
        k.get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or(BadFrame::Field(name))
    };
    let value = |name: &'static str| number(k.get(name), name);
    let time = open_time(k.get("t").ok_or(BadFrame::Field("t"))?)?;
    let closed = k.get("x").and_then(Value::as_bool).ok_or(BadFrame::Field("x"))?;
    let (symbol, interval) = (text("s")?, text("i")?);
    let candle = Candle::new(
        time,
        value("o")?,
        value("h")?,
        value("l")?,
        value("c")?,
        value("v")?,
    )?;
    let bar = if closed {
        Bar::Closed(candle)
    } else {
        Bar::Forming(FormingCandle::new(candle))
    };
    Ok(Kline {
        symbol,
        interval,
        trades: count(k.get("n")),
        bar,
    })
}

/// Milliseconds, as a number or as digits in a string, to the open time in whole seconds.
pub(super) fn open_time(value: &Value) -> Result<CandleTime, BadFrame> {
    let ms = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    };
    let ms = ms.filter(|ms| *ms > 0).ok_or(BadFrame::Time)?;
    CandleTime::new(ms / 1000).map_err(|_| BadFrame::Time)
}

/// A price or volume: digits in a string, or a plain number.
pub(super) fn number(value: Option<&Value>, name: &'static str) -> Result<f64, BadFrame> {
    match value {
        None => Err(BadFrame::Field(name)),
        Some(Value::String(digits)) => digits.parse().map_err(|_| BadFrame::Number(name)),
        Some(Value::Number(number)) => number.as_f64().ok_or(BadFrame::Number(name)),
        Some(_) => Err(BadFrame::Number(name)),
    }
}

/// Trades are for comparison only: an absent number counts as none.
pub(super) fn count(value: Option<&Value>) -> u64 {
    value.and_then(Value::as_u64).unwrap_or_default()
}
