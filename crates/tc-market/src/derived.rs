//! Which timeframes are made of a base timeframe.

#[cfg(test)]
mod tests;

use crate::{SeriesId, Timeframe};

/// The timeframes that are built from the candles of one base timeframe. The default has none: every series stands
/// for itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DerivedTimeframes {
    set: Option<(Timeframe, Vec<Timeframe>)>,
}

impl DerivedTimeframes {
    /// `derived` over `base`, without repetitions, in their order. The second part are those that cannot be built
    /// because they are no true multiple of `base`.
    #[must_use]
    pub fn new(base: Timeframe, derived: &[Timeframe]) -> (Self, Vec<Timeframe>) {
        let mut kept: Vec<Timeframe> = Vec::new();
        let mut ignored = Vec::new();
        for timeframe in derived {
            if !timeframe.rolls_up_from(base) {
                ignored.push(*timeframe);
            } else if !kept.contains(timeframe) {
                kept.push(*timeframe);
            }
        }
        let set = (!kept.is_empty()).then_some((base, kept));
        (Self { set }, ignored)
    }

    /// Whether the series is built from another one.
    #[must_use]
    pub fn is_derived(&self, series: &SeriesId) -> bool {
        let timeframe = series.timeframe();
        self.set
            .as_ref()
            .is_some_and(|(_, derived)| derived.contains(&timeframe))
    }

    /// The series whose candles make up `series`; `series` itself when it is not derived.
    #[must_use]
    pub fn base_of(&self, series: &SeriesId) -> SeriesId {
        match &self.set {
            Some((base, _)) if self.is_derived(series) => {
                series.with_timeframe(*base).unwrap_or_else(|_| series.clone())
            }
            _ => series.clone(),
        }
    }

    /// The series that are built from `series`, in the order of the set; none when it is not of the base timeframe.
    #[must_use]
    pub fn built_from(&self, series: &SeriesId) -> Vec<SeriesId> {
        match &self.set {
            Some((base, derived)) if series.timeframe() == *base => derived
                .iter()
                .filter_map(|timeframe| series.with_timeframe(*timeframe).ok())
                .collect(),
            _ => Vec::new(),
        }
    }
}
