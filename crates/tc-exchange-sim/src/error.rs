//! What stops a simulator from starting.

use std::{io, net::SocketAddr, path::PathBuf};

use crate::FaultError;

/// A simulator that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The port cannot be had.
    #[error("cannot listen on {address}")]
    Bind {
        /// The wanted address.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The fault script makes no sense.
    #[error("fault script cannot be played")]
    Faults(#[from] FaultError),
    /// The file with the fault script cannot be read.
    #[error("cannot read {}", file.display())]
    Script {
        /// The file.
        file: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The clock would run outside 1 ..= 10,000 times real time.
    #[error("clock speed {0} is outside 1 .. 10000")]
    Speed(f64),
    /// A running clock was told the time.
    #[error("only a manual clock can be advanced")]
    RunningClock,
    /// The candles of a symbol cannot be played.
    #[error("candles of {symbol} cannot be played: {reason}")]
    Data {
        /// The symbol as given.
        symbol: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A bundled file cannot be read.
    #[error("bundled sample {file} is damaged in line {line}")]
    Sample {
        /// Its name.
        file: &'static str,
        /// Line, counted from 1.
        line: usize,
    },
}
