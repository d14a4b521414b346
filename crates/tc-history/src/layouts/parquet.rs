//! freqtrade's `parquet` format, and what pandas writes with a time index.

use std::sync::Arc;

use ::parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    column::page::{Page, PageReader},
    errors::ParquetError,
    file::{
        metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData},
        serialized_reader::SerializedPageReader,
    },
};
use bytes::Bytes;

use super::Layout;
use crate::{
    HistoryError,
    columns::{ColumnRows, Projection, pandas_index},
    source::{MAX_ROWS, Source},
};

pub(super) const LAYOUT: Layout = Layout {
    name: "parquet",
    extensions: &["parquet"],
    decode,
    values: Some(decode),
};

const BATCH_ROWS: usize = 65_536;

fn decode<R: ColumnRows>(bytes: Vec<u8>, source: &Source<'_>, rows: &mut R) -> Result<(), HistoryError> {
    // The types of the file itself suffice; the Arrow schema that some writers add could contradict them.
    let size_bytes = bytes.len() as u64;
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let bytes = Arc::new(Bytes::from(bytes));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(Bytes::clone(&bytes), options)
        .map_err(|error| source.damaged(None, error))?;
    let file = builder.metadata().file_metadata();
    let declared_rows = u64::try_from(file.num_rows()).map_err(|error| source.damaged(None, error))?;
    if declared_rows > MAX_ROWS {
        return Err(source.too_many_rows());
    }
    if !chunks_are_inside(builder.metadata(), size_bytes) {
        return Err(source.damaged(None, "a column chunk lies outside the file"));
    }
    let index = file
        .key_value_metadata()
        .into_iter()
        .flatten()
        .find(|entry| entry.key == "pandas")
        .and_then(|entry| entry.value.as_deref())
        .and_then(pandas_index);
    let projection = Projection::of(builder.schema(), index.as_deref(), &rows.columns(), source)?;
    let mask = ProjectionMask::roots(builder.parquet_schema(), projection.indices.iter().copied());
    let fit = dictionaries_fit(&bytes, builder.metadata(), &mask);
    if !fit.map_err(|error| source.damaged(None, error))? {
        return Err(source.damaged(None, "a dictionary has more values than bytes"));
    }
    let batches = builder
        .with_projection(mask)
        .with_batch_size(BATCH_ROWS)
        .build()
        .map_err(|error| source.damaged(None, error))?;
    for batch in batches {
        let batch = batch.map_err(|error| source.damaged(Some(rows.next_row()), error))?;
        rows.push_batch(&batch, &projection, source)?;
    }
    if rows.next_row() - 1 != declared_rows {
        return Err(source.damaged(
            Some(rows.next_row()),
            format!("{declared_rows} rows were declared"),
        ));
    }
    Ok(())
}

/// The reader takes the offsets of the footer at their word.
fn chunks_are_inside(metadata: &ParquetMetaData, size_bytes: u64) -> bool {
    let is_inside = |chunk: &ColumnChunkMetaData| {
        let start = u64::try_from(chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()));
        let end = start
            .ok()
            .zip(u64::try_from(chunk.compressed_size()).ok())
            .and_then(|(a, b)| a.checked_add(b));
        end.is_some_and(|end| end <= size_bytes)
    };
    metadata
        .row_groups()
        .iter()
        .flat_map(RowGroupMetaData::columns)
        .all(is_inside)
}

/// Whether no dictionary declares more values than it has bytes: the reader makes room for as many as are declared.
fn dictionaries_fit(
    bytes: &Arc<Bytes>,
    metadata: &ParquetMetaData,
    mask: &ProjectionMask,
) -> Result<bool, ParquetError> {
    for group in metadata.row_groups() {
        let rows =
            usize::try_from(group.num_rows()).map_err(|error| ParquetError::General(error.to_string()))?;
        for (position, chunk) in group.columns().iter().enumerate() {
            if !mask.leaf_included(position) {
                continue;
            }
            let mut pages = SerializedPageReader::new(Arc::clone(bytes), chunk, rows, None)?;
            while let Some(page) = pages.peek_next_page()? {
                if !page.is_dict {
                    pages.skip_next_page()?;
                } else if let Some(Page::DictionaryPage { buf, num_values, .. }) = pages.get_next_page()?
                    && num_values as usize > buf.len()
                {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}
