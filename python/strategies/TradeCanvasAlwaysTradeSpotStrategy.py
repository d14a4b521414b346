"""Trades all the time, to see that runs, results and charts work. No idea behind it."""

from freqtrade.strategy import IStrategy
from pandas import DataFrame

FIRST_ENTRY = 5
FIRST_EXIT = 15
EXIT_EVERY = 10


class TradeCanvasAlwaysTradeSpotStrategy(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    minimal_roi = {"0": 0.0}
    stoploss = -0.99
    startup_candle_count = 5

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        dataframe.loc[(dataframe.index >= FIRST_ENTRY) & (dataframe["volume"] > 0), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:
        index = dataframe.index
        exits = (index >= FIRST_EXIT) & ((index - FIRST_ENTRY) % EXIT_EVERY == 0)
        dataframe.loc[exits, "exit_long"] = 1
        return dataframe
