use serde_json::{Value, json};
use tc_market::{Candle, CandleTime};

use super::*;
use crate::{AboveMaximum, SampleSet, SimConfig, VirtualClock};

const FIRST_S: i64 = 1_747_353_600;

/// 3,000 minutes of one spot and one futures symbol, the clock half a minute into the minute 2,000.
fn config() -> SimConfig {
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
    SimConfig::new(
        data.unwrap(),
        VirtualClock::manual((FIRST_S + 2_000 * 60 + 30) * 1000),
    )
}

fn ask(shared: &Shared, path: &str) -> (u16, Value) {
    let reply = reply(shared, &path.parse().unwrap());
    (
        reply.status,
        serde_json::from_str(&reply.body).unwrap_or(Value::Null),
    )
}

fn refused(code: i64, message: &str) -> (u16, Value) {
    (400, json!({ "code": code, "msg": message }))
}

#[test]
fn rows_have_twelve_cells_and_the_documented_default_limit() {
    let shared = Shared::new(config());
    let (status, rows) = ask(&shared, "/api/v3/klines?symbol=BTCUSDT&interval=1m");
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
    let shared = Shared::new(config());
    let rows = |path: &str| ask(&shared, path).1.as_array().map(Vec::len);
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
        ask(&shared, "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1501"),
        refusal
    );
    assert_eq!(
        ask(&shared, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0"),
        refusal
    );
    let mut strict = config();
    strict.limits.spot_rows_above_maximum = AboveMaximum::Refuse;
    assert_eq!(
        ask(
            &Shared::new(strict),
            "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1001"
        ),
        refusal
    );
}

#[test]
fn refusals() {
    let shared = Shared::new(config());
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
        assert_eq!(ask(&shared, path), answer, "{path}");
    }
    assert_eq!(ask(&shared, "/api/v3/depth").0, 404);
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
        let shared = Shared::new(config());
        assert_eq!(
            reply(&shared, &path.parse().unwrap()).used_weight,
            Some(weight),
            "{path}"
        );
        assert_eq!(
            shared.board.copy().weight_used.values().sum::<u64>(),
            u64::from(weight)
        );
    }
}

#[test]
fn too_much_weight_is_refused_then_banned() {
    let mut config = config();
    config.limits.spot.weight_per_minute = 4;
    config.limits.refusals_before_ban = 1;
    let shared = Shared::new(config);
    let klines = "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1"
        .parse()
        .unwrap();
    assert_eq!(reply(&shared, &klines).used_weight, Some(2));
    assert_eq!(reply(&shared, &klines).status, 200);
    let limited = reply(&shared, &klines);
    assert_eq!(
        (limited.status, limited.used_weight, limited.retry_after_s),
        (429, Some(6), Some(30))
    );
    assert!(
        limited
            .body
            .contains("current limit is 4 request weight per 1 MINUTE")
    );
    let banned = reply(&shared, &klines);
    assert_eq!((banned.status, banned.retry_after_s), (418, Some(120)));
    assert!(
        banned
            .body
            .contains(&format!("IP banned until {}", shared.clock.now_ms() + 120_000))
    );
    assert_eq!(
        ask(&shared, "/fapi/v1/ping").0,
        200,
        "the other market counts for itself"
    );
    shared.clock.advance_to(shared.clock.now_ms() + 120_000).unwrap();
    assert_eq!(reply(&shared, &klines).status, 200);
}

#[test]
fn time_and_info() {
    let shared = Shared::new(config());
    let now_ms = shared.clock.now_ms();
    assert_eq!(ask(&shared, "/api/v3/ping"), (200, json!({})));
    assert_eq!(
        ask(&shared, "/fapi/v1/time"),
        (200, json!({ "serverTime": now_ms }))
    );
    let (_, spot) = ask(&shared, "/api/v3/exchangeInfo?symbol=BTCUSDT");
    assert_eq!(spot["symbols"][0]["baseAsset"], "BTC");
    assert_eq!(spot["rateLimits"][0]["limit"], 6_000);
    assert_eq!(
        ask(&shared, "/api/v3/exchangeInfo?symbol=NONE"),
        refused(-1121, "Invalid symbol.")
    );
    let (_, futures) = ask(&shared, "/fapi/v1/exchangeInfo");
    assert_eq!(futures["symbols"][0]["contractType"], "PERPETUAL");
    assert_eq!(
        (&futures["rateLimits"][0]["limit"], &futures["futuresType"]),
        (&json!(2_400), &json!("U_MARGINED"))
    );
    assert_eq!(futures["symbols"][0]["filters"][0]["tickSize"], "0.1");
}

#[test]
fn tickers_cover_the_last_day() {
    let shared = Shared::new(config());
    let (_, one) = ask(&shared, "/api/v3/ticker/24hr?symbol=BTCUSDT");
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
    let (_, mini) = ask(&shared, "/api/v3/ticker/24hr?symbol=BTCUSDT&type=MINI");
    assert!(mini.get("priceChange").is_none() && mini["count"] == one["count"]);
    let (_, all) = ask(&shared, "/fapi/v1/ticker/24hr");
    assert!(all[0].get("bidPrice").is_none() && all[0].get("priceChange").is_some());
    assert_eq!(
        ask(&shared, "/api/v3/ticker/24hr?symbols=[%22NONE%22]"),
        refused(-1121, "Invalid symbol.")
    );
}
