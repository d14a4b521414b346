//! A code block that names a file, as in <code>```rust crates/…/mod.rs</code>, is an excerpt of that file.

use super::finding::Finding;
use super::tree::{File, Tree};

const RULE: &str = "excerpts";
const FENCE: &str = "```";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let documents = tree.files.iter().filter(|file| file.path.ends_with(".md"));
    documents
        .flat_map(|document| {
            blocks(document).filter_map(move |block| {
                let advice = match tree.file(block.source) {
                    None => format!(
                        "`{}` is not there; name the file that the block is taken from",
                        block.source
                    ),
                    Some(source) if !holds(source, &block.text) => {
                        format!(
                            "`{}` does not say this any more; copy the lines again",
                            block.source
                        )
                    }
                    Some(_) => return None,
                };
                Some(Finding::new(&document.path, block.line, RULE, advice))
            })
        })
        .collect()
}

/// A block that names the file it is taken from.
struct Block<'a> {
    line: usize,
    source: &'a str,
    text: String,
}

fn blocks(document: &File) -> impl Iterator<Item = Block<'_>> {
    let mut lines = document.lines();
    std::iter::from_fn(move || {
        loop {
            let (line, opening) = lines.find(|(_, text)| text.starts_with(FENCE))?;
            let inside = lines
                .by_ref()
                .map(|(_, text)| text)
                .take_while(|text| !text.starts_with(FENCE));
            let text = inside.flat_map(|text| [text, "\n"]).collect();
            if let Some((_, source)) = opening.split_once(' ') {
                return Some(Block { line, source, text });
            }
        }
    })
}

/// Whether the file has these whole lines, one after another.
fn holds(source: &File, text: &str) -> bool {
    source.text.starts_with(text) || source.text.contains(&format!("\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(document: &str) -> Vec<usize> {
        let tree = Tree::of(&[
            ("docs/a.md", document),
            ("src/b.rs", "one\n    two\n    three\nfour\n"),
        ]);
        check(&tree).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn whole_lines_of_the_file_are_an_excerpt() {
        assert_eq!(lines_found("```rust src/b.rs\n    two\n    three\n```\n"), [0; 0]);
        assert_eq!(
            lines_found("```rust src/b.rs\none\n```\n```rust\nanything\n```\n"),
            [0; 0]
        );
    }

    #[test]
    fn anything_else_is_none() {
        let text = "```\nx\n```\n\n```rust src/b.rs\n    two\nfour\n```\n```rust src/b.rs\ntwo\n```\n```rust src/c.rs\n```\n";
        assert_eq!(lines_found(text), [5, 9, 12]);
    }
}
