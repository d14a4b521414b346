-- Clustered by (series, time). No foreign key: looking the parent up for every row costs about a tenth of the bulk
-- speed, and keys come from `series` alone.
CREATE TABLE candle_rows (
    series INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    o      REAL NOT NULL,
    h      REAL NOT NULL,
    l      REAL NOT NULL,
    c      REAL NOT NULL,
    v      REAL NOT NULL,
    PRIMARY KEY (series, time)
) WITHOUT ROWID;

CREATE VIEW candles (series_id, candle_time, open, high, low, close, volume) AS
    SELECT s.series_id, r.time, r.o, r.h, r.l, r.c, r.v
    FROM series AS s
    JOIN candle_rows AS r ON r.series = s.key;
