-- Finished backtests. What they were asked for and came to is JSON: `summary` as text, `detail` packed.
CREATE TABLE backtest_runs (
    run_id        TEXT NOT NULL PRIMARY KEY,
    created_at_ms INTEGER NOT NULL,
    engine        TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    pair          TEXT NOT NULL,
    timeframe     TEXT NOT NULL,
    state         TEXT NOT NULL,
    summary       BLOB NOT NULL,
    detail        BLOB NOT NULL
);
