"""Names of series."""

from __future__ import annotations

import os


def build_series_id(
    pair: str, timeframe: str, *, exchange: str | None = None, market: str | None = None
) -> str:
    """``exchange:market:BASE/QUOTE:timeframe`` of a pair of freqtrade.

    The settlement currency of a future (``BTC/USDT:USDT``) is left out. Without `exchange` and `market` the variables
    TRADE_CANVAS_SERIES_EXCHANGE and TRADE_CANVAS_SERIES_MARKET count, without those ``binance`` and ``futures``.
    """
    for name, value in (("pair", pair), ("timeframe", timeframe)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    exchange = exchange or os.environ.get("TRADE_CANVAS_SERIES_EXCHANGE", "").strip() or "binance"
    market = market or os.environ.get("TRADE_CANVAS_SERIES_MARKET", "").strip() or "futures"
    symbol = pair.split(":", 1)[0]
    return f"{exchange}:{market}:{symbol}:{timeframe}"
