//! What clients of the sockets send.

use tc_server::ws::messages::{ClientMessage, ReplayCommand};

/// A message is read or refused with a text.
pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(refusal) = ClientMessage::parse(text) {
        assert!(!refusal.to_string().is_empty());
    }
    let _command = ReplayCommand::parse(Some(text));
}
