"""What freqtrade makes of recorded cases.

    python replay.py FOLDER...

Every folder holds the inputs of one backtest. What freqtrade made of them is written beside them:
`expected_trades.json`, `expected_metrics.json` and `expected_wallet.csv`. All cases share one process, because importing
freqtrade takes longer than running it. Nothing asks an exchange: markets and leverage brackets are those of the case.
"""

import json
import math
import os
import sys
from pathlib import Path

import pandas as pd
from freqtrade.strategy import IStrategy

SIGNALS = ("enter_long", "exit_long", "enter_short", "exit_short")


def case_folder() -> Path:
    """The case that is replayed: freqtrade loads this file anew for each of them."""
    return Path(os.environ.get("REPLAYED_CASE", "."))


def case() -> dict:
    return json.loads((case_folder() / "case.json").read_text())


def table(folder: Path, kind: str, pair: str) -> pd.DataFrame:
    name = pair.replace("/", "_").replace(":", "_")
    frame = pd.read_csv(folder / f"{kind}_{name}.csv", keep_default_na=False, dtype=str)
    for column in frame.columns.difference(["enter_tag", "exit_tag"]):
        frame[column] = frame[column].map(int if column == "date_ms" else float)
    dates = pd.to_datetime(frame.pop("date_ms"), unit="ms", utc=True).dt.as_unit("ms")
    frame.insert(0, "date", dates)
    return frame


class Replay(IStrategy):
    """Asks for what the files say; everything else it needs is in the configuration."""

    INTERFACE_VERSION = 3
    minimal_roi: dict = {}
    stoploss = -1.0
    timeframe = "5m"

    def __init__(self, config: dict) -> None:
        said = case()
        self.can_short = said["can_short"]
        self.startup_candle_count = said["startup_candle_count"]
        self.wanted_leverage = said["leverage"]
        super().__init__(config)

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        wanted = table(case_folder(), "signals", metadata["pair"])
        wanted = wanted.rename(columns=lambda column: column if column == "date" else f"wanted_{column}")
        return dataframe.merge(wanted, on="date", how="left")

    def fill(self, dataframe: pd.DataFrame, columns: list, tag: str) -> pd.DataFrame:
        for column in columns:
            dataframe[column] = (dataframe[f"wanted_{column}"] == 1).astype(int)
        tags = dataframe[f"wanted_{tag}"].fillna("")
        tagged = dataframe[columns].any(axis=1) & (tags != "")
        dataframe.loc[tagged, tag] = tags[tagged]
        return dataframe

    def sides(self, kind: str) -> list:
        return [name for name in SIGNALS if name.startswith(kind) and (self.can_short or "long" in name)]

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        return self.fill(dataframe, self.sides("enter"), "enter_tag")

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict) -> pd.DataFrame:
        return self.fill(dataframe, self.sides("exit"), "exit_tag")

    def leverage(self, *args, **kwargs) -> float:
        return self.wanted_leverage


def stay_offline() -> None:
    """Markets and brackets come from the case that is replayed."""
    from ccxt.async_support.base.exchange import Exchange as Asynchronous
    from ccxt.base.exchange import Exchange as Synchronous
    from freqtrade.exchange.binance import Binance

    def markets() -> list:
        return list(case()["markets"].values())

    def load(self, reload=False, params={}):
        return self.set_markets(markets(), {})

    async def load_later(self, reload=False, params={}):
        return self.set_markets(markets(), {})

    def brackets(self) -> dict:
        def of_exchange(bracket: dict) -> dict:
            return {**bracket, "info": {"cum": bracket["maintAmt"]}}

        return {pair: [of_exchange(one) for one in all_] for pair, all_ in case()["leverage_tiers"].items()}

    Synchronous.load_markets = load
    Asynchronous.load_markets = load_later
    Binance.load_leverage_tiers = brackets


def keep_order() -> None:
    """Of trades that close on one candle the first one stays first. Which one it is, freqtrade leaves to the processor."""
    sort = pd.DataFrame.sort_values

    def sort_stably(self, by, **wanted):
        return sort(self, by, **{"kind": "stable", **wanted})

    pd.DataFrame.sort_values = sort_stably


def store_candles(folder: Path, said: dict) -> Path:
    from freqtrade.data.history import get_datahandler
    from freqtrade.enums import CandleType

    data = folder / "user" / "data"
    data.mkdir(parents=True, exist_ok=True)
    store = get_datahandler(data, "feather")
    futures = said["trading_mode"] == "futures"
    for pair in said["pairs"]:
        kind = CandleType.FUTURES if futures else CandleType.SPOT
        store.ohlcv_store(pair, said["timeframe"], table(folder, "ohlcv", pair), kind)
        if futures:
            store.ohlcv_store(pair, "1h", table(folder, "funding", pair), CandleType.FUNDING_RATE)
            store.ohlcv_store(pair, "1h", table(folder, "mark", pair), CandleType.MARK)
    return data


def plain(value):
    """The value with what JSON cannot say left out."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def replay(folder: Path) -> None:
    from freqtrade.commands import Arguments
    from freqtrade.commands.optimize_commands import setup_optimize_configuration
    from freqtrade.enums import RunMode
    from freqtrade.optimize import backtesting

    os.environ["REPLAYED_CASE"] = str(folder)
    said = case()
    asked = ["backtesting", "--config", str(folder / "freqtrade_config.json"), "--strategy", "Replay"]
    asked += ["--strategy-path", str(Path(__file__).parent), "--datadir", str(store_candles(folder, said))]
    asked += ["--userdir", str(folder / "user"), "--export", "none", "--cache", "none"]
    asked += ["--pairs", *said["pairs"]]
    if said["timerange"]:
        asked += ["--timerange", said["timerange"]]
    config = setup_optimize_configuration(Arguments(asked).get_parsed_arg(), RunMode.BACKTEST)
    backtesting.show_backtest_results = lambda *args: None
    run = backtesting.Backtesting(config)
    run.start()
    metrics = run.results["strategy"]["Replay"]
    trades = metrics.pop("trades")
    (folder / "expected_trades.json").write_text(json.dumps(plain(trades)))
    (folder / "expected_metrics.json").write_text(json.dumps(plain(metrics)))
    wallet = run.all_bt_content["Replay"]["wallet_summary"]
    wallet["date_ms"] = wallet["date"].map(lambda date: int(date.timestamp() * 1000))
    wallet[["date_ms", "currency", "rate", "balance"]].to_csv(folder / "expected_wallet.csv", index=False)


if __name__ == "__main__":
    import logging

    logging.disable(logging.WARNING)
    stay_offline()
    keep_order()
    for name in sys.argv[1:]:
        replay(Path(name))
