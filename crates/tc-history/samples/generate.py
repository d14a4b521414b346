"""Writes the sample files beside this script. Needs pyarrow and pandas.

Every file in `good/` holds the same 48 candles of a made-up market; `damaged/` holds files that must be refused and
`faulty/` holds files that decode but whose rows are not all candles. The values are multiples of 1/8, so that 32-bit
floats hold them exactly. Every file in `rates/` holds the same 9 funding rates. `damaged/dictionary-count.parquet` is not written here: no writer makes such a file.
"""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

HERE = Path(__file__).parent
GOOD, DAMAGED, FAULTY, RATES = (HERE / name for name in ("good", "damaged", "faulty", "rates"))
ROWS = 48
FIRST_S = 1_700_000_040
RATES_FIRST_MS = 1_700_006_400_000
VALUES = ["open", "high", "low", "close", "volume"]
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def candle(i):
    opened, closed = (100 + (n * 37 % 64) / 8 for n in (i, i + 1))
    return [opened, max(opened, closed) + 0.5, min(opened, closed) - 0.25, closed, (i * 13 % 29) / 4]


TIMES = [FIRST_S + 60 * i for i in range(ROWS)]
CANDLES = [candle(i) for i in range(ROWS)]


def times(unit, zone="UTC"):
    return pa.array([t * PER_SECOND[unit] for t in TIMES], pa.timestamp(unit, zone))


def table(date=None, value_type=pa.float64(), date_name="date"):
    columns = [pa.array(column, value_type) for column in zip(*CANDLES)]
    return pa.table([times("ms") if date is None else date, *columns], [date_name, *VALUES])


def replaced(of, name, values, kind=None):
    return of.set_column(of.schema.get_field_index(name), name, pa.array(values, kind))


def texts(pattern):
    return pa.array([pd.Timestamp(t, unit="s", tz="UTC").strftime(pattern) for t in TIMES])


def write_feather(path, of, compression="lz4", **options):
    feather.write_feather(of, path, compression=compression, **options)


def write_parquet(path, of, compression="snappy", **options):
    parquet.write_table(of, path, compression=compression, **options)


def unordered():
    """Rows out of order; three times occur twice, the wrong candle first."""
    order = [*range(24, ROWS), *range(24)]
    rows = [(TIMES[i], CANDLES[i]) for i in order]
    wrong = [(TIMES[i], [1.0] * 5) for i in (0, 20, 47)]
    rows = wrong + rows
    columns = [pa.array(column) for column in zip(*(row for _, row in rows))]
    return pa.table([pa.array([t * 1000 for t, _ in rows], pa.timestamp("ms", "UTC")), *columns], ["date", *VALUES])


def with_extras():
    full = table()
    names = ["extra text", "volume", "close", "kind", "date", "low", "list", "high", "open"]
    extras = {
        "extra text": pa.array([f"row {i}" for i in range(ROWS)]),
        "kind": pa.array(["a", "b"] * (ROWS // 2)).dictionary_encode(),
        "list": pa.array([[i, i] for i in range(ROWS)]),
    }
    return pa.table([extras.get(name, full.column(name) if name in full.column_names else None) for name in names], names)


def frame(index_name="date"):
    indexed = pd.DataFrame(CANDLES, columns=VALUES, index=pd.to_datetime(TIMES, unit="s", utc=True))
    indexed.index.name = index_name
    return indexed


def feathers():
    for compression in ("lz4", "zstd", "uncompressed"):
        write_feather(GOOD / f"{compression}.feather", table(), compression)
    for unit in PER_SECOND:
        write_feather(GOOD / f"{unit}-utc.feather", table(times(unit)))
        write_feather(GOOD / f"{unit}-naive.feather", table(times(unit, None)))
    write_feather(GOOD / "ms-offset-zone.feather", table(times("ms", "+00:00")))
    write_feather(GOOD / "ms-far-zone.feather", table(times("ms", "Asia/Shanghai")))
    for unit in ("s", "ms", "ns"):
        write_feather(GOOD / f"integer-{unit}.feather", table(pa.array([t * PER_SECOND[unit] for t in TIMES])))
    write_feather(GOOD / "integer-32-bit.feather", table(pa.array(TIMES, pa.int32())))
    write_feather(GOOD / "integer-unsigned.feather", table(pa.array([t * 1000 for t in TIMES], pa.uint64())))
    write_feather(GOOD / "text-blank.feather", table(texts("%Y-%m-%d %H:%M:%S")))
    write_feather(GOOD / "text-zulu.feather", table(texts("%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string())))
    write_feather(GOOD / "text-view.feather", table(texts("%Y-%m-%dT%H:%M:%S+00:00").cast(pa.string_view())))
    write_feather(GOOD / "float32.feather", table(value_type=pa.float32()))
    write_feather(GOOD / "many-batches.feather", table(), chunksize=5)
    write_feather(GOOD / "extra-and-reordered.feather", with_extras())
    write_feather(GOOD / "unordered.feather", unordered())
    write_feather(GOOD / "pandas.feather", pa.Table.from_pandas(frame().reset_index()))


def parquets():
    for compression in ("snappy", "zstd", "lz4", "gzip", "none"):
        write_parquet(GOOD / f"{compression}.parquet", table(), compression)
    for unit in ("ms", "us", "ns"):
        write_parquet(GOOD / f"{unit}-naive.parquet", table(times(unit, None)))
        write_parquet(GOOD / f"{unit}-utc.parquet", table(times(unit)))
    write_parquet(GOOD / "int96.parquet", table(times("ns", None)), use_deprecated_int96_timestamps=True)
    write_parquet(GOOD / "integer-s.parquet", table(pa.array(TIMES)))
    write_parquet(GOOD / "text.parquet", table(texts("%Y-%m-%d %H:%M")))
    write_parquet(GOOD / "float32.parquet", table(value_type=pa.float32()))
    write_parquet(GOOD / "row-groups.parquet", table(), row_group_size=7)
    write_parquet(GOOD / "no-dictionary-v2-pages.parquet", table(), use_dictionary=False, data_page_version="2.0")
    write_parquet(GOOD / "extra-and-reordered.parquet", with_extras())
    write_parquet(GOOD / "unordered.parquet", unordered())
    write_parquet(GOOD / "named-index.parquet", pa.Table.from_pandas(frame("open_time")))
    write_parquet(GOOD / "nameless-index.parquet", pa.Table.from_pandas(frame(None)))


def json_rows():
    return [[t * 1000, *row] for t, row in zip(TIMES, CANDLES)]


def csv_lines(unit="ms"):
    per_second = PER_SECOND[unit]
    for t, (opened, high, low, closed, volume) in zip(TIMES, CANDLES):
        close_time = (t + 60) * per_second - 1
        yield f"{t * per_second},{opened:.8f},{high:.8f},{low:.8f},{closed:.8f},{volume},{close_time},0,1,0,0,0\n"


CSV_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore\n"
)


def gzipped(text):
    return gzip.compress(text.encode(), mtime=0)


def zipped(files, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text, method)
    return buffer.getvalue()


def text_files():
    rows = json_rows()
    (GOOD / "compact.json").write_text(json.dumps(rows, separators=(",", ":")))
    (GOOD / "indented.json").write_text(json.dumps(rows, indent=1))
    (GOOD / "compact.json.gz").write_bytes(gzipped(json.dumps(rows, separators=(",", ":"))))
    plain, micro = "".join(csv_lines()), "".join(csv_lines("us"))
    (GOOD / "plain.csv").write_text(plain)
    (GOOD / "header.csv").write_text(CSV_HEADER + plain)
    (GOOD / "microseconds.csv").write_text(micro)
    (GOOD / "bom-and-crlf.csv").write_bytes(b"\xef\xbb\xbf" + (CSV_HEADER + plain).replace("\n", "\r\n").encode())
    (GOOD / "header.csv.gz").write_bytes(gzipped(CSV_HEADER + plain))
    (GOOD / "two-members.csv.gz").write_bytes(gzipped(CSV_HEADER + plain[:1000]) + gzipped(plain[1000:]))
    (GOOD / "plain.zip").write_bytes(zipped({"XUSDT-1m-2023-11.csv": plain}))
    (GOOD / "stored.csv.zip").write_bytes(zipped({"a.csv": CSV_HEADER + micro, "CHECKSUM": "-"}, zipfile.ZIP_STORED))


def faulty():
    """Rows 3 and 4 are null, row 6 has high below low, row 7 a negative volume, row 8 no finite close."""
    high = [row[1] for row in CANDLES]
    volume = [row[4] for row in CANDLES]
    close = [row[3] for row in CANDLES]
    low = [row[2] for row in CANDLES]
    low[2], volume[3], high[5], volume[6], close[7] = None, None, 1.0, -1.0, float("inf")
    of = table()
    for name, values in (("high", high), ("low", low), ("close", close), ("volume", volume)):
        of = replaced(of, name, values, pa.float64())
    write_feather(FAULTY / "rows.feather", of)
    write_feather(FAULTY / "rows-in-batches.feather", of, chunksize=3)
    write_parquet(FAULTY / "rows.parquet", of)
    rows = [list(row.values()) for row in of.to_pylist()]
    rows = [[int(row[0].timestamp() * 1000), *row[1:]] for row in rows]
    # JSON has no infinity; zero breaks another rule of the same row.
    rows[7][4] = 0
    (FAULTY / "rows.json").write_text(json.dumps(rows))
    lines = [",".join("" if cell is None else str(cell) for cell in row) + ",0,0,1,0,0,0\n" for row in rows]
    (FAULTY / "rows.csv").write_text("".join(lines))


def rates():
    """A rate for every eight hours, some below zero; the fourth is six milliseconds late."""
    found = [(RATES_FIRST_MS + 28_800_000 * i + (6 if i == 3 else 0), (i - 4) / 8192) for i in range(9)]
    date = pa.array([time for time, _ in found], pa.timestamp("ms", "UTC"))
    rate = pa.array([rate for _, rate in found])
    plain = pa.table([date, rate], ["date", "funding_rate"])
    empty = pa.array([float("nan")] * len(found))
    candles = pa.table([date, rate, empty, empty, empty, empty], ["date", *VALUES])
    write_feather(RATES / "plain.feather", plain)
    write_feather(RATES / "candles.feather", candles)
    write_feather(RATES / "batches.feather", plain, chunksize=2)
    write_parquet(RATES / "plain.parquet", plain)
    write_parquet(RATES / "candles.parquet", candles)
    (RATES / "plain.json").write_text(json.dumps(found))
    (RATES / "candles.json").write_text(json.dumps([[*row, 0, 0, 0, 0] for row in found]))
    (RATES / "plain.json.gz").write_bytes(gzipped(json.dumps(found)))
    # Twice the same time, a value that is missing, and rows out of order.
    mixed = [[found[0][0], 1.0], [found[0][0] + 1, None], *found[::-1]]
    (RATES / "mixed.json").write_text(json.dumps(mixed))


def damaged():
    for source in ("lz4.feather", "zstd.feather", "uncompressed.feather", "snappy.parquet", "zstd.parquet",
                   "compact.json", "compact.json.gz", "header.csv.gz", "plain.zip"):
        whole = (GOOD / source).read_bytes()
        (DAMAGED / f"cut-short-{source}").write_bytes(whole[: len(whole) * 2 // 3])
    (DAMAGED / "cut-short-plain.csv").write_bytes((GOOD / "plain.csv").read_bytes()[:-9])
    for name in ("empty.feather", "empty.parquet", "empty.json", "empty.json.gz", "empty.csv", "empty.csv.gz",
                 "empty.zip"):
        (DAMAGED / name).write_bytes(b"")
    (DAMAGED / "text.feather").write_text("open,high,low,close\n" * 3)
    (DAMAGED / "text.parquet").write_text("open,high,low,close\n" * 3)
    (DAMAGED / "text.json.gz").write_text("[]")
    (DAMAGED / "text.zip").write_text("no archive")
    feather.write_feather(frame().reset_index(), DAMAGED / "version-1.feather", version=1)
    write_feather(DAMAGED / "missing-column.feather", table().drop_columns(["low"]))
    write_feather(DAMAGED / "missing-date.feather", table(date_name="when"))
    write_parquet(DAMAGED / "missing-column.parquet", table().drop_columns(["volume"]))
    bad_open = [None, "100.0", *("text" for _ in range(ROWS - 2))]
    write_feather(DAMAGED / "text-open.feather", replaced(table(), "open", bad_open))
    write_parquet(DAMAGED / "text-open.parquet", replaced(table(), "open", bad_open))
    bad_dates = ["2023-11-14 22:14:00"] * 9 + ["yesterday"] * (ROWS - 9)
    write_feather(DAMAGED / "text-date.feather", table(pa.array(bad_dates)), chunksize=4)
    write_feather(DAMAGED / "list-close.feather", replaced(table(), "close", [[1.0]] * ROWS))
    write_feather(DAMAGED / "float-date.feather", table(pa.array([float(t) for t in TIMES])))
    category = pa.array(["a"] * ROWS).dictionary_encode()
    write_feather(DAMAGED / "category-high.feather", table().set_column(2, "high", category))

    def json_with(row, column, value):
        rows = json_rows()
        rows[row - 1][column] = value
        return json.dumps(rows)

    (DAMAGED / "text-low.json").write_text(json_with(12, 3, "99.5"))
    (DAMAGED / "nested-high.json").write_text(json_with(2, 2, [1]))
    (DAMAGED / "boolean-volume.json").write_text(json_with(48, 5, True))
    (DAMAGED / "text-date.json").write_text(json_with(5, 0, "soon"))
    rows = json_rows()
    (DAMAGED / "short-row.json").write_text(json.dumps([*rows[:3], rows[3][:2]]))
    (DAMAGED / "long-row.json").write_text(json.dumps([*rows[:3], [*rows[3], 1, 2]]))
    (DAMAGED / "object.json").write_text('{"date": []}')
    (DAMAGED / "number-row.json").write_text(json.dumps([rows[0], 7]))
    (DAMAGED / "two-values.json").write_text(json.dumps(rows) + "[]")
    lines = list(csv_lines())

    def csv_with(row, old, new):
        changed = list(lines)
        assert old in changed[row - 1]
        changed[row - 1] = changed[row - 1].replace(old, new, 1)
        return CSV_HEADER + "".join(changed)

    (DAMAGED / "text-volume.csv").write_text(csv_with(3, ",6.5,", ",six,"))
    (DAMAGED / "text-time.csv").write_text(csv_with(10, str(TIMES[9] * 1000), "2023-11-14"))
    (DAMAGED / "short-row.csv").write_text(csv_with(7, ",0,0,0\n", "\n"))
    (DAMAGED / "missing-column.csv").write_text(CSV_HEADER.replace("close,", "end,", 1) + "".join(lines))
    (DAMAGED / "six-columns.csv").write_text("".join(",".join(line.split(",")[:6]) + "\n" for line in lines))
    (DAMAGED / "two-tables.zip").write_bytes(zipped({"a.csv": "".join(lines), "b.csv": "".join(lines)}))
    (DAMAGED / "no-table.zip").write_bytes(zipped({"readme.txt": "nothing here"}))


for folder in (GOOD, DAMAGED, FAULTY, RATES):
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
feathers()
parquets()
text_files()
faulty()
rates()
damaged()
