//! Which faults of a group hold at a time.

use std::collections::BTreeSet;

use tc_market::MarketKind;

use super::{FrameKind, Scope};
use crate::path::mix;

/// What a fault may strike, at a time of the exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) at_ms: i64,
    pub(crate) market: MarketKind,
    pub(crate) stream: Option<&'a str>,
    pub(crate) connection: Option<u64>,
    pub(crate) frames: Option<FrameKind>,
}

impl Place<'_> {
    /// A whole market.
    pub(crate) const fn market(market: MarketKind, at_ms: i64) -> Self {
        Self {
            at_ms,
            market,
            stream: None,
            connection: None,
            frames: None,
        }
    }

    /// The same for every way in which the place may be asked about.
    fn dice(&self, seed: u64, index: usize) -> f64 {
        let name = self.stream.unwrap_or_default().bytes();
        let named = name.fold(seed, |seed, byte| mix(seed, i64::from(byte), 1));
        let salt = i64::try_from(index).unwrap_or_default() * 3 + self.connection.map_or(0, |_| 1);
        let salt = salt ^ self.frames.map_or(0, |kind| (kind as i64 + 1) << 40);
        let dice = mix(named, self.at_ms, salt) ^ self.connection.unwrap_or_default();
        let dice = mix(dice, self.at_ms, 2);
        f64::from(u32::try_from(dice >> 32).unwrap_or_default()) / (f64::from(u32::MAX) + 1.0)
    }
}

/// One fault of a group.
#[derive(Debug, Clone)]
pub(crate) struct Entry<T> {
    /// Position in the script.
    pub(crate) index: usize,
    pub(crate) from_ms: i64,
    /// `i64::MAX`: never over.
    pub(crate) until_ms: i64,
    pub(crate) scope: Scope,
    pub(crate) fault: T,
}

impl<T> Entry<T> {
    fn covers(&self, place: &Place<'_>, seed: u64) -> bool {
        let scope = &self.scope;
        scope.market.is_none_or(|market| market == place.market)
            && scope
                .connection
                .is_none_or(|number| place.connection == Some(number))
            && scope.frames.is_none_or(|kind| place.frames == Some(kind))
            && scope
                .stream
                .as_deref()
                .is_none_or(|stream| place.stream == Some(stream))
            && scope
                .share
                .is_none_or(|share| place.dice(seed, self.index) < share)
    }
}

/// The faults of a group, cut at every begin and end, so that asking costs one search however long the script is.
#[derive(Debug)]
pub(crate) struct Timeline<T> {
    seed: u64,
    entries: Vec<Entry<T>>,
    /// Begin of a stretch and the faults that hold in it, in the order of the script.
    stretches: Vec<(i64, Vec<usize>)>,
}

impl<T> Timeline<T> {
    pub(crate) fn new(entries: Vec<Entry<T>>, seed: u64) -> Self {
        let cuts: BTreeSet<i64> = entries
            .iter()
            .flat_map(|entry| [entry.from_ms, entry.until_ms])
            .filter(|at_ms| *at_ms < i64::MAX)
            .collect();
        let mut stretches: Vec<(i64, Vec<usize>)> =
            cuts.into_iter().map(|at_ms| (at_ms, Vec::new())).collect();
        for (number, entry) in entries.iter().enumerate() {
            let first = stretches.partition_point(|(at_ms, _)| *at_ms < entry.from_ms);
            for (_, holding) in stretches
                .iter_mut()
                .skip(first)
                .take_while(|(at_ms, _)| *at_ms < entry.until_ms)
            {
                holding.push(number);
            }
        }
        Self {
            seed,
            entries,
            stretches,
        }
    }

    /// The faults that hold at the place's time and strike it.
    pub(crate) fn striking<'t>(&'t self, place: &'t Place<'t>) -> impl Iterator<Item = &'t Entry<T>> {
        let after = self.stretches.partition_point(|(at_ms, _)| *at_ms <= place.at_ms);
        let holding = after
            .checked_sub(1)
            .map_or(&[][..], |stretch| &self.stretches[stretch].1);
        holding
            .iter()
            .map(|number| &self.entries[*number])
            .filter(|entry| entry.covers(place, self.seed))
    }

    /// The faults that begin at the place's time and strike it.
    pub(crate) fn beginning<'t>(&'t self, place: &'t Place<'t>) -> impl Iterator<Item = &'t Entry<T>> {
        self.striking(place).filter(|entry| entry.from_ms == place.at_ms)
    }

    /// When something next begins or is over after `after_ms`.
    pub(crate) fn next_cut_ms(&self, after_ms: i64) -> Option<i64> {
        let next = self.stretches.partition_point(|(at_ms, _)| *at_ms <= after_ms);
        self.stretches.get(next).map(|(at_ms, _)| *at_ms)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(index: usize, from_ms: i64, until_ms: i64, scope: Scope) -> Entry<()> {
        Entry {
            index,
            from_ms,
            until_ms,
            scope,
            fault: (),
        }
    }

    fn striking(timeline: &Timeline<()>, at_ms: i64) -> Vec<usize> {
        let place = Place::market(MarketKind::Spot, at_ms);
        timeline.striking(&place).map(|entry| entry.index).collect()
    }

    #[test]
    fn a_share_is_that_part_and_always_the_same() {
        let scope = Scope {
            share: Some(0.1),
            ..Scope::default()
        };
        let timeline = Timeline::new(vec![entry(0, 0, i64::MAX, scope)], 7);
        let struck = |stream| {
            let at = |at_ms| Place {
                stream: Some(stream),
                ..Place::market(MarketKind::Spot, at_ms)
            };
            (0..10_000)
                .filter(|minute| timeline.striking(&at(minute * 60_000)).count() == 1)
                .collect::<Vec<_>>()
        };
        let (one, other) = (struck("a@kline_1m"), struck("b@kline_1m"));
        assert!((900..1_100).contains(&one.len()), "{}", one.len());
        assert_eq!(one, struck("a@kline_1m"));
        assert_ne!(one, other);
    }

    #[test]
    fn a_scope_leaves_out_the_rest() {
        let scope = Scope {
            stream: Some("a@kline_1m".to_owned()),
            connection: Some(1),
            frames: Some(FrameKind::Closed),
            market: Some(MarketKind::Futures),
            share: None,
        };
        let timeline = Timeline::new(vec![entry(0, 0, 10, scope)], 7);
        let right = Place {
            at_ms: 5,
            market: MarketKind::Futures,
            stream: Some("a@kline_1m"),
            connection: Some(1),
            frames: Some(FrameKind::Closed),
        };
        let wrong = [
            Place {
                market: MarketKind::Spot,
                ..right
            },
            Place {
                stream: Some("b@kline_1m"),
                ..right
            },
            Place {
                stream: None,
                ..right
            },
            Place {
                connection: Some(2),
                ..right
            },
            Place {
                frames: Some(FrameKind::Forming),
                ..right
            },
            Place { at_ms: 10, ..right },
        ];
        assert_eq!(timeline.striking(&right).count(), 1);
        for place in wrong {
            assert_eq!(timeline.striking(&place).count(), 0, "{place:?}");
        }
    }

    proptest! {
        #[test]
        fn as_if_every_window_were_looked_at(
            windows in prop::collection::vec((0i64..60, 1i64..40, any::<bool>()), 0..12), at_ms in -5i64..110
        ) {
            let entries: Vec<_> = windows.iter().enumerate().map(|(index, (from_ms, length, endless))| {
                let until_ms = if *endless { i64::MAX } else { from_ms + length };
                entry(index, *from_ms, until_ms, Scope::default())
            }).collect();
            let plain: Vec<usize> = entries.iter()
                .filter(|entry| (entry.from_ms..entry.until_ms).contains(&at_ms))
                .map(|entry| entry.index)
                .collect();
            let cut = entries.iter().flat_map(|entry| [entry.from_ms, entry.until_ms]).filter(|cut| *cut > at_ms && *cut < i64::MAX).min();
            let timeline = Timeline::new(entries, 1);
            prop_assert_eq!(striking(&timeline, at_ms), plain);
            prop_assert_eq!(timeline.next_cut_ms(at_ms), cut);
        }
    }
}
