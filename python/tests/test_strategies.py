"""The sample strategies in freqtrade itself, run by the server as users run them."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SERIES, Server, candles_to, waves
from trade_canvas_client import annotate_factor_ledger

STRATEGIES = Path(__file__).parents[1] / "strategies"
ROWS = 1_500
#: freqtrade takes seconds, on a busy machine many of them.
PATIENCE_S = 400


def site(folder: Path, frame: pd.DataFrame, mode: str) -> dict[str, str]:
    """A folder with everything that freqtrade needs, and the options that lead there."""
    (folder / "user").mkdir()
    shutil.copytree(STRATEGIES, folder / "strategies")
    file = "futures/BTC_USDT_USDT-1m-futures.json" if mode == "futures" else "BTC_USDT-1m.json"
    rows = frame.assign(date=frame["date"].dt.as_unit("ms").astype("int64"))
    target = folder / "data" / file
    target.parent.mkdir(parents=True)
    columns = [rows[name].tolist() for name in ("date", "open", "high", "low", "close", "volume")]
    target.write_text(json.dumps(list(zip(*columns, strict=True))))
    exchange = {"name": "binance"}
    config = {"datadir": "data", "trading_mode": mode, "fee": 0.001, "stake_amount": 100, "exchange": exchange}
    (folder / "config.json").write_text(json.dumps(config))
    return {
        "FREQTRADE_BIN": str(Path(sys.executable).parent / "freqtrade"),
        "FREQTRADE_ROOT": str(folder),
        "FREQTRADE_USERDIR": "user",
        "FREQTRADE_CONFIG": "config.json",
        "FREQTRADE_STRATEGY_PATH": str(folder / "strategies"),
        "FREQTRADE_OFFLINE_MARKETS": "1",
    }


def backtest(server: Server, strategy: str) -> pd.DataFrame:
    """The trades of a run."""
    order = {"strategy_name": strategy, "pair": "BTC/USDT", "timeframe": "1m"}
    answer = server.post("/api/backtest/run?include=full", order, PATIENCE_S)
    assert answer["ok"] and answer["result_error"] is None, answer["stderr"]
    assert "no signals" not in answer["stderr"], answer["stderr"]
    return pd.DataFrame(answer["result"]["trades"])


def test_trades_follow_the_ledger(program: Path, tmp_path: Path, environment: None) -> None:
    frame = waves(ROWS)
    server = Server(program, **site(tmp_path, frame, "futures"))
    try:
        trades = backtest(server, "TradeCanvasFactorLedgerStrategy")
    finally:
        server.stop()
    assert set(trades["is_short"]) == {True, False}
    columns = annotate_factor_ledger(frame, series_id=SERIES, timeframe="1m").frame.set_index("date")
    # A signal acts on the open of the candle after the one that gave it.
    before = pd.to_datetime(trades["open_timestamp"] - 60_000, unit="ms", utc=True)
    signals = columns.loc[before]
    assert np.array_equal(signals["tc_enter_short"] == 1, trades["is_short"])
    assert np.array_equal(signals["tc_enter_long"] == 1, ~trades["is_short"])
    exits = trades[trades["exit_reason"] == "exit_signal"]
    assert len(exits) > 5
    ends = columns.loc[pd.to_datetime(exits["close_timestamp"] - 60_000, unit="ms", utc=True)]
    assert np.array_equal(ends["tc_enter_short"] == 1, ~exits["is_short"])


def test_a_ledger_strategy_without_the_program_does_nothing(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADE_CANVAS_ADAPTER_BIN", "/nowhere/trade-canvas")
    server = Server(program, **site(tmp_path, waves(300), "futures"))
    order = {"strategy_name": "TradeCanvasFactorLedgerStrategy", "pair": "BTC/USDT", "timeframe": "1m"}
    try:
        answer = server.post("/api/backtest/run", order, PATIENCE_S)
    finally:
        server.stop()
    assert answer["ok"] and answer["result"]["total_trades"] == 0, answer["stderr"]
    assert "no signals for BTC/USDT:USDT: adapter_unavailable:/nowhere/trade-canvas" in answer["stderr"]


def test_strategies_without_the_ledger_trade(program: Path, tmp_path: Path, environment: None) -> None:
    # Waves that rise: nobody waits forever for a profit.
    time = np.arange(ROWS)
    frame = candles_to(1_000 + time + 100 * np.sin(time / 20))
    server = Server(program, **site(tmp_path, frame, "spot"))
    try:
        crossing = backtest(server, "TradeCanvasMinimalStrategy")
        always = backtest(server, "TradeCanvasAlwaysTradeSpotStrategy")
    finally:
        server.stop()
    assert len(crossing) > 5 and len(always) > 20, (len(crossing), len(always))
    assert not crossing["is_short"].any() and not always["is_short"].any()
