"""The program, a server of it, and candles to send."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SERIES = "binance:futures:BTC/USDT:1m"
WAVES = [1, 2, 5, 2, 1, 2, 5, 2, 1, 2, 5, 2, 1]
LISTENING = re.compile(r"listening on (http://[0-9.:]+)")


def frame_of(prices: list[float], first_s: int = 60, step_s: int = 60) -> pd.DataFrame:
    """Candles whose four prices are one number."""
    times = first_s + step_s * np.arange(len(prices), dtype="int64")
    values = np.asarray(prices, dtype="float64")
    frame = pd.DataFrame({"date": pd.to_datetime(times, unit="s", utc=True)})
    for name in ("open", "high", "low", "close"):
        frame[name] = values
    frame["volume"] = 1.0
    return frame


def candles_to(close: np.ndarray) -> pd.DataFrame:
    """Candles that close at these prices. All prices are ticks of a market: freqtrade fills nothing between them."""
    frame = frame_of(list(close.round(1)), first_s=1_700_000_040)
    frame["open"] = frame["close"].shift(1).fillna(frame["close"].iloc[0])
    body = frame[["open", "close"]]
    frame["high"] = (body.max(axis=1) + 0.5).round(1)
    frame["low"] = (body.min(axis=1) - 0.5).round(1)
    return frame


def waves(rows: int, seed: int = 7) -> pd.DataFrame:
    """Candles that go up and down, so that there are pivots and pens."""
    dice = np.random.default_rng(seed)
    return candles_to(1_000 + np.cumsum(dice.normal(0, 3, rows)).clip(-500, 500))


@pytest.fixture(scope="session")
def program() -> Path:
    """The command; `cargo xtask test --only python` builds it and says where."""
    return Path(os.environ["TRADE_CANVAS_BIN"]).resolve(strict=True)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, program: Path, tmp_path: Path) -> None:
    """Nothing of the machine's own settings, narrow pivots, and a store of the test's own."""
    for name in list(os.environ):
        if name.startswith("TRADE_CANVAS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TRADE_CANVAS_PROFILE", "bare")
    monkeypatch.setenv("TRADE_CANVAS_PIVOT_WINDOW_MAJOR", "2")
    monkeypatch.setenv("TRADE_CANVAS_PIVOT_WINDOW_MINOR", "1")
    monkeypatch.setenv("TRADE_CANVAS_DB_PATH", str(tmp_path / "market.db"))
    monkeypatch.setenv("TRADE_CANVAS_ARTIFACTS_DIR", str(tmp_path / "artifacts"))
    monkeypatch.setenv("TRADE_CANVAS_PORT", "0")
    monkeypatch.setenv("TRADE_CANVAS_ADAPTER_BIN", str(program))


class Server:
    """A running server."""

    def __init__(self, program: Path, **options: str) -> None:
        environment = os.environ | {f"TRADE_CANVAS_{name}": value for name, value in options.items()}
        self.process = subprocess.Popen(
            [str(program), "serve"], env=environment, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if found := LISTENING.search(line):
                self.url = found[1]
                break
        else:
            raise AssertionError("".join(said))
        # Whoever logs must not wait for somebody to read it.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def post(self, path: str, body: object, timeout_s: float = 30) -> dict:
        """The answer to a JSON body."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def ingest(self, frame: pd.DataFrame, series_id: str = SERIES) -> None:
        """Stores candles."""
        candles = [
            {
                "candle_time": int(row.date.timestamp()),
                **{name: getattr(row, name) for name in ("open", "high", "low", "close", "volume")},
            }
            for row in frame.itertuples()
        ]
        path = "/api/dev/market/ingest/candles_closed_batch"
        self.post(path, {"series_id": series_id, "candles": candles, "publish_ws": False})

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture
def server(program: Path, environment: None) -> Iterator[Server]:
    """A server with an empty store."""
    running = Server(program, ENABLE_DEV_API="1")
    yield running
    running.stop()


@pytest.fixture(params=["command", "server"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to the program."""
    if request.param == "server":
        monkeypatch.setenv("TRADE_CANVAS_ADAPTER_URL", request.getfixturevalue("server").url)
    return request.param
