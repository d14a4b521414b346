//! Arrow columns to rows, column by column.

use std::{borrow::Cow, iter};

use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{
        ArrowPrimitiveType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Schema, TimeUnit as ArrowUnit};

use crate::{
    HistoryError,
    date::{TimeUnit, parse_utc},
    rows::CandleRows,
    source::{MAX_ROWS, Source},
    values::ValueRows,
};

const DATE: &str = "date";
const VALUES: [&str; 5] = ["open", "high", "low", "close", "volume"];
const A_TIME: &str = "a time";
const A_NUMBER: &str = "a number";

/// Takes the rows of a table with named columns.
pub(crate) trait ColumnRows {
    /// The columns with numbers that it takes beside the time: of each the names it may have, the one to prefer first.
    fn columns(&self) -> Vec<&[&'static str]>;

    /// Number of the row that comes next, from 1.
    fn next_row(&self) -> u64;

    /// Takes the rows of a table.
    fn push_table(&mut self, table: &Table<'_>) -> Result<(), HistoryError>;

    /// Takes the rows of a batch.
    fn push_batch(
        &mut self,
        batch: &RecordBatch,
        projection: &Projection,
        source: &Source<'_>,
    ) -> Result<(), HistoryError> {
        self.push_table(&Table::new(batch, projection, self.next_row(), source)?)
    }
}

/// The columns that are read.
#[derive(Debug)]
pub(crate) struct Projection {
    /// Their places in the schema, ascending.
    pub(crate) indices: Vec<usize>,
    date: String,
    /// Names of the columns with numbers, in the order in which they were asked for.
    values: Vec<&'static str>,
}

impl Projection {
    /// Finds the columns by name. A table without a `date` column may have its times in `index` instead.
    pub(crate) fn of(
        schema: &Schema,
        index: Option<&str>,
        wanted: &[&[&'static str]],
        source: &Source<'_>,
    ) -> Result<Self, HistoryError> {
        let place = |name: &str| schema.fields().iter().position(|field| field.name() == name);
        let index = index
            .and_then(place)
            .filter(|place| is_timestamp(schema.field(*place).data_type()));
        let date = place(DATE).or(index).ok_or_else(|| source.missing_column(DATE))?;
        expect_type(schema.field(date), may_hold_times, A_TIME, source)?;
        let (mut indices, mut values) = (vec![date], Vec::with_capacity(wanted.len()));
        for names in wanted {
            let found = names.iter().find_map(|name| Some((place(name)?, *name)));
            let missing = || source.missing_column(names.first().copied().unwrap_or_default());
            let (place, name) = found.ok_or_else(missing)?;
            expect_type(schema.field(place), may_hold_numbers, A_NUMBER, source)?;
            indices.push(place);
            values.push(name);
        }
        indices.sort_unstable();
        Ok(Self {
            indices,
            date: schema.field(date).name().clone(),
            values,
        })
    }
}

/// Name of the index column in the description that pandas adds to a file.
pub(crate) fn pandas_index(description: &str) -> Option<String> {
    let description: serde_json::Value = serde_json::from_str(description).ok()?;
    let name = description.get("index_columns")?.get(0)?.as_str()?;
    Some(name.to_owned())
}

impl ColumnRows for CandleRows {
    fn columns(&self) -> Vec<&[&'static str]> {
        VALUES.iter().map(std::slice::from_ref).collect()
    }

    fn next_row(&self) -> u64 {
        self.next_row()
    }

    /// Rows with a null in any of the six columns count as null rows.
    fn push_table(&mut self, table: &Table<'_>) -> Result<(), HistoryError> {
        let date = table.date()?;
        let [open, high, low, close, volume] = VALUES.map(|name| table.column(name, name));
        let values = [open?, high?, low?, close?, volume?];
        let nulls: Vec<&NullBuffer> = iter::once(&date)
            .chain(&values)
            .filter_map(Column::nulls)
            .collect();

        let times = date.seconds()?;
        let [open, high, low, close, volume] = values.each_ref().map(Column::numbers);
        let (open, high, low, close, volume) = (open?, high?, low?, close?, volume?);
        self.reserve(table.batch.num_rows());
        let prices = open.iter().zip(high.iter()).zip(low.iter().zip(close.iter()));
        for (i, ((time, ((open, high), (low, close))), volume)) in
            times.iter().zip(prices).zip(volume.iter()).enumerate()
        {
            if nulls.iter().any(|nulls| nulls.is_null(i)) {
                self.push_null();
            } else {
                self.push(*time, [*open, *high, *low, *close, *volume]);
            }
        }
        Ok(())
    }
}

impl ColumnRows for ValueRows {
    fn columns(&self) -> Vec<&[&'static str]> {
        vec![self.names()]
    }

    fn next_row(&self) -> u64 {
        self.next_row()
    }

    fn push_table(&mut self, table: &Table<'_>) -> Result<(), HistoryError> {
        let name = table.projection.values.first().copied().unwrap_or_default();
        let (date, values) = (table.date()?, table.column(name, name)?);
        let is_null = |i: usize| [&date, &values].iter().any(|column| column.array.is_null(i));
        let (times, numbers) = (date.seconds()?, values.numbers()?);
        for (i, (time, value)) in times.iter().zip(numbers.iter()).enumerate() {
            self.push(*time, (!is_null(i)).then_some(*value));
        }
        Ok(())
    }
}

/// One batch, and what errors about it need to say.
pub(crate) struct Table<'a> {
    batch: &'a RecordBatch,
    projection: &'a Projection,
    first_row: u64,
    source: &'a Source<'a>,
}

impl<'a> Table<'a> {
    fn new(
        batch: &'a RecordBatch,
        projection: &'a Projection,
        first_row: u64,
        source: &'a Source<'a>,
    ) -> Result<Self, HistoryError> {
        if first_row + batch.num_rows() as u64 > MAX_ROWS {
            return Err(source.too_many_rows());
        }
        Ok(Self {
            batch,
            projection,
            first_row,
            source,
        })
    }

    fn date(&self) -> Result<Column<'a>, HistoryError> {
        self.column(DATE, &self.projection.date)
    }

    fn column(&self, name: &'static str, in_file: &str) -> Result<Column<'a>, HistoryError> {
        let array = self.batch.column_by_name(in_file);
        let array = array.ok_or_else(|| self.source.missing_column(name))?;
        Ok(Column {
            array: array.as_ref(),
            name: in_file.to_owned(),
            first_row: self.first_row,
            source: self.source,
        })
    }
}

fn expect_type(
    field: &Field,
    fits: fn(&DataType) -> bool,
    due: &'static str,
    source: &Source<'_>,
) -> Result<(), HistoryError> {
    if fits(field.data_type()) {
        return Ok(());
    }
    Err(HistoryError::ColumnType {
        path: source.path.into(),
        column: field.name().clone(),
        found: field.data_type().to_string(),
        due,
    })
}

const fn is_timestamp(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..))
}

const fn is_text(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn may_hold_times(data_type: &DataType) -> bool {
    let is_date = matches!(data_type, DataType::Date32 | DataType::Date64);
    is_timestamp(data_type) || is_date || is_text(data_type) || data_type.is_integer()
}

/// Text is let through to be refused with its row and content.
fn may_hold_numbers(data_type: &DataType) -> bool {
    let is_float = matches!(data_type, DataType::Float32 | DataType::Float64);
    is_float || is_text(data_type) || data_type.is_integer()
}

/// Place in the batch and text of every row.
type Texts<'a> = Box<dyn Iterator<Item = (usize, Option<&'a str>)> + 'a>;

/// A column of one batch, and what errors about it need to say.
struct Column<'a> {
    array: &'a dyn Array,
    name: String,
    first_row: u64,
    source: &'a Source<'a>,
}

impl<'a> Column<'a> {
    fn nulls(&self) -> Option<&'a NullBuffer> {
        self.array.nulls().filter(|nulls| nulls.null_count() > 0)
    }

    /// Unix seconds; anything where the value is null.
    fn seconds(&self) -> Result<Vec<i64>, HistoryError> {
        let declared = |unit: TimeUnit| move |value| unit.to_seconds(value);
        let by_size = |value| TimeUnit::of_undeclared(value).to_seconds(value);
        match self.array.data_type() {
            DataType::Timestamp(ArrowUnit::Second, _) => self.map::<TimestampSecondType, _>(|value| value),
            DataType::Timestamp(ArrowUnit::Millisecond, _) => {
                self.map::<TimestampMillisecondType, _>(declared(TimeUnit::Milliseconds))
            }
            DataType::Timestamp(ArrowUnit::Microsecond, _) => {
                self.map::<TimestampMicrosecondType, _>(declared(TimeUnit::Microseconds))
            }
            DataType::Timestamp(ArrowUnit::Nanosecond, _) => {
                self.map::<TimestampNanosecondType, _>(declared(TimeUnit::Nanoseconds))
            }
            DataType::Date32 => self.map::<Date32Type, _>(|days| i64::from(days) * 86_400),
            DataType::Date64 => self.map::<Date64Type, _>(declared(TimeUnit::Milliseconds)),
            DataType::Int64 => self.map::<Int64Type, _>(by_size),
            DataType::UInt64 => {
                self.map::<UInt64Type, _>(|value| by_size(i64::try_from(value).unwrap_or(i64::MAX)))
            }
            DataType::Int32 => self.map::<Int32Type, _>(i64::from),
            DataType::UInt32 => self.map::<UInt32Type, _>(i64::from),
            DataType::Int16 => self.map::<Int16Type, _>(i64::from),
            DataType::UInt16 => self.map::<UInt16Type, _>(i64::from),
            DataType::Int8 => self.map::<Int8Type, _>(i64::from),
            DataType::UInt8 => self.map::<UInt8Type, _>(i64::from),
            _ => self.texts()?.map(|(i, text)| self.time_of(i, text)).collect(),
        }
    }

    /// Floating-point values; anything where the value is null.
    fn numbers(&self) -> Result<Cow<'a, [f64]>, HistoryError> {
        let numbers = match self.array.data_type() {
            DataType::Float64 => return Ok(Cow::Borrowed(self.values::<Float64Type>()?)),
            DataType::Float32 => self.map::<Float32Type, _>(f64::from)?,
            DataType::Int64 => self.map::<Int64Type, _>(|value| value as f64)?,
            DataType::UInt64 => self.map::<UInt64Type, _>(|value| value as f64)?,
            DataType::Int32 => self.map::<Int32Type, _>(f64::from)?,
            DataType::UInt32 => self.map::<UInt32Type, _>(f64::from)?,
            DataType::Int16 => self.map::<Int16Type, _>(f64::from)?,
            DataType::UInt16 => self.map::<UInt16Type, _>(f64::from)?,
            DataType::Int8 => self.map::<Int8Type, _>(f64::from)?,
            DataType::UInt8 => self.map::<UInt8Type, _>(f64::from)?,
            _ => {
                let texts = self.texts()?;
                let refused = |(i, text): (usize, Option<&str>)| match text {
                    Some(text) => Err(self.refused(i, text, A_NUMBER)),
                    None => Ok(0.0),
                };
                texts.map(refused).collect::<Result<_, _>>()?
            }
        };
        Ok(Cow::Owned(numbers))
    }

    fn values<T: ArrowPrimitiveType>(&self) -> Result<&'a [T::Native], HistoryError> {
        let array = self
            .array
            .as_primitive_opt::<T>()
            .ok_or_else(|| self.changed_type())?;
        Ok(array.values())
    }

    fn map<T: ArrowPrimitiveType, V>(&self, to: impl Fn(T::Native) -> V) -> Result<Vec<V>, HistoryError> {
        Ok(self.values::<T>()?.iter().map(|value| to(*value)).collect())
    }

    fn texts(&self) -> Result<Texts<'a>, HistoryError> {
        if let Some(array) = self.array.as_string_opt::<i32>() {
            Ok(Box::new(array.iter().enumerate()))
        } else if let Some(array) = self.array.as_string_opt::<i64>() {
            Ok(Box::new(array.iter().enumerate()))
        } else if let Some(array) = self.array.as_string_view_opt() {
            Ok(Box::new(array.iter().enumerate()))
        } else {
            Err(self.changed_type())
        }
    }

    fn time_of(&self, i: usize, text: Option<&str>) -> Result<i64, HistoryError> {
        match text {
            Some(text) => parse_utc(text).ok_or_else(|| self.refused(i, text, "a date and time")),
            None => Ok(0),
        }
    }

    fn refused(&self, i: usize, text: &str, due: &'static str) -> HistoryError {
        self.source
            .bad_value(self.first_row + i as u64, &self.name, text, due)
    }

    /// The types were checked against the schema before the first batch, so only damaged files get here.
    fn changed_type(&self) -> HistoryError {
        let found = format!(
            "column {} is of type {} in a record batch",
            self.name,
            self.array.data_type()
        );
        self.source.damaged(None, found)
    }
}
