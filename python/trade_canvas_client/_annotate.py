"""Signals of the factor ledger beside the candles of a frame."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ._result import LEDGER_COLUMNS, OK, REQUIRED, Result, missing_columns, neutral
from ._transport import Unavailable, ask

if TYPE_CHECKING:
    import pandas as pd

MODES = ("stateless", "ledger")


def annotate_factor_ledger(
    frame: pd.DataFrame,
    *,
    series_id: str,
    timeframe: str,
    mode: str = "stateless",
    factors: Sequence[str] | None = None,
    params: Mapping[str, float] | None = None,
    timeout_s: float = 60,
) -> Result:
    """Adds the ``tc_*`` columns to a copy of `frame`.

    `mode` ``stateless`` computes the factors from these candles alone; ``ledger`` reads what the live store knows.
    `factors` names the factors that may run, with those they depend on; signals of others stay neutral. `params` are
    parameters of factors such as ``{"pivot.window_major": 20}``, over the configured ones, for ``stateless`` only.

    Asks the server that TRADE_CANVAS_ADAPTER_URL names; without it runs the command TRADE_CANVAS_ADAPTER_BIN, by default
    ``trade-canvas``. Raises TypeError and ValueError for wrong arguments and nothing else.
    """
    order = _order(series_id, timeframe, mode, factors, params, timeout_s)
    try:
        import pandas as pd
    except ImportError as error:
        return Result(False, f"pandas_missing:{error}", frame)
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a DataFrame, not {type(frame).__name__}")
    if len(frame) == 0:
        return neutral(frame, LEDGER_COLUMNS, None)
    reason = missing_columns(frame, REQUIRED)
    if reason is not None:
        return neutral(frame, LEDGER_COLUMNS, reason)
    try:
        dates, body = _encoded(frame)
        return _joined(frame, dates, ask(body, order, timeout_s))
    except Unavailable as error:
        return neutral(frame, LEDGER_COLUMNS, f"adapter_unavailable:{error}")
    except Exception as error:  # no strategy may stop because of what came back, or of what a frame holds
        return neutral(frame, LEDGER_COLUMNS, f"adapter_unavailable:{type(error).__name__}: {error}")


def _order(
    series_id: str,
    timeframe: str,
    mode: str,
    factors: Sequence[str] | None,
    params: Mapping[str, float] | None,
    timeout_s: float,
) -> dict[str, str]:
    for name, value in (("series_id", series_id), ("timeframe", timeframe), ("mode", mode)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if mode not in MODES:
        raise ValueError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, (int, float)):
        raise TypeError(f"timeout_s must be a number, not {type(timeout_s).__name__}")
    if not timeout_s > 0:
        raise ValueError(f"timeout_s must be above 0, not {timeout_s}")
    order = {"series_id": series_id, "timeframe": timeframe, "mode": mode}
    if factors is not None:
        if isinstance(factors, str) or not all(isinstance(name, str) for name in factors):
            raise TypeError("factors must be a list of names")
        order["factors"] = ",".join(factors)
    if params is not None:
        if not isinstance(params, Mapping):
            raise TypeError(f"params must be a mapping, not {type(params).__name__}")
        if mode == "ledger" and params:
            raise ValueError("params count in mode stateless only: a ledger has those it was made with")
        order["params"] = json.dumps(dict(params))
    return order


def _encoded(frame: pd.DataFrame) -> tuple[pd.Series[pd.Timestamp], bytes]:
    """The dates that both sides mean, and the frame as an Arrow stream."""
    import pandas as pd
    import pyarrow as pa

    if pd.api.types.is_numeric_dtype(frame["date"]):
        raise Unavailable("date holds numbers, which may be of any unit")
    dates = pd.to_datetime(frame["date"], utc=True).dt.as_unit("ms")
    columns = [pa.array(dates, type=pa.timestamp("ms", tz="UTC"))]
    columns += [pa.array(frame[name], type=pa.float64(), from_pandas=False) for name in REQUIRED[1:]]
    batch = pa.record_batch(columns, names=list(REQUIRED))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return dates, sink.getvalue().to_pybytes()


def _joined(frame: pd.DataFrame, dates: pd.Series[pd.Timestamp], answer: bytes) -> Result:
    """The rows of the answer put beside those of the same date."""
    import pyarrow as pa

    with pa.ipc.open_stream(answer) as reader:
        table = reader.read_all()
    metadata = table.schema.metadata or {}
    ok, reason = metadata.get(b"tc_ok") == b"true", metadata.get(b"tc_reason", b"").decode() or None
    if not ok:
        return neutral(frame, LEDGER_COLUMNS, reason or "adapter_unavailable:the answer gives no reason")
    if table.num_rows != len(frame):
        raise Unavailable(f"{table.num_rows} rows came back for {len(frame)}")
    names = [name for name in table.column_names if name.startswith("tc_")]
    absent = sorted({OK, *LEDGER_COLUMNS} - set(names))
    if absent:
        raise Unavailable(f"the answer lacks {absent}")
    rows = table.select(["date", *names]).to_pandas()
    rows["date"] = rows["date"].dt.as_unit("ms")
    rows = rows.drop_duplicates("date").set_index("date")
    places = rows.index.get_indexer(dates)
    if (places < 0).any():
        raise Unavailable("rows of other dates came back")
    annotated = frame.copy()
    for name in names:
        annotated[name] = rows[name].to_numpy()[places]
    return Result(True, None, annotated)
