//! What goes wrong, and when: a script in the exchange's time.
//!
//! A [`FaultScript`] is data, in tests a value and over the control endpoint JSON. Compiled it is a plan that every
//! connection and every request asks at its own time, so the same script and seed do the same in any order of asking.
//!
//! ```json
//! {"faults": [
//!   {"from_ms": 1747440000000, "until_ms": 1747440090000, "fault": {"frame": {"stall": {"burst": 2}}}},
//!   {"from_ms": 1747440120000, "scope": {"market": "spot"}, "fault": {"connection": "drop"}},
//!   {"from_ms": 1747440000000, "scope": {"share": 0.1, "frames": "closed"}, "fault": {"frame": "skip"}}
//! ]}
//! ```

mod connection;
mod content;
mod frames;
mod limits;
mod market;
mod plan;
mod rest;
mod script;
mod timeline;

pub use connection::ConnectionFault;
pub use content::ContentFault;
pub(crate) use frames::Fate;
pub use frames::FrameFault;
pub use limits::LimitFault;
pub use market::MarketFault;
pub(crate) use plan::FaultPlan;
pub use rest::RestFault;
pub use script::{Fault, FaultError, FaultScript, FrameKind, ScheduledFault, Scope};
pub(crate) use timeline::Place;
