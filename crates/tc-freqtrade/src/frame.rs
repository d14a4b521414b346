//! Frames of candles from strategies, and what goes back: Arrow streams.
//!
//! In: the columns `date`, `open`, `high`, `low`, `close`, `volume`; others are passed over. Out: `date` as it came and the
//! columns of an [`Annotation`], with `tc_ok` and `tc_reason` in the metadata of the schema. Rows and batches stay as they
//! are.

mod check;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Int64Array, RecordBatch, RecordBatchOptions,
    cast::AsArray,
    types::{
        Float32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
        TimestampNanosecondType, TimestampSecondType,
    },
};
use arrow_ipc::{reader::StreamDecoder, writer::StreamWriter};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use tc_backtest::annotate::Annotation;
use tc_market::{Candle, CandleTime};

/// Most rows of a frame: more than seven years of minutes.
pub const MAX_ROWS: usize = 4_000_000;

/// Type of such streams.
pub const MEDIA_TYPE: &str = "application/vnd.apache.arrow.stream";

const DATE: &str = "date";
const VALUES: [&str; 5] = ["open", "high", "low", "close", "volume"];
const OK: &str = "tc_ok";
const REASON: &str = "tc_reason";

/// Why bytes are no frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// They are no Arrow stream, or one that ends early.
    #[error("the Arrow stream cannot be read: {0}")]
    Stream(#[from] ArrowError),
    /// A stream of a kind that is not taken.
    #[error("the Arrow stream cannot be read: {0}")]
    Refused(&'static str),
    /// A column holds something else than it should.
    #[error("column {column} holds {found}")]
    ColumnType {
        /// The column.
        column: &'static str,
        /// What it holds.
        found: String,
    },
    /// More than [`MAX_ROWS`].
    #[error("the frame has more than {MAX_ROWS} rows")]
    TooManyRows,
}

/// What is wrong with rows that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameFault {
    /// Columns that are not there, ascending.
    MissingColumns(Vec<String>),
    /// A row is no candle.
    NoCandle,
}

/// A frame as it came.
#[derive(Debug)]
pub struct Frame {
    rows: usize,
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
}

impl Frame {
    /// Reads a stream.
    ///
    /// # Errors
    /// [`FrameError`] when it is none, or a column is of a type that holds no candles.
    pub fn read(bytes: Vec<u8>) -> Result<Self, FrameError> {
        check::stream(&bytes)?;
        // The library panics at some contents that no check of lengths finds; a client must not be able to make it.
        let decoded = catch_unwind(AssertUnwindSafe(|| Self::decode(bytes)));
        decoded.unwrap_or(Err(FrameError::Refused("its contents contradict each other")))
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, FrameError> {
        let mut stream = bytes.into();
        let mut decoder = StreamDecoder::new();
        let (mut rows, mut batches) = (0_usize, Vec::new());
        while let Some(batch) = decoder.decode(&mut stream)? {
            rows = rows.saturating_add(batch.num_rows());
            if rows > MAX_ROWS {
                return Err(FrameError::TooManyRows);
            }
            batches.push(batch);
        }
        decoder.finish()?;
        let schema = decoder.schema().ok_or(FrameError::Refused("it has no schema"))?;
        let frame = Self {
            rows,
            schema,
            batches,
        };
        frame.check_types()?;
        Ok(frame)
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The rows as candles, in their order.
    ///
    /// # Errors
    /// [`FrameFault`] when columns are missing or a row is no candle.
    pub fn candles(&self) -> Result<Vec<Candle>, FrameFault> {
        let wanted = std::iter::once(DATE).chain(VALUES);
        let mut missing: Vec<String> = wanted
            .filter(|name| self.schema.index_of(name).is_err())
            .map(str::to_owned)
            .collect();
        if !missing.is_empty() {
            missing.sort_unstable();
            return Err(FrameFault::MissingColumns(missing));
        }
        let mut candles = Vec::with_capacity(self.rows);
        for batch in &self.batches {
            push_candles(batch, &mut candles).ok_or(FrameFault::NoCandle)?;
        }
        Ok(candles)
    }

    /// The answer: dates and what is put beside them.
    ///
    /// # Errors
    /// [`ArrowError`] when the columns are not as long as the frame.
    pub fn annotated(&self, annotation: &Annotation) -> Result<Vec<u8>, ArrowError> {
        let date = self.schema.field_with_name(DATE).ok();
        let columns = annotation.columns.iter();
        let columns =
            columns.map(|column| Field::new(column.name, DataType::Int64, column.default.is_none()));
        let reason = annotation.reason.as_ref().map(ToString::to_string);
        let metadata = HashMap::from([
            (OK.to_owned(), annotation.reason.is_none().to_string()),
            (REASON.to_owned(), reason.unwrap_or_default()),
        ]);
        let fields: Vec<Field> = date.cloned().into_iter().chain(columns).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        let mut from = 0;
        for batch in &self.batches {
            let to = from + batch.num_rows();
            let date = date.and_then(|_| batch.column_by_name(DATE)).cloned();
            let columns = annotation.columns.iter().map(|column| {
                let values = column.values.get(from..to).unwrap_or_default();
                Arc::new(Int64Array::from_iter(values.iter().copied())) as ArrayRef
            });
            let arrays = date.into_iter().chain(columns).collect();
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            writer.write(&RecordBatch::try_new_with_options(
                schema.clone(),
                arrays,
                &options,
            )?)?;
            from = to;
        }
        writer.into_inner()
    }

    fn check_types(&self) -> Result<(), FrameError> {
        let fits = |name, fits: fn(&DataType) -> bool| match self.schema.field_with_name(name) {
            Ok(field) if !fits(field.data_type()) => Err(FrameError::ColumnType {
                column: name,
                found: field.data_type().to_string(),
            }),
            _ => Ok(()),
        };
        fits(DATE, |found| matches!(found, DataType::Timestamp(..)))?;
        VALUES.into_iter().try_for_each(|name| {
            fits(name, |found| {
                use DataType::{Float32, Float64, Int32, Int64};
                matches!(found, Float32 | Float64 | Int32 | Int64)
            })
        })
    }
}

/// `None`: a row is no candle.
fn push_candles(batch: &RecordBatch, candles: &mut Vec<Candle>) -> Option<()> {
    let column = |name: &str| {
        batch
            .column_by_name(name)
            .filter(|column| column.null_count() == 0)
    };
    let times = seconds(column(DATE)?)?;
    let [open, high, low, close, volume] = VALUES.map(|name| numbers(column(name)?));
    let (open, high, low, close, volume) = (open?, high?, low?, close?, volume?);
    for (row, time) in times.enumerate() {
        let time = CandleTime::new(time).ok()?;
        let candle = Candle::new(time, open[row], high[row], low[row], close[row], volume[row]);
        candles.push(candle.ok()?);
    }
    Some(())
}

/// Unix seconds of a column without gaps.
fn seconds(column: &ArrayRef) -> Option<Box<dyn Iterator<Item = i64> + '_>> {
    fn of<T: ArrowPrimitiveType<Native = i64>>(
        column: &ArrayRef,
        per_second: i64,
    ) -> Box<dyn Iterator<Item = i64> + '_> {
        let times = column.as_primitive::<T>().values().iter();
        Box::new(times.map(move |time| time.div_euclid(per_second)))
    }
    let DataType::Timestamp(unit, _) = column.data_type() else {
        return None;
    };
    Some(match unit {
        TimeUnit::Second => of::<TimestampSecondType>(column, 1),
        TimeUnit::Millisecond => of::<TimestampMillisecondType>(column, 1_000),
        TimeUnit::Microsecond => of::<TimestampMicrosecondType>(column, 1_000_000),
        TimeUnit::Nanosecond => of::<TimestampNanosecondType>(column, 1_000_000_000),
    })
}

/// Numbers of a column without gaps.
fn numbers(column: &ArrayRef) -> Option<std::borrow::Cow<'_, [f64]>> {
    fn converted<T: ArrowPrimitiveType>(column: &ArrayRef, to: fn(T::Native) -> f64) -> Vec<f64> {
        column
            .as_primitive::<T>()
            .values()
            .iter()
            .map(|value| to(*value))
            .collect()
    }
    Some(match column.data_type() {
        DataType::Float64 => std::borrow::Cow::Borrowed(column.as_primitive::<Float64Type>().values()),
        DataType::Float32 => converted::<Float32Type>(column, f64::from).into(),
        DataType::Int32 => converted::<Int32Type>(column, f64::from).into(),
        #[expect(clippy::cast_precision_loss, reason = "volumes and prices are far below 2^53")]
        DataType::Int64 => converted::<Int64Type>(column, |value| value as f64).into(),
        _ => return None,
    })
}
