//! `cargo xtask new factor <name>`: a folder with a factor that runs, and its line in the registry.
//!
//! [`prove`] does the same in a copy of the tree and asks whether the result compiles, is clean and passes its tests.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use xshell::{Shell, cmd};

use crate::checkout::{Checkout, unnested};

const PACKAGE: &str = "tc-factor";
const FOLDER: &str = "crates/tc-factor/src/factors";
const REGISTRY: &str = "crates/tc-factor/src/factors.rs";
const RECIPE: &str = "docs/howto/add-a-factor.md";

/// Files of a new factor. `__name__`, `__Name__` and `__Title__` stand for its name, its type and its label.
const TEMPLATES: &[(&str, &str)] = &[
    ("mod.rs", include_str!("factor/mod.rs.template")),
    ("params.rs", include_str!("factor/params.rs.template")),
    ("tests.rs", include_str!("factor/tests.rs.template")),
];

/// Names that cannot be a module, and names whose type would be one that a new factor uses already.
const TAKEN: &[&str] = &[
    "as",
    "async",
    "await",
    "box",
    "break",
    "candle_window",
    "codec_error",
    "const",
    "continue",
    "crate",
    "dyn",
    "else",
    "enum",
    "event_sink",
    "extern",
    "factor",
    "factor_spec",
    "false",
    "fn",
    "fold_mode",
    "for",
    "gen",
    "head",
    "head_rule",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "option",
    "params",
    "pub",
    "reader",
    "ref",
    "result",
    "return",
    "self",
    "serialize",
    "slice",
    "slice_input",
    "static",
    "stored_events",
    "struct",
    "super",
    "tests",
    "tick",
    "trait",
    "true",
    "type",
    "unsafe",
    "use",
    "vec",
    "vec_deque",
    "where",
    "while",
    "yield",
];

/// Name of the factor that [`prove`] adds.
const PROBE: &str = "scaffold_probe";
/// What a copy of the tree has to have for the factor crate to build and pass its tests.
const COPIED: &[&str] = &[
    ".cargo/",
    "crates/",
    "fuzz/Cargo.toml",
    "fuzz/src/",
    "golden/factors/",
    "xtask/",
];

/// Creates the factor and registers it.
pub(crate) fn create(checkout: &Checkout, name: &str) -> Result<ExitCode> {
    create_in(&checkout.root, name)?;
    let sh = checkout.shell()?;
    unnested(cmd!(sh, "cargo fmt --package {PACKAGE}")).run()?;
    println!(
        "wrote {FOLDER}/{name}/ and listed it in {REGISTRY}; it runs, is invisible by default and emits nothing"
    );
    println!("try it:   cargo nextest run --package {PACKAGE} {name}");
    println!("go on:    {RECIPE}");
    println!("at last:  record a case of it as golden/factors/{name}_<case>/ once what it finds is settled");
    Ok(ExitCode::SUCCESS)
}

/// Adds a factor to a copy of the tree, and takes the copy away again whatever comes out.
pub(crate) fn prove(checkout: &Checkout) -> Result<()> {
    let place = checkout.target.join("scaffold");
    let tree = place.join("tree");
    remove(&tree)?;
    let proven = copy(checkout, &tree).and_then(|()| prove_in(&tree, &place.join("target")));
    remove(&tree)?;
    proven
}

fn prove_in(tree: &Path, target: &Path) -> Result<()> {
    create_in(tree, PROBE)?;
    let sh = Shell::new()?;
    sh.change_dir(tree);
    // A folder of its own: crates of two trees would take turns in one and be built again each time.
    let _target = sh.push_env("CARGO_TARGET_DIR", target);
    unnested(cmd!(sh, "cargo fmt --package {PACKAGE}")).run()?;
    let clippy = cmd!(
        sh,
        "cargo clippy --package {PACKAGE} --all-targets --locked -- -D warnings"
    );
    unnested(clippy).run()?;
    let tests = unnested(cmd!(
        sh,
        "cargo test --package {PACKAGE} --lib --locked -- factors::{PROBE}::"
    ));
    let output = tests.read()?;
    ensure!(
        output.contains("test result: ok") && !output.contains(" 0 passed"),
        "the tests of the new factor did not run:\n{output}"
    );
    Ok(())
}

fn copy(checkout: &Checkout, tree: &Path) -> Result<()> {
    for path in checkout.files()? {
        let name = path.to_string_lossy().replace('\\', "/");
        let wanted = !name.contains('/') || COPIED.iter().any(|folder| name.starts_with(folder));
        if !wanted {
            continue;
        }
        let to = tree.join(&path);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(checkout.root.join(&path), &to).with_context(|| format!("cannot copy {name}"))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the folder and the registration into the tree at `root`; nothing is written when a check fails.
fn create_in(root: &Path, name: &str) -> Result<()> {
    let valid = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    ensure!(valid, "a factor is called [a-z][a-z0-9_]*, not {name:?}");
    ensure!(
        !TAKEN.contains(&name),
        "{name} means something else here; choose another name"
    );
    let folder = root.join(FOLDER).join(name);
    ensure!(!folder.exists(), "{FOLDER}/{name} is there already");
    let registry = root.join(REGISTRY);
    let text = fs::read_to_string(&registry).with_context(|| format!("{REGISTRY} is missing"))?;
    let registered = registered(&text, name)?;

    fs::create_dir(&folder)?;
    for (file, template) in TEMPLATES {
        let text = template
            .replace("__name__", name)
            .replace("__Name__", &words(name).concat())
            .replace("__Title__", &words(name).join(" "));
        fs::write(folder.join(file), text)?;
    }
    fs::write(&registry, registered)?;
    Ok(())
}

/// The registry with one more factor: module and entry, both in name order.
fn registered(text: &str, name: &str) -> Result<String> {
    let unlike = || format!("{REGISTRY} does not look as expected: `pub mod …;` lines, then one slice");
    let (before, rest) = text.split_once("pub mod ").with_context(unlike)?;
    let (modules, rest) = rest.split_once("\n\n").with_context(unlike)?;
    let (between, rest) = rest.split_once("= &[").with_context(unlike)?;
    let (entries, after) = rest.split_once("];").with_context(unlike)?;

    let mut modules: Vec<&str> = modules
        .lines()
        .map(|line| line.trim_start_matches("pub mod ").trim_end_matches(';'))
        .collect();
    let mut factors: Vec<&str> = entries
        .split(',')
        .filter_map(|entry| entry.trim().strip_suffix("::SPEC"))
        .collect();
    for list in [&mut modules, &mut factors] {
        ensure!(!list.contains(&name), "{name} is registered already");
        list.push(name);
        list.sort_unstable();
    }
    let modules: String = modules
        .iter()
        .map(|module| format!("pub mod {module};\n"))
        .collect();
    let entries: Vec<String> = factors.iter().map(|factor| format!("{factor}::SPEC")).collect();
    Ok(format!(
        "{before}{modules}\n{between}= &[{}];{after}",
        entries.join(", ")
    ))
}

/// `moving_average` is `Moving` and `Average`.
fn words(name: &str) -> Vec<String> {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    };
    name.split('_')
        .filter(|word| !word.is_empty())
        .map(capitalised)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "//! Factors.\n\nuse crate::FactorSpec;\n\npub mod pen;\npub mod sr;\n\n\
        /// All.\npub const FACTORS: &[FactorSpec] = &[pen::SPEC, sr::SPEC];\n";

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join(FOLDER)).unwrap();
        fs::write(root.path().join(REGISTRY), BEFORE).unwrap();
        root
    }

    fn read(root: &tempfile::TempDir, path: &str) -> String {
        fs::read_to_string(root.path().join(path)).unwrap()
    }

    #[test]
    fn a_factor_is_a_folder_and_a_line_in_name_order() {
        let root = tree();
        create_in(root.path(), "rate_of_change").unwrap();
        assert_eq!(
            read(&root, REGISTRY),
            "//! Factors.\n\nuse crate::FactorSpec;\n\npub mod pen;\npub mod rate_of_change;\npub mod sr;\n\n\
             /// All.\npub const FACTORS: &[FactorSpec] = &[pen::SPEC, rate_of_change::SPEC, sr::SPEC];\n"
        );
        let factor = read(&root, &format!("{FOLDER}/rate_of_change/mod.rs"));
        assert!(factor.starts_with("//! Rate Of Change: "), "{factor}");
        for expected in ["pub struct RateOfChange {", "NAME: &str = \"rate_of_change\""] {
            assert!(factor.contains(expected), "{expected} is not in\n{factor}");
        }
        for (file, _) in TEMPLATES {
            assert!(!read(&root, &format!("{FOLDER}/rate_of_change/{file}")).contains("__"));
        }
    }

    #[test]
    fn a_list_over_several_lines_is_read_as_well() {
        let text = BEFORE.replace("&[pen::SPEC, sr::SPEC]", "&[\n    pen::SPEC,\n    sr::SPEC,\n]");
        let registered = registered(&text, "pen2").unwrap();
        assert!(
            registered.contains("&[pen::SPEC, pen2::SPEC, sr::SPEC];"),
            "{registered}"
        );
    }

    #[test]
    fn a_refusal_writes_nothing() {
        let root = tree();
        for refused in ["", "Sma", "2x", "a-b", "über", "type", "tick", "pen"] {
            assert!(create_in(root.path(), refused).is_err(), "{refused:?}");
        }
        fs::create_dir(root.path().join(FOLDER).join("there")).unwrap();
        assert!(create_in(root.path(), "there").is_err());
        assert_eq!(read(&root, REGISTRY), BEFORE);
        let folders = fs::read_dir(root.path().join(FOLDER)).unwrap();
        assert_eq!(folders.count(), 1);
    }

    #[test]
    fn the_registry_of_this_tree_is_as_expected() {
        let text = include_str!("../../crates/tc-factor/src/factors.rs");
        let with = registered(text, "zzz").unwrap();
        assert!(
            with.contains("pub mod zzz;\n\n") && with.contains("zzz::SPEC];"),
            "{with}"
        );
    }
}
