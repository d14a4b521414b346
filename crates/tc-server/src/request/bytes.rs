//! Bodies as bytes, within bounds.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use serde_json::{Value, json};

use super::{ViolationKind, body::refuse};
use crate::{ApiError, error::ErrorCode};

/// Of a body that is too large so much more is read before the connection is given up.
const DISCARDED_BYTES: usize = 64 << 20;

/// Reads at most `limit` bytes. Of a larger body the rest is read and thrown away, within bounds: a client that is
/// still sending would otherwise see a broken connection instead of the answer.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = Limited::new(body, limit.saturating_add(DISCARDED_BYTES));
    let mut bytes = BytesMut::new();
    let mut too_large = false;
    loop {
        match body.frame().await {
            None if too_large => return Err(ApiError::new(ErrorCode::PayloadTooLarge)),
            None => return Ok(bytes.freeze()),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else { continue };
                too_large = too_large || bytes.len() + data.len() > limit;
                if too_large {
                    bytes.clear();
                } else {
                    bytes.extend_from_slice(&data);
                }
            }
            Some(Err(error)) if error.is::<LengthLimitError>() => {
                return Err(ApiError::new(ErrorCode::PayloadTooLarge));
            }
            Some(Err(_)) => {
                return Err(refuse(
                    ViolationKind::JsonInvalid,
                    &[json!("body"), json!(0)],
                    "ended early",
                    Value::Null,
                ));
            }
        }
    }
}
