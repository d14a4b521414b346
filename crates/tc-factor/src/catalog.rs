//! The catalogue: what a client may show and hide.

use crate::{FactorGraph, FactorSpec};

/// A factor in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    /// Factor name.
    pub key: String,
    /// Text for people.
    pub label: String,
    /// Whether it is shown before anyone chose.
    pub default_visible: bool,
    /// What can be shown and hidden within it.
    pub sub_features: Vec<CatalogFeature>,
}

/// A sub-feature in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogFeature {
    /// Key that drawings carry as `feature`.
    pub key: String,
    /// Text for people.
    pub label: String,
    /// Whether it is shown before anyone chose.
    pub default_visible: bool,
}

/// Every factor in graph order, with labels and sub-features filled in where a factor declares less.
#[must_use]
pub fn catalog(graph: &FactorGraph) -> Vec<CatalogEntry> {
    graph.specs().map(entry).collect()
}

fn entry(spec: &FactorSpec) -> CatalogEntry {
    let label = if spec.label.is_empty() {
        title(spec.factor_name)
    } else {
        spec.label.to_owned()
    };
    CatalogEntry {
        key: spec.factor_name.to_owned(),
        label: label.clone(),
        default_visible: spec.default_visible,
        sub_features: sub_features(spec, label),
    }
}

fn sub_features(spec: &FactorSpec, label: String) -> Vec<CatalogFeature> {
    if !spec.features.is_empty() {
        let declared = spec.features.iter();
        return declared
            .map(|feature| CatalogFeature {
                key: feature.key.to_owned(),
                label: feature.label.to_owned(),
                default_visible: feature.default_visible,
            })
            .collect();
    }
    if spec.events.is_empty() {
        return vec![CatalogFeature {
            key: spec.factor_name.to_owned(),
            label,
            default_visible: true,
        }];
    }
    let kinds = spec.events.iter();
    kinds
        .map(|kind| {
            let last = kind.name.rsplit('.').next().unwrap_or(kind.name);
            CatalogFeature {
                key: kind.name.to_owned(),
                label: capitalised(last),
                default_visible: true,
            }
        })
        .collect()
}

/// `moving_average` becomes `Moving Average`.
fn title(name: &str) -> String {
    name.split(['_', '-'])
        .map(capitalised)
        .collect::<Vec<_>>()
        .join(" ")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FactorSettings,
        factors::{FACTORS, pivot},
    };

    #[test]
    fn built_in_entries() {
        let graph = FactorGraph::build(FACTORS, &FactorSettings::default()).unwrap();
        let catalog = catalog(&graph);
        let features = |key: &str| {
            let entry = catalog.iter().find(|entry| entry.key == key).unwrap();
            let features = entry.sub_features.iter();
            features
                .map(|f| (f.key.clone(), f.label.clone(), f.default_visible))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            features("pivot"),
            [
                ("pivot.major".into(), "Major".into(), true),
                ("pivot.minor".into(), "Minor".into(), false)
            ]
        );
        assert_eq!(
            features("pen"),
            [
                ("pen.confirmed".into(), "Confirmed".into(), true),
                ("pen.extending".into(), "Extending".into(), true),
                ("pen.candidate".into(), "Candidate".into(), true)
            ]
        );
    }

    #[test]
    fn a_factor_that_declares_less_gets_names_from_its_own() {
        let bare = entry(&FactorSpec {
            factor_name: "moving_average",
            label: "",
            features: &[],
            ..pivot::SPEC
        });
        assert_eq!(
            (bare.label.as_str(), bare.sub_features[1].label.as_str()),
            ("Moving Average", "Minor")
        );
        let silent = entry(&FactorSpec {
            label: "",
            features: &[],
            events: &[],
            ..pivot::SPEC
        });
        assert_eq!(
            silent.sub_features[0],
            CatalogFeature {
                key: "pivot".into(),
                label: "Pivot".into(),
                default_visible: true
            }
        );
    }
}
