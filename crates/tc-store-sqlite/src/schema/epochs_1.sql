CREATE TABLE epochs (
    series    INTEGER NOT NULL,
    epoch     INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    from_time INTEGER,
    candles   INTEGER NOT NULL,
    PRIMARY KEY (series, epoch)
) WITHOUT ROWID;
