//! The exchange, where the options say it is.

use std::sync::Arc;

use anyhow::Context;
use tc_exchange::{Binance, BinanceEndpoints, HistoryClient, HistoryOptions, Venue};

use crate::config::Config;

/// The configured addresses. Not to be used in demo mode, which has some of its own.
pub(super) fn endpoints(config: &Config) -> BinanceEndpoints {
    let exchange = &config.exchange;
    BinanceEndpoints {
        spot_ws: exchange.binance_spot_ws.url.clone(),
        futures_ws: exchange.binance_futures_ws.url.clone(),
        spot_rest: exchange.binance_spot_rest.url.clone(),
        futures_rest: exchange.binance_futures_rest.url.clone(),
    }
}

/// The venue behind some addresses.
pub(super) fn venue(endpoints: BinanceEndpoints) -> anyhow::Result<Arc<dyn Venue>> {
    Ok(Arc::new(
        Binance::new(endpoints).context("an exchange address is not usable")?,
    ))
}

/// One history client for the process: its requests share one weight budget per market.
pub(super) fn history_client(config: &Config, venue: Arc<dyn Venue>) -> anyhow::Result<HistoryClient> {
    let options = HistoryOptions {
        timeout_ms: config.history.rest_timeout_ms,
        ..HistoryOptions::default()
    };
    Ok(HistoryClient::new(venue, options)?)
}

/// One TLS provider for the process. A second call changes nothing.
pub(super) fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Two servers of one process may race here; either provider is the same one.
        let _raced = rustls::crypto::ring::default_provider().install_default();
    }
}
