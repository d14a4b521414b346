//! Pages of ledger events.

use tc_factor::{EventKindSpec, FactorGraph, KindId, LedgerEvent};
use tc_market::{CandleTime, SeriesId};
use tc_store::{EventQuery, Order, Payloads, Snapshot};

use crate::{ReadError, ReadModel, position::StoredSeries};

/// What is told of each event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFields {
    /// Everything.
    Full,
    /// What it is and when; payloads are not read.
    Time,
}

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPageQuery {
    /// Oldest tick, inclusive, seconds.
    pub from_time: i64,
    /// Newest tick, inclusive, seconds; `None`: the factor head.
    pub to_time: Option<i64>,
    /// Kinds; `None`: all of them.
    pub kinds: Option<Vec<KindId>>,
    /// By tick, then position within it.
    pub order: Order,
    /// What is told of each.
    pub fields: EventFields,
    /// Length of a page; at least 1. The last candle of a page is there with all its events, so a page may be longer.
    pub limit: usize,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Record id.
    pub id: i64,
    /// The factor that found it.
    pub factor_name: &'static str,
    /// Which kind of event.
    pub kind: &'static str,
    /// Tick.
    pub candle_time: CandleTime,
    /// What it says; `None` when that was not wanted.
    pub content: Option<FactContent>,
}

/// What an event says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactContent {
    /// Unique within its factor.
    pub event_key: String,
    /// A JSON object.
    pub payload: Vec<u8>,
}

/// A page of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// Epoch of the ledgers.
    pub epoch: u32,
    /// In the order that was asked for.
    pub events: Vec<Fact>,
    /// Whether there are further events after the page.
    pub more: bool,
}

impl ReadModel {
    /// Events of the factor ledger. Holds one page in memory, however long the ledger is.
    ///
    /// # Errors
    /// [`ReadError::OutOfSync`] when the factor ledger does not cover the newest candle that is asked for.
    pub fn events(
        &self,
        snapshot: &dyn Snapshot,
        series: &SeriesId,
        query: &EventPageQuery,
    ) -> Result<EventPage, ReadError> {
        let none = EventPage {
            epoch: 0,
            events: Vec::new(),
            more: false,
        };
        let Some(stored) = StoredSeries::open(snapshot, series)? else {
            return Ok(none);
        };
        let epoch = stored.state.epoch;
        let newest = match (query.to_time, stored.state.factor_head) {
            (None, Some(head)) => Some(head),
            (to, _) => stored.floor(to)?,
        };
        let Some(to) = newest else {
            return Ok(EventPage { epoch, ..none });
        };
        stored.require_factors(to)?;
        let wanted = EventQuery {
            from: CandleTime::clamped(query.from_time),
            to,
            kinds: query.kinds.as_deref(),
            order: query.order,
            limit: query.limit.max(1),
            payloads: match query.fields {
                EventFields::Full => Payloads::Stored,
                EventFields::Time => Payloads::LeftOut,
            },
        };
        if query.from_time > to.seconds() {
            return Ok(EventPage { epoch, ..none });
        }
        let (mut events, more) = page(&stored, &wanted)?;
        let graph = &self.setup.factors;
        if query.fields == EventFields::Full {
            let is_reversed = query.order == Order::Descending;
            if is_reversed {
                events.reverse();
            }
            stored.complete(graph, &mut events)?;
            if is_reversed {
                events.reverse();
            }
        }
        let facts = events
            .iter()
            .filter_map(|event| fact(graph, event, query.fields).transpose());
        Ok(EventPage {
            epoch,
            events: facts.collect::<Result<_, _>>()?,
            more,
        })
    }
}

/// The first candles of the query that hold `limit` events, each with all of its events, and whether anything follows.
fn page(stored: &StoredSeries<'_>, query: &EventQuery<'_>) -> Result<(Vec<LedgerEvent>, bool), ReadError> {
    let find = |query: EventQuery<'_>| stored.snapshot.find_events(stored.key, &query);
    let mut events = find(EventQuery {
        limit: query.limit.saturating_add(1),
        ..*query
    })?;
    let (Some(last), Some(next)) = (
        events.get(query.limit - 1).map(|event| event.visible_time),
        events.get(query.limit).map(|event| event.visible_time),
    ) else {
        return Ok((events, false));
    };
    if next != last {
        events.truncate(query.limit);
        return Ok((events, true));
    }
    events.retain(|event| event.visible_time != last);
    events.extend(find(EventQuery {
        from: last,
        to: last,
        limit: usize::MAX,
        ..*query
    })?);
    let beyond = match query.order {
        Order::Ascending if last < query.to => Some((last.shifted(1), query.to)),
        Order::Descending if last > query.from => Some((query.from, last.shifted(-1))),
        Order::Ascending | Order::Descending => None,
    };
    let more = match beyond {
        Some((from, to)) => !find(EventQuery {
            from,
            to,
            limit: 1,
            payloads: Payloads::LeftOut,
            ..*query
        })?
        .is_empty(),
        None => false,
    };
    Ok((events, more))
}

/// `None` for a kind that has no name in this graph; a store shows none of these.
fn fact(graph: &FactorGraph, event: &LedgerEvent, fields: EventFields) -> Result<Option<Fact>, ReadError> {
    let (Some(factor_name), Some(kind)) = (graph.factor_of(event.kind), graph.kind_spec(event.kind)) else {
        return Ok(None);
    };
    let content = match fields {
        EventFields::Full => Some(content(kind, event)?),
        EventFields::Time => None,
    };
    Ok(Some(Fact {
        id: event.id(),
        factor_name,
        kind: kind.name,
        candle_time: event.visible_time,
        content,
    }))
}

fn content(kind: &EventKindSpec, event: &LedgerEvent) -> Result<FactContent, ReadError> {
    let mut payload = Vec::new();
    (kind.write_json)(event, &mut payload)?;
    Ok(FactContent {
        event_key: (kind.event_key)(event)?,
        payload,
    })
}
