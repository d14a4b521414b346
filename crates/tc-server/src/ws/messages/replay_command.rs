//! What a client asks for.

use serde::Deserialize;
use serde_json::{Map, Value};
use tc_factor::SlicePart;
use tc_market::SeriesId;
use utoipa::ToSchema;

use crate::resources::factor::{dto::SlicePartV1, slices::PARTS};

/// Most bars of one step.
const MOST_BARS: i64 = 5_000;
/// Least and most bars per second.
const SPEEDS: std::ops::RangeInclusive<f64> = 0.1..=1_000.0;
/// Most kinds of moments in a message.
const MOST_KINDS: usize = 64;

/// A command of a client, or why it was none.
#[derive(Debug, Clone, PartialEq)]
pub enum ReplayCommand {
    /// Begin a playback.
    Open(OpenReplay),
    /// Go to an instant, Unix seconds.
    Seek(i64),
    /// Move on by oneself.
    Play {
        /// Bars per second.
        speed: f64,
        /// Kinds of moments to stop at.
        stop_at: Vec<String>,
    },
    /// Stop where it is.
    Pause,
    /// Move by bars; negative: back.
    Step(i64),
    /// Move to the nearest moment.
    Jump {
        /// Kinds of moments.
        kinds: Vec<String>,
        /// Towards later candles.
        later: bool,
    },
    /// The frame was refused.
    Refused(ReplayRefusal),
}

/// What a playback begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenReplay {
    /// The series that is shown.
    pub series: SeriesId,
    /// The series whose candles move the time; `None`: the shown one.
    pub clock: Option<SeriesId>,
    /// Where to begin, Unix seconds.
    pub at_time: i64,
    /// Length of the window, candles.
    pub window_candles: u32,
    /// Part of the slices that frames hold; all of them when deltas tell what changes in them.
    pub part: SlicePart,
    /// Deltas tell what changes in the slices.
    pub slices: bool,
}

/// Why a frame was refused. The texts are exact; clients match on them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayRefusal {
    /// Not JSON, a binary frame, or a JSON value that is no object.
    #[error("invalid message envelope")]
    Envelope,
    /// No `type`, not a string, or empty.
    #[error("missing message type")]
    MissingType,
    /// A type that is not known.
    #[error("unknown message type: {0}")]
    UnknownType(String),
    /// A field that is missing, of another type or out of its range.
    #[error("invalid {0}")]
    Field(&'static str),
    /// There is no playback yet.
    #[error("not open")]
    NotOpen,
}

/// A command as it is on the wire.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = ReplayCommand)]
#[expect(dead_code, reason = "documents the message; fields are read one by one")]
pub(crate) enum ReplayCommandDocument {
    /// Begins a playback, paused; replaces the one before.
    Open {
        /// The series.
        series_id: String,
        /// Instant to begin at, Unix seconds: that of the newest candle of the clock at or before it.
        at_time: i64,
        /// Length of the window.
        #[schema(minimum = 1, maximum = 5000, default = 2000)]
        window_candles: Option<u32>,
        /// What frames hold of each slice; the other part is `{}`. Absent: `all`, which `slices` needs.
        part: Option<SlicePartV1>,
        /// Deltas tell what changes in the slices.
        #[schema(default = false)]
        slices: Option<bool>,
        /// Shorter timeframe of the same market whose stored candles move the time, for example `1m`; absent: the bars
        /// of the series itself. Steps, speeds and times count its candles.
        clock: Option<String>,
    },
    /// Goes to an instant; playing goes on if it was on.
    Seek {
        /// Unix seconds.
        at_time: i64,
    },
    /// Moves on by itself, or changes the speed.
    Play {
        /// Bars per second.
        #[schema(minimum = 0.1, maximum = 1000.0)]
        speed: f64,
        /// Kinds of moments to stop at; absent: none.
        stop_at: Option<Vec<String>>,
    },
    /// Stops after the current bar.
    Pause {},
    /// Pauses and moves by bars.
    Step {
        /// Not 0; negative: back.
        #[schema(minimum = -5000, maximum = 5000)]
        count: i64,
    },
    /// Pauses and moves to the nearest bar at which a moment of one of these kinds becomes visible.
    Jump {
        /// Kinds of the ledger, `zhongshu.formed`, `sr.broken`.
        kinds: Vec<String>,
        /// 1: later, -1: earlier.
        direction: i64,
    },
}

impl ReplayCommand {
    /// Reads a frame of a client; `None` is a binary one.
    #[must_use]
    pub fn parse(text: Option<&str>) -> Self {
        Self::read(text).unwrap_or_else(Self::Refused)
    }

    fn read(text: Option<&str>) -> Result<Self, ReplayRefusal> {
        let Some(Ok(Value::Object(fields))) = text.map(serde_json::from_str) else {
            return Err(ReplayRefusal::Envelope);
        };
        let kind = fields
            .get("type")
            .and_then(Value::as_str)
            .filter(|kind| !kind.is_empty());
        match kind.ok_or(ReplayRefusal::MissingType)? {
            "open" => open(&fields).map(Self::Open),
            "seek" => at_time(&fields).map(Self::Seek),
            "play" => Ok(Self::Play {
                speed: speed(&fields)?,
                stop_at: match fields.get("stop_at") {
                    None | Some(Value::Null) => Vec::new(),
                    Some(kinds) => words(kinds).ok_or(ReplayRefusal::Field("stop_at"))?,
                },
            }),
            "pause" => Ok(Self::Pause),
            "step" => {
                let count = fields.get("count").and_then(Value::as_i64);
                let count =
                    count.filter(|count| *count != 0 && count.unsigned_abs() <= MOST_BARS.unsigned_abs());
                count.map(Self::Step).ok_or(ReplayRefusal::Field("count"))
            }
            "jump" => {
                let kinds = fields
                    .get("kinds")
                    .and_then(words)
                    .filter(|kinds| !kinds.is_empty());
                let kinds = kinds.ok_or(ReplayRefusal::Field("kinds"))?;
                let later = match fields.get("direction").and_then(Value::as_i64) {
                    Some(1) => true,
                    Some(-1) => false,
                    _ => return Err(ReplayRefusal::Field("direction")),
                };
                Ok(Self::Jump { kinds, later })
            }
            other => Err(ReplayRefusal::UnknownType(other.to_owned())),
        }
    }
}

fn open(fields: &Map<String, Value>) -> Result<OpenReplay, ReplayRefusal> {
    let series = fields.get("series_id").and_then(Value::as_str);
    let series: SeriesId = series
        .and_then(|series| series.parse().ok())
        .ok_or(ReplayRefusal::Field("series_id"))?;
    let clock = match fields.get("clock") {
        None | Some(Value::Null) => None,
        Some(clock) => {
            let refusal = ReplayRefusal::Field("clock");
            let timeframe = clock
                .as_str()
                .and_then(|text| text.parse().ok())
                .ok_or(refusal.clone())?;
            if !series.timeframe().rolls_up_from(timeframe) {
                return Err(refusal);
            }
            Some(series.with_timeframe(timeframe).map_err(|_| refusal)?)
        }
    };
    let window_candles = match fields.get("window_candles") {
        None | Some(Value::Null) => Some(2_000),
        Some(candles) => candles.as_u64().filter(|candles| (1..=5_000).contains(candles)),
    };
    let window_candles = window_candles.and_then(|candles| u32::try_from(candles).ok());
    let slices = match fields.get("slices") {
        None | Some(Value::Null) => Some(false),
        Some(slices) => slices.as_bool(),
    };
    let slices = slices.ok_or(ReplayRefusal::Field("slices"))?;
    Ok(OpenReplay {
        at_time: at_time(fields)?,
        window_candles: window_candles.ok_or(ReplayRefusal::Field("window_candles"))?,
        part: part(fields, slices)?,
        slices,
        series,
        clock,
    })
}

/// Differences can only be made to whole slices.
fn part(fields: &Map<String, Value>, slices: bool) -> Result<SlicePart, ReplayRefusal> {
    let part = match fields.get("part") {
        None | Some(Value::Null) => Some(SlicePart::All),
        Some(part) => part.as_str().and_then(|word| {
            let known = PARTS.iter().find(|(name, _)| *name == word);
            known.map(|(_, part)| *part)
        }),
    };
    part.filter(|part| !slices || *part == SlicePart::All)
        .ok_or(ReplayRefusal::Field("part"))
}

fn at_time(fields: &Map<String, Value>) -> Result<i64, ReplayRefusal> {
    let time = fields
        .get("at_time")
        .and_then(Value::as_i64)
        .filter(|time| *time >= 0);
    time.ok_or(ReplayRefusal::Field("at_time"))
}

fn speed(fields: &Map<String, Value>) -> Result<f64, ReplayRefusal> {
    let speed = fields.get("speed").and_then(Value::as_f64);
    speed
        .filter(|speed| SPEEDS.contains(speed))
        .ok_or(ReplayRefusal::Field("speed"))
}

fn words(value: &Value) -> Option<Vec<String>> {
    let words = value.as_array().filter(|words| words.len() <= MOST_KINDS)?;
    words
        .iter()
        .map(|word| word.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(message: &Value) -> String {
        match ReplayCommand::parse(Some(&message.to_string())) {
            ReplayCommand::Refused(refusal) => refusal.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_playback_as_it_is_asked_for() {
        let message =
            json!({"type": "open", "series_id": "binance:spot:A/B:5m", "at_time": 7, "clock": "1m"});
        let ReplayCommand::Open(open) = ReplayCommand::parse(Some(&message.to_string())) else {
            panic!("refused");
        };
        assert_eq!(
            open,
            OpenReplay {
                series: "binance:spot:A/B:5m".parse().unwrap(),
                clock: Some("binance:spot:A/B:1m".parse().unwrap()),
                at_time: 7,
                window_candles: 2_000,
                part: SlicePart::All,
                slices: false,
            }
        );
    }

    #[test]
    fn parts_of_slices_go_with_deltas_that_do_not_build_on_them() {
        let parsed = |part: &str, slices: bool| {
            let message = json!({
                "type": "open", "series_id": "binance:spot:A/B:5m", "at_time": 7, "part": part, "slices": slices,
            });
            ReplayCommand::parse(Some(&message.to_string()))
        };
        for (word, part) in PARTS {
            let ReplayCommand::Open(open) = parsed(word, false) else {
                panic!("{word} refused");
            };
            assert_eq!(open.part, part);
            let whole = part == SlicePart::All;
            assert_eq!(
                matches!(parsed(word, true), ReplayCommand::Open(_)),
                whole,
                "{word}"
            );
        }
    }

    #[test]
    fn refusals_name_the_field() {
        let open = |field: &str, value: Value| {
            let mut message = json!({"type": "open", "series_id": "binance:spot:A/B:5m", "at_time": 7});
            message[field] = value;
            refused(&message)
        };
        assert_eq!(open("series_id", json!("A")), "invalid series_id");
        assert_eq!(open("at_time", json!(-1)), "invalid at_time");
        assert_eq!(open("at_time", json!("7")), "invalid at_time");
        assert_eq!(open("part", json!("tail")), "invalid part");
        assert_eq!(open("window_candles", json!(0)), "invalid window_candles");
        assert_eq!(open("window_candles", json!(5001)), "invalid window_candles");
        assert_eq!(open("slices", json!(1)), "invalid slices");
        assert_eq!(open("clock", json!("5m")), "invalid clock");
        assert_eq!(open("clock", json!("2m")), "invalid clock");
        assert_eq!(refused(&json!({"type": "play", "speed": 0.05})), "invalid speed");
        assert_eq!(refused(&json!({"type": "play", "speed": 1001})), "invalid speed");
        assert_eq!(
            refused(&json!({"type": "play", "speed": 1, "stop_at": "x"})),
            "invalid stop_at"
        );
        assert_eq!(refused(&json!({"type": "step", "count": 0})), "invalid count");
        assert_eq!(refused(&json!({"type": "step", "count": -5001})), "invalid count");
        assert_eq!(
            refused(&json!({"type": "jump", "kinds": [], "direction": 1})),
            "invalid kinds"
        );
        assert_eq!(
            refused(&json!({"type": "jump", "kinds": ["a"], "direction": 0})),
            "invalid direction"
        );
        assert_eq!(
            refused(&json!({"type": "rewind"})),
            "unknown message type: rewind"
        );
        assert_eq!(refused(&json!({})), "missing message type");
        assert_eq!(refused(&json!([])), "invalid message envelope");
        assert_eq!(
            ReplayCommand::parse(None),
            ReplayCommand::Refused(ReplayRefusal::Envelope)
        );
        assert_eq!(
            ReplayCommand::parse(Some("{")),
            ReplayCommand::Refused(ReplayRefusal::Envelope)
        );
    }
}
