//! Pens that were confirmed: an entry the way of the last one of a candle.

use tc_factor::{FeatureValue, factors::pen};

use crate::annotate::{BucketSpec, Buckets, ColumnSpec, Sheet, SignalSpec};

const PENS: &str = "pen_confirmed";
const CONFIRMED: &str = "tc_pen_confirmed";
const DIRECTION: &str = "tc_pen_dir";
const ENTER_LONG: &str = "tc_enter_long";
const ENTER_SHORT: &str = "tc_enter_short";

const fn flag(name: &'static str) -> ColumnSpec {
    ColumnSpec {
        name,
        default: Some(0),
    }
}

/// Registry entry.
pub(super) const SPEC: SignalSpec = SignalSpec {
    name: "signal.pen_direction",
    depends_on: &[],
    buckets: &[BucketSpec {
        factor: pen::NAME,
        event_kind: "pen.confirmed",
        bucket: PENS,
    }],
    columns: &[
        flag(CONFIRMED),
        ColumnSpec {
            name: DIRECTION,
            default: None,
        },
        flag(ENTER_LONG),
        flag(ENTER_SHORT),
    ],
    apply,
};

/// A candle whose direction is neither up nor down gets nothing at all.
fn apply(facts: &Buckets, sheet: &mut Sheet<'_>) {
    for row in facts.rows(PENS) {
        let (direction, enter) = match row.direction {
            Some(FeatureValue::Int(1)) => (1, ENTER_LONG),
            Some(FeatureValue::Int(-1)) => (-1, ENTER_SHORT),
            _ => continue,
        };
        sheet.set(row.candle_time, CONFIRMED, 1);
        sheet.set(row.candle_time, DIRECTION, direction);
        sheet.set(row.candle_time, enter, 1);
    }
}
