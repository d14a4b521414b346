//! A file is named for its idea; `mod.rs` exists only where a folder is the unit.

use super::finding::Finding;
use super::tree::{File, Tree};

const RULE: &str = "bucket-names";
/// Names that say nothing and therefore collect everything.
const BUCKETS: &[&str] = &[
    "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils",
];
/// Folders whose entries are plug-ins: one folder each, listed in one registry.
const PLUG_INS: &[&str] = &["factors", "layouts", "renderers", "resources", "venues"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let named = file.folders().chain([file.stem()]);
        if let Some(bucket) = named.into_iter().find(|name| BUCKETS.contains(name)) {
            let advice = format!("`{bucket}` names no idea; name the file or folder for what is in it");
            findings.push(Finding::new(&file.path, 1, RULE, advice));
        }
        if file.name() == "mod.rs" && !is_plug_in(file) {
            let advice = "use `name.rs` beside the folder `name/`; `mod.rs` belongs to plug-in folders alone";
            findings.push(Finding::new(&file.path, 1, RULE, advice));
        }
    }
    findings
}

/// Whether the file lies directly in the folder of one plug-in.
fn is_plug_in(file: &File) -> bool {
    let folders: Vec<_> = file.folders().collect();
    folders.len() >= 2 && PLUG_INS.contains(&folders[folders.len() - 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_and_misplaced_module_files_are_found() {
        let tree = Tree::of(&[
            ("crates/tc-factor/src/factors/pen/mod.rs", ""),
            ("crates/tc-factor/src/engine/mod.rs", ""),
            ("crates/tc-read/src/utils.rs", ""),
            ("web/src/common/format.ts", ""),
            ("web/src/feed/utilities.ts", ""),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(
            paths,
            [
                "crates/tc-factor/src/engine/mod.rs",
                "crates/tc-read/src/utils.rs",
                "web/src/common/format.ts"
            ]
        );
    }
}
