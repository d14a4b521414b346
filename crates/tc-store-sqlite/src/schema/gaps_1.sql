-- Enums are kept by name: this table is read by people as well.
CREATE TABLE gaps (
    series             INTEGER NOT NULL,
    from_time          INTEGER NOT NULL,
    to_time            INTEGER NOT NULL,
    missing_candles    INTEGER NOT NULL,
    cause              TEXT NOT NULL,
    state              TEXT NOT NULL,
    detected_at_ms     INTEGER NOT NULL,
    attempts           INTEGER NOT NULL,
    last_attempt_at_ms INTEGER,
    last_error         TEXT,
    healed_at_ms       INTEGER,
    healed_from        TEXT,
    PRIMARY KEY (series, from_time)
) WITHOUT ROWID;

-- What every late candle asks for: is there a hole where it belongs?
CREATE INDEX gaps_open ON gaps (series, from_time, to_time) WHERE healed_at_ms IS NULL;
