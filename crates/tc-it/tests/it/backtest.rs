//! Backtests from outside: with a program of the shell in the place of freqtrade, and with freqtrade itself.

mod contract;
mod freqtrade;
mod native;
mod parity;
mod place;
mod runs;
