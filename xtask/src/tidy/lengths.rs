//! Files and functions stay short; the long ones are listed with a budget that only shrinks.

mod budget;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::Result;

use super::finding::Finding;
use super::rust_source::{Function, RustCode};
use super::tree::{File, Tree};
pub(crate) use budget::{Budget, committed_budget};

const FILE: &str = "file-length";
const FUNCTION: &str = "function-length";
const BUDGET: &str = "length-budget";
const BUDGET_PATH: &str = "xtask/tidy-budget.toml";
const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 70;
/// Written by a program; nobody reads them line by line.
const GENERATED: &[&str] = &["web/src/api/schema.d.ts"];

/// Something longer than the limit.
#[derive(Debug)]
struct Offender {
    path: String,
    line: usize,
    lines: usize,
}

/// Everything over the limits, by the name that the budget file uses.
#[derive(Debug, Default)]
struct Offenders {
    files: BTreeMap<String, Offender>,
    functions: BTreeMap<String, Offender>,
}

/// Compares what is too long with its budget, and the budget with its committed version.
pub(crate) fn check(tree: &Tree, committed: &Option<Budget>) -> Result<Vec<Finding>> {
    let budget = Budget::of(tree)?;
    let offenders = offenders(tree);
    let mut findings = Vec::new();
    judge(
        &mut findings,
        FILE,
        &offenders.files,
        &budget.files,
        MAX_FILE_LINES,
    );
    judge(
        &mut findings,
        FUNCTION,
        &offenders.functions,
        &budget.functions,
        MAX_FUNCTION_LINES,
    );
    if let Some(committed) = committed {
        for (key, why) in budget.grown_since(committed) {
            findings.push(Finding::new(BUDGET_PATH, budget.line_of(&key), BUDGET, why));
        }
    }
    for key in budget.keys().filter(|key| !offenders.contains(key)) {
        let advice =
            format!("`{key}` is within the limit now; run `cargo xtask tidy --shrink` to remove its budget");
        findings.push(Finding::new(BUDGET_PATH, budget.line_of(key), BUDGET, advice));
    }
    Ok(findings)
}

/// Lowers every budget to what the code needs and removes those that nothing needs.
pub(crate) fn shrink(tree: &Tree) -> Result<()> {
    let mut budget = Budget::of(tree)?;
    let offenders = offenders(tree);
    budget.shrink_to(
        |key| offenders.files.get(key).map(|offender| offender.lines),
        |key| offenders.functions.get(key).map(|offender| offender.lines),
    );
    budget.write(&tree.root)
}

fn judge(
    findings: &mut Vec<Finding>,
    rule: &'static str,
    offenders: &BTreeMap<String, Offender>,
    budget: &BTreeMap<String, usize>,
    limit: usize,
) {
    for (key, offender) in offenders {
        let allowed = budget.get(key).copied().unwrap_or(limit);
        if offender.lines > allowed {
            let advice = format!("{} lines, {allowed} allowed; split it by idea", offender.lines);
            findings.push(Finding::new(&offender.path, offender.line, rule, advice));
        }
    }
}

impl Offenders {
    fn contains(&self, key: &str) -> bool {
        self.files.contains_key(key) || self.functions.contains_key(key)
    }
}

fn offenders(tree: &Tree) -> Offenders {
    let mut offenders = Offenders::default();
    for file in tree.files.iter().filter(|file| is_measured(file)) {
        let code = file.path.ends_with(".rs").then(|| RustCode::of(&file.text));
        let tests = code.as_ref().map(RustCode::test_modules).unwrap_or_default();
        let lines = file.text.lines().count() - tests.iter().map(length).sum::<usize>();
        if lines > MAX_FILE_LINES {
            let offender = Offender {
                path: file.path.clone(),
                line: 1,
                lines,
            };
            offenders.files.insert(file.path.clone(), offender);
        }
        for Function { name, lines } in code.iter().flat_map(RustCode::functions) {
            let in_tests = tests.iter().any(|module| module.contains(lines.start()));
            if !in_tests && length(&lines) > MAX_FUNCTION_LINES {
                let key = format!("{}::{name}", file.path);
                let offender = Offender {
                    path: file.path.clone(),
                    line: *lines.start(),
                    lines: length(&lines),
                };
                // Two functions of one name in a file share a budget: the longer one counts.
                let longest = offenders
                    .functions
                    .entry(key)
                    .or_insert(Offender { lines: 0, ..offender });
                longest.lines = longest.lines.max(length(&lines));
            }
        }
    }
    offenders
}

fn is_measured(file: &File) -> bool {
    let is_source = [".rs", ".ts", ".tsx"]
        .iter()
        .any(|ending| file.path.ends_with(ending));
    is_source && !file.is_test() && !GENERATED.contains(&file.path.as_str())
}

fn length(lines: &RangeInclusive<usize>) -> usize {
    lines.end() + 1 - lines.start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    fn rules(tree: &Tree, committed: Option<Budget>) -> Vec<(&'static str, String, usize)> {
        let findings = check(tree, &committed).unwrap();
        findings
            .into_iter()
            .map(|finding| (finding.rule, finding.path, finding.line))
            .collect()
    }

    #[test]
    fn long_files_and_functions_are_found_but_not_in_tests() {
        let long = function("long", 71);
        let fits = function("fits", 70);
        let tested = format!(
            "{fits}#[cfg(test)]\nmod tests {{\n{}{}}}\n",
            long.repeat(3),
            "\n".repeat(300)
        );
        let tree = Tree::of(&[
            ("crates/tc-a/src/a.rs", &format!("\n{long}")),
            ("crates/tc-a/src/b.rs", &tested),
            ("crates/tc-a/src/tests.rs", &long.repeat(9)),
            ("web/src/c.ts", &"x\n".repeat(401)),
            ("web/src/api/schema.d.ts", &"x\n".repeat(401)),
        ]);
        let expected = [
            (FUNCTION, "crates/tc-a/src/a.rs".to_owned(), 2),
            (FILE, "web/src/c.ts".to_owned(), 1),
        ];
        let mut found = rules(&tree, None);
        found.sort_by_key(|(_, path, _)| path.clone());
        assert_eq!(found, expected);
    }

    #[test]
    fn a_budget_allows_what_it_says_and_no_more() {
        let budget = "[functions]\n\"src/a.rs::long\" = 80\n";
        let within = Tree::of(&[("src/a.rs", &function("long", 80)), (BUDGET_PATH, budget)]);
        let over = Tree::of(&[("src/a.rs", &function("long", 81)), (BUDGET_PATH, budget)]);
        assert_eq!(rules(&within, None), []);
        assert_eq!(rules(&over, None), [(FUNCTION, "src/a.rs".to_owned(), 1)]);
    }

    #[test]
    fn a_budget_only_shrinks() {
        let tree = |budget: &str| Tree::of(&[("src/a.rs", &function("long", 75)), (BUDGET_PATH, budget)]);
        let lower = tree("[functions]\n\"src/a.rs::long\" = 80\n");
        let higher = tree("# why\n[functions]\n\"src/a.rs::long\" = 81\n");
        let committed = || Some(Budget::of(&lower).unwrap());
        assert_eq!(rules(&lower, committed()), []);
        assert_eq!(rules(&higher, committed()), [(BUDGET, BUDGET_PATH.to_owned(), 3)]);
        assert_eq!(
            rules(&tree(""), committed()),
            [(FUNCTION, "src/a.rs".to_owned(), 1)]
        );
    }

    #[test]
    fn a_budget_that_nothing_needs_is_found_and_removed_by_shrinking() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("xtask")).unwrap();
        let budget = "[files]\n\"src/gone.rs\" = 500\n\n[functions]\n\"src/a.rs::long\" = 80\n";
        let mut tree = Tree::of(&[("src/a.rs", &function("long", 75)), (BUDGET_PATH, budget)]);
        tree.root = root.path().to_path_buf();
        assert_eq!(rules(&tree, None), [(BUDGET, BUDGET_PATH.to_owned(), 2)]);

        shrink(&tree).unwrap();
        let written = std::fs::read_to_string(root.path().join(BUDGET_PATH)).unwrap();
        assert!(
            written.ends_with("[files]\n\n[functions]\n\"src/a.rs::long\" = 75\n"),
            "{written}"
        );
    }
}
