"""What the factors of trade-canvas found, as columns of freqtrade strategies.

    from trade_canvas_client import annotate_factor_ledger, build_series_id

    result = annotate_factor_ledger(
        dataframe, series_id=build_series_id(metadata["pair"], self.timeframe), timeframe=self.timeframe
    )
    dataframe = result.frame

Every entry and exit must require ``tc_ok == 1``. Nothing here raises when signals cannot be had: `Result.ok` is false,
`Result.reason` says why, and every column is there with nothing in it.
"""

from ._annotate import annotate_factor_ledger
from ._demo import annotate_demo_sma
from ._result import Result
from ._series import build_series_id

__all__ = ["Result", "annotate_demo_sma", "annotate_factor_ledger", "build_series_id"]
__version__ = "0.1.0"
