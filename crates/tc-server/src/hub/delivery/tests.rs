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
    new(modes, cursor, Holes::Tell)
}

fn new(modes: Modes, cursor: Option<i64>, holes: Holes) -> Delivery {
    Delivery::new(
        series().timeframe(),
        modes,
        cursor.map(CandleTime::clamped),
        8,
        holes,
    )
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

fn healing(modes: Modes, cursor: i64) -> Delivery {
    let mut delivery = new(modes, Some(cursor), Holes::Heal);
    assert_eq!(delivery.go_live(None, &mut Vec::new()), None);
    delivery
}

/// What is sent for a notice, and the ends of the hole that has to be healed before it.
fn offer_to_heal(delivery: &mut Delivery, notice: &Notice) -> (Vec<String>, Option<(i64, i64)>) {
    let mut out = Vec::new();
    let hole = delivery.offer(notice, &mut out).unwrap();
    (all_told(out), ends(hole))
}

fn healed(delivery: &mut Delivery, recovered: &[i64]) -> (Vec<String>, Option<(i64, i64)>) {
    let mut out = Vec::new();
    let recovered = (!recovered.is_empty()).then(|| ClosedFrames::new(series(), candles(recovered)));
    let hole = delivery.healed(recovered.as_ref(), &mut out);
    (all_told(out), ends(hole))
}

fn ends(hole: Option<Hole>) -> Option<(i64, i64)> {
    hole.map(|hole| (hole.expected_next.seconds(), hole.actual.seconds()))
}

#[test]
fn a_healed_hole_is_never_told_of() {
    for (modes, recovered) in [
        (STREAM, vec!["closed 160", "closed 220", "closed 280"]),
        (BATCH, vec!["batch 160,220", "closed 280"]),
    ] {
        let mut delivery = healing(modes, 100);
        assert_eq!(
            offer_to_heal(&mut delivery, &closed(&[280])),
            (vec![], Some((160, 280)))
        );
        assert_eq!(offer_to_heal(&mut delivery, &forming(340)), (vec![], None));
        assert_eq!(offer_to_heal(&mut delivery, &forming(340)), (vec![], None));
        assert_eq!(offer_to_heal(&mut delivery, &closed(&[340])), (vec![], None));
        let mut expected = recovered;
        expected.extend(["forming 340", "closed 340"]);
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(healed(&mut delivery, &[160, 220]), (expected, None));
        assert_eq!(
            offer_to_heal(&mut delivery, &closed(&[400])),
            (vec!["closed 400".to_owned()], None)
        );
    }
}

#[test]
fn what_is_still_missing_is_told_of() {
    let mut delivery = healing(STREAM, 100);
    assert_eq!(offer_to_heal(&mut delivery, &closed(&[280])).1, Some((160, 280)));
    assert_eq!(
        healed(&mut delivery, &[160]).0,
        ["closed 160", "gap 220-280", "closed 280"]
    );
    assert_eq!(offer_to_heal(&mut delivery, &closed(&[400])).1, Some((340, 400)));
    assert_eq!(healed(&mut delivery, &[]).0, ["gap 340-400", "closed 400"]);
}

#[test]
fn every_hole_among_what_waits_is_healed_in_its_turn() {
    let mut delivery = new(STREAM, Some(100), Holes::Heal);
    assert_eq!(offer_to_heal(&mut delivery, &closed(&[160])), (vec![], None));
    assert_eq!(offer_to_heal(&mut delivery, &closed(&[280])), (vec![], None));
    assert_eq!(offer_to_heal(&mut delivery, &closed(&[400])), (vec![], None));
    let mut out = Vec::new();
    let hole = delivery.go_live(None, &mut out);
    assert_eq!(
        (all_told(out), ends(hole)),
        (vec!["closed 160".to_owned()], Some((220, 280)))
    );
    assert_eq!(
        healed(&mut delivery, &[220]),
        (
            vec!["closed 220".to_owned(), "closed 280".to_owned()],
            Some((340, 400))
        )
    );
    assert_eq!(healed(&mut delivery, &[]).0, ["gap 340-400", "closed 400"]);
    assert_eq!(
        healed(&mut delivery, &[340]),
        (vec![], None),
        "nothing is healed twice"
    );
}

#[test]
fn a_page_behind_a_hole_waits_for_it() {
    let mut delivery = new(BATCH, Some(100), Holes::Heal);
    let hole = delivery.page_hole_to_heal(&candles(&[100, 220]));
    assert_eq!(ends(hole), Some((160, 220)));
    assert_eq!(page(&mut delivery, &[160, 220]), ["batch 160,220"]);
    assert_eq!(
        delivery.page_hole_to_heal(&candles(&[400])),
        None,
        "only before the first page"
    );
    let told_of = new(BATCH, Some(100), Holes::Tell);
    assert_eq!(told_of.page_hole_to_heal(&candles(&[220])), None);
    let without_cursor = new(BATCH, None, Holes::Heal);
    assert_eq!(without_cursor.page_hole_to_heal(&candles(&[220])), None);
}

#[test]
fn an_end_while_a_hole_is_healed_keeps_the_system_events() {
    let mut delivery = healing(STREAM, 100);
    offer(&mut delivery, &closed(&[280]));
    offer(&mut delivery, &Notice::rebuilt(&series(), "again"));
    assert_eq!(all_told(delivery.end()), ["system"]);
    assert_eq!(healed(&mut delivery, &[160]), (vec![], None));
}
