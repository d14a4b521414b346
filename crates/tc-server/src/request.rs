//! Parsing of queries and bodies: every rule that a request breaks is reported together.

mod body;
mod query;
mod violation;

pub use body::JsonBody;
pub use query::Query;
pub use violation::{Violation, ViolationKind};
