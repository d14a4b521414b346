//! What goes wrong in a run, made of the seed.
//!
//! Every kind of fault comes, most of them every day, many at once. The first two hours and the last three are calm:
//! a run begins with a store that fills and ends with one in which everything has arrived.

use tc_exchange_sim::{
    ConnectionFault, ContentFault, Fault, FaultScript, FrameFault, FrameKind, LimitFault, MarketFault,
    RestFault, ScheduledFault,
};
use tc_market::MarketKind;

use crate::{RunOptions, dice::Dice, tape::START_MS};

pub(crate) const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
const CALM_BEFORE_MS: i64 = 2 * HOUR_MS;
const CALM_AFTER_MS: i64 = 3 * HOUR_MS;

/// The time in which anything may go wrong, Unix milliseconds.
pub(crate) fn stormy(options: &RunOptions) -> (i64, i64) {
    let end_ms = START_MS + i64::from(options.days) * DAY_MS;
    (START_MS + CALM_BEFORE_MS, end_ms - CALM_AFTER_MS)
}

/// The script of a run.
pub(crate) fn script(options: &RunOptions) -> FaultScript {
    let mut weather = Weather {
        dice: Dice::new(options.seed, 1),
        window: stormy(options),
        faults: Vec::new(),
    };
    if options.weather {
        weather.all_the_time();
        for _ in 0..options.days {
            weather.connections();
            weather.silences();
            weather.limits();
            weather.market();
            weather.answers();
        }
    }
    weather.faults.into()
}

struct Weather {
    dice: Dice,
    window: (i64, i64),
    faults: Vec<ScheduledFault>,
}

impl Weather {
    /// A window of a random length at a random time.
    fn window(&mut self, shortest_ms: i64, longest_ms: i64) -> (i64, i64) {
        let length_ms = self.dice.between(shortest_ms, longest_ms);
        let from_ms = self.dice.between(self.window.0, self.window.1 - length_ms);
        (from_ms, (from_ms + length_ms).min(self.window.1))
    }

    /// One market, or both.
    fn somewhere(&mut self, fault: ScheduledFault) {
        let fault = match self.dice.between(0, 3) {
            0 => fault.on_market(MarketKind::Spot),
            1 => fault.on_market(MarketKind::Futures),
            _ => fault,
        };
        self.faults.push(fault);
    }

    fn during(&mut self, shortest_ms: i64, longest_ms: i64, fault: impl Into<Fault>) -> (i64, i64) {
        let (from_ms, until_ms) = self.window(shortest_ms, longest_ms);
        self.somewhere(ScheduledFault::between(from_ms, until_ms, fault));
        (from_ms, until_ms)
    }

    /// Rare things that may strike any frame.
    fn all_the_time(&mut self) {
        let (from_ms, until_ms) = self.window;
        let frames: [(Fault, f64); 11] = [
            (FrameFault::Skip.into(), 0.002),
            (FrameFault::Duplicate { copies: 1 }.into(), 0.002),
            (FrameFault::Duplicate { copies: 3 }.into(), 0.000_5),
            (FrameFault::Reorder.into(), 0.002),
            (FrameFault::Late { by_ms: 1_500 }.into(), 0.003),
            (FrameFault::Late { by_ms: 25_000 }.into(), 0.002),
            (FrameFault::Late { by_ms: 190_000 }.into(), 0.001),
            (ContentFault::Garbled.into(), 0.000_7),
            (ContentFault::WrongSymbol.into(), 0.000_7),
            (ContentFault::NotANumber.into(), 0.000_7),
            (ContentFault::EmptyNumber.into(), 0.000_7),
        ];
        for (fault, share) in frames {
            self.faults
                .push(ScheduledFault::between(from_ms, until_ms, fault).share(share));
        }
        self.faults
            .push(ScheduledFault::between(from_ms, until_ms, MarketFault::Correction).share(0.001));
    }

    /// Connections that break, and attempts that fail afterwards.
    fn connections(&mut self) {
        for _ in 0..3 {
            self.during(1, 2, ConnectionFault::Drop);
        }
        let bytes = self.dice.between(1, 5_000).unsigned_abs();
        self.during(
            MINUTE_MS,
            2 * MINUTE_MS,
            ConnectionFault::DropAfterBytes { bytes },
        );
        for (fault, longest_ms) in [
            (ConnectionFault::Refuse, 8 * MINUTE_MS),
            (ConnectionFault::AcceptThenClose, 2 * MINUTE_MS),
            (ConnectionFault::Unrouted, 2 * MINUTE_MS),
        ] {
            let (from_ms, until_ms) = self.window(5_000, longest_ms);
            self.faults
                .push(ScheduledFault::at(from_ms, ConnectionFault::Drop));
            self.faults
                .push(ScheduledFault::between(from_ms, until_ms, fault));
        }
        self.during(HOUR_MS, 2 * HOUR_MS, ConnectionFault::NoPings);
        let close_after_ms = self.dice.between(1, 10 * MINUTE_MS);
        self.during(1, 2, ConnectionFault::AnnounceShutdown { close_after_ms });
    }

    /// Connections that stay open and say nothing.
    fn silences(&mut self) {
        for longest_ms in [MINUTE_MS, 6 * MINUTE_MS, 30 * MINUTE_MS] {
            let burst = usize::try_from(self.dice.between(0, 6)).unwrap_or_default();
            self.during(20_000, longest_ms, FrameFault::Stall { burst });
        }
        let (from_ms, until_ms) = self.window(MINUTE_MS, 5 * MINUTE_MS);
        let finals = ScheduledFault::between(from_ms, until_ms, FrameFault::Skip);
        self.somewhere(finals.on_frames(FrameKind::Closed));
    }

    /// Limits that are lower for a while.
    fn limits(&mut self) {
        let seconds = self.dice.between(600, 7_200).unsigned_abs();
        self.during(HOUR_MS, 6 * HOUR_MS, LimitFault::Lifetime { seconds });
        let attempts = usize::try_from(self.dice.between(5, 30)).unwrap_or(5);
        self.during(HOUR_MS, 2 * HOUR_MS, LimitFault::ConnectionAttempts { attempts });
        self.during(
            HOUR_MS,
            6 * HOUR_MS,
            LimitFault::MessagesPerSecond { messages: 2 },
        );
        self.during(HOUR_MS, 6 * HOUR_MS, LimitFault::PingInterval { ms: 7_000 });
        self.during(HOUR_MS, 6 * HOUR_MS, LimitFault::PongTimeout { ms: 5_000 });
        self.during(MINUTE_MS, 20 * MINUTE_MS, LimitFault::Weight { per_minute: 40 });
    }

    /// What the exchange itself does not know.
    fn market(&mut self) {
        if self.dice.one_in(4) {
            self.during(MINUTE_MS, 90 * MINUTE_MS, MarketFault::Outage);
        }
        let by_ms = self.dice.between(-3_000, 3_000);
        self.during(HOUR_MS, 4 * HOUR_MS, MarketFault::ClockSkew { by_ms });
    }

    /// History that is slow, short, refused or broken.
    fn answers(&mut self) {
        let by_ms = self.dice.between(200, 12_000);
        self.during(10 * MINUTE_MS, 40 * MINUTE_MS, RestFault::Slow { by_ms });
        let rows = usize::try_from(self.dice.between(20, 120)).unwrap_or(20);
        self.during(HOUR_MS, 3 * HOUR_MS, RestFault::PartialPage { rows });
        let retry_after_s = u32::try_from(self.dice.between(2, 60)).unwrap_or(2);
        self.during(
            10 * MINUTE_MS,
            60 * MINUTE_MS,
            RestFault::Limited { retry_after_s },
        );
        for status in [500, 503, 408, 403] {
            if self.dice.one_in(2) {
                self.during(30_000, 15 * MINUTE_MS, RestFault::Failure { status });
            }
        }
        let (from_ms, until_ms) = self.window(10 * MINUTE_MS, 60 * MINUTE_MS);
        self.somewhere(ScheduledFault::between(from_ms, until_ms, RestFault::Garbled).share(0.3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_differ_and_repeat() {
        let script = |seed| script(&RunOptions::month(seed));
        assert_eq!(script(1), script(1));
        assert_ne!(script(1), script(2));
        assert!(script(1).faults.len() > 600);
        let calm = RunOptions {
            weather: false,
            ..RunOptions::month(1)
        };
        assert_eq!(super::script(&calm), FaultScript::default());
    }

    #[test]
    fn the_end_is_calm() {
        let options = RunOptions::month(3);
        let (from_ms, until_ms) = stormy(&options);
        for fault in script(&options).faults {
            assert!(fault.from_ms >= from_ms && fault.until_ms.unwrap_or(fault.from_ms) <= until_ms);
        }
    }
}
