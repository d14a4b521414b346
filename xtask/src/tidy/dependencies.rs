//! Which crate may depend on which: dependencies point inward, and the core stays free of machinery.

use serde_json::Value;

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "dependencies";

/// How far a crate is from the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ring {
    Core,
    Port,
    App,
    Adapter,
    Edge,
    Development,
}

/// What one crate may know of the others.
#[derive(Debug)]
struct Room {
    name: &'static str,
    ring: Ring,
    may_know: &'static [&'static str],
}

const VOCABULARY: &[&str] = &["tc-market"];
const DERIVED: &[&str] = &["tc-market", "tc-factor"];
const CORE: &[&str] = &["tc-market", "tc-factor", "tc-overlay"];
/// What reads put together.
const READ: &[&str] = &["tc-market", "tc-factor", "tc-overlay", "tc-replay", "tc-store"];
const CORE_AND_PORTS: &[&str] = &["tc-market", "tc-factor", "tc-overlay", "tc-store"];
/// What the server serves; it gets stores and venues as trait objects from the binary.
const SERVED: &[&str] = &[
    "tc-market",
    "tc-factor",
    "tc-overlay",
    "tc-replay",
    "tc-store",
    "tc-ingest",
    "tc-read",
    "tc-exchange",
];
const PRODUCT: &[&str] = &[
    "tc-market",
    "tc-factor",
    "tc-overlay",
    "tc-replay",
    "tc-backtest",
    "tc-store",
    "tc-store-sqlite",
    "tc-ingest",
    "tc-read",
    "tc-exchange",
    "tc-exchange-sim",
    "tc-history",
    "tc-freqtrade",
    "tc-server",
];
const EVERYTHING: &[&str] = &[
    "tc-market",
    "tc-factor",
    "tc-overlay",
    "tc-replay",
    "tc-backtest",
    "tc-store",
    "tc-store-sqlite",
    "tc-ingest",
    "tc-read",
    "tc-exchange",
    "tc-exchange-sim",
    "tc-history",
    "tc-freqtrade",
    "tc-server",
    "trade-canvas",
];
/// What the machines of the live path need, without the edge that puts them together.
const LIVE_PATH: &[&str] = &[
    "tc-market",
    "tc-factor",
    "tc-overlay",
    "tc-store",
    "tc-ingest",
    "tc-exchange",
    "tc-exchange-sim",
];
const MEASURED: &[&str] = &[
    "tc-market",
    "tc-factor",
    "tc-overlay",
    "tc-replay",
    "tc-backtest",
    "tc-store",
    "tc-store-sqlite",
    "tc-ingest",
    "tc-read",
    "tc-exchange",
    "tc-exchange-sim",
    "tc-history",
    "tc-freqtrade",
    "tc-server",
    "trade-canvas",
    "tc-sim",
];

/// From the inside out: a crate knows only crates above it.
const ROOMS: &[Room] = &[
    Room {
        name: "tc-market",
        ring: Ring::Core,
        may_know: &[],
    },
    Room {
        name: "tc-factor",
        ring: Ring::Core,
        may_know: VOCABULARY,
    },
    Room {
        name: "tc-overlay",
        ring: Ring::Core,
        may_know: DERIVED,
    },
    Room {
        name: "tc-replay",
        ring: Ring::Core,
        may_know: CORE,
    },
    Room {
        name: "tc-backtest",
        ring: Ring::Core,
        may_know: DERIVED,
    },
    Room {
        name: "tc-store",
        ring: Ring::Port,
        may_know: CORE,
    },
    Room {
        name: "tc-ingest",
        ring: Ring::App,
        may_know: CORE_AND_PORTS,
    },
    Room {
        name: "tc-read",
        ring: Ring::App,
        may_know: READ,
    },
    Room {
        name: "tc-store-sqlite",
        ring: Ring::Adapter,
        may_know: CORE_AND_PORTS,
    },
    Room {
        name: "tc-exchange",
        ring: Ring::Adapter,
        may_know: VOCABULARY,
    },
    Room {
        name: "tc-exchange-sim",
        ring: Ring::Adapter,
        may_know: VOCABULARY,
    },
    Room {
        name: "tc-history",
        ring: Ring::Adapter,
        may_know: &["tc-market", "tc-ingest"],
    },
    Room {
        name: "tc-freqtrade",
        ring: Ring::Adapter,
        may_know: &["tc-market", "tc-backtest"],
    },
    Room {
        name: "tc-server",
        ring: Ring::Edge,
        may_know: SERVED,
    },
    Room {
        name: "trade-canvas",
        ring: Ring::Edge,
        may_know: PRODUCT,
    },
    Room {
        name: "tc-it",
        ring: Ring::Development,
        may_know: EVERYTHING,
    },
    Room {
        name: "tc-sim",
        ring: Ring::Development,
        may_know: LIVE_PATH,
    },
    Room {
        name: "tc-bench",
        ring: Ring::Development,
        may_know: MEASURED,
    },
    Room {
        name: "trade-canvas-fuzz",
        ring: Ring::Development,
        may_know: EVERYTHING,
    },
    Room {
        name: "xtask",
        ring: Ring::Development,
        may_know: &[],
    },
];

/// Crates from outside that core and port crates may use: none of them opens, waits, draws or tells the time.
const PURE: &[&str] = &[
    "blake3",
    "libm",
    "postcard",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "smallvec",
    "thiserror",
    "zstd",
];

/// Checks what `cargo metadata` says about every package of the workspace.
pub(crate) fn check(metadata: &Value, tree: &Tree) -> Vec<Finding> {
    let packages = metadata["packages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    packages
        .iter()
        .flat_map(|package| check_package(package, tree))
        .collect()
}

fn check_package(package: &Value, tree: &Tree) -> Vec<Finding> {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = manifest_path(name);
    let Some(room) = room(name) else {
        let advice = format!(
            "`{name}` has no place in the ring table; add it to `ROOMS` in xtask/src/tidy/dependencies.rs"
        );
        return vec![Finding::new(&manifest, 1, RULE, advice)];
    };
    let mut findings = Vec::new();
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let on = dependency["name"].as_str().unwrap_or_default();
        if let Some(advice) = objection(room, on, dependency["kind"].as_str() == Some("dev")) {
            findings.push(Finding::new(
                &manifest,
                line_of(tree, &manifest, on),
                RULE,
                advice,
            ));
        }
    }
    findings
}

/// Why this crate must not depend on that one.
fn objection(room: &Room, on: &str, for_tests: bool) -> Option<String> {
    let name = room.name;
    match self::room(on) {
        Some(other) if other.ring == Ring::Development && room.ring != Ring::Development => Some(format!(
            "`{on}` is for development; no part of the product depends on it"
        )),
        // Tests may look at a neighbour, as long as they do not reach outward.
        Some(other) if for_tests && other.ring <= room.ring.max(Ring::Adapter) => None,
        Some(_) if room.may_know.contains(&on) => None,
        Some(_) if name == "tc-read" && on == "tc-ingest" => Some(
            "reads never repair: `tc-read` must not know `tc-ingest`; move what both need inward".to_owned(),
        ),
        Some(other) if other.ring >= room.ring => Some(format!(
            "`{name}` must not know `{on}`: dependencies point inward; move what both need inward"
        )),
        Some(_) => Some(format!(
            "`{name}` has no business with `{on}`; let the crate that calls both pass the value"
        )),
        None if !for_tests && room.ring <= Ring::Port && !PURE.contains(&on) => Some(format!(
            "core and port crates use no `{on}`; allowed are {}",
            PURE.join(", ")
        )),
        None => None,
    }
}

fn room(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

fn manifest_path(name: &str) -> String {
    match name {
        "xtask" => "xtask/Cargo.toml".to_owned(),
        "trade-canvas-fuzz" => "fuzz/Cargo.toml".to_owned(),
        _ => format!("crates/{name}/Cargo.toml"),
    }
}

fn line_of(tree: &Tree, manifest: &str, dependency: &str) -> usize {
    let is_entry = |text: &str| {
        let rest = text.strip_prefix(dependency);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    let lines = tree.file(manifest).into_iter().flat_map(super::tree::File::lines);
    lines
        .into_iter()
        .find(|(_, text)| is_entry(text))
        .map_or(1, |(line, _)| line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(name: &str, dependencies: &[(&str, Option<&str>)]) -> Vec<(usize, String)> {
        let manifest: String = dependencies
            .iter()
            .map(|(on, _)| format!("{on}.workspace = true\n"))
            .collect();
        let manifest = format!("[dependencies]\n{manifest}");
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(on, kind)| json!({"name": on, "kind": kind}))
            .collect();
        let metadata = json!({"packages": [{"name": name, "dependencies": dependencies}]});
        let tree = Tree::of(&[(&manifest_path(name), &manifest)]);
        check(&metadata, &tree)
            .into_iter()
            .map(|finding| (finding.line, finding.advice))
            .collect()
    }

    #[test]
    fn the_table_itself_points_inward() {
        for (at, room) in ROOMS.iter().enumerate() {
            for on in room.may_know {
                let inner = ROOMS.iter().position(|other| other.name == *on);
                let inner = inner.unwrap_or_else(|| panic!("{on} is not in the table"));
                let neighbours = room.ring == ROOMS[inner].ring;
                let may_be_neighbours = matches!(room.ring, Ring::Core | Ring::Edge | Ring::Development);
                assert!(
                    inner < at && (!neighbours || may_be_neighbours),
                    "{} -> {on}",
                    room.name
                );
            }
        }
    }

    #[test]
    fn an_outward_or_sideways_dependency_is_found_at_its_line() {
        let outward = found("tc-factor", &[("tc-market", None), ("tc-store", None)]);
        assert_eq!(outward.len(), 1);
        assert_eq!(outward[0].0, 3);
        assert!(outward[0].1.contains("point inward"), "{outward:?}");
        assert_eq!(found("tc-exchange", &[("tc-exchange-sim", None)]).len(), 1);
        assert_eq!(found("tc-server", &[("tc-store-sqlite", None)]).len(), 1);
        assert_eq!(
            found("trade-canvas", &[("tc-store-sqlite", None), ("tc-server", None)]),
            []
        );
    }

    #[test]
    fn reads_never_repair() {
        let found = found("tc-read", &[("tc-ingest", None)]);
        assert!(found[0].1.starts_with("reads never repair"), "{found:?}");
    }

    #[test]
    fn the_core_uses_pure_crates_only() {
        assert_eq!(
            found("tc-market", &[("thiserror", None), ("proptest", Some("dev"))]),
            []
        );
        assert_eq!(found("tc-store", &[("tokio", None)]).len(), 1);
        assert_eq!(found("tc-factor", &[("rand", Some("build"))]).len(), 1);
        assert_eq!(found("tc-ingest", &[("tracing", None)]), []);
    }

    #[test]
    fn tests_do_not_reach_outward() {
        assert_eq!(found("tc-ingest", &[("tc-store-sqlite", Some("dev"))]), []);
        assert_eq!(found("tc-ingest", &[("tc-server", Some("dev"))]).len(), 1);
        assert_eq!(found("tc-server", &[("tc-it", Some("dev"))]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_place_is_found() {
        assert!(found("tc-new", &[])[0].1.contains("ring table"));
    }
}
