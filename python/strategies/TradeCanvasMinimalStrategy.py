"""The smallest strategy that trades: two averages of the close that cross."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame


class TradeCanvasMinimalStrategy(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    minimal_roi = {"0": 0.01}
    stoploss = -0.10
    startup_candle_count = 30

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe["sma_fast"] = dataframe["close"].rolling(5).mean()
        dataframe["sma_slow"] = dataframe["close"].rolling(20).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        fast, slow = dataframe["sma_fast"], dataframe["sma_slow"]
        crosses_above = (fast > slow) & (fast.shift(1) <= slow.shift(1))
        dataframe.loc[crosses_above & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        fast, slow = dataframe["sma_fast"], dataframe["sma_slow"]
        crosses_below = (fast < slow) & (fast.shift(1) >= slow.shift(1))
        dataframe.loc[crosses_below, "exit_long"] = 1
        return dataframe
