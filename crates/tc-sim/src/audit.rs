//! What is stored, held against what the exchange knows.

use tc_exchange_sim::{Exchange, MarketFault};
use tc_ingest::{Job, JobInput, JobOrigin, LatePolicy, PublishPolicy};
use tc_market::{Candle, CandleBatch, CandleTime, Gap, SeriesId, gaps_between};
use tc_store::{GapQuery, Snapshot, Storage};

use crate::{
    RunError, Violation,
    desk::Desk,
    writer::{Nobody, Writer},
};

/// What a stored candle is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As the exchange's rows have it.
    Right,
    /// As the stream had it before the exchange thought better of it.
    Provisional,
    /// Neither.
    Wrong,
}

pub(crate) fn verdict(exchange: &Exchange, series: &SeriesId, candle: &Candle) -> Verdict {
    match exchange.closed(series, candle.time()) {
        Some(right) if right == *candle => Verdict::Right,
        Some(right) if MarketFault::provisional(&right) == *candle => Verdict::Provisional,
        _ => Verdict::Wrong,
    }
}

/// The times of `from ..= to` that the exchange has and the store has not.
pub(crate) fn missing(
    desk: &Desk,
    snapshot: &dyn Snapshot,
    series: usize,
    from: CandleTime,
    to: CandleTime,
) -> Result<Vec<CandleTime>, RunError> {
    let id = &desk.series[series].id;
    let stored: Vec<CandleTime> = match snapshot.series_key(id)? {
        Some(key) => {
            let candles = snapshot.candles_between(key, from, to, usize::MAX)?;
            candles.iter().map(Candle::time).collect()
        }
        None => Vec::new(),
    };
    let mut stored = stored.into_iter().peekable();
    let mut missing = Vec::new();
    let mut time = from;
    while time <= to {
        if stored.next_if_eq(&time).is_none() && desk.exchange.closed(id, time).is_some() {
            missing.push(time);
        }
        time = id.timeframe().next(time);
    }
    Ok(missing)
}

/// The whole store at the end of a run, in which nothing may be missing or wrong.
pub(crate) fn everything(desk: &mut Desk, writer: &Writer, from: CandleTime) -> Result<(), RunError> {
    let snapshot = writer.snapshot()?;
    let to = desk.latest_closed();
    for series in 0..desk.series.len() {
        let id = desk.series[series].id.clone();
        let name = id.to_string();
        for time in missing(desk, &*snapshot, series, from, to)? {
            let (series, time_s) = (name.clone(), time.seconds());
            desk.report.violate(Violation::Missing { series, time_s });
        }
        let Some(key) = snapshot.series_key(&id)? else {
            continue;
        };
        let stored = snapshot.candles_between(key, CandleTime::MIN, CandleTime::MAX, usize::MAX)?;
        for candle in &stored {
            if verdict(&desk.exchange, &id, candle) != Verdict::Right {
                let (series, time_s) = (name.clone(), candle.time().seconds());
                desk.report.violate(Violation::Wrong { series, time_s });
            }
            desk.report.digest = digest(desk.report.digest, candle);
        }
        let mut known: Vec<Gap> = snapshot
            .gaps(key, &GapQuery::OPEN)?
            .iter()
            .map(|gap| Gap {
                from: gap.from,
                to: gap.to,
            })
            .collect();
        known.sort_unstable();
        if !gaps_between(stored.iter().map(Candle::time), id.timeframe()).eq(known) {
            desk.report.violate(Violation::Gaps { series: name.clone() });
        }
        desk.report.candles += u64::try_from(stored.len()).unwrap_or_default();
        if series < desk.options.ledgers && !same_ledgers(&*snapshot, writer, &id, stored)? {
            desk.report.violate(Violation::Ledgers { series: name });
        }
    }
    Ok(())
}

/// Whether one fold over all candles gives the ledgers that came about piece by piece.
fn same_ledgers(
    snapshot: &dyn Snapshot,
    writer: &Writer,
    series: &SeriesId,
    candles: Vec<Candle>,
) -> Result<bool, RunError> {
    let (storage, mut pipeline) = writer.blank();
    let Some(batch) = CandleBatch::new(series.clone(), candles) else {
        return Ok(true);
    };
    let job = Job {
        input: JobInput::Batch(batch),
        publish: PublishPolicy::RebuildsOnly,
        late: LatePolicy::Fold,
        origin: JobOrigin::Files,
    };
    let folded = pipeline
        .run(&storage, &Nobody, vec![job])
        .iter()
        .all(Result::is_ok);
    let other = storage.snapshot()?;
    let (Some(here), Some(there)) = (snapshot.series_key(series)?, other.series_key(series)?) else {
        return Ok(false);
    };
    let (state, model) = (snapshot.series_state(here)?, other.series_state(there)?);
    let heads = state.factor_head == model.factor_head && state.overlay_head == model.overlay_head;
    let (all, end) = (CandleTime::MIN, CandleTime::MAX);
    let events = snapshot.events(here, all, end)? == other.events(there, all, end)?;
    Ok(folded && heads && state.stale_from.is_none() && events)
}

fn digest(before: u64, candle: &Candle) -> u64 {
    let values = [
        candle.open(),
        candle.high(),
        candle.low(),
        candle.close(),
        candle.volume(),
    ];
    values
        .iter()
        .map(|value| value.to_bits())
        .chain([candle.time().seconds().unsigned_abs()])
        .fold(before, |sum, bits| {
            (sum ^ bits).wrapping_mul(0x0100_0000_01b3).rotate_left(5)
        })
}

#[cfg(test)]
mod tests {
    use tc_exchange_sim::{FaultScript, ScheduledFault, SimLimits};
    use tc_market::latest_closed;

    use super::*;
    use crate::{RunOptions, dice::Dice, tape};

    const OPTIONS: RunOptions = RunOptions {
        series: 1,
        on_demand: 0,
        ledgers: 1,
        ..RunOptions::days(1)
    };

    /// Sixty minutes before the start; the exchange does not know the 30th of them.
    struct Hour {
        desk: Desk,
        writer: Writer,
        from: CandleTime,
        candles: Vec<Candle>,
    }

    impl Hour {
        fn new() -> Self {
            let to = latest_closed(tape::START_MS / 1_000, 60);
            let from = to.shifted(-59 * 60);
            let out_ms = (from.seconds() + 30 * 60) * 1_000;
            let outage = ScheduledFault::between(out_ms, out_ms + 60_000, MarketFault::Outage);
            let script = FaultScript::from(vec![outage]);
            let set = tape::set(&OPTIONS).unwrap();
            let exchange = Exchange::new(set, 1, SimLimits::default(), script).unwrap();
            let desk = Desk::new(OPTIONS, exchange).unwrap();
            let candles = (0..60)
                .filter_map(|minute| {
                    desk.exchange
                        .closed(&desk.series[0].id, from.shifted(minute * 60))
                })
                .collect();
            Self {
                desk,
                writer: Writer::new(1).unwrap(),
                from,
                candles,
            }
        }

        fn store(&mut self, candles: &[Candle]) {
            let batch = CandleBatch::new(self.desk.series[0].id.clone(), candles.to_vec()).unwrap();
            let job = Job {
                input: JobInput::Batch(batch),
                publish: PublishPolicy::RebuildsOnly,
                late: LatePolicy::Fold,
                origin: JobOrigin::Files,
            };
            self.writer.write_one(&mut self.desk, 0, job).unwrap();
        }

        fn found(mut self) -> Vec<Violation> {
            everything(&mut self.desk, &self.writer, self.from).unwrap();
            self.desk.report.violations
        }
    }

    #[test]
    fn what_the_exchange_has_is_enough() {
        let mut hour = Hour::new();
        assert_eq!(hour.candles.len(), 59);
        let mut shuffled = hour.candles.clone();
        // Late candles are folded in, and the ledgers are those of one fold.
        let late = shuffled.remove(usize::try_from(Dice::new(1, 1).between(5, 50)).unwrap());
        hour.store(&shuffled);
        hour.store(&[late]);
        assert_eq!(hour.found(), []);
    }

    #[test]
    fn missing_wrong_and_unfinished_candles_are_found() {
        let mut hour = Hour::new();
        let series = hour.desk.series[0].id.to_string();
        let time_s = |n: usize, hour: &Hour| hour.candles[n].time().seconds();
        let (missing_s, wrong_s) = (time_s(10, &hour), time_s(20, &hour));
        let mut candles = hour.candles.clone();
        let other = candles[21].at(candles[20].time());
        candles[20] = other;
        candles.remove(10);
        let open = candles[5].at(hour.desk.latest_closed().shifted(60));
        candles.push(open);
        hour.store(&candles);
        let found = hour.found();
        let (series, name) = (series.clone(), series);
        assert!(found.contains(&Violation::Missing {
            series: name.clone(),
            time_s: missing_s
        }));
        assert!(found.contains(&Violation::Wrong {
            series: name,
            time_s: wrong_s
        }));
        let forming = Violation::Forming {
            series,
            time_s: open.time().seconds(),
        };
        assert!(found.contains(&forming), "{found:?}");
    }

    #[test]
    fn a_provisional_candle_is_known_as_one() {
        let hour = Hour::new();
        let (id, right) = (&hour.desk.series[0].id, hour.candles[3]);
        let said = MarketFault::provisional(&right);
        assert_eq!(verdict(&hour.desk.exchange, id, &right), Verdict::Right);
        assert_eq!(verdict(&hour.desk.exchange, id, &said), Verdict::Provisional);
        let neither = hour.candles[4].at(right.time());
        assert_eq!(verdict(&hour.desk.exchange, id, &neither), Verdict::Wrong);
    }
}
