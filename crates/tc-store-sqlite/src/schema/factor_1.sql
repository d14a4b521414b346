CREATE TABLE event_kinds (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

-- anchor_age: seconds from anchor_time to visible_time, so that it needs a byte or two.
CREATE TABLE factor_events (
    series       INTEGER NOT NULL,
    visible_time INTEGER NOT NULL,
    ord          INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    anchor_age   INTEGER NOT NULL,
    payload      BLOB NOT NULL,
    PRIMARY KEY (series, visible_time, ord)
) WITHOUT ROWID;

-- States are too large to be clustered.
CREATE TABLE factor_checkpoints (
    series INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    state  BLOB NOT NULL,
    PRIMARY KEY (series, time)
);
