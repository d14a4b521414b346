"""Trades the way of every confirmed pen, on the structures that the chart draws. Futures only: it goes short as well.

Needs the package `trade_canvas_client` in the environment of freqtrade, and the program `trade-canvas`: on the PATH, named
by TRADE_CANVAS_ADAPTER_BIN, or as the server that TRADE_CANVAS_ADAPTER_URL names.
"""

import logging

from freqtrade.strategy import IStrategy
from pandas import DataFrame
from trade_canvas_client import annotate_factor_ledger, build_series_id

logger = logging.getLogger(__name__)


class TradeCanvasFactorLedgerStrategy(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    minimal_roi = {"0": 0.01}
    stoploss = -0.10
    startup_candle_count = 100

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        result = annotate_factor_ledger(
            dataframe,
            series_id=build_series_id(metadata["pair"], self.timeframe, market="futures"),
            timeframe=self.timeframe,
        )
        if not result.ok:
            logger.warning("no signals for %s: %s", metadata["pair"], result.reason)
        return result.frame

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        counts = (dataframe["tc_ok"] == 1) & (dataframe["volume"] > 0)
        dataframe.loc[counts & (dataframe["tc_enter_long"] == 1), "enter_long"] = 1
        dataframe.loc[counts & (dataframe["tc_enter_short"] == 1), "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        counts = dataframe["tc_ok"] == 1
        dataframe.loc[counts & (dataframe["tc_enter_short"] == 1), "exit_long"] = 1
        dataframe.loc[counts & (dataframe["tc_enter_long"] == 1), "exit_short"] = 1
        return dataframe
