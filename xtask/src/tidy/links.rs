//! Links between the documents lead somewhere.

use super::finding::Finding;
use super::tree::{File, Tree};

const RULE: &str = "links";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, text) in file.lines() {
            for target in targets(text).filter(|target| is_local(target)) {
                let path = target.split('#').next().unwrap_or_default();
                if !path.is_empty() && !exists(tree, &resolve(file, path)) {
                    let advice = format!("`{target}` leads nowhere; correct or remove the link");
                    findings.push(Finding::new(&file.path, line, RULE, advice));
                }
            }
        }
    }
    findings
}

/// What stands between `](` and `)`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

fn is_local(target: &str) -> bool {
    !target.contains("://") && !target.starts_with("mailto:")
}

fn resolve(file: &File, target: &str) -> String {
    let mut parts: Vec<&str> = file.folders().collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// A file of the tree, a folder of it, or a file that is not text.
fn exists(tree: &Tree, path: &str) -> bool {
    let folder = format!("{path}/");
    tree.files
        .iter()
        .any(|file| file.path == path || file.path.starts_with(&folder))
        || tree.root.join(path).is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_missing_files_are_found() {
        let text =
            "[a](../ARCHITECTURE.md#4-crates) [b](gone.md)\n[c](https://example.org/x) [d](#here) [e](adr)\n";
        let tree = Tree::of(&[
            ("docs/README.md", text),
            ("ARCHITECTURE.md", ""),
            ("docs/adr/0001-a.md", ""),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| (finding.line, finding.advice))
            .collect();
        assert_eq!(
            found,
            [(
                1,
                "`gone.md` leads nowhere; correct or remove the link".to_owned()
            )]
        );
    }
}
