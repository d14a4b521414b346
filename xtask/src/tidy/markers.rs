//! Unfinished work is an issue, not a comment.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "markers";
/// In two halves, so that this file passes its own rule.
const MARKERS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !is_lock_file(file.name())) {
        for (line, text) in file.lines() {
            if let Some(marker) = MARKERS.iter().find(|marker| has_word(text, marker)) {
                let advice =
                    format!("finish what the {marker} asks for, or open an issue and remove the marker");
                findings.push(Finding::new(&file.path, line, RULE, advice));
            }
        }
    }
    findings
}

fn is_lock_file(name: &str) -> bool {
    name == "Cargo.lock" || name == "package-lock.json"
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        ![before, after]
            .into_iter()
            .flatten()
            .any(|c| c.is_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_as_words_only() {
        let marker = MARKERS[0];
        let text = format!("fine\n// {marker}: later\nlet MY_{marker} = 1;\n{marker}S\n");
        let tree = Tree::of(&[("a.rs", &text)]);
        let lines: Vec<_> = check(&tree).into_iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2]);
    }
}
