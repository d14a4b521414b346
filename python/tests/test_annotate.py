"""The columns, by every transport."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import SERIES, WAVES, Server, frame_of, waves
from pandas.testing import assert_frame_equal
from trade_canvas_client import Result, annotate_factor_ledger

FLAGS = ["tc_pen_confirmed", "tc_enter_long", "tc_enter_short"]
COLUMNS = ["tc_ok", "tc_pen_confirmed", "tc_pen_dir", "tc_enter_long", "tc_enter_short"]


def annotated(frame: pd.DataFrame, **options: object) -> Result:
    return annotate_factor_ledger(frame, series_id=SERIES, timeframe="1m", **options)  # type: ignore[arg-type]


def assert_neutral(result: Result, frame: pd.DataFrame, reason: str | None) -> None:
    assert result.ok == (reason is None)
    if reason is None:
        assert result.reason is None
    else:
        assert result.reason is not None and result.reason.startswith(reason), result.reason
    assert len(result.frame) == len(frame)
    assert result.frame.index.equals(frame.index)
    assert (result.frame["tc_ok"] == int(result.ok)).all()
    assert (result.frame[FLAGS] == 0).all(axis=None)
    assert result.frame["tc_pen_dir"].isna().all()
    assert list(result.frame.dtypes[COLUMNS]) == ["int64", "int64", "float64", "int64", "int64"]


def test_waves_have_pens_of_both_ways(transport: str) -> None:
    frame = frame_of(WAVES)
    before = frame.copy()
    result = annotated(frame)
    assert (result.ok, result.reason) == (True, None)
    columns = result.frame
    assert list(columns.columns) == [*frame.columns, *COLUMNS]
    assert list(columns.dtypes[COLUMNS]) == ["int64", "int64", "float64", "int64", "int64"]
    assert columns["tc_ok"].iloc[-1] == 1
    assert columns["tc_pen_confirmed"].sum() > 0
    assert (columns.loc[columns["tc_enter_long"] == 1, "tc_pen_dir"] == 1).all()
    assert (columns.loc[columns["tc_enter_short"] == 1, "tc_pen_dir"] == -1).all()
    assert columns["tc_enter_long"].sum() > 0 and columns["tc_enter_short"].sum() > 0
    assert_frame_equal(frame, before)


def test_a_prefix_has_the_rows_of_the_whole(transport: str) -> None:
    frame = waves(600)
    whole = annotated(frame).frame
    assert whole["tc_pen_confirmed"].sum() > 20
    for rows in (1, 57, 300, 599):
        assert_frame_equal(annotated(frame.iloc[:rows]).frame, whole.iloc[:rows])


def test_rows_index_and_other_columns_stay(transport: str) -> None:
    frame = waves(300)
    frame["rsi"] = np.arange(300) / 3
    frame["tc_enter_long"] = 9
    frame.index = pd.Index(range(1_000, 1_300), name="row")
    mixed = frame.sample(frac=1, random_state=3)
    result = annotated(mixed)
    assert result.ok
    ordered = annotated(frame).frame
    assert_frame_equal(result.frame, ordered.loc[mixed.index])
    assert_frame_equal(result.frame[["date", "rsi"]], mixed[["date", "rsi"]])
    assert_frame_equal(annotated(ordered).frame, ordered)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_any_unit(unit: str) -> None:
    frame = frame_of(WAVES)
    frame["date"] = frame["date"].dt.as_unit(unit)
    naive = frame.assign(date=frame["date"].dt.tz_localize(None))
    for given in (frame, naive):
        result = annotated(given)
        assert result.ok and result.frame["tc_pen_confirmed"].sum() > 0
        assert result.frame["date"].dtype == given["date"].dtype


def test_settings_of_a_call(transport: str) -> None:
    frame = waves(600)
    narrow = annotated(frame).frame["tc_pen_confirmed"].sum()
    wide = annotated(frame, params={"pivot.window_major": 20, "pivot.window_minor": 5})
    assert wide.ok and 0 < wide.frame["tc_pen_confirmed"].sum() < narrow
    assert annotated(frame, factors=["pen"]).frame["tc_pen_confirmed"].sum() == narrow
    assert_neutral(annotated(frame, factors=["pivot"]), frame, None)
    assert_neutral(annotated(frame, factors=["moon"]), frame, "adapter_unavailable:")
    assert_neutral(annotated(frame, params={"pivot.window_major": 0}), frame, "adapter_unavailable:")


def test_the_ledger_is_read_and_never_written(
    program: Path, monkeypatch: pytest.MonkeyPatch, environment: None
) -> None:
    frame = waves(400)
    expected = annotated(frame).frame
    server = Server(program, ENABLE_DEV_API="1")
    try:
        monkeypatch.setenv("TRADE_CANVAS_ADAPTER_URL", server.url)
        for ways in ({}, {"TRADE_CANVAS_ADAPTER_URL": None}):
            for name in ways:
                monkeypatch.delenv(name)
            if not ways:
                # Nobody knows the series.
                assert_neutral(annotated(frame, mode="ledger"), frame, None)
                server.ingest(frame.iloc[:300])
            assert_neutral(annotated(frame, mode="ledger"), frame, "ledger_out_of_sync")
            known = annotated(frame.iloc[:300], mode="ledger")
            assert known.ok
            assert_frame_equal(known.frame, expected.iloc[:300])
    finally:
        server.stop()
    # The command reads the file of a server that is gone, too; another file when one is named.
    assert annotated(frame.iloc[:300], mode="ledger").ok
    monkeypatch.setenv("TRADE_CANVAS_STRATEGY_DB_PATH", "/nowhere/market.db")
    assert_neutral(annotated(frame, mode="ledger"), frame, "adapter_unavailable:")


@pytest.mark.parametrize("switch", ["ENABLE_FACTOR_INGEST", "ENABLE_FEATURE_INGEST"])
def test_without_factors_or_features_nothing_is_in_sync(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TRADE_CANVAS_{switch}", "0")
    frame = frame_of(WAVES)
    assert_neutral(annotated(frame), frame, "ledger_out_of_sync")


def test_frames_that_cannot_have_signals(transport: str) -> None:
    frame = frame_of(WAVES)
    empty = frame.iloc[:0]
    assert_neutral(annotated(empty), empty, None)
    assert_neutral(annotated(pd.DataFrame()), pd.DataFrame(), None)
    some = frame.drop(columns=["volume", "high"])
    result = annotated(some)
    assert_neutral(result, some, "missing_columns:['high', 'volume']")
    assert result.reason == "missing_columns:['high', 'volume']"
    for wrong in (float("nan"), -1.0):
        broken = frame.copy()
        broken.loc[3, "close"] = wrong
        assert_neutral(annotated(broken), broken, "ledger_out_of_sync")
    twice = pd.concat([frame, frame.iloc[[2]]])
    assert_neutral(annotated(twice), twice, "ledger_out_of_sync")
    for column, value in (("date", 60), ("close", "high")):
        odd = frame.assign(**{column: value})
        assert_neutral(annotated(odd), odd, "adapter_unavailable:")


def test_a_year_of_minutes_fits() -> None:
    frame = waves(525_600)
    result = annotated(frame)
    assert result.ok and result.frame["tc_pen_confirmed"].sum() > 10_000
