//! Sets that cannot run, and what a frame gets then.

use super::*;

const NOTHING: fn(&Buckets, &mut Sheet<'_>) = |_, _| {};

const fn named(name: &'static str, depends_on: &'static [&'static str]) -> SignalSpec {
    SignalSpec {
        name,
        depends_on,
        buckets: &[],
        columns: &[],
        apply: NOTHING,
    }
}

const fn bucket(factor: &'static str, event_kind: &'static str, bucket: &'static str) -> BucketSpec {
    BucketSpec {
        factor,
        event_kind,
        bucket,
    }
}

#[track_caller]
fn refused(specs: &[SignalSpec], text: &str) {
    let error = SignalSet::build(specs, &graph(2, 1)).unwrap_err();
    assert_eq!(error.to_string(), text);
    assert_eq!(
        Reason::SignalPluginInvalid(error).to_string(),
        format!("signal_plugin_invalid:{text}")
    );
}

#[test]
fn names_are_there_once() {
    refused(&[named("", &[])], "empty_name:");
    refused(&[named("a", &[]), named("a", &[])], "duplicate_signal:a");
    let with = |name, buckets, columns| SignalSpec {
        buckets,
        columns,
        ..named(name, &[])
    };
    const PENS: &[BucketSpec] = &[bucket("pen", "pen.confirmed", "pens")];
    const NAMELESS: &[BucketSpec] = &[bucket("pen", "pen.confirmed", "")];
    const COLUMN: &[ColumnSpec] = &[ColumnSpec {
        name: "tc_a",
        default: None,
    }];
    const OK: &[ColumnSpec] = &[ColumnSpec {
        name: OK_COLUMN,
        default: None,
    }];
    refused(
        &[with("a", PENS, &[]), with("b", PENS, &[])],
        "duplicate_bucket:pens",
    );
    refused(&[with("a", NAMELESS, &[])], "empty_name:a");
    refused(
        &[with("a", &[], COLUMN), with("b", &[], COLUMN)],
        "duplicate_column:tc_a",
    );
    refused(&[with("a", &[], OK)], "duplicate_column:tc_ok");
}

#[test]
fn dependencies_lead_somewhere_and_not_back() {
    refused(&[named("a", &["b"])], "unknown_dependency:a->b");
    refused(&[named("a", &["a"])], "cycle:a->a");
    refused(
        &[named("c", &["a"]), named("a", &["b"]), named("b", &["c"])],
        "cycle:a->b->c->a",
    );
}

#[test]
fn order_ignores_the_order_of_registration() {
    let specs = [named("a", &["c"]), named("b", &[]), named("c", &["b"])];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let set = SignalSet::build(&order.map(|at| specs[at]), &graph(2, 1)).unwrap();
        let names: Vec<_> = set.signals().iter().map(|signal| signal.name).collect();
        assert_eq!(names, ["b", "c", "a"]);
    }
}

#[test]
fn facts_are_those_of_a_factor_with_feature_vectors() {
    let reading = |buckets| SignalSpec {
        buckets,
        ..named("a", &[])
    };
    const MOON: &[BucketSpec] = &[bucket("moon", "moon.full", "full")];
    const OTHER: &[BucketSpec] = &[bucket("pivot", "pen.confirmed", "pens")];
    const PENS: &[BucketSpec] = &[bucket("pen", "pen.confirmed", "pens")];
    refused(&[reading(MOON)], "unknown_facts:a->moon.full");
    refused(&[reading(OTHER)], "unknown_facts:a->pen.confirmed");
    let without: Vec<_> = FACTORS
        .iter()
        .map(|spec| tc_factor::FactorSpec {
            enable_feature: false,
            ..*spec
        })
        .collect();
    let graph = FactorGraph::build(&without, &FactorSettings::default()).unwrap();
    let error = SignalSet::build(&[reading(PENS)], &Arc::new(graph)).unwrap_err();
    assert_eq!(error.to_string(), "unknown_facts:a->pen.confirmed");
}

#[test]
fn whatever_is_wrong_every_column_is_there() {
    let wrong = [SIGNALS[0], SIGNALS[0], named("a", &["b"])];
    let error = SignalSet::build(&wrong, &graph(2, 1)).unwrap_err();
    let annotation = Annotation::neutral(&wrong, 3, Some(Reason::SignalPluginInvalid(error)));
    assert_eq!(annotation.columns.len(), 5);
    assert_eq!(annotation.column("tc_ok"), Some(&[Some(0); 3][..]));
    assert_eq!(annotation.column("tc_pen_dir"), Some(&[None; 3][..]));
    for name in ["tc_pen_confirmed", "tc_enter_long", "tc_enter_short"] {
        assert_eq!(annotation.column(name), Some(&[Some(0); 3][..]), "{name}");
    }
}

#[test]
fn reasons_are_words() {
    let missing = Reason::MissingColumns(vec!["close".to_owned(), "high".to_owned()]);
    assert_eq!(missing.to_string(), "missing_columns:['close', 'high']");
    assert_eq!(Reason::LedgerOutOfSync.to_string(), "ledger_out_of_sync");
}
