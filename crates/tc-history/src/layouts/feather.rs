//! freqtrade's `feather` format: an Arrow IPC file, its buffers plain or compressed with LZ4 or zstd.

use arrow_buffer::Buffer;
use arrow_ipc::{
    Block, Endianness, RecordBatch,
    convert::try_fb_to_schema,
    reader::{FileDecoder, read_footer_length},
    root_as_footer, root_as_message,
};

use super::Layout;
use crate::{
    HistoryError,
    columns::{ColumnRows, Projection, pandas_index},
    source::{MAX_ROWS, Source},
};

pub(super) const LAYOUT: Layout = Layout {
    name: "feather",
    extensions: &["feather"],
    decode,
    values: Some(decode),
};

const MAGIC: &[u8] = b"ARROW1";
const MAGIC_OF_THE_FORMAT_BEFORE: &[u8] = b"FEA1";
const CONTINUATION_MARKER: [u8; 4] = [0xff; 4];
const TRAILER_BYTES: usize = 10;
const MAX_BUFFER_BYTES: i64 = 512 << 20;
/// Small enough that a length times the width of a value cannot overflow.
const MAX_NODE_LENGTH: i64 = 1 << 32;

fn decode<R: ColumnRows>(bytes: Vec<u8>, source: &Source<'_>, rows: &mut R) -> Result<(), HistoryError> {
    if bytes.starts_with(MAGIC_OF_THE_FORMAT_BEFORE) {
        return Err(source.damaged(
            None,
            "the file is of feather version 1; only version 2 is readable",
        ));
    }
    let file = Buffer::from_vec(bytes);
    let damaged = |what: &str| source.damaged(None, what);
    let trailer_at = file
        .len()
        .checked_sub(TRAILER_BYTES)
        .ok_or_else(|| damaged("the file is too short"))?;
    if !file.starts_with(MAGIC) {
        return Err(damaged("the file does not begin with the Arrow signature"));
    }
    let trailer = file[trailer_at..]
        .try_into()
        .map_err(|error| source.damaged(None, error))?;
    let footer_bytes = read_footer_length(trailer).map_err(|error| source.damaged(None, error))?;
    let footer_at = trailer_at
        .checked_sub(footer_bytes)
        .filter(|start| *start >= MAGIC.len())
        .ok_or_else(|| damaged("the footer is longer than the file"))?;
    let footer = root_as_footer(&file[footer_at..trailer_at]).map_err(|error| damaged(&error.to_string()))?;

    let ipc_schema = footer
        .schema()
        .ok_or_else(|| damaged("the footer has no schema"))?;
    if ipc_schema.endianness() != Endianness::Little {
        return Err(damaged("the file is big-endian"));
    }
    let schema = try_fb_to_schema(ipc_schema).map_err(|error| source.damaged(None, error))?;
    let index = schema
        .metadata()
        .get("pandas")
        .and_then(|pandas| pandas_index(pandas));
    let projection = Projection::of(&schema, index.as_deref(), &rows.columns(), source)?;
    let blocks = footer.recordBatches().unwrap_or_default();
    let decoder =
        FileDecoder::new(schema.into(), footer.version()).with_projection(projection.indices.clone());
    for block in blocks {
        let message = checked_message(block, &file, footer_at).map_err(damaged)?;
        let batch = decoder
            .read_record_batch(block, &message)
            .map_err(|error| source.damaged(None, error))?;
        if let Some(batch) = batch {
            rows.push_batch(&batch, &projection, source)?;
        }
    }
    Ok(())
}

/// The message that a block of the footer points at, with every offset and length in it checked against the file.
///
/// The decoder takes offsets at their word and allocates what a length prefix asks for, so they are proven first.
fn checked_message(block: &Block, file: &Buffer, footer_at: usize) -> Result<Buffer, &'static str> {
    const OUTSIDE: &str = "a record batch lies outside the file";
    let offset = usize::try_from(block.offset()).map_err(|_| OUTSIDE)?;
    let metadata = usize::try_from(block.metaDataLength()).map_err(|_| OUTSIDE)?;
    let body = usize::try_from(block.bodyLength()).map_err(|_| OUTSIDE)?;
    let length = metadata.checked_add(body).ok_or(OUTSIDE)?;
    if metadata < 8 || offset.checked_add(length).is_none_or(|end| end > footer_at) {
        return Err(OUTSIDE);
    }
    let bytes = file.slice_with_length(offset, length);
    let prefix = if bytes[..4] == CONTINUATION_MARKER { 8 } else { 4 };
    let message = root_as_message(&bytes[prefix..]).map_err(|_| "a record batch has an unreadable header")?;
    if let Some(batch) = message.header_as_record_batch() {
        check_batch(&batch, &bytes[metadata..])?;
    }
    Ok(bytes)
}

fn check_batch(batch: &RecordBatch<'_>, body: &[u8]) -> Result<(), &'static str> {
    let row_limit = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
    if !(0..=row_limit).contains(&batch.length()) {
        return Err("a record batch has an impossible number of rows");
    }
    for node in batch.nodes().into_iter().flatten() {
        if !(0..=MAX_NODE_LENGTH).contains(&node.length())
            || !(0..=node.length()).contains(&node.null_count())
        {
            return Err("a column of a record batch has an impossible length");
        }
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let range = usize::try_from(buffer.offset())
            .ok()
            .zip(usize::try_from(buffer.length()).ok())
            .and_then(|(start, length)| body.get(start..start.checked_add(length)?))
            .ok_or("a buffer lies outside its record batch")?;
        if batch.compression().is_some() && !range.is_empty() {
            let size = range.first_chunk().map(|prefix| i64::from_le_bytes(*prefix));
            if size.is_none_or(|size| !(-1..=MAX_BUFFER_BYTES).contains(&size)) {
                return Err("a compressed buffer has an impossible size");
            }
        }
    }
    Ok(())
}
