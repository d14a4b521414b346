use arrow_array::{Float64Array, StringArray, TimestampMillisecondArray, TimestampNanosecondArray};
use arrow_ipc::{CompressionType, writer::IpcWriteOptions};
use proptest::prelude::*;
use tc_backtest::annotate::{Annotation, Reason, SIGNALS};

use super::*;

const PRICES: [f64; 4] = [1.0, 2.0, 5.0, 2.0];

fn dates(rows: usize) -> ArrayRef {
    let times = (1..=rows).map(|row| i64::try_from(row).unwrap() * 60_000);
    Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC"))
}

fn floats(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

/// The six columns.
fn columns(prices: &[f64]) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = vec![("date", dates(prices.len()))];
    columns.extend(VALUES.map(|name| (name, floats(prices))));
    columns
}

fn stream(columns: &[(&'static str, ArrayRef)], cuts: usize) -> Vec<u8> {
    stream_with(columns, cuts, IpcWriteOptions::default())
}

fn stream_with(columns: &[(&'static str, ArrayRef)], cuts: usize, options: IpcWriteOptions) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns.iter().cloned()).unwrap();
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    for cut in 0..cuts {
        let (from, to) = (cut * batch.num_rows() / cuts, (cut + 1) * batch.num_rows() / cuts);
        writer.write(&batch.slice(from, to - from)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// An answer as a client reads it.
fn answer(bytes: Vec<u8>) -> (SchemaRef, Vec<RecordBatch>) {
    let mut stream = bytes.into();
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut stream).unwrap() {
        batches.push(batch);
    }
    decoder.finish().unwrap();
    (decoder.schema().unwrap(), batches)
}

#[test]
fn rows_become_candles_whatever_the_types() {
    let expected: Vec<Candle> = (1..=4)
        .zip(PRICES)
        .map(|(n, price)| {
            Candle::new(CandleTime::clamped(n * 60), price, price, price, price, price).unwrap()
        })
        .collect();
    let read = |columns: &[_]| Frame::read(stream(columns, 2)).unwrap().candles();
    let mut table = columns(&PRICES);
    assert_eq!(read(&table), Ok(expected.clone()));
    let nanoseconds = (1..=4).map(|n| n * 60_000_000_000 + 999);
    table[0].1 = Arc::new(TimestampNanosecondArray::from_iter_values(nanoseconds));
    table[5].1 = Arc::new(Int64Array::from(vec![1, 2, 5, 2]));
    table.insert(2, ("further", Arc::new(StringArray::from(vec!["x"; 4]))));
    table.reverse();
    assert_eq!(read(&table), Ok(expected));
}

#[test]
fn what_is_no_candle_is_said() {
    let candles = |prices: &[f64]| Frame::read(stream(&columns(prices), 1)).unwrap().candles();
    for wrong in [f64::NAN, -1.0, 0.0, f64::INFINITY] {
        assert_eq!(candles(&[1.0, wrong, 2.0]), Err(FrameFault::NoCandle));
    }
    let mut gap = columns(&PRICES);
    gap[1].1 = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(5.0), Some(2.0)]));
    let frame = Frame::read(stream(&gap, 1)).unwrap();
    assert_eq!(frame.candles(), Err(FrameFault::NoCandle));
    let some = [columns(&PRICES).remove(2), columns(&PRICES).remove(4)];
    let frame = Frame::read(stream(&some, 1)).unwrap();
    let missing = ["date", "low", "open", "volume"].map(str::to_owned).to_vec();
    assert_eq!(frame.candles(), Err(FrameFault::MissingColumns(missing)));
    assert_eq!(frame.rows(), 4);
    assert_eq!(candles(&[]), Ok(Vec::new()));
}

#[test]
fn columns_of_other_types_are_refused() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"; 4]));
    for (place, name) in [(0, "date"), (3, "low")] {
        let mut table = columns(&PRICES);
        table[place].1 = text.clone();
        let error = Frame::read(stream(&table, 1)).unwrap_err().to_string();
        assert_eq!(error, format!("column {name} holds Utf8"));
    }
}

#[test]
fn an_answer_has_the_rows_of_the_question() {
    let frame = Frame::read(stream(&columns(&PRICES), 3)).unwrap();
    let mut annotation = Annotation::neutral(SIGNALS, 4, None);
    annotation.columns[2].values[3] = Some(-1);
    let (schema, batches) = answer(frame.annotated(&annotation).unwrap());
    assert_eq!(schema.metadata()["tc_ok"], "true");
    assert_eq!(schema.metadata()["tc_reason"], "");
    let names: Vec<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(
        names,
        [
            "date",
            "tc_ok",
            "tc_pen_confirmed",
            "tc_pen_dir",
            "tc_enter_long",
            "tc_enter_short"
        ]
    );
    let nullable: Vec<&str> = schema
        .fields()
        .iter()
        .filter(|field| field.is_nullable())
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(nullable, ["tc_pen_dir"]);
    let sizes: Vec<usize> = batches.iter().map(RecordBatch::num_rows).collect();
    assert_eq!(sizes, [1, 1, 2]);
    let directions: Vec<Option<i64>> = batches
        .iter()
        .flat_map(|batch| {
            batch["tc_pen_dir"]
                .as_primitive::<Int64Type>()
                .iter()
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(directions, [None, None, None, Some(-1)]);
    let times: Vec<i64> = batches
        .iter()
        .flat_map(|batch| {
            batch["date"]
                .as_primitive::<TimestampMillisecondType>()
                .values()
                .to_vec()
        })
        .collect();
    assert_eq!(times, [60_000, 120_000, 180_000, 240_000]);
}

#[test]
fn an_answer_without_signals_says_why() {
    let some = [columns(&PRICES).remove(2)];
    let frame = Frame::read(stream(&some, 1)).unwrap();
    let Err(FrameFault::MissingColumns(missing)) = frame.candles() else {
        panic!("columns are missing")
    };
    let reason = Reason::MissingColumns(missing);
    let annotation = Annotation::neutral(SIGNALS, frame.rows(), Some(reason.clone()));
    let (schema, batches) = answer(frame.annotated(&annotation).unwrap());
    assert_eq!(schema.metadata()["tc_ok"], "false");
    assert_eq!(schema.metadata()["tc_reason"], reason.to_string());
    assert_eq!(schema.field(0).name(), "tc_ok");
    assert_eq!(batches[0].num_rows(), 4);
}

#[test]
fn an_empty_frame_has_columns() {
    let frame = Frame::read(stream(&columns(&[]), 0)).unwrap();
    let (schema, batches) = answer(frame.annotated(&Annotation::neutral(SIGNALS, 0, None)).unwrap());
    assert_eq!((schema.fields().len(), batches.len()), (6, 0));
}

#[track_caller]
fn refused(bytes: Vec<u8>, why: &str) {
    let error = Frame::read(bytes).unwrap_err().to_string();
    assert!(error.contains(why), "{error}");
}

#[test]
fn other_bytes_are_refused() {
    refused(Vec::new(), "no schema");
    refused(b"{\"series_id\": \"binance\"}".to_vec(), "ends early");
    let whole = stream(&columns(&PRICES), 1);
    refused(whole[..whole.len() / 2].to_vec(), "ends early");
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME));
    refused(
        stream_with(&columns(&[1.0; 400]), 1, options.unwrap()),
        "compressed",
    );
}

proptest! {
    #[test]
    fn damaged_bytes_never_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = stream(&columns(&PRICES), 2);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let cut = bytes[..cut.index(bytes.len())].to_vec();
        for bytes in [bytes, cut] {
            if let Ok(frame) = Frame::read(bytes) {
                let rows = frame.rows();
                if let Ok(candles) = frame.candles() {
                    prop_assert_eq!(candles.len(), rows);
                }
                frame.annotated(&Annotation::neutral(SIGNALS, rows, None)).unwrap();
            }
        }
    }
}
