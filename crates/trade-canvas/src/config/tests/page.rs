//! The reference page in the repository.

use crate::config::{reference_markdown, rows};

#[test]
fn page_lists_every_option() {
    let page = reference_markdown();
    for row in rows() {
        assert_eq!(
            page.matches(&format!("\n| `{}` |", row.name)).count(),
            1,
            "{}",
            row.name
        );
    }
}

/// Refresh with `cargo xtask gen`.
#[test]
fn page_in_the_repository_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/config.md");
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == reference_markdown(),
        "docs/reference/config.md is stale: run `cargo xtask gen`, which writes the output of \
         `trade-canvas config reference` there"
    );
}
