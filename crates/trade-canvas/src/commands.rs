//! What the program can be asked to do: one module per command, each with a function `run`.

pub mod annotate;
pub mod config_show;
pub mod import;
pub mod rebuild;
pub mod reference;
pub mod replay;
pub mod serve;
