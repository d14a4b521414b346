//! `GET /api/factor/events`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use tc_market::SeriesId;
use tc_read::{EventFields, EventPage, EventPageQuery};
use tc_store::Order;

use super::dto::{FactorEventsQuery, GetFactorEventsResponseV1};
use crate::{
    ApiError, AppState,
    json::{self, Written},
    request::Query,
    resources::system::dto::ErrorBodyV1,
};

/// Events of the ledger, page by page, in either direction.
#[utoipa::path(
    get, path = "/api/factor/events", tag = "factor", params(FactorEventsQuery),
    responses(
        (status = 200, body = GetFactorEventsResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_events(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let from_time = query.int("from_time", 0..=i64::MAX, 0);
    let to_time = query.optional_int("to_time", 0..=i64::MAX);
    let graph = &state.parts().model.setup().factors;
    let known: Vec<&str> = graph.kind_names().collect();
    let kinds = query.words("kinds", &known);
    let orders = [("asc", Order::Ascending), ("desc", Order::Descending)];
    let order = query.word("order", &orders, Order::Ascending);
    let fields = [("full", EventFields::Full), ("time", EventFields::Time)];
    let fields = query.word("fields", &fields, EventFields::Full);
    let limit = query.int("limit", 1..=5000, 500);
    let series = query.series(&series)?;
    let wanted = EventPageQuery {
        from_time,
        to_time,
        kinds: kinds.map(|kinds| kinds.iter().filter_map(|kind| graph.kind(kind)).collect()),
        order,
        fields,
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    };
    let body = state
        .read(move |snapshot, model| {
            let page = model.events(snapshot, &series, &wanted)?;
            Ok(json::body(|out| write(out, &series, &page))?)
        })
        .await?;
    Ok(json::response(body))
}

/// The wire form of a page, [`GetFactorEventsResponseV1`].
fn write(out: &mut Vec<u8>, series: &SeriesId, page: &EventPage) -> Written {
    json::object(out, |answer| {
        answer.value("schema_version", &1)?;
        answer.value("series_id", series.as_str())?;
        answer.value("epoch", &page.epoch)?;
        answer.part("events", |out| {
            json::list(out, &page.events, |out, event| {
                json::object(out, |fields| {
                    fields.value("id", &event.id)?;
                    fields.value("factor_name", event.factor_name)?;
                    fields.value("kind", event.kind)?;
                    fields.value("candle_time", &event.candle_time.seconds())?;
                    if let Some(content) = &event.content {
                        fields.value("event_key", &content.event_key)?;
                        fields.encoded("payload", &content.payload)?;
                    }
                    Ok(())
                })
            })
        })?;
        answer.value("more", &page.more)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tc_market::CandleTime;
    use tc_read::{Fact, FactContent};

    use super::*;
    use crate::resources::factor::dto::FactorEventV1;

    #[test]
    fn as_described() {
        let series: SeriesId = "binance:spot:A/B:1m".parse().unwrap();
        let fact = |content| Fact {
            id: 60 * 4096,
            factor_name: "pen",
            kind: "pen.confirmed",
            candle_time: CandleTime::clamped(60),
            content,
        };
        let content = FactContent {
            event_key: "confirmed:1".to_owned(),
            payload: b"{\"direction\":1}".to_vec(),
        };
        let page = EventPage {
            epoch: 3,
            events: vec![fact(Some(content)), fact(None)],
            more: true,
        };
        let body = json::body(|out| write(out, &series, &page)).unwrap();
        let answer: Value = serde_json::from_slice(&body).unwrap();
        json::assert_described::<GetFactorEventsResponseV1>(&answer);
        let bare = json!({ "id": 245_760, "factor_name": "pen", "kind": "pen.confirmed", "candle_time": 60 });
        let mut full = bare.clone();
        full["event_key"] = json!("confirmed:1");
        full["payload"] = json!({ "direction": 1 });
        for event in [&bare, &full] {
            json::assert_described::<FactorEventV1>(event);
        }
        let expected = json!({
            "schema_version": 1, "series_id": series.as_str(), "epoch": 3, "events": [full, bare], "more": true,
        });
        assert_eq!(answer, expected);
    }
}
