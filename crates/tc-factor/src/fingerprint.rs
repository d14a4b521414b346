//! Fingerprints: what a ledger was computed with.

use std::fmt;

use tc_market::SeriesId;

use crate::{FactorGraph, FactorSettings, ParamValue};

/// Raised with every change of the engine itself that can change results.
const ENGINE_LOGIC_VERSION: &str = "1";

/// Hash of series, graph, logic versions and parameters. Equality is its only use; a change triggers a rebuild.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// BLAKE3 of a canonical text of everything that results depend on besides the candles.
    #[must_use]
    pub fn of(series: &SeriesId, graph: &FactorGraph, settings: &FactorSettings) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut field = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        field(ENGINE_LOGIC_VERSION);
        field(series.as_str());
        field(&settings.logic_version_override);
        for node in graph.nodes() {
            field(node.spec.factor_name);
            field(node.spec.logic_version);
            for (name, value) in node.params.iter() {
                field(name);
                match value {
                    ParamValue::Int(value) => field(&value.to_string()),
                    ParamValue::Float(value) => field(&format!("{:016x}", value.to_bits())),
                }
            }
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The raw hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes a stored hash back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factors::FACTORS;

    #[test]
    fn everything_that_matters_changes_it() {
        let of = |series: &str, settings: FactorSettings| {
            let graph = FactorGraph::build(FACTORS, &settings).unwrap();
            Fingerprint::of(&series.parse().unwrap(), &graph, &settings)
        };
        let base = of("binance:spot:A/B:1m", FactorSettings::default());
        assert_eq!(base, of("binance:spot:A/B:1m", FactorSettings::default()));
        assert_ne!(base, of("binance:spot:A/B:5m", FactorSettings::default()));
        assert_ne!(
            base,
            of("binance:spot:A/B:1m", FactorSettings::with_pivot_windows(50, 6))
        );
        let text = FactorSettings {
            logic_version_override: "x".to_owned(),
            ..FactorSettings::default()
        };
        assert_ne!(base, of("binance:spot:A/B:1m", text));
        assert_eq!(base.to_string().len(), 64);
    }
}
