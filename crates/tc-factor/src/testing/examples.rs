//! The worked examples of the factor contract, section 14, as data: the same ones hold for every implementation.

use serde_json::Value;
use tc_market::Candle;

use super::{bars, difference, prices};

/// One example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Section of the contract.
    pub name: &'static str,
    /// Half width of the window of major pivots.
    pub major: i64,
    /// Half width of the window of minor pivots.
    pub minor: i64,
    /// Its candles, one minute each.
    pub candles: Vec<Candle>,
    /// Kinds of the events that it lists; it says nothing of others.
    kinds: &'static [&'static str],
    /// One event per line: tick, kind, key, then any fields of the payload as `name=json`.
    events: &'static str,
    /// Tick, factor and head; a head that is not listed is not part of the example.
    heads: &'static [(i64, &'static str, &'static str)],
}

/// An event as it is compared: tick, kind, key and payload.
pub type FoundEvent = (i64, String, String, Value);

impl Example {
    /// Holds events of all kinds, in ledger order, against the example.
    ///
    /// # Panics
    /// At the first event that differs, and when there are more or fewer.
    pub fn check_events(&self, found: impl IntoIterator<Item = FoundEvent>) {
        let mut found = found
            .into_iter()
            .filter(|(_, kind, ..)| self.kinds.contains(&kind.as_str()));
        for line in self.events.trim().lines().map(str::trim) {
            let Some((time, kind, key, payload)) = found.next() else {
                panic!("{}: no event where {line} is due", self.name);
            };
            let mut words = line.split_whitespace();
            let head: Vec<&str> = words.by_ref().take(3).collect();
            assert_eq!(format!("{time} {kind} {key}"), head.join(" "), "{}", self.name);
            for (field, expected) in words.filter_map(|word| word.split_once('=')) {
                self.same(&payload[field], expected, &format!("{line}: {field}"));
            }
        }
        let further = found.next();
        assert_eq!(further, None, "{}: more events than listed", self.name);
    }

    /// Holds the head of a factor after the candle at `time` against the example; `None`: no head.
    ///
    /// # Panics
    /// When the example lists another head.
    pub fn check_head(&self, time: i64, factor: &str, found: Option<&Value>) {
        for (_, _, expected) in self
            .heads
            .iter()
            .filter(|head| (head.0, head.1) == (time, factor))
        {
            self.same(
                found.unwrap_or(&Value::Null),
                expected,
                &format!("head of {factor} at {time}"),
            );
        }
    }

    fn same(&self, found: &Value, expected: &str, place: &str) {
        match serde_json::from_str(expected) {
            Ok(expected) => assert_eq!(difference(found, &expected), None, "{}: {place}", self.name),
            Err(error) => panic!("{}: {place}: {expected} is not JSON: {error}", self.name),
        }
    }
}

const PIVOTS: &[&str] = &["pivot.major", "pivot.minor"];
const PENS: &[&str] = &["pen.confirmed"];
const PIVOTS_AND_PENS: &[&str] = &["pivot.major", "pivot.minor", "pen.confirmed"];
const ZONES: &[&str] = &["pen.confirmed", "zhongshu.dead", "anchor.switch"];
const LEVELS: &[&str] = &["sr.snapshot"];

/// All examples that are given as candles.
///
/// # Panics
/// Never: the candles are constants.
#[must_use]
pub fn examples() -> Vec<Example> {
    [pivots(), pens(), vec![zone_of_pens(), zone_of_prices(), levels()]].concat()
}

fn pivots() -> Vec<Example> {
    let example = |name, candles, kinds, events| Example {
        name,
        major: 2,
        minor: 1,
        candles,
        kinds,
        events,
        heads: &[],
    };
    vec![
        example(
            "14.1 a: a plateau",
            prices("1 2 5 5 2 1 1"),
            PIVOTS,
            "300 pivot.major major:180:resistance:2 pivot_price=5.0 pivot_idx=2
             300 pivot.minor minor:240:resistance:1 pivot_price=5.0 pivot_idx=3
             420 pivot.minor minor:360:support:1 pivot_price=1.0 pivot_idx=5",
        ),
        example(
            "14.1 b: a gap in the right half",
            prices("1 2 5 +1 2 1 1 2 3"),
            PIVOTS,
            "480 pivot.major major:360:support:2 pivot_price=1.0 pivot_idx=4
             480 pivot.minor minor:420:support:1 pivot_price=1.0 pivot_idx=5",
        ),
        example(
            "14.1 b: a gap in the left half",
            prices("1 2 +1 5 2 1"),
            PIVOTS,
            "360 pivot.major major:240:resistance:2 pivot_price=5.0 pivot_idx=2",
        ),
        example(
            "14.1 c: outside bars",
            bars("5 4 | 5 4 | 9 1 | 5 4 | 5 4 | 8 3 | 5 4 | 5 4"),
            PIVOTS_AND_PENS,
            "300 pivot.major major:180:resistance:2 pivot_price=9.0
             300 pivot.major major:180:support:2 pivot_price=1.0
             420 pivot.minor minor:360:resistance:1 pivot_price=8.0
             420 pivot.minor minor:360:support:1 pivot_price=3.0
             480 pivot.major major:360:resistance:2 pivot_price=8.0
             480 pivot.major major:360:support:2 pivot_price=3.0
             480 pen.confirmed confirmed:180:180:-1 start_price=9.0 end_price=1.0
             480 pen.confirmed confirmed:180:360:1 start_price=1.0 end_price=8.0",
        ),
    ]
}

fn pens() -> Vec<Example> {
    let example = |name, candles, events| Example {
        name,
        major: 1,
        minor: 1,
        candles,
        kinds: PENS,
        events,
        heads: &[],
    };
    vec![
        example(
            "14.2 a: a chain of pens",
            prices("3 5 3 4 5 3 1 3 2 6 2"),
            "360 pen.confirmed confirmed:120:180:-1 start_price=5.0 end_price=3.0 start_idx=1 end_idx=2
             480 pen.confirmed confirmed:180:300:1 start_price=3.0 end_price=5.0 start_idx=2 end_idx=4
             540 pen.confirmed confirmed:300:420:-1 start_price=5.0 end_price=1.0 start_idx=4 end_idx=6
             600 pen.confirmed confirmed:420:480:1 start_price=1.0 end_price=3.0 start_idx=6 end_idx=7
             660 pen.confirmed confirmed:480:540:-1 start_price=3.0 end_price=2.0 start_idx=7 end_idx=8",
        ),
        example(
            "14.2 b: direction by price",
            bars("12 11 | 11.5 10 | 11 10 | 9 8 | 7 6 | 7.5 5 | 7 4 | 6 3 | 6 5 | 7 6 | 8 7 | 7 6"),
            "540 pen.confirmed confirmed:120:360:-1 start_price=10.0 end_price=7.5
             720 pen.confirmed confirmed:360:480:-1 start_price=7.5 end_price=3.0",
        ),
        example(
            "14.2 b: equal prices",
            bars("12 11 | 11.5 10 | 11 10 | 10 9.5 | 9.5 9 | 10 8.5 | 9.8 8 | 9 7 | 9 8"),
            "540 pen.confirmed confirmed:120:360:-1 start_price=10.0 end_price=10.0",
        ),
    ]
}

fn zone_of_pens() -> Example {
    Example {
        name: "14.3: a zone that a pen completes",
        major: 1,
        minor: 1,
        candles: prices("10 20 12 18 13 17 11 14 9 30 26 34 25"),
        kinds: ZONES,
        events: r#"
                300 pen.confirmed confirmed:120:180:-1 start_price=20.0 end_price=12.0
                300 anchor.switch strong_pen:300:confirmed:120:180:-1 old_anchor=null switch_time=300 visible_time=300
                360 pen.confirmed confirmed:180:240:1 start_price=12.0 end_price=18.0
                420 pen.confirmed confirmed:240:300:-1 start_price=18.0 end_price=13.0
                480 pen.confirmed confirmed:300:360:1 start_price=13.0 end_price=17.0
                540 pen.confirmed confirmed:360:420:-1 start_price=17.0 end_price=11.0
                600 pen.confirmed confirmed:420:480:1 start_price=11.0 end_price=14.0
                660 pen.confirmed confirmed:480:540:-1 start_price=14.0 end_price=9.0
                660 anchor.switch strong_pen:660:candidate:540:600:1 old_anchor={"kind":"confirmed","start_time":120,"end_time":180,"direction":-1} new_anchor={"kind":"candidate","start_time":540,"end_time":600,"direction":1} reason="strong_pen"
                720 pen.confirmed confirmed:540:600:1 start_price=9.0 end_price=30.0
                780 pen.confirmed confirmed:600:660:-1 start_price=30.0 end_price=26.0
                780 zhongshu.dead dead:120:480:780:17.00000000:13.00000000:pen_confirmed start_time=120 end_time=720 zg=17.0 zd=13.0 entry_direction=-1 formed_time=480 death_time=780 visible_time=780 formed_reason="pen_confirmed"
            "#,
        heads: &[
            (240, "pen", "null"),
            (240, "zhongshu", "null"),
            (240, "anchor", "null"),
            (
                660,
                "pen",
                r#"{"extending":{"start_time":540,"end_time":600,"start_price":9.0,"end_price":30.0,"direction":1},
                        "candidate":{"start_time":600,"end_time":660,"start_price":30.0,"end_price":26.0,"direction":-1}}"#,
            ),
            (
                660,
                "zhongshu",
                r#"{"alive":[{"start_time":120,"end_time":660,"zg":17.0,"zd":13.0,"entry_direction":-1,
                        "formed_time":480,"formed_reason":"pen_confirmed","death_time":null,"visible_time":660}]}"#,
            ),
            (
                660,
                "anchor",
                r#"{"current_anchor_ref":{"kind":"candidate","start_time":540,"end_time":600,"direction":1}}"#,
            ),
            (780, "zhongshu", r#"{"alive":[]}"#),
        ],
    }
}

fn zone_of_prices() -> Example {
    Example {
        name: "14.4: a zone that the price completes",
        major: 1,
        minor: 1,
        candles: bars(
            "60 | 70 | 51 | 55 | 50 | 50.9 | 49 | 50.5 49.5 50 | 50.4 49.8 50 | 50.9 50.0 50.5 | 52 50.2 51.5 \
                 | 51 | 48 | 49 | 46.5 | 47 | 44",
        ),
        kinds: ZONES,
        events: r#"
                300 pen.confirmed confirmed:120:180:-1 start_price=70.0 end_price=51.0
                300 anchor.switch strong_pen:300:confirmed:120:180:-1 old_anchor=null
                360 pen.confirmed confirmed:180:240:1 start_price=51.0 end_price=55.0
                420 pen.confirmed confirmed:240:300:-1 start_price=55.0 end_price=50.0
                480 pen.confirmed confirmed:300:360:1 start_price=50.0 end_price=50.9
                540 pen.confirmed confirmed:360:420:-1 start_price=50.9 end_price=49.0
                600 anchor.switch zhongshu_entry:600:240:300:-1 old_anchor={"kind":"confirmed","start_time":120,"end_time":180,"direction":-1} new_anchor={"kind":"confirmed","start_time":240,"end_time":300,"direction":-1} reason="zhongshu_entry"
                840 pen.confirmed confirmed:420:660:1 start_price=49.0 end_price=52.0
                900 pen.confirmed confirmed:660:780:-1 start_price=52.0 end_price=48.0
                960 pen.confirmed confirmed:780:840:1 start_price=48.0 end_price=49.0
                960 zhongshu.dead dead:240:600:960:50.90000000:50.00000000:price_cross end_time=900 zd=50.0 zg=50.9
                1020 pen.confirmed confirmed:840:900:-1 start_price=49.0 end_price=46.5
            "#,
        heads: &[
            (540, "zhongshu", r#"{"alive":[]}"#),
            (
                600,
                "pen",
                r#"{"extending":{"start_time":420,"end_time":600,"start_price":49.0,"end_price":50.9,"direction":1}}"#,
            ),
            (
                600,
                "zhongshu",
                r#"{"alive":[{"start_time":240,"end_time":600,"zg":50.9,"zd":50.0,"entry_direction":-1,
                        "formed_time":600,"formed_reason":"price_cross","death_time":null,"visible_time":600}]}"#,
            ),
        ],
    }
}

fn levels() -> Example {
    Example {
        name: "14.5: levels",
        major: 1,
        minor: 1,
        candles: bars(
            "101 99 100 | 104 102 103 | 103 100 101 | 102 98 99 | 104.5 101 103.5 | 103 100 101 | 102 99 100 \
             | 103.8 101 103 | 102.5 100.5 101 | 101 97 98",
        ),
        kinds: LEVELS,
        events: r#"
            180 sr.snapshot snapshot:180:0:none algorithm="" levels=[] pivots=[]
            300 sr.snapshot snapshot:300:0:none algorithm="" levels=[] pivots=[]
            360 sr.snapshot snapshot:360:1:da95a498a68e algorithm="pivot_wick_overlap"
            480 sr.snapshot snapshot:480:2:56d0d03eaf1e
            540 sr.snapshot snapshot:540:2:2c8906da9a97
        "#,
        heads: &[
            (120, "sr", "null"),
            (240, "sr", r#"{"algorithm":"","levels":[],"pivots":[]}"#),
            (
                420,
                "sr",
                r#"{"algorithm":"pivot_wick_overlap","levels":[{"price":104.0,"type":"resistance",
                    "level_type":"resistance","status":"active","first_idx":1,"second_idx":4,"last_idx":4,
                    "first_time":120,"second_time":300,"last_time":300,"count":2,"flip_dir":null,
                    "touch_indices":[1,4],"touch_times":[120,300],"level_score":0.75,"band_low":102.0,
                    "band_high":104.0,"band_width_atr":0.5970149253731343,"death_idx":null,"death_time":null,
                    "death_price":null}],
                    "pivots":[{"idx":1,"time":120,"price":104.0,"type":"resistance","source_window":"major"},
                        {"idx":4,"time":300,"price":104.0,"type":"resistance","source_window":"major"}]}"#,
            ),
        ],
    }
}
