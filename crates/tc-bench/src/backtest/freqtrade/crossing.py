"""In whenever the average of 5 closes rises above that of 20, out when it falls below: `crossings` of the benchmark."""

from freqtrade.strategy import IStrategy


class Crossing(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    stoploss = -0.1
    startup_candle_count = 0

    def populate_indicators(self, dataframe, metadata):
        # Whole numbers, so that sums and products are exact, whoever adds them up.
        cents = (dataframe["close"] * 100).round()
        above = cents.rolling(5).sum() * 20 > cents.rolling(20).sum() * 5
        before = above.shift(1, fill_value=False)
        dataframe["rises"] = above & ~before
        dataframe["falls"] = before & ~above
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["rises"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["falls"], "exit_long"] = 1
        return dataframe
