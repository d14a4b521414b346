//! Every source file of a crate says in its first line what it is for; `tests.rs` says it by its name.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "module-docs";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| {
            is_crate_source(&file.path) && file.name() != "tests.rs" && !file.text.starts_with("//!")
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                RULE,
                "start the file with `//!` and one sentence on what it is for",
            )
        })
        .collect()
}

fn is_crate_source(path: &str) -> bool {
    let in_crate = path.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
    path.starts_with("xtask/src/") || in_crate.is_some_and(|(_, rest)| rest.starts_with("src/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_file_without_module_docs_is_found() {
        let tree = Tree::of(&[
            ("crates/tc-a/src/lib.rs", "//! Fine.\n"),
            ("crates/tc-a/src/bad.rs", "use std::fmt;\n"),
            ("crates/tc-a/src/bad/tests.rs", "use super::*;\n"),
            ("crates/tc-a/tests/free.rs", "fn main() {}\n"),
            ("xtask/src/bad.rs", "\n//! Too late.\n"),
        ]);
        let paths: Vec<_> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["crates/tc-a/src/bad.rs", "xtask/src/bad.rs"]);
    }
}
