//! A script that can be asked.

use tc_market::{MarketKind, Timeframe};

use super::{
    ConnectionFault, ContentFault, Fault, FaultError, FaultScript, FrameFault, FrameKind, LimitFault,
    MarketFault, RestFault, ScheduledFault,
    frames::Fate,
    timeline::{Entry, Place, Timeline},
};
use crate::SimLimits;

/// A compiled script.
#[derive(Debug)]
pub(crate) struct FaultPlan {
    script: FaultScript,
    pub(crate) connection: Timeline<ConnectionFault>,
    limit: Timeline<LimitFault>,
    frame: Timeline<FrameFault>,
    content: Timeline<ContentFault>,
    market: Timeline<MarketFault>,
    outages: Vec<Entry<MarketFault>>,
    pub(crate) rest: Timeline<RestFault>,
}

impl FaultPlan {
    /// Checks and sorts the script; `seed` chooses where only a share is struck.
    pub(crate) fn new(script: FaultScript, seed: u64) -> Result<Self, FaultError> {
        for (index, fault) in script.faults.iter().enumerate() {
            check(index, fault)?;
        }
        let (mut connection, mut limit, mut frame) = (Vec::new(), Vec::new(), Vec::new());
        let (mut content, mut market, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        let mut outages = Vec::new();
        for (index, scheduled) in script.faults.iter().enumerate() {
            match scheduled.fault {
                Fault::Connection(fault) => connection.push(entry(index, scheduled, fault)),
                Fault::Limit(fault) => limit.push(entry(index, scheduled, fault)),
                Fault::Frame(fault) => frame.push(entry(index, scheduled, fault)),
                Fault::Content(fault) => content.push(entry(index, scheduled, fault)),
                Fault::Market(fault @ MarketFault::Outage) => outages.push(entry(index, scheduled, fault)),
                Fault::Market(fault) => market.push(entry(index, scheduled, fault)),
                Fault::Rest(fault) => rest.push(entry(index, scheduled, fault)),
            }
        }
        Ok(Self {
            script,
            connection: Timeline::new(connection, seed),
            limit: Timeline::new(limit, seed),
            frame: Timeline::new(frame, seed),
            content: Timeline::new(content, seed),
            market: Timeline::new(market, seed),
            outages,
            rest: Timeline::new(rest, seed),
        })
    }

    pub(crate) const fn script(&self) -> &FaultScript {
        &self.script
    }

    /// The limits for a connection that opens, or a request that comes, at the place.
    pub(crate) fn limits(&self, usual: &SimLimits, place: &Place<'_>) -> SimLimits {
        let mut limits = usual.clone();
        for entry in self.limit.striking(place) {
            entry.fault.hold(place.market, &mut limits);
        }
        limits
    }

    /// What becomes of a frame that is due at the place's time.
    pub(crate) fn fate(&self, place: &Place<'_>) -> Fate {
        let closed = place.frames == Some(FrameKind::Closed);
        self.frame
            .striking(place)
            .fold(Fate::usual(place.at_ms), |fate, entry| {
                fate.struck(entry.fault, closed, (entry.index, entry.until_ms))
            })
    }

    /// How a frame that is due at the place's time is spoiled.
    pub(crate) fn spoiling(&self, place: &Place<'_>) -> Option<ContentFault> {
        self.content.striking(place).map(|entry| entry.fault).next()
    }

    /// Whether a bucket does not exist.
    pub(crate) fn is_outage(
        &self,
        market: MarketKind,
        stream: &str,
        timeframe: Timeframe,
        open_s: i64,
    ) -> bool {
        let (from_ms, until_ms) = (open_s * 1000, (open_s + timeframe.seconds()) * 1000);
        self.outages.iter().any(|entry| {
            entry.from_ms < until_ms
                && entry.until_ms > from_ms
                && entry.scope.market.is_none_or(|only| only == market)
                && entry
                    .scope
                    .stream
                    .as_deref()
                    .is_none_or(|only| is_symbol_of(only, stream))
        })
    }

    /// Whether the final frame of the bucket that opens at the place's time says something else than its row.
    pub(crate) fn is_corrected(&self, place: &Place<'_>) -> bool {
        self.market
            .striking(place)
            .any(|entry| entry.fault == MarketFault::Correction)
    }

    /// How much the clock of a market is ahead, in milliseconds.
    pub(crate) fn skew_ms(&self, place: &Place<'_>) -> i64 {
        let skew = |entry: &Entry<MarketFault>| match entry.fault {
            MarketFault::ClockSkew { by_ms } => by_ms,
            MarketFault::Outage | MarketFault::Correction => 0,
        };
        self.market.striking(place).map(skew).sum()
    }
}

/// An outage of a minute takes the longer buckets of the same symbol with it.
fn is_symbol_of(only: &str, stream: &str) -> bool {
    let symbol = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
    symbol(only) == symbol(stream)
}

fn entry<T>(index: usize, scheduled: &ScheduledFault, fault: T) -> Entry<T> {
    Entry {
        index,
        from_ms: scheduled.from_ms,
        until_ms: scheduled.until_ms.unwrap_or(i64::MAX),
        scope: scheduled.scope.clone(),
        fault,
    }
}

fn check(index: usize, scheduled: &ScheduledFault) -> Result<(), FaultError> {
    let from_ms = scheduled.from_ms;
    if let Some(until_ms) = scheduled.until_ms.filter(|until_ms| *until_ms <= from_ms) {
        return Err(FaultError::Window {
            index,
            from_ms,
            until_ms,
        });
    }
    if scheduled
        .scope
        .share
        .is_some_and(|share| !(0.0..=1.0).contains(&share))
    {
        return Err(FaultError::Share { index });
    }
    let scope = &scheduled.scope;
    let of_frames = matches!(scheduled.fault, Fault::Frame(_) | Fault::Content(_));
    let of_connections = matches!(scheduled.fault, Fault::Connection(_) | Fault::Limit(_));
    if (scope.frames.is_some() && !of_frames)
        || (scope.connection.is_some() && !of_frames && !of_connections)
        || (scope.stream.is_some() && of_connections)
    {
        let reason = "it strikes nothing of that scope";
        return Err(FaultError::Parameter { index, reason });
    }
    let objection = match scheduled.fault {
        Fault::Limit(fault) => fault.objection(),
        Fault::Frame(fault) => fault.objection(),
        Fault::Rest(fault) => fault.objection(),
        Fault::Connection(_) | Fault::Content(_) | Fault::Market(_) => None,
    };
    objection.map_or(Ok(()), |reason| Err(FaultError::Parameter { index, reason }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: Vec<ScheduledFault>) -> Result<FaultPlan, FaultError> {
        FaultPlan::new(faults.into(), 1)
    }

    #[test]
    fn nonsense_is_named() {
        let none = FrameFault::Skip;
        assert!(matches!(
            plan(vec![ScheduledFault::between(5, 5, none)]),
            Err(FaultError::Window { index: 0, .. })
        ));
        let much = ScheduledFault::at(5, none).share(1.5);
        assert!(matches!(plan(vec![much]), Err(FaultError::Share { index: 0 })));
        for fault in [
            Fault::from(RestFault::Failure { status: 404 }),
            RestFault::PartialPage { rows: 0 }.into(),
            FrameFault::Duplicate { copies: 0 }.into(),
            FrameFault::Late { by_ms: 0 }.into(),
            LimitFault::PingInterval { ms: 0 }.into(),
        ] {
            assert!(matches!(
                plan(vec![ScheduledFault::at(5, fault)]),
                Err(FaultError::Parameter { .. })
            ));
        }
    }

    #[test]
    fn a_scope_that_never_fits_is_refused() {
        let drop = ScheduledFault::at(5, ConnectionFault::Drop);
        let slow = ScheduledFault::at(5, RestFault::Slow { by_ms: 1 });
        for fault in [
            drop.clone().on_stream("a@kline_1m"),
            drop.on_frames(FrameKind::Closed),
            slow.clone().on_connection(1),
            slow.on_frames(FrameKind::Closed),
        ] {
            assert!(matches!(plan(vec![fault]), Err(FaultError::Parameter { .. })));
        }
    }

    #[test]
    fn faults_of_a_frame_add_up_and_what_is_lost_stays_lost() {
        let plan = plan(vec![
            ScheduledFault::between(0, 100, FrameFault::Late { by_ms: 7 }),
            ScheduledFault::between(0, 100, FrameFault::Duplicate { copies: 2 }),
            ScheduledFault::between(50, 100, FrameFault::Stall { burst: 3 }),
        ])
        .unwrap();
        let fate = |at_ms, kind| {
            plan.fate(&Place {
                frames: Some(kind),
                ..Place::market(MarketKind::Spot, at_ms)
            })
        };
        assert_eq!(
            fate(10, FrameKind::Closed),
            Fate::Sent {
                at_ms: 17,
                times: 3,
                after_next: false
            }
        );
        assert_eq!(
            fate(10, FrameKind::Forming),
            Fate::Sent {
                at_ms: 10,
                times: 3,
                after_next: false
            }
        );
        assert_eq!(
            fate(60, FrameKind::Closed),
            Fate::Kept {
                stall: 2,
                until_ms: 100,
                keep: 3
            }
        );
        assert_eq!(fate(60, FrameKind::Forming), Fate::Lost);
        assert_eq!(fate(100, FrameKind::Closed), Fate::usual(100));
    }

    #[test]
    fn an_outage_takes_longer_buckets_of_the_symbol_with_it() {
        let plan = plan(vec![
            ScheduledFault::between(120_000, 180_000, MarketFault::Outage).on_stream("a@kline_1m"),
        ])
        .unwrap();
        let (one, five): (Timeframe, Timeframe) = ("1m".parse().unwrap(), "5m".parse().unwrap());
        let out = |stream, timeframe, open_s| plan.is_outage(MarketKind::Spot, stream, timeframe, open_s);
        assert!(out("a@kline_1m", one, 120) && !out("a@kline_1m", one, 180) && !out("a@kline_1m", one, 60));
        assert!(out("a@kline_5m", five, 0) && !out("a@kline_5m", five, 300));
        assert!(!out("b@kline_1m", one, 120));
    }
}
