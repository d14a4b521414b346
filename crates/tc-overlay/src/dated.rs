//! What is drawn, and since when it has looked the way it does.

use tc_factor::{CodecError, Writer};
use tc_market::CandleTime;

use crate::Versions;

/// A head drawing that is there or not, and the candle since which that is so.
#[derive(Debug)]
pub(crate) struct Dated<T> {
    drawn: Option<T>,
    since: CandleTime,
}

impl<T> Default for Dated<T> {
    fn default() -> Self {
        Self {
            drawn: None,
            since: CandleTime::MIN,
        }
    }
}

impl<T: PartialEq> Dated<T> {
    /// Takes what is drawn at the newest candle `now`.
    pub(crate) fn update(&mut self, drawn: Option<T>, now: CandleTime) {
        if self.drawn != drawn {
            *self = Self { drawn, since: now };
        }
    }

    /// What is drawn, and its version.
    pub(crate) fn get(&self) -> Option<(&T, CandleTime)> {
        self.drawn.as_ref().map(|drawn| (drawn, self.since))
    }

    /// Appends the version, if anything is drawn.
    pub(crate) fn save(&self, now: CandleTime, out: &mut Vec<u8>) {
        if self.drawn.is_some() {
            out.time(self.since, now);
        }
    }

    /// Takes a saved version back for `drawn`, what is drawn at `now`.
    pub(crate) fn restore(
        drawn: Option<T>,
        now: CandleTime,
        versions: &mut Versions<'_>,
    ) -> Result<Self, CodecError> {
        let since = match drawn {
            Some(_) => versions.next_at(now)?,
            None => now,
        };
        Ok(Self { drawn, since })
    }
}
