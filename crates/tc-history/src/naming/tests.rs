use proptest::prelude::*;

use super::*;

const SPOT: Option<MarketKind> = Some(MarketKind::Spot);
const FUTURES: Option<MarketKind> = Some(MarketKind::Futures);

#[test]
fn names_of_candle_files() {
    for (stem, symbol, timeframe, market, period) in [
        ("BTC_USDT-1m", "BTC/USDT", "1m", SPOT, None),
        ("UNITTEST_BTC-1m", "UNITTEST/BTC", "1m", SPOT, None),
        ("BTC_USDT_USDT-5m-futures", "BTC/USDT", "5m", FUTURES, None),
        ("BTC_USDT-5m-futures", "BTC/USDT", "5m", FUTURES, None),
        ("BTC_USD_BTC-1h-futures", "BTC/USD:BTC", "1h", FUTURES, None),
        ("BTC_USDT_USDT-1h", "BTC/USDT", "1h", FUTURES, None),
        ("BTC_USD-1m-2019", "BTC/USD", "1m", None, Some("2019")),
        ("BTCUSDT-1m-2023-08", "BTC/USDT", "1m", None, Some("2023-08")),
        (
            "BTCUSDT-1m-2023-08-01",
            "BTC/USDT",
            "1m",
            None,
            Some("2023-08-01"),
        ),
        ("BTCUSDT-15m", "BTC/USDT", "15m", None, None),
        ("BTCFDUSD-1m-2024-01", "BTC/FDUSD", "1m", None, Some("2024-01")),
        ("BNBBTC-4h-2020-01", "BNB/BTC", "4h", None, Some("2020-01")),
        (
            "1000PEPEUSDT-1d-2024-01",
            "1000PEPE/USDT",
            "1d",
            None,
            Some("2024-01"),
        ),
        ("USDCUSDT-1m-2024-01", "USDC/USDT", "1m", None, Some("2024-01")),
        ("BTCTRY-1m-2024-01", "BTC/TRY", "1m", None, Some("2024-01")),
        ("BTC-PERP_USDT-1h", "BTC-PERP/USDT", "1h", SPOT, None),
    ] {
        let parts = read_stem(stem);
        let expected = NameParts {
            symbol: Ok(symbol.into()),
            timeframe: Ok(timeframe.parse().unwrap()),
            market,
            period: period.map(Into::into),
            refused: None,
        };
        assert_eq!(parts, expected, "{stem}");
    }
}

#[test]
fn names_of_other_files() {
    for (stem, reason) in [
        (
            "BTC_USDT_USDT-1h-mark",
            SkipReason::OtherCandleType("mark".into()),
        ),
        (
            "BTC_USDT_USDT-1h-index",
            SkipReason::OtherCandleType("index".into()),
        ),
        (
            "BTC_USDT_USDT-1h-premiumIndex",
            SkipReason::OtherCandleType("premiumIndex".into()),
        ),
        (
            "BTC_USDT_USDT-1h-funding_rate",
            SkipReason::OtherCandleType("funding_rate".into()),
        ),
        (
            "BTC_USDT_USDT-5m-open_interest",
            SkipReason::OtherCandleType("open_interest".into()),
        ),
        ("BTC_USDT-trades", SkipReason::Trades),
        ("BTC_USDT_USDT-trades", SkipReason::Trades),
    ] {
        assert_eq!(read_stem(stem).refused, Some(reason), "{stem}");
    }
    for stem in [
        "BTCUSDT_1m-2026-06",
        "candles",
        "-1m",
        "BTC_USDT-1m-spot",
        "BTC_USDT-1m-2023-8",
        "trades",
        "",
    ] {
        let parts = read_stem(stem);
        assert_eq!(parts.refused, None, "{stem}");
        assert!(!parts.is_complete(), "{stem}");
    }
    assert_eq!(read_stem("BTCUSDT_1m-2026-06").period.as_deref(), Some("2026-06"));
    assert_eq!(
        read_stem("BTC_USDT-1Mo").timeframe,
        Err(SkipReason::UnsupportedTimeframe("1Mo".into()))
    );
    assert_eq!(
        read_stem("BTC_USDT-1w").timeframe,
        Err(SkipReason::UnsupportedTimeframe("1w".into()))
    );
    assert_eq!(
        read_stem("BTCUSD_PERP-1m-2023-08").symbol,
        Err(SkipReason::CoinMargined)
    );
    assert_eq!(
        read_stem("BTCUSDT_230630-1m-2023-05").symbol,
        Err(SkipReason::DeliveryContract)
    );
    assert_eq!(
        read_stem("WHATEVER-1m-2023-08").symbol,
        Err(SkipReason::UnknownSymbol)
    );
    assert_eq!(
        read_stem("btcusdt-1m-2023-08").symbol,
        Err(SkipReason::UnknownSymbol)
    );
    assert_eq!(
        read_stem("USDT-1m-2023-08").symbol,
        Err(SkipReason::UnknownSymbol)
    );
}

#[test]
fn folders_name_exchange_and_market() {
    let exchange = |path| exchange_of_folders(Path::new(path));
    assert_eq!(exchange("/data/binance/futures/x.feather"), Some("binance"));
    assert_eq!(exchange("/kraken/data/OKX/x.feather"), Some("okx"));
    assert_eq!(exchange("/data/parquet/binance.feather"), None);
    let market = |path| market_of_folders(Path::new(path));
    assert_eq!(
        market("/data/futures/um/monthly/klines/BTCUSDT/1m/x.zip"),
        Ok(FUTURES)
    );
    assert_eq!(market("/futures/data/spot/monthly/x.zip"), Ok(SPOT));
    assert_eq!(
        market("/data/futures/cm/monthly/x.zip"),
        Err(SkipReason::CoinMargined)
    );
    assert_eq!(market("/data/x.zip"), Ok(None));
    assert_eq!(market("futures.zip"), Ok(None));
}

#[test]
fn stems_are_tried_in_freqtrades_order() {
    let stems = |id: &str| freqtrade_stems(&id.parse().unwrap());
    assert_eq!(stems("binance:spot:BTC/USDT:1m"), ["BTC_USDT-1m"]);
    assert_eq!(
        stems("binance:futures:BTC/USDT:5m"),
        [
            "futures/BTC_USDT-5m-futures",
            "futures/BTC_USDT_USDT-5m-futures",
            "BTC_USDT-5m-futures",
            "BTC_USDT_USDT-5m-futures"
        ]
    );
    assert_eq!(
        stems("binance:futures:BTC/USD:BTC:1h")[..3],
        [
            "futures/BTC_USD_BTC-1h-futures",
            "futures/BTC_USD-1h-futures",
            "futures/BTC_USD_USD-1h-futures"
        ]
    );
}

proptest! {
    #[test]
    fn names_round_trip(
        base in "[A-Z0-9]{2,8}", quote in "[A-Z]{3,5}", settle in prop::option::of("[A-Z]{3,5}"),
        n in 1u32..999, unit in "[mhd]",
    ) {
        prop_assume!(quote != "PERP");
        let market = if settle.is_some() { "futures" } else { "spot" };
        let symbol = settle.as_ref().map_or_else(|| format!("{base}/{quote}"), |settle| format!("{base}/{quote}:{settle}"));
        let series: SeriesId = format!("binance:{market}:{symbol}:{n}{unit}").parse().unwrap();
        let stem = freqtrade_stems(&series).remove(0);
        let parts = read_stem(stem.strip_prefix("futures/").unwrap_or(&stem));
        prop_assert_eq!(parts.symbol.as_deref(), Ok(short_symbol(&symbol)));
        prop_assert_eq!(parts.timeframe, Ok(series.timeframe()));
        prop_assert_eq!(parts.market, series.market_kind());
    }

    #[test]
    fn archive_names_round_trip(
        base in "[A-Z]{2,6}", quote in prop::sample::select(&["USDT", "USDC", "FDUSD", "BTC", "TRY"][..]),
        year in 2017u32..2030, month in 1u32..=12,
    ) {
        // A base such as F before DUSD would make another quote.
        let longer = QUOTES.iter().any(|q| q.len() > quote.len() && format!("{base}{quote}").ends_with(q));
        prop_assume!(!longer);
        let parts = read_stem(&format!("{base}{quote}-1m-{year}-{month:02}"));
        prop_assert_eq!(parts.symbol, Ok(format!("{base}/{quote}")));
        prop_assert_eq!(parts.period, Some(format!("{year}-{month:02}")));
    }

    #[test]
    fn any_name_is_read_without_a_panic(stem in any::<String>()) {
        let _ = read_stem(&stem);
        let parts = read_stem(&format!("A_B-{stem}"));
        prop_assert!(parts.symbol.is_err() || !parts.symbol.unwrap().is_empty());
    }
}

#[test]
fn the_pairs_of_freqtrade() {
    let pair = |id: &str| freqtrade_pair(&id.parse().unwrap());
    for (id, expected) in [
        ("binance:spot:BTC/USDT:1m", Some("BTC/USDT")),
        ("binance:futures:BTC/USDT:1m", Some("BTC/USDT:USDT")),
        ("binance:futures:BTC/USDT:USDC:1m", Some("BTC/USDT:USDC")),
        ("binance:futures:BTCUSDT:1m", Some("BTCUSDT")),
        ("binance:margin:BTC/USDT:1m", None),
    ] {
        assert_eq!(pair(id).as_deref(), expected, "{id}");
    }
}
