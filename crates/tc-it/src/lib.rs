//! Home of the integration tests in `tests/it`, one binary; there is nothing to depend on here.
//!
//! They run the product in the process, on a free port and a store of their own, and speak to it over HTTP and
//! WebSocket as a client would. Rules of a single crate are tested in that crate. Read `tests/it/site.rs` first.
