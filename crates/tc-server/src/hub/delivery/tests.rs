//! Rules on small cases.

use serde_json::{Value, json};
use tc_market::{FormingCandle, SeriesId};

use super::*;

fn series() -> SeriesId {
    "binance:futures:GLD/USDT:1m".parse().unwrap()
}

pub(super) fn candle(seconds: i64) -> Candle {
    Candle::new(CandleTime::clamped(seconds), 1.0, 2.0, 0.5, 1.5, 3.0).unwrap()
}

pub(super) fn candles(seconds: &[i64]) -> Vec<Candle> {
    seconds.iter().copied().map(candle).collect()
}

/// What a frame says, in short: `gap 60-180`, `closed 60`, `batch 60,120`, `forming 60`, `head 60/0`, `system`.
pub(super) fn told(frame: &str) -> String {
    let value: Value = serde_json::from_str(frame).unwrap();
    let time = |candle: &Value| candle["candle_time"].to_string();
    match value["type"].as_str().unwrap() {
        "gap" => format!("gap {}-{}", value["expected_next_time"], value["actual_time"]),
        "candle_closed" => format!("closed {}", time(&value["candle"])),
        "candle_forming" => format!("forming {}", time(&value["candle"])),
        "candles_batch" => {
            let times: Vec<_> = value["candles"].as_array().unwrap().iter().map(time).collect();
            format!("batch {}", times.join(","))
        }
        "draw_head" => format!("head {}/{}", value["to_candle_time"], value["epoch"]),
        other => other.to_owned(),
    }
}

pub(super) fn all_told(out: Vec<Outgoing>) -> Vec<String> {
    out.into_iter()
        .flat_map(|outgoing| outgoing.gap.into_iter().chain([outgoing.body]))
        .map(|frame| told(&frame))
        .collect()
}

fn closed(seconds: &[i64]) -> Notice {
    Notice::closed(&series(), candles(seconds))
}

fn forming(seconds: i64) -> Notice {
    Notice::forming(&series(), FormingCandle::new(candle(seconds)))
}

fn head(seconds: i64, epoch: u32) -> Notice {
    Notice::draw_head(
        &series(),
        DrawHead {
            to: CandleTime::clamped(seconds),
            epoch,
        },
    )
}

const STREAM: Modes = Modes {
    batch: false,
    draw_head: false,
};
const BATCH: Modes = Modes {
    batch: true,
    draw_head: false,
};
const HEADS: Modes = Modes {
    batch: false,
    draw_head: true,
};

fn catching_up(modes: Modes, cursor: Option<i64>) -> Delivery {
    Delivery::new(series().timeframe(), modes, cursor.map(CandleTime::clamped), 8)
}

fn live(modes: Modes, cursor: Option<i64>) -> Delivery {
    let mut delivery = catching_up(modes, cursor);
    delivery.go_live(None, &mut Vec::new());
    delivery
}

fn offer(delivery: &mut Delivery, notice: &Notice) -> Vec<String> {
    let mut out = Vec::new();
    delivery.offer(notice, &mut out).unwrap();
    all_told(out)
}

fn page(delivery: &mut Delivery, seconds: &[i64]) -> Vec<String> {
    let page = ClosedFrames::new(series(), candles(seconds));
    let (known, hole) = delivery.page(page.candles());
    all_told(Delivery::page_frames(delivery.modes, &page, known, hole))
}

#[test]
fn a_single_candle_is_never_a_batch() {
    for modes in [STREAM, BATCH] {
        let mut delivery = live(modes, Some(60));
        assert_eq!(offer(&mut delivery, &closed(&[120])), ["closed 120"]);
        assert_eq!(offer(&mut delivery, &closed(&[120])), [""; 0], "delivered once");
        assert_eq!(
            offer(&mut delivery, &closed(&[60])),
            [""; 0],
            "late candles are not pushed"
        );
        assert_eq!(
            offer(&mut delivery, &closed(&[300])),
            ["gap 180-300", "closed 300"]
        );
    }
}

#[test]
fn a_batch_to_a_batch_client_has_one_leading_gap() {
    let mut delivery = live(BATCH, Some(60));
    assert_eq!(
        offer(&mut delivery, &closed(&[180, 300])),
        ["gap 120-180", "batch 180,300"]
    );
    assert_eq!(
        offer(&mut delivery, &closed(&[240, 300, 360])),
        ["batch 360"],
        "what is known is left out"
    );
    assert_eq!(delivery.cursor(), Some(CandleTime::clamped(360)));
}

#[test]
fn a_batch_to_a_streaming_client_announces_every_hole() {
    let mut delivery = live(STREAM, Some(60));
    assert_eq!(
        offer(&mut delivery, &closed(&[120, 240, 420])),
        [
            "closed 120",
            "gap 180-240",
            "closed 240",
            "gap 300-420",
            "closed 420"
        ]
    );
}

#[test]
fn without_a_cursor_nothing_is_missing() {
    let mut delivery = live(STREAM, None);
    assert_eq!(offer(&mut delivery, &closed(&[100])), ["closed 100"]);
    assert_eq!(
        offer(&mut delivery, &closed(&[220])),
        ["gap 160-220", "closed 220"],
        "off-grid times count steps"
    );
}

#[test]
fn forming_candles_never_move_the_cursor() {
    let mut delivery = live(STREAM, Some(60));
    assert_eq!(offer(&mut delivery, &forming(60)), [""; 0]);
    assert_eq!(offer(&mut delivery, &forming(600)), ["forming 600"]);
    assert_eq!(offer(&mut delivery, &closed(&[120])), ["closed 120"]);
    assert_eq!(offer(&mut live(STREAM, None), &forming(60)), ["forming 60"]);
}

#[test]
fn draw_heads_go_only_to_those_who_asked() {
    assert_eq!(offer(&mut live(STREAM, None), &head(60, 0)), [""; 0]);
    assert_eq!(offer(&mut live(HEADS, None), &head(60, 0)), ["head 60/0"]);
}

#[test]
fn only_the_leading_hole_of_a_catch_up_is_announced() {
    for (modes, expected) in [
        (STREAM, vec!["gap 120-180", "closed 180", "closed 300"]),
        (BATCH, vec!["gap 120-180", "batch 180,300"]),
    ] {
        let mut delivery = catching_up(modes, Some(60));
        assert_eq!(page(&mut delivery, &[180, 300]), expected);
    }
    let mut delivery = catching_up(BATCH, Some(60));
    assert_eq!(page(&mut delivery, &[120, 180]), ["batch 120,180"]);
    assert_eq!(
        page(&mut delivery, &[360]),
        ["batch 360"],
        "a hole between pages lies inside the catch-up"
    );
    assert_eq!(page(&mut catching_up(BATCH, None), &[360]), ["batch 360"]);
    assert_eq!(page(&mut catching_up(BATCH, Some(360)), &[]), [""; 0]);
}

#[test]
fn live_notices_wait_for_the_catch_up() {
    let mut delivery = catching_up(HEADS, Some(60));
    for notice in [
        forming(120),
        closed(&[120]),
        head(120, 0),
        forming(180),
        closed(&[180]),
        head(180, 0),
        forming(240),
    ] {
        assert_eq!(offer(&mut delivery, &notice), [""; 0]);
    }
    assert_eq!(page(&mut delivery, &[120]), ["closed 120"]);
    let mut out = Vec::new();
    delivery.go_live(Some(head(120, 0)), &mut out);
    assert_eq!(
        all_told(out),
        ["head 120/0", "closed 180", "head 180/0", "forming 240"]
    );
    assert_eq!(offer(&mut delivery, &closed(&[240])), ["closed 240"]);
}

#[test]
fn a_draw_head_that_the_catch_up_told_of_is_not_repeated() {
    let mut delivery = catching_up(HEADS, Some(60));
    offer(&mut delivery, &head(120, 0));
    let mut out = Vec::new();
    delivery.go_live(Some(head(120, 0)), &mut out);
    assert_eq!(all_told(out), ["head 120/0"]);
}

#[test]
fn a_delayed_catch_up_gives_one_gap_and_one_candle() {
    let mut delivery = catching_up(STREAM, Some(100));
    offer(&mut delivery, &closed(&[220]));
    assert_eq!(page(&mut delivery, &[220]), ["gap 160-220", "closed 220"]);
    let mut out = Vec::new();
    delivery.go_live(None, &mut out);
    assert_eq!(all_told(out), [""; 0]);
}

#[test]
fn too_much_waiting_is_refused() {
    let mut delivery = catching_up(STREAM, None);
    let mut out = Vec::new();
    for seconds in 1..=8 {
        delivery.offer(&closed(&[seconds * 60]), &mut out).unwrap();
    }
    assert_eq!(delivery.offer(&closed(&[540]), &mut out), Err(TooManyWaiting));
    assert!(out.is_empty());
}

#[test]
fn an_ended_subscription_is_silent_and_gives_its_system_events_back() {
    let mut delivery = catching_up(STREAM, None);
    offer(&mut delivery, &Notice::rebuilt(&series(), "folded again"));
    offer(&mut delivery, &closed(&[60]));
    let events = delivery.end();
    assert_eq!(events.len(), 1);
    let event: Value = serde_json::from_str(&events[0].body).unwrap();
    assert_eq!(
        event,
        json!({
            "type": "system", "series_id": series().as_str(), "event": "factor.rebuild",
            "message": "folded again", "data": {"series_id": series().as_str()},
        })
    );
    assert_eq!(offer(&mut delivery, &closed(&[60])), [""; 0]);
    assert_eq!(page(&mut delivery, &[60]), [""; 0]);
}

#[test]
fn subscribers_share_the_encoded_frame() {
    let notice = closed(&[60, 120]);
    let mut frames = Vec::new();
    for _ in 0..3 {
        live(BATCH, None).offer(&notice, &mut frames).unwrap();
    }
    let addresses: Vec<_> = frames.iter().map(|frame| frame.body.as_str().as_ptr()).collect();
    assert!(addresses.iter().all(|address| *address == addresses[0]));
}
