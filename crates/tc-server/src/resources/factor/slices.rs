//! `GET /api/factor/slices`.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use tc_factor::SlicePart;
use tc_market::{CandleTime, SeriesId};
use tc_read::{FactorSlices, SliceQuery, SliceSelection};

use super::dto::{FactorMetaV1, GetFactorSlicesResponseV1, SlicesQuery};
use crate::{
    ApiError, AppState,
    json::{self, Written},
    request::Query,
    resources::system::dto::ErrorBodyV1,
};

/// Head and history of every factor at a candle.
#[utoipa::path(
    get, path = "/api/factor/slices", tag = "factor", params(SlicesQuery),
    responses(
        (status = 200, body = GetFactorSlicesResponseV1), (status = 400, body = ErrorBodyV1),
        (status = 409, body = ErrorBodyV1), (status = 422, body = ErrorBodyV1),
    )
)]
pub(crate) async fn get_slices(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(raw.as_deref());
    let series = query.required_text("series_id");
    let at_time = query.required_int("at_time", 0..=i64::MAX);
    let window_candles = query.int("window_candles", 1..=5000, 2000);
    let selection = selection(&mut query, &state);
    let series = query.series(&series)?;
    let wanted = SliceQuery {
        at_time,
        window_candles: u32::try_from(window_candles).unwrap_or(u32::MAX),
        selection,
    };
    let body = state
        .read(move |snapshot, model| {
            let slices = model.slices(snapshot, &series, &wanted)?;
            Ok(json::body(|out| write(out, &series, at_time, &slices))?)
        })
        .await?;
    Ok(json::response(body))
}

/// What each part of a slice is called.
pub(crate) const PARTS: [(&str, SlicePart); 3] = [
    ("all", SlicePart::All),
    ("head", SlicePart::Head),
    ("history", SlicePart::History),
];

/// The parameters that say which slices are wanted, and which part of them.
pub(crate) fn selection(query: &mut Query, state: &AppState) -> SliceSelection {
    let known: Vec<&str> = state.parts().model.setup().factors.names().collect();
    SliceSelection {
        factors: query.words("factors", &known),
        part: query.word("part", &PARTS, SlicePart::All),
    }
}

/// The wire form of slices, [`GetFactorSlicesResponseV1`]; `requested` is answered as time when no candle was found.
pub(crate) fn write(out: &mut Vec<u8>, series: &SeriesId, requested: i64, slices: &FactorSlices) -> Written {
    let at_time = slices.aligned.map_or(requested, CandleTime::seconds);
    let candle_id = slices.aligned.map(|time| format!("{series}:{time}"));
    let names: Vec<&str> = slices.factors.iter().map(|slice| slice.factor_name).collect();
    json::object(out, |answer| {
        answer.value("schema_version", &1)?;
        answer.value("series_id", series.as_str())?;
        answer.value("at_time", &at_time)?;
        answer.value("candle_id", &candle_id)?;
        answer.value("factors", &names)?;
        answer.part("snapshots", |out| {
            json::object(out, |snapshots| {
                for slice in &slices.factors {
                    let meta = FactorMetaV1 {
                        series_id: series.to_string(),
                        epoch: slices.epoch,
                        at_time,
                        candle_id: candle_id.clone().unwrap_or_default(),
                        factor_name: slice.factor_name.to_owned(),
                    };
                    snapshots.part(slice.factor_name, |out| {
                        json::object(out, |fields| {
                            fields.value("schema_version", &1)?;
                            fields.encoded("history", &slice.history)?;
                            fields.encoded("head", &slice.head)?;
                            fields.value("meta", &meta)
                        })
                    })?;
                }
                Ok(())
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tc_read::FactorSlice;

    use super::*;
    use crate::resources::factor::dto::FactorSliceV1;

    fn written(slices: &FactorSlices) -> Value {
        let series: SeriesId = "binance:spot:A/B:1m".parse().unwrap();
        let body = json::body(|out| write(out, &series, 119, slices)).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn as_described() {
        let slices = FactorSlices {
            aligned: Some(CandleTime::clamped(60)),
            epoch: 2,
            factors: vec![FactorSlice {
                factor_name: "pivot",
                history: b"{\"major\":[1]}".to_vec(),
                head: b"{}".to_vec(),
            }],
        };
        let answer = written(&slices);
        json::assert_described::<GetFactorSlicesResponseV1>(&answer);
        json::assert_described::<FactorSliceV1>(&answer["snapshots"]["pivot"]);
        let id = "binance:spot:A/B:1m:60";
        let meta = json!({
            "series_id": "binance:spot:A/B:1m", "epoch": 2, "at_time": 60, "candle_id": id, "factor_name": "pivot",
        });
        let expected = json!({
            "schema_version": 1, "series_id": "binance:spot:A/B:1m", "at_time": 60, "candle_id": id, "factors": ["pivot"],
            "snapshots": { "pivot": { "schema_version": 1, "history": { "major": [1] }, "head": {}, "meta": meta } },
        });
        assert_eq!(answer, expected);
        let none = FactorSlices {
            aligned: None,
            factors: Vec::new(),
            ..slices
        };
        let expected = json!({
            "schema_version": 1, "series_id": "binance:spot:A/B:1m", "at_time": 119, "candle_id": null, "factors": [],
            "snapshots": {},
        });
        assert_eq!(written(&none), expected);
    }
}
