"""`python -m trade_canvas_ft <arguments of freqtrade>`.

freqtrade asks an exchange for its markets at every start, also for a backtest. Here they are read from the JSON document
that TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_FILE names: `{"markets": [market], "currencies": {code: currency}}`.
The classes that every exchange is derived from are changed, so this works under every name of an exchange.
"""

import json
import os
import sys

MARKETS_FILE = "TRADE_CANVAS_FREQTRADE_OFFLINE_MARKETS_FILE"


def read_document(path):
    """Markets and currencies of the document at `path`."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return document["markets"], document["currencies"]


def serve_markets(markets, currencies):
    """Has every exchange of this process know these markets and ask nobody for others."""
    from ccxt.async_support.base.exchange import Exchange as WaitingExchange
    from ccxt.base.exchange import Exchange as BlockingExchange

    def load_now(self, reload=False, params={}):
        if reload or not self.markets:
            self.set_markets(markets, currencies)
        return self.markets

    async def load_soon(self, reload=False, params={}):
        return load_now(self, reload, params)

    BlockingExchange.load_markets = load_now
    WaitingExchange.load_markets = load_soon


def main():
    path = os.environ.get(MARKETS_FILE)
    if not path:
        sys.exit(f"{MARKETS_FILE} names no file")
    try:
        markets, currencies = read_document(path)
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{path} holds no markets: {error!r}")
    serve_markets(markets, currencies)
    from freqtrade.main import main as freqtrade

    freqtrade(sys.argv[1:])


if __name__ == "__main__":
    main()
