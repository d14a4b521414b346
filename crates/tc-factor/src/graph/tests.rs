use super::*;
use crate::factors::{FACTORS, pen, pivot};

fn build(specs: &[FactorSpec]) -> Result<Vec<&'static str>, GraphError> {
    FactorGraph::build(specs, &FactorSettings::default()).map(|graph| graph.names().collect())
}

#[test]
fn order_ignores_the_order_of_registration() {
    assert_eq!(build(&[pen::SPEC, pivot::SPEC]), Ok(vec!["pivot", "pen"]));
    assert_eq!(build(&[pivot::SPEC, pen::SPEC]), Ok(vec!["pivot", "pen"]));
}

#[test]
fn a_part_of_a_graph_keeps_parameters_and_dependencies() {
    let graph = FactorGraph::build(FACTORS, &FactorSettings::with_pivot_windows(7, 3)).unwrap();
    let part = graph.limited_to(&["pen"]).unwrap();
    assert_eq!(part.names().collect::<Vec<_>>(), ["pivot", "pen"]);
    assert_eq!(part.nodes[0].params, graph.nodes[0].params);
    assert_eq!(part.nodes[0].params.int("window_major"), 7);
    assert_eq!(part.nodes[1].upstream.as_slice(), [0]);
    assert_eq!(graph.limited_to(&[]).unwrap().names().count(), 0);
    let all: Vec<_> = graph.names().collect();
    let whole = graph.limited_to(&all).unwrap();
    assert!(whole.kind_names().eq(graph.kind_names()));
    let unknown = graph.limited_to(&["pen", "moon"]).unwrap_err();
    assert_eq!(unknown.to_string(), "unknown_factor:moon");
}

#[test]
fn refusals() {
    assert_eq!(
        build(&[FactorSpec {
            factor_name: "",
            ..pivot::SPEC
        }]),
        Err(GraphError::EmptyName)
    );
    assert_eq!(
        build(&[FactorSpec {
            factor_name: "9x",
            ..pivot::SPEC
        }]),
        Err(GraphError::InvalidName("9x".to_owned()))
    );
    assert_eq!(
        build(&[pivot::SPEC, pivot::SPEC]).unwrap_err().to_string(),
        "duplicate_factor:pivot"
    );
    assert_eq!(
        build(&[pen::SPEC]).unwrap_err().to_string(),
        "missing_deps:[\"pen->pivot\"]"
    );
    let looped = FactorSpec {
        depends_on: &["pen"],
        ..pivot::SPEC
    };
    assert_eq!(
        build(&[pen::SPEC, looped]).unwrap_err().to_string(),
        "cycle:pen->pivot->pen"
    );
    assert_eq!(
        build(&[FactorSpec {
            factor_name: "other",
            ..pivot::SPEC
        }]),
        Err(GraphError::EventKind("pivot.major".to_owned()))
    );
}

#[test]
fn settings_must_fit() {
    let unknown = FactorSettings {
        overrides: [("pivot.size".to_owned(), crate::ParamValue::Int(5))].into(),
        ..Default::default()
    };
    assert!(matches!(
        FactorGraph::build(FACTORS, &unknown),
        Err(GraphError::Param(ParamError::Unknown(_)))
    ));
    let small = FactorSettings::with_pivot_windows(0, 1);
    assert!(matches!(
        FactorGraph::build(FACTORS, &small),
        Err(GraphError::Param(ParamError::TooSmall { .. }))
    ));
}

#[test]
fn kinds_know_their_factor() {
    let graph = FactorGraph::build(FACTORS, &FactorSettings::default()).unwrap();
    for name in graph.kind_names() {
        let kind = graph.kind(name).unwrap();
        assert!(name.starts_with(graph.factor_of(kind).unwrap()));
    }
    assert_eq!(graph.factor_of(KindId(999)), None);
}
