CREATE TABLE drawing_kinds (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

-- first_age, last_age: seconds from first_time and last_time to version.
CREATE TABLE overlay_rows (
    series    INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    ord       INTEGER NOT NULL,
    drawing   INTEGER NOT NULL,
    first_age INTEGER NOT NULL,
    last_age  INTEGER NOT NULL,
    payload   BLOB NOT NULL,
    PRIMARY KEY (series, version, ord, drawing)
) WITHOUT ROWID;

-- A window by last_time reads the versions inside it, and from the earlier ones only those that reach ahead of their
-- version. There are hardly any, so this index is all but empty.
CREATE INDEX overlay_rows_ahead ON overlay_rows (series, version) WHERE last_age < 0;
