"""What a frame gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

OK = "tc_ok"
REQUIRED = ("date", "open", "high", "low", "close", "volume")

#: Columns of the factor ledger and what an untouched row holds; None: nothing.
LEDGER_COLUMNS: Mapping[str, int | None] = {
    "tc_pen_confirmed": 0,
    "tc_pen_dir": None,
    "tc_enter_long": 0,
    "tc_enter_short": 0,
}


class Result(NamedTuple):
    """The frame with its columns, and whether their signals count."""

    #: False: every flag is neutral and ``tc_ok`` is 0 in every row.
    ok: bool
    #: Why not; None when they count.
    reason: str | None
    #: A copy of the frame with the ``tc_*`` columns. Rows, index and other columns are as they were.
    frame: pd.DataFrame


def neutral(frame: pd.DataFrame, columns: Mapping[str, int | None], reason: str | None) -> Result:
    """The frame with every column and nothing in them."""
    annotated = frame.copy()
    annotated[OK] = int(reason is None)
    annotated[OK] = annotated[OK].astype("int64")
    for name, default in columns.items():
        annotated[name] = float("nan") if default is None else default
        annotated[name] = annotated[name].astype("float64" if default is None else "int64")
    return Result(reason is None, reason, annotated)


def missing_columns(frame: pd.DataFrame, required: tuple[str, ...]) -> str | None:
    """The reason when required columns are not there."""
    missing = sorted(set(required) - set(frame.columns))
    return f"missing_columns:{missing}" if missing else None
