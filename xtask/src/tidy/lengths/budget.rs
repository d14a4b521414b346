//! The budget file: what is allowed to be longer than the limit, and how long.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use xshell::cmd;

use super::BUDGET_PATH;
use crate::checkout::Checkout;
use crate::tidy::tree::Tree;

const HEADER: &str = "\
# Files over 400 lines and functions over 70, with the length they may have.
# The numbers only go down: `cargo xtask tidy --shrink` lowers them to what the code needs.
";

/// Allowed lengths in lines: files by path, functions by `path::name`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget {
    pub(super) files: BTreeMap<String, usize>,
    pub(super) functions: BTreeMap<String, usize>,
    text: String,
}

/// The committed budget before the present one; none where the history has no other.
pub(crate) fn committed_budget(checkout: &Checkout) -> Result<Option<Budget>> {
    let sh = checkout.shell()?;
    let present = std::fs::read_to_string(checkout.root.join(BUDGET_PATH)).unwrap_or_default();
    let log = cmd!(sh, "git log -n 2 --format=%H -- {BUDGET_PATH}")
        .quiet()
        .ignore_stderr();
    for commit in log.read().unwrap_or_default().lines() {
        let object = format!("{commit}:{BUDGET_PATH}");
        let shown = cmd!(sh, "git show {object}").quiet().ignore_stderr().read();
        if let Ok(text) = shown
            && text.trim() != present.trim()
        {
            return Budget::parse(&text).map(Some);
        }
    }
    Ok(None)
}

impl Budget {
    /// The budget in the tree; empty without a file.
    pub(super) fn of(tree: &Tree) -> Result<Self> {
        Self::parse(tree.file(BUDGET_PATH).map_or("", |file| &file.text))
    }

    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text
            .parse()
            .with_context(|| format!("{BUDGET_PATH} is not valid TOML"))?;
        let section = |name: &str| -> Result<BTreeMap<String, usize>> {
            let entries = table
                .get(name)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten();
            entries
                .map(|(key, value)| Ok((key.clone(), lines(key, value)?)))
                .collect()
        };
        Ok(Self {
            files: section("files")?,
            functions: section("functions")?,
            text: text.to_owned(),
        })
    }

    /// Every entry of the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.files.keys().chain(self.functions.keys())
    }

    /// Entries that allow more than they did, with what to do about each.
    pub(super) fn grown_since(&self, committed: &Self) -> Vec<(String, String)> {
        let before: BTreeMap<_, _> = committed.files.iter().chain(&committed.functions).collect();
        let now = self.files.iter().chain(&self.functions);
        let advice = |key: &String, lines: usize| match before.get(key) {
            None => Some("a new entry; budgets only shrink, so split what is too long instead".to_owned()),
            Some(was) if lines > **was => Some(format!(
                "{lines} was {was}; budgets only shrink, so split what grew instead"
            )),
            Some(_) => None,
        };
        now.filter_map(|(key, lines)| Some((key.clone(), advice(key, *lines)?)))
            .collect()
    }

    /// Line of an entry in the file, counted from 1.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let quoted = format!("\"{key}\"");
        1 + self
            .text
            .lines()
            .position(|line| line.starts_with(&quoted))
            .unwrap_or(0)
    }

    /// Lowers each entry to the length that is needed, and drops it where none is.
    pub(super) fn shrink_to(
        &mut self,
        file: impl Fn(&str) -> Option<usize>,
        function: impl Fn(&str) -> Option<usize>,
    ) {
        let lower = |entries: &mut BTreeMap<String, usize>, needed: &dyn Fn(&str) -> Option<usize>| {
            entries.retain(|key, lines| match needed(key) {
                Some(needed) => {
                    *lines = needed.min(*lines);
                    true
                }
                None => false,
            });
        };
        lower(&mut self.files, &file);
        lower(&mut self.functions, &function);
    }

    /// Writes the file.
    pub(super) fn write(&self, root: &Path) -> Result<()> {
        let mut text = String::from(HEADER);
        for (name, entries) in [("files", &self.files), ("functions", &self.functions)] {
            _ = writeln!(text, "\n[{name}]");
            entries
                .iter()
                .for_each(|(key, lines)| _ = writeln!(text, "\"{key}\" = {lines}"));
        }
        std::fs::write(root.join(BUDGET_PATH), text).with_context(|| format!("cannot write {BUDGET_PATH}"))
    }
}

fn lines(key: &str, value: &toml::Value) -> Result<usize> {
    let number = value.as_integer().and_then(|number| usize::try_from(number).ok());
    number.with_context(|| format!("{BUDGET_PATH}: the budget of {key:?} is a number of lines"))
}
