//! Stored days beside the exchange's rows.

use tc_market::{CandleTime, Gap, latest_closed};

use super::{AGAIN_MS, World, errands::Errand};
use crate::{
    RunError, Violation, audit,
    fill::{Fill, Place, Progress},
};

/// Comparisons at once.
pub(super) const COMPARED_AT_ONCE: usize = 4;

/// Why a range is compared with the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A process that starts makes sure of its newest candles.
    Start,
    /// The day before, every night.
    Night,
}

impl World {
    /// Every night the day before is compared with the exchange's rows. What the live path should have stored by itself
    /// is missed before that.
    pub(super) fn compare_the_day(&mut self) -> Result<(), RunError> {
        let to = latest_closed(self.desk.now_ms.div_euclid(1_000), 60).shifted(-600);
        let range = Gap {
            from: to.shifted(-86_400 - 3_600),
            to,
        };
        for series in 0..self.desk.series.len() {
            self.look_for_missing(series, range)?;
            let fill = Fill::new(series, Place::Behind, vec![range]);
            self.comparisons.push_back((Purpose::Night, fill));
        }
        Ok(())
    }

    pub(super) fn look_for_missing(&mut self, series: usize, range: Gap) -> Result<(), RunError> {
        let starting =
            self.comparisons
                .iter()
                .any(|(purpose, fill)| *purpose == Purpose::Start && fill.series == series)
                || self.errands.values().any(
                    |errand| matches!(errand, Errand::Again(again, _, Purpose::Start) if *again == series),
                );
        let Some(follower) = self.followers.get(&series) else {
            return Ok(());
        };
        let snapshot = self.writer.snapshot()?;
        let from = CandleTime::clamped(follower.since_ms.div_euclid(1_000)).max(range.from);
        let missing = audit::missing(&self.desk, &*snapshot, series, range.from.min(from), range.to)?;
        if missing.is_empty() {
            self.desk.report.complete_days += 1;
        } else if follower.is_behind() || starting {
            self.desk.report.days_with_open_holes += 1;
        } else {
            for time in missing {
                let violation = Violation::Missing {
                    series: self.desk.series[series].id.to_string(),
                    time_s: time.seconds(),
                };
                self.desk.report.violate(violation);
            }
        }
        Ok(())
    }

    pub(super) fn move_comparisons(&mut self) {
        let mut place = 0;
        while place < COMPARED_AT_ONCE {
            let Some((purpose, mut fill)) = self.comparisons.remove(place) else {
                return;
            };
            match fill.step(&mut self.desk, &mut self.writer) {
                Progress::Pending => {
                    self.comparisons.insert(place, (purpose, fill));
                    place += 1;
                }
                Progress::Done => {}
                Progress::Failed => {
                    for range in fill.ranges {
                        self.errand(
                            self.desk.now_ms + AGAIN_MS,
                            Errand::Again(fill.series, range, purpose),
                        );
                    }
                }
            }
        }
    }
}
