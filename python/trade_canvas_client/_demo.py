"""Two averages that cross: columns to try a strategy with, without any server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._result import OK, Result, missing_columns, neutral

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, int | None] = {"tc_sma_fast": None, "tc_sma_slow": None, "tc_open_long": 0}


def annotate_demo_sma(frame: pd.DataFrame, *, fast: int = 5, slow: int = 20) -> Result:
    """Averages of the last `fast` and `slow` closes, and ``tc_open_long`` where the fast one comes to lie above.

    An average is missing until its window is full. Raises ValueError unless ``0 < fast < slow``.
    """
    if not 0 < fast < slow:
        raise ValueError(f"fast and slow must be 0 < fast < slow, not {fast} and {slow}")
    if len(frame) == 0:
        return neutral(frame, COLUMNS, None)
    reason = missing_columns(frame, ("close",))
    if reason is not None:
        return neutral(frame, COLUMNS, reason)
    annotated = frame.copy()
    close = annotated["close"].astype("float64")
    short, long = close.rolling(fast).mean(), close.rolling(slow).mean()
    crosses = (short > long) & (short.shift(1) <= long.shift(1))
    annotated[OK] = 1
    annotated["tc_sma_fast"] = short
    annotated["tc_sma_slow"] = long
    annotated["tc_open_long"] = crosses.astype("int64")
    return Result(True, None, annotated)
