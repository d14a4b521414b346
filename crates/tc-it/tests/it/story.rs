//! The three steps of a first day: fill an empty store, read it, follow it.

use std::{path::Path, process::ExitCode};

use serde_json::json;
use trade_canvas::{cli::ImportArguments, commands::import, config::Config};

use crate::{
    candles::{BTC, minutes, times, wire, wires},
    datadir,
    site::Site,
    socket::Socket,
};

fn arguments(path: &Path) -> ImportArguments {
    ImportArguments {
        path: path.to_path_buf(),
        exchange: None,
        market: None,
        symbol: None,
        timeframe: None,
    }
}

/// Runs `trade-canvas import` as the command does, on a thread of its own.
pub(crate) async fn import(config: Config, path: &Path) -> Result<ExitCode, String> {
    let arguments = arguments(path);
    let run = tokio::task::spawn_blocking(move || import::run(config, arguments));
    run.await.unwrap().map_err(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_read_and_follow() {
    let candles = minutes(BTC);
    let site = Site::new();
    datadir::write(&site.path("user_data"), "BTC_USDT_USDT", "1m", &candles[..3_000]);

    // 1: fill an empty store from a data directory; a second time changes nothing.
    assert_eq!(
        import(site.config(), &site.path("user_data")).await,
        Ok(ExitCode::SUCCESS)
    );
    let rows = site.stored_rows();
    assert_eq!((rows["series"], rows["candle_rows"]), (1, 3_000));
    assert!(rows["factor_events"] > 0 && rows["overlay_rows"] > 0, "{rows:?}");
    assert_eq!(
        import(site.config(), &site.path("user_data")).await,
        Ok(ExitCode::SUCCESS)
    );
    assert_eq!(site.stored_rows(), rows);

    // 2: read the newest 2,000.
    let server = site.start().await;
    let page = server.candles(BTC, &[("limit", "2000")]).await;
    let newest = candles[2_999].time().seconds();
    assert_eq!(page["candles"], json!(wires(&candles[1_000..3_000])));
    assert_eq!(page["server_head_time"], newest);
    assert!(times(&page["candles"]).is_sorted_by(|a, b| a < b));

    // 3: follow it, and read what came with the cursor.
    let mut socket = Socket::market(server.address()).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC, "since": newest, "supports_draw_head": true }))
        .await;
    let head = |time| json!({ "type": "draw_head", "series_id": BTC, "to_candle_time": time, "version_id": time, "epoch": 0 });
    socket.expect(&[head(newest)]).await;
    let next = wire(&candles[3_000]);
    server.ingest(BTC, &next).await;
    let closed = json!({ "type": "candle_closed", "series_id": BTC, "candle": next });
    socket.expect(&[closed, head(newest + 60)]).await;
    let page = server.candles(BTC, &[("since", &newest.to_string())]).await;
    assert_eq!(
        page,
        json!({ "series_id": BTC, "server_head_time": newest + 60, "candles": [next] })
    );
    server.stop().await;
}

/// What an HTTP read sees right after the candle was announced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announced_candle_is_everywhere() {
    let candles = minutes(BTC);
    let server = Site::new().start().await;
    let mut socket = Socket::market(server.address()).await;
    socket
        .send(&json!({ "type": "subscribe", "series_id": BTC }))
        .await;
    socket.settle().await;
    for candle in &candles[..40] {
        let (time, candle) = (candle.time().seconds(), wire(candle));
        server.ingest(BTC, &candle).await;
        socket
            .expect(&[json!({ "type": "candle_closed", "series_id": BTC, "candle": candle })])
            .await;
        assert_eq!(
            server.candles(BTC, &[("limit", "1")]).await["candles"],
            json!([candle])
        );
        assert_eq!(server.draw_delta(BTC, 0).await["to_candle_time"], time);
        assert_eq!(server.slices(BTC, time).await["at_time"], time);
    }
    let health = server.get("/api/factor/health", &[("series_id", BTC)]).await.ok();
    assert_eq!(
        (&health["status"], &health["status_reason"]),
        (&json!("green"), &json!("up_to_date"))
    );
    server.stop().await;
}

/// Any way in gives the same answers: one by one, in one batch, from a file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_in_gives_the_same_answers() {
    let candles = &minutes(BTC)[..700];
    let newest = candles[699].time().seconds();
    let mut answers = Vec::new();
    for way in ["file", "batch", "single"] {
        let site = Site::new();
        if way == "file" {
            datadir::write(&site.path("user_data"), "BTC_USDT_USDT", "1m", candles);
            assert_eq!(
                import(site.config(), &site.path("user_data")).await,
                Ok(ExitCode::SUCCESS)
            );
        }
        let server = site.start().await;
        match way {
            "batch" => {
                server
                    .ingest_batch(BTC, &wires(candles), crate::site::Publish::No)
                    .await
            }
            "single" => {
                for candle in candles {
                    server.ingest(BTC, &wire(candle)).await;
                }
            }
            _ => {}
        }
        let mut answer = vec![server.candles(BTC, &[("limit", "5000")]).await];
        for time in [newest, newest - 60 * 300] {
            answer.push(server.slices(BTC, time).await);
        }
        answer.push(server.draw_delta(BTC, 0).await);
        answer.push(server.draw_delta(BTC, newest - 60 * 200).await);
        answers.push((way, answer, site.stored_rows()));
        server.stop().await;
    }
    let (_, first, rows) = &answers[0];
    assert!(
        !first[3]["instruction_catalog_patch"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    for (way, answer, others) in &answers[1..] {
        assert_eq!((answer, others), (first, rows), "{way}");
    }
}
