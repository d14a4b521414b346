use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;

fn unavailable() -> VenueError {
    VenueError::Unavailable {
        status: 503,
        message: "busy".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn kept_for_its_time_and_no_longer() {
    let kept = Kept::new(Duration::from_secs(10));
    let fetched = Cell::new(0);
    let get = async |force| {
        let found = kept.get(force, async || {
            fetched.set(fetched.get() + 1);
            Ok(fetched.get())
        });
        found.await.unwrap()
    };
    let first = get(false).await;
    assert_eq!((*first.value, first.version, first.cached), (1, 1, false));
    tokio::time::advance(Duration::from_millis(9_999)).await;
    assert_eq!((*get(false).await.value, get(false).await.cached), (1, true));
    let forced = get(true).await;
    assert_eq!((*forced.value, forced.version, forced.cached), (2, 2, false));
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(*get(false).await.value, 3);
}

#[tokio::test(start_paused = true)]
async fn old_rather_than_nothing() {
    let kept = Kept::new(Duration::from_secs(10));
    let failing = async || kept.get(false, async || Err::<u8, _>(unavailable())).await;
    assert!(matches!(failing().await, Err(MarketListError::Upstream(text)) if text.contains("busy")));
    let asked_again = kept.get(false, async || -> Result<u8, VenueError> {
        unreachable!("asked within a second")
    });
    assert!(asked_again.await.is_err());
    tokio::time::advance(Duration::from_secs(1)).await;
    kept.get(false, async || Ok(7)).await.unwrap();
    tokio::time::advance(Duration::from_secs(60)).await;
    let old = failing().await.unwrap();
    assert_eq!(
        (*old.value, old.cached, old.stale),
        (7, true, Some(Duration::from_secs(60)))
    );
    assert_eq!(
        kept.get(false, async || Ok(8)).await.unwrap().stale,
        Some(Duration::from_secs(60))
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(*kept.get(false, async || Ok(8)).await.unwrap().value, 8);
}

#[tokio::test(start_paused = true)]
async fn fetched_once_however_many_ask() {
    let kept = Arc::new(Kept::new(Duration::from_secs(10)));
    let fetches = Arc::new(AtomicUsize::new(0));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let (kept, fetches) = (Arc::clone(&kept), Arc::clone(&fetches));
            tokio::spawn(async move {
                let fetch = async || {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok(fetches.fetch_add(1, Ordering::Relaxed))
                };
                *kept.get(false, fetch).await.unwrap().value
            })
        })
        .collect();
    for answer in asking {
        assert_eq!(answer.await.unwrap(), 0);
    }
    assert_eq!(fetches.load(Ordering::Relaxed), 1);
}

#[test]
fn sorted_by_turnover_with_the_quote_asset() {
    let instrument = |symbol: &str, quote: &str| Instrument {
        symbol_id: format!("{symbol}{quote}"),
        base_asset: symbol.to_owned(),
        quote_asset: quote.to_owned(),
    };
    let ticker = |symbol_id: &str, quote_volume| Ticker {
        symbol_id: symbol_id.to_owned(),
        last_price: None,
        quote_volume,
        price_change_percent: None,
    };
    let instruments = [
        instrument("A", "USDT"),
        instrument("B", "USDT"),
        instrument("B", "BTC"),
    ];
    let tickers = [
        ticker("AUSDT", 1.0),
        ticker("BBTC", 9.0),
        ticker("XUSDT", 8.0),
        ticker("BUSDT", 2.0),
    ];
    let listed = by_turnover("USDT", &instruments, &tickers);
    let names: Vec<_> = listed
        .iter()
        .map(|listed| listed.ticker.symbol_id.as_str())
        .collect();
    assert_eq!(names, ["BUSDT", "AUSDT"]);
}
