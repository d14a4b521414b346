-- One row per series. Text ids are kept here only; every other table names a series by its key.
CREATE TABLE series (
    key          INTEGER PRIMARY KEY,
    series_id    TEXT NOT NULL UNIQUE,
    factor_head  INTEGER,
    overlay_head INTEGER,
    fingerprint  BLOB,
    render_key   BLOB,
    resync_floor INTEGER NOT NULL DEFAULT 0,
    stale_from   INTEGER,
    epoch        INTEGER NOT NULL DEFAULT 0,
    generation   INTEGER NOT NULL DEFAULT 0
);
