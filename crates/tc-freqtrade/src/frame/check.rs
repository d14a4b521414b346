//! What the decoder takes at its word is proven before it sees it.

use arrow_ipc::{MessageHeader, RecordBatch, root_as_message};

use super::{FrameError, MAX_ROWS};

const CONTINUATION_MARKER: [u8; 4] = [0xff; 4];

/// Refuses a stream whose lengths do not fit its bytes, and what frames have no need of: compression, whose sizes are
/// claims, and dictionaries.
pub(super) fn stream(bytes: &[u8]) -> Result<(), FrameError> {
    let mut rest = bytes;
    loop {
        if rest.is_empty() {
            return Ok(());
        }
        let mut length = take(&mut rest, 4)?;
        if length == CONTINUATION_MARKER {
            length = take(&mut rest, 4)?;
        }
        let length = length.try_into().map(u32::from_le_bytes).unwrap_or_default();
        if length == 0 {
            return Ok(());
        }
        let length = usize::try_from(length).map_err(|_| ENDS_EARLY)?;
        let message = root_as_message(take(&mut rest, length)?)
            .map_err(|_| FrameError::Refused("a message has an unreadable header"))?;
        let body = usize::try_from(message.bodyLength()).map_err(|_| ENDS_EARLY)?;
        let body = take(&mut rest, body)?;
        match message.header_type() {
            MessageHeader::Schema => {}
            MessageHeader::RecordBatch => {
                if let Some(batch) = message.header_as_record_batch() {
                    self::batch(&batch, body).map_err(FrameError::Refused)?;
                }
            }
            _ => return Err(FrameError::Refused("it holds more than a table")),
        }
    }
}

const ENDS_EARLY: FrameError = FrameError::Refused("it ends early");

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Result<&'b [u8], FrameError> {
    let (taken, left) = rest.split_at_checked(length).ok_or(ENDS_EARLY)?;
    *rest = left;
    Ok(taken)
}

fn batch(batch: &RecordBatch<'_>, body: &[u8]) -> Result<(), &'static str> {
    if batch.compression().is_some() {
        return Err("it is compressed");
    }
    let most = i64::try_from(MAX_ROWS).unwrap_or(i64::MAX);
    if !(0..=most).contains(&batch.length()) {
        return Err("a batch has an impossible number of rows");
    }
    for node in batch.nodes().into_iter().flatten() {
        if !(0..=most).contains(&node.length()) || !(0..=node.length()).contains(&node.null_count()) {
            return Err("a column has an impossible length");
        }
    }
    for buffer in batch.buffers().into_iter().flatten() {
        let range = usize::try_from(buffer.offset())
            .ok()
            .zip(usize::try_from(buffer.length()).ok());
        range
            .and_then(|(start, length)| body.get(start..start.checked_add(length)?))
            .ok_or("a buffer lies outside of its batch")?;
    }
    Ok(())
}
