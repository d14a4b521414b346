//! `cargo xtask tidy`: the project's own rules, those that no general tool knows.
//!
//! Every rule is a function from the tree to findings, one file per rule. A finding says where,
//! which rule, and what to do about it.

mod bucket_names;
mod dependencies;
mod excerpts;
mod finding;
mod lengths;
mod links;
mod markers;
mod module_docs;
mod places;
mod registries;
mod rust_source;
mod tree;
mod wire_types;

use std::process::ExitCode;

use anyhow::Result;

use crate::checkout::Checkout;
use finding::Finding;
use tree::Tree;

/// Checks all rules, prints the findings, and with `shrink` lowers the length budgets first.
pub(crate) fn run(checkout: &Checkout, shrink: bool) -> Result<ExitCode> {
    if shrink {
        lengths::shrink(&Tree::read(checkout)?)?;
    }
    Ok(match findings(checkout)? {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Prints every finding and returns how many there are.
pub(crate) fn findings(checkout: &Checkout) -> Result<usize> {
    let tree = Tree::read(checkout)?;
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(dependencies::check(&checkout.metadata, &tree));
    findings.extend(lengths::check(&tree, &lengths::committed_budget(checkout)?)?);
    for rule in [
        bucket_names::check,
        excerpts::check,
        links::check,
        markers::check,
        module_docs::check,
        places::check,
        registries::check,
        wire_types::check,
    ] {
        findings.extend(rule(&tree));
    }
    findings.sort();
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("tidy: {} findings in {} files", findings.len(), tree.files.len());
    Ok(findings.len())
}
