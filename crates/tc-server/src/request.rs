//! Parsing of queries and bodies: every rule that a request breaks is reported together.

mod body;
mod bytes;
mod query;
mod violation;

pub(crate) use body::{JsonBody, Object};
pub(crate) use bytes::read_body;
pub(crate) use query::Query;
pub(crate) use violation::{Violation, ViolationKind};
