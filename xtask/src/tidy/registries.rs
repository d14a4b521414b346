//! A registry lists every plug-in of its folder: a forgotten line means a plug-in that never runs.

use super::finding::Finding;
use super::rust_source::RustCode;
use super::tree::{File, Tree};

const RULE: &str = "registries";
/// File names of registries: each declares the modules of the folder beside it and lists them in a slice.
const REGISTRIES: &[&str] = &[
    "factors.rs",
    "layouts.rs",
    "renderers.rs",
    "strategies.rs",
    "venues.rs",
];
/// Registries whose slice is in name order, because order means nothing there.
const SORTED: &[&str] = &["factors.rs", "strategies.rs"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let registries = tree
        .rust()
        .filter(|file| REGISTRIES.contains(&file.name()) && file.path.starts_with("crates/"));
    registries.flat_map(check_registry).collect()
}

fn check_registry(file: &File) -> Vec<Finding> {
    let code = RustCode::of(&file.text).text();
    let Some((slice_line, entries)) = slice(&code) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut previous = String::new();
    for (line, module) in modules(&code) {
        if !entries.contains(&module) {
            let advice = format!("`{module}` is declared but not listed; add it to the slice below");
            findings.push(Finding::new(&file.path, line, RULE, advice));
        }
        if module < previous {
            let advice = format!("`{module}` comes before `{previous}`; keep the modules in name order");
            findings.push(Finding::new(&file.path, line, RULE, advice));
        }
        previous = module;
    }
    if SORTED.contains(&file.name()) && !entries.is_sorted() {
        findings.push(Finding::new(
            &file.path,
            slice_line,
            RULE,
            "keep the entries of this slice in name order",
        ));
    }
    findings
}

/// Modules that have a file of their own, tests apart.
fn modules(code: &str) -> Vec<(usize, String)> {
    let declared = (1..).zip(code.lines()).filter_map(|(line, text)| {
        let rest = text
            .trim_start_matches("pub(crate) ")
            .trim_start_matches("pub ")
            .strip_prefix("mod ")?;
        Some((line, rest.strip_suffix(';')?.to_owned()))
    });
    declared.filter(|(_, module)| module != "tests").collect()
}

/// The first constant slice: its line and the module of each entry.
fn slice(code: &str) -> Option<(usize, Vec<String>)> {
    let (line, _) = (1..)
        .zip(code.lines())
        .find(|(_, text)| text.contains("const ") && text.contains(": &["))?;
    let rest: String = code.lines().skip(line - 1).collect::<Vec<_>>().join(" ");
    let list = rest.split_once("= &[")?.1.split_once("];")?.0;
    let entries = list
        .split([' ', ','])
        .filter_map(|word| word.split_once("::").map(|(module, _)| module));
    Some((
        line,
        entries
            .map(|module| module.trim_start_matches('&').to_owned())
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let tree = Tree::of(&[(path, text)]);
        check(&tree)
            .into_iter()
            .map(|finding| (finding.line, finding.advice))
            .collect()
    }

    #[test]
    fn a_plug_in_that_is_not_listed_is_found() {
        let text = "pub mod pen;\nmod pivot;\n\npub const FACTORS: &[FactorSpec] = &[pen::SPEC];\n";
        let found = found("crates/tc-factor/src/factors.rs", text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 2);
    }

    #[test]
    fn order_matters_where_it_means_nothing() {
        let text =
            "mod b;\nmod a;\nconst ALL: &[T] = &[\n    #[cfg(feature = \"x\")]\n    b::T,\n    a::T,\n];\n";
        assert_eq!(found("crates/tc-factor/src/factors.rs", text).len(), 2);
        assert_eq!(found("crates/tc-history/src/layouts.rs", text).len(), 1);
        assert_eq!(found("web/src/venues.rs", text), []);
    }
}
