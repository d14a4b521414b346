"""Whatever the other side does, there is a frame; only wrong arguments raise."""

from __future__ import annotations

import builtins
import http.server
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from conftest import SERIES, WAVES, Server, frame_of
from test_annotate import annotated, assert_neutral
from trade_canvas_client import annotate_demo_sma, annotate_factor_ledger, build_series_id


class Odd(http.server.BaseHTTPRequestHandler):
    """Answers with what its server is told to."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        status, body, pause = self.server.answer  # type: ignore[attr-defined]
        pause.wait(20)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("TRADE_CANVAS_ADAPTER_URL", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def at_once() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b'{"message": "It is broken."}', "HTTP 500 It is broken."),
        (404, b"<html>", "HTTP 404"),
        (200, b"", ""),
        (200, b"{}", ""),
        (200, b"\xff\xff\xff\xff" + b"\x10" * 64, ""),
    ],
)
def test_answers_that_are_none(
    odd: http.server.ThreadingHTTPServer, status: int, body: bytes, said: str
) -> None:
    odd.answer = (status, body, at_once())  # type: ignore[attr-defined]
    frame = frame_of(WAVES)
    assert_neutral(annotated(frame), frame, f"adapter_unavailable:{said}")


def test_an_answer_of_other_rows_is_none(
    odd: http.server.ThreadingHTTPServer, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trade_canvas_client import _annotate, _transport

    frame, other = frame_of(WAVES), frame_of(WAVES, first_s=6_000)
    order = {"series_id": SERIES, "timeframe": "1m", "mode": "stateless"}
    for given, said in ((frame.iloc[:5], "5 rows"), (other, "rows of other dates")):
        body = _annotate._encoded(given)[1]
        answer = _transport._post(server.url, body, order, 30)
        odd.answer = (200, answer, at_once())  # type: ignore[attr-defined]
        assert_neutral(annotated(frame), frame, f"adapter_unavailable:{said}")


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = frame_of(WAVES)
    for url in ("http://127.0.0.1:1", "http://256.0.0.1", "file:///etc/hostname", "nonsense"):
        monkeypatch.setenv("TRADE_CANVAS_ADAPTER_URL", url)
        assert_neutral(annotated(frame), frame, "adapter_unavailable:")


def test_an_answer_that_does_not_come(odd: http.server.ThreadingHTTPServer) -> None:
    late = threading.Event()
    odd.answer = (200, b"", late)  # type: ignore[attr-defined]
    frame = frame_of(WAVES)
    assert_neutral(annotated(frame, timeout_s=0.2), frame, "adapter_unavailable:no answer within 0.2 s")
    late.set()


def test_commands_that_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    frame = frame_of(WAVES)
    for text, said in (
        ("echo no store >&2; exit 3", "ended with 3: no store"),
        ("cat > /dev/null; echo hello", ""),
        ("exec sleep 20", "no answer within 0.2 s"),
    ):
        monkeypatch.setenv("TRADE_CANVAS_ADAPTER_BIN", script(tmp_path / "program", text))
        result = annotated(frame, timeout_s=0.2 if "sleep" in text else 30)
        assert_neutral(result, frame, "adapter_unavailable:")
        assert result.reason is not None and said in result.reason
    monkeypatch.setenv("TRADE_CANVAS_ADAPTER_BIN", "/nowhere/trade-canvas")
    assert_neutral(annotated(frame), frame, "adapter_unavailable:/nowhere/trade-canvas")


@pytest.mark.parametrize("missing", ["pandas", "pyarrow"])
def test_a_library_is_missing(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, found = frame_of(WAVES), builtins.__import__

    def importing(name: str, *rest: object, **more: object) -> object:
        if name == missing:
            raise ImportError(f"No module named {name!r}")
        return found(name, *rest, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", importing)
        result = annotated(frame)
    if missing == "pandas":
        assert (result.ok, result.reason) == (False, "pandas_missing:No module named 'pandas'")
        assert result.frame is frame
    else:
        assert_neutral(result, frame, "adapter_unavailable:")


def test_wrong_arguments_raise() -> None:
    frame = frame_of(WAVES)
    for options, error in (
        ({"mode": "live"}, ValueError),
        ({"mode": 1}, TypeError),
        ({"timeout_s": 0}, ValueError),
        ({"timeout_s": "60"}, TypeError),
        ({"factors": "pen"}, TypeError),
        ({"params": [1]}, TypeError),
        ({"params": {"pivot.window_major": 2}, "mode": "ledger"}, ValueError),
    ):
        with pytest.raises(error):
            annotated(frame, **options)
    with pytest.raises(TypeError):
        annotate_factor_ledger(frame, series_id=None, timeframe="1m")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        annotated([1, 2])  # type: ignore[arg-type]


def test_series_are_named_after_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert build_series_id("BTC/USDT:USDT", "5m") == "binance:futures:BTC/USDT:5m"
    assert build_series_id("BTC/USDT", "1h", market="spot") == "binance:spot:BTC/USDT:1h"
    monkeypatch.setenv("TRADE_CANVAS_SERIES_EXCHANGE", "okx")
    monkeypatch.setenv("TRADE_CANVAS_SERIES_MARKET", "spot")
    assert build_series_id("ETH/BTC", "1d") == "okx:spot:ETH/BTC:1d"
    assert build_series_id("ETH/BTC", "1d", exchange="binance", market="futures") == "binance:futures:ETH/BTC:1d"
    with pytest.raises(TypeError):
        build_series_id(None, "1d")  # type: ignore[arg-type]


def test_demo_averages() -> None:
    frame = frame_of([10.0] * 20 + [9, 8, 9, 12, 14, 15, 15, 9, 5])
    result = annotate_demo_sma(frame)
    assert result.ok
    columns = result.frame
    assert columns["tc_sma_slow"].isna().sum() == 19 and columns["tc_sma_fast"].isna().sum() == 4
    above = columns["tc_sma_fast"] > columns["tc_sma_slow"]
    crosses = above & ~above.shift(1, fill_value=False)
    assert list(columns["tc_open_long"] == 1) == list(crosses) and crosses.sum() == 1
    assert annotate_demo_sma(frame.iloc[:25]).frame.equals(columns.iloc[:25])
    assert annotate_demo_sma(pd.DataFrame()).ok
    missing = annotate_demo_sma(frame.drop(columns="close"))
    assert missing.reason == "missing_columns:['close']" and (missing.frame["tc_open_long"] == 0).all()
    for fast, slow in ((0, 5), (5, 5), (20, 5)):
        with pytest.raises(ValueError, match="0 < fast < slow"):
            annotate_demo_sma(frame, fast=fast, slow=slow)
