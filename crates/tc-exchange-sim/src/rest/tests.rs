use serde_json::{Value, json};
use tc_market::{Candle, CandleTime};

use super::*;
use crate::{AboveMaximum, MarketFault, RestFault, SampleSet, ScheduledFault, SimLimits};

const FIRST_S: i64 = 1_747_353_600;
const NOW_MS: i64 = (FIRST_S + 2_000 * 60 + 30) * 1000;

/// An exchange at one time.
struct Desk {
    exchange: Exchange,
    now_ms: i64,
}

impl Desk {
    fn reply(&self, path: &str) -> Reply {
        self.exchange.request(path, self.now_ms)
    }

    fn ask(&self, path: &str) -> (u16, Value) {
        let reply = self.reply(path);
        let body = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
        (reply.status, body)
    }
}

fn usual() -> Desk {
    desk(SimLimits::default(), Vec::new())
}

/// 3,000 minutes of one spot and one futures symbol, the clock half a minute into the minute 2,000.
fn desk(limits: SimLimits, faults: Vec<ScheduledFault>) -> Desk {
    let minute = |i: i64| {
        let price = 100.0 + f64::from(i32::try_from(i % 97).unwrap());
        let time = CandleTime::new(FIRST_S + i * 60).unwrap();
        Candle::new(time, price, price + 2.5, price - 2.5, price + 1.0, 4.0).unwrap()
    };
    let candles: Vec<Candle> = (0..3_000).map(minute).collect();
    let data = SampleSet::new(vec![
        (MarketKind::Spot, "BTC/USDT".to_owned(), candles.clone()),
        (MarketKind::Futures, "BTC/USDT".to_owned(), candles),
    ]);
    Desk {
        exchange: Exchange::new(data.unwrap(), 0, limits, faults.into()).unwrap(),
        now_ms: NOW_MS,
    }
}

fn refused(code: i64, message: &str) -> (u16, Value) {
    (400, json!({ "code": code, "msg": message }))
}

#[test]
fn rows_have_twelve_cells_and_the_documented_default_limit() {
    let desk = usual();
    let (status, rows) = desk.ask("/api/v3/klines?symbol=BTCUSDT&interval=1m");
    assert_eq!((status, rows.as_array().unwrap().len()), (200, 500));
    let row = rows[498].clone();
    assert_eq!(row[0], (FIRST_S + 1_999 * 60) * 1000);
    assert_eq!(row.as_array().unwrap().len(), 12);
    let price = 100 + 1_999 % 97;
    let cells = json!([format!("{price}.0"), format!("{}.0", price + 1), "4"]);
    assert_eq!(json!([row[1], row[4], row[5]]), cells);
    assert_eq!(row[6], (FIRST_S + 2_000 * 60) * 1000 - 1);
    assert_eq!(
        rows[499][0],
        (FIRST_S + 2_000 * 60) * 1000,
        "the open bucket is the last row"
    );
}

#[test]
fn row_limits() {
    let desk = usual();
    let rows = |path: &str| desk.ask(path).1.as_array().map(Vec::len);
    assert_eq!(
        rows("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1001"),
        Some(1_000)
    );
    assert_eq!(
        rows("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500"),
        Some(1_500)
    );
    let refusal = refused(-1130, "Data sent for parameter 'limit' is not valid.");
    assert_eq!(
        desk.ask("/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1501"),
        refusal
    );
    assert_eq!(
        desk.ask("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0"),
        refusal
    );
    let limits = SimLimits {
        spot_rows_above_maximum: AboveMaximum::Refuse,
        ..SimLimits::default()
    };
    let strict = self::desk(limits, Vec::new());
    assert_eq!(
        strict.ask("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1001"),
        refusal
    );
}

#[test]
fn refusals() {
    let desk = usual();
    let missing = |name| {
        refused(
            -1102,
            &format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."),
        )
    };
    for (path, answer) in [
        ("/api/v3/klines?interval=1m", missing("symbol")),
        ("/api/v3/klines?symbol=&interval=1m", missing("symbol")),
        ("/api/v3/klines?symbol=BTCUSDT", missing("interval")),
        (
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=x",
            missing("startTime"),
        ),
        (
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&endTime=-1",
            missing("endTime"),
        ),
        (
            "/api/v3/klines?symbol=BTCUSDT&interval=1H",
            refused(-1120, "Invalid interval."),
        ),
        (
            "/api/v3/klines?symbol=btcusdt&interval=1m",
            refused(-1121, "Invalid symbol."),
        ),
        (
            "/fapi/v1/klines?symbol=XXXUSDT&interval=1m",
            refused(-1121, "Invalid symbol."),
        ),
        (
            "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&timeZone=0",
            refused(
                -1104,
                "Not all sent parameters were read; read '2' parameter(s) but was sent '3'.",
            ),
        ),
    ] {
        assert_eq!(desk.ask(path), answer, "{path}");
    }
    assert_eq!(desk.ask("/api/v3/depth").0, 404);
}

#[test]
fn weights_are_the_documented_ones() {
    let symbols = |count: usize| {
        let list: Vec<_> = (0..count).map(|i| format!("%22S{i}%22")).collect();
        format!("/api/v3/ticker/24hr?symbols=[{}]", list.join(","))
    };
    let (few, many, most) = (symbols(20), symbols(21), symbols(101));
    for (path, weight) in [
        ("/api/v3/ping", 1),
        ("/api/v3/time", 1),
        ("/api/v3/exchangeInfo", 20),
        ("/api/v3/klines?limit=1000", 2),
        ("/api/v3/ticker/24hr?symbol=BTCUSDT", 2),
        ("/api/v3/ticker/24hr", 80),
        (few.as_str(), 2),
        (many.as_str(), 40),
        (most.as_str(), 80),
        ("/fapi/v1/ping", 1),
        ("/fapi/v1/exchangeInfo", 1),
        ("/fapi/v1/klines?limit=99", 1),
        ("/fapi/v1/klines?limit=499", 2),
        ("/fapi/v1/klines", 5),
        ("/fapi/v1/klines?limit=1001", 10),
        ("/fapi/v1/ticker/24hr?symbol=BTCUSDT", 1),
        ("/fapi/v1/ticker/24hr", 40),
    ] {
        let desk = usual();
        assert_eq!(desk.reply(path).used_weight, Some(weight), "{path}");
        assert_eq!(
            desk.exchange.counters().weight_used.values().sum::<u64>(),
            u64::from(weight)
        );
    }
}

#[test]
fn too_much_weight_is_refused_then_banned() {
    let mut limits = SimLimits {
        refusals_before_ban: 1,
        ..SimLimits::default()
    };
    limits.spot.weight_per_minute = 4;
    let mut desk = desk(limits, Vec::new());
    let klines = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1";
    assert_eq!(desk.reply(klines).used_weight, Some(2));
    assert_eq!(desk.reply(klines).status, 200);
    let limited = desk.reply(klines);
    assert_eq!(
        (limited.status, limited.used_weight, limited.retry_after_ms),
        (429, Some(6), Some(30_000))
    );
    assert!(
        limited
            .body
            .contains("current limit is 4 request weight per 1 MINUTE")
    );
    let banned = desk.reply(klines);
    assert_eq!((banned.status, banned.retry_after_ms), (418, Some(120_000)));
    assert!(
        banned
            .body
            .contains(&format!("IP banned until {}", NOW_MS + 120_000))
    );
    assert_eq!(
        desk.ask("/fapi/v1/ping").0,
        200,
        "the other market counts for itself"
    );
    desk.now_ms += 120_000;
    assert_eq!(desk.reply(klines).status, 200);
}

#[test]
fn time_and_info() {
    let desk = usual();
    assert_eq!(desk.ask("/api/v3/ping"), (200, json!({})));
    assert_eq!(desk.ask("/fapi/v1/time"), (200, json!({ "serverTime": NOW_MS })));
    let (_, spot) = desk.ask("/api/v3/exchangeInfo?symbol=BTCUSDT");
    assert_eq!(spot["symbols"][0]["baseAsset"], "BTC");
    assert_eq!(spot["rateLimits"][0]["limit"], 6_000);
    assert_eq!(
        desk.ask("/api/v3/exchangeInfo?symbol=NONE"),
        refused(-1121, "Invalid symbol.")
    );
    let (_, futures) = desk.ask("/fapi/v1/exchangeInfo");
    assert_eq!(futures["symbols"][0]["contractType"], "PERPETUAL");
    assert_eq!(
        (&futures["rateLimits"][0]["limit"], &futures["futuresType"]),
        (&json!(2_400), &json!("U_MARGINED"))
    );
    assert_eq!(futures["symbols"][0]["filters"][0]["tickSize"], "0.1");
}

#[test]
fn tickers_cover_the_last_day() {
    let desk = usual();
    let (_, one) = desk.ask("/api/v3/ticker/24hr?symbol=BTCUSDT");
    let first_s = FIRST_S + (2_000 - 1_440) * 60 + 60;
    assert_eq!(
        one["openTime"],
        first_s * 1000,
        "the first minute that opened within the day"
    );
    assert_eq!(one["highPrice"], "198.5");
    assert_eq!(one["lowPrice"], "97.5");
    let change: f64 = one["priceChange"].as_str().unwrap().parse().unwrap();
    let last: f64 = one["lastPrice"].as_str().unwrap().parse().unwrap();
    let open: f64 = one["openPrice"].as_str().unwrap().parse().unwrap();
    assert!((last - open - change).abs() < 0.01);
    let (_, mini) = desk.ask("/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI");
    assert!(mini.get("priceChange").is_none() && mini["count"] == one["count"]);
    let (_, all) = desk.ask("/fapi/v1/ticker/24hr");
    assert!(all[0].get("bidPrice").is_none() && all[0].get("priceChange").is_some());
    assert_eq!(
        desk.ask("/api/v3/ticker/24hr?symbols=[%22NONE%22]"),
        refused(-1121, "Invalid symbol.")
    );
}

/// Open times of the rows, in minutes since the first one.
fn minutes(desk: &Desk, query: &str) -> Vec<i64> {
    let (status, rows) = desk.ask(&format!("/api/v3/klines?symbol=BTCUSDT&interval=1m&{query}"));
    assert_eq!(status, 200, "{rows}");
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| (row[0].as_i64().unwrap() / 1000 - FIRST_S) / 60)
        .collect()
}

const fn minute_ms(minute: i64) -> i64 {
    (FIRST_S + minute * 60) * 1000
}

#[test]
fn an_outage_leaves_holes_and_a_partial_page_ends_early() {
    let desk = desk(
        SimLimits::default(),
        vec![
            ScheduledFault::between(minute_ms(1_990), minute_ms(1_993), MarketFault::Outage),
            ScheduledFault::between(NOW_MS, NOW_MS + 1, RestFault::PartialPage { rows: 2 })
                .on_stream("btcusdt@kline_5m"),
        ],
    );
    assert_eq!(minutes(&desk, "limit=4"), [1_997, 1_998, 1_999, 2_000]);
    let range = format!("startTime={}&endTime={}", minute_ms(1_988), minute_ms(1_994));
    assert_eq!(minutes(&desk, &range), [1_988, 1_989, 1_993, 1_994]);
    let five = "/api/v3/klines?symbol=BTCUSDT&interval=5m&limit=9";
    assert_eq!(desk.ask(five).1.as_array().unwrap().len(), 2);
    let later = Desk {
        now_ms: NOW_MS + 1,
        ..desk
    };
    assert_eq!(later.ask(five).1.as_array().unwrap().len(), 9);
}

#[test]
fn trouble_has_its_status_and_time() {
    let desk = desk(
        SimLimits::default(),
        vec![
            ScheduledFault::at(NOW_MS, RestFault::Failure { status: 503 }).on_market(MarketKind::Futures),
            ScheduledFault::at(NOW_MS, RestFault::Slow { by_ms: 700 }),
            ScheduledFault::at(NOW_MS, RestFault::Garbled),
            ScheduledFault::at(NOW_MS, MarketFault::ClockSkew { by_ms: 5 }),
        ],
    );
    let down = desk.reply("/fapi/v1/time");
    assert_eq!(
        (down.status, down.used_weight, down.delay_ms),
        (503, Some(1), 700)
    );
    let time = desk.reply("/api/v3/time");
    assert_eq!(
        (time.body, time.delay_ms),
        (format!(r#"{{"serverTime":{}}}"#, NOW_MS + 5), 700)
    );
    let rows = desk.reply("/api/v3/klines?symbol=BTCUSDT&interval=1m");
    assert_eq!(rows.status, 200);
    assert!(serde_json::from_str::<Value>(&rows.body).is_err());
    assert_eq!(desk.exchange.counters().answers, [(200, 2), (503, 1)].into());
}

#[test]
fn who_comes_back_too_early_is_banned_for_longer() {
    let fault = ScheduledFault::at(NOW_MS, RestFault::Limited { retry_after_s: 10 });
    let mut desk = desk(SimLimits::default(), vec![fault]);
    let mut at = |after_ms: i64| {
        desk.now_ms = NOW_MS + after_ms;
        let reply = desk.reply("/api/v3/ping");
        (reply.status, reply.retry_after_ms)
    };
    assert_eq!(at(0), (429, Some(10_000)));
    assert_eq!(at(9_999), (418, Some(20_000)));
    assert_eq!(at(29_998), (418, Some(40_000)));
    assert_eq!(at(69_998), (200, None));
    assert_eq!(at(70_000), (200, None));
}
