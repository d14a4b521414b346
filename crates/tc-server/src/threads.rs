//! The bridge between async callers and synchronous storage: one writer thread, a few reader threads.

mod group;
mod observe;
mod reader;
mod writer;

pub use reader::{ReadPoolError, ReaderPool};
pub use writer::{SubmitError, WriterHandle, WriterThread};
