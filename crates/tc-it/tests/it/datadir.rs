//! A freqtrade data directory with one feather file.

use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampNanosecondArray};
use arrow_ipc::{
    CompressionType,
    writer::{FileWriter, IpcWriteOptions},
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use tc_market::Candle;

/// Columns beside the date.
const VALUES: [(&str, Value); 5] = [
    ("open", Candle::open),
    ("high", Candle::high),
    ("low", Candle::low),
    ("close", Candle::close),
    ("volume", Candle::volume),
];

type Value = fn(&Candle) -> f64;

/// Writes the candles of a Binance perpetual, such as `BTC_USDT_USDT`, below `folder` as freqtrade would.
pub(crate) fn write(folder: &Path, stem: &str, timeframe: &str, candles: &[Candle]) {
    let folder = folder.join("binance/futures");
    fs::create_dir_all(&folder).unwrap();
    let file = File::create(folder.join(format!("{stem}-{timeframe}-futures.feather"))).unwrap();

    let date = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
    let mut fields = vec![Field::new("date", date, true)];
    let times = candles
        .iter()
        .map(|candle| candle.time().seconds() * 1_000_000_000);
    let mut columns: Vec<ArrayRef> = vec![Arc::new(
        TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC"),
    )];
    for (name, value) in VALUES {
        fields.push(Field::new(name, DataType::Float64, true));
        columns.push(Arc::new(Float64Array::from_iter_values(
            candles.iter().map(value),
        )));
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let options = IpcWriteOptions::default()
        .try_with_compression(Some(CompressionType::LZ4_FRAME))
        .unwrap();
    let mut writer = FileWriter::try_new_with_options(file, &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
}
