//! Nothing in the tree knows one particular machine: no home folders, no addresses of package sources.

use super::finding::Finding;
use super::tree::Tree;

const RULE: &str = "places";
/// Starts of paths that exist on one machine only; in two halves, so that this file passes its own rule.
const MACHINE_PATHS: &[&str] = &[
    HOMES[0],
    HOMES[1],
    HOMES[2],
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/work", "space/"),
];
const HOMES: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers\\"),
];
/// Parts of a host name that mark it as a place where packages come from.
const PACKAGE_HOST_LABELS: &[&str] = &[
    "crates",
    "deb",
    "mirror",
    "mirrors",
    "npmjs",
    "pypi",
    "pythonhosted",
    "registry",
];
const TOP_LEVEL: &[&str] = &["com", "dev", "io", "net", "org"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (line, text) in file.lines() {
            // A test may make up a home folder; it never opens it.
            if let Some(path) = machine_path(text).filter(|path| !(file.is_test() && HOMES.contains(path))) {
                let advice =
                    format!("`{path}…` exists on one machine only; use a relative path or a setting");
                findings.push(Finding::new(&file.path, line, RULE, advice));
            }
            if let Some(host) = package_host(text) {
                let advice = format!(
                    "`{host}` is a package source; leave the choice of it to the tools' own settings"
                );
                findings.push(Finding::new(&file.path, line, RULE, advice));
            }
        }
    }
    findings
}

fn machine_path(text: &str) -> Option<&'static str> {
    MACHINE_PATHS.iter().copied().find(|path| {
        text.match_indices(path).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || "._-/}*~".contains(c))
        })
    })
}

fn package_host(text: &str) -> Option<&str> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    text.split(|c| !is_host(c)).find(|token| {
        let labels: Vec<&str> = token.trim_matches('.').split('.').collect();
        labels.len() >= 2
            && labels.last().is_some_and(|last| TOP_LEVEL.contains(last))
            && labels.iter().any(|label| PACKAGE_HOST_LABELS.contains(label))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folders_are_found_and_relative_paths_are_not() {
        assert_eq!(
            machine_path(&format!("cd {}x", MACHINE_PATHS[1])),
            Some(MACHINE_PATHS[1])
        );
        assert_eq!(
            machine_path(&format!("\"{}x\"", MACHINE_PATHS[3])),
            Some(MACHINE_PATHS[3])
        );
        assert_eq!(machine_path(&format!("web{}x", MACHINE_PATHS[3])), None);
        assert_eq!(machine_path("data/demo/market.db"), None);
    }

    #[test]
    fn tests_may_make_up_a_home_folder_and_nothing_else() {
        let text = format!("a(\"{}x\")\nb(\"{}x\")\n", HOMES[0], MACHINE_PATHS[3]);
        let tree = Tree::of(&[("src/a.rs", &text), ("src/a/tests/b.rs", &text)]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| (finding.path, finding.line))
            .collect();
        let expected = [("src/a.rs", 1), ("src/a.rs", 2), ("src/a/tests/b.rs", 2)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }

    #[test]
    fn package_sources_are_found_and_other_hosts_are_not() {
        let host = format!("{}.{}.org", PACKAGE_HOST_LABELS[7], PACKAGE_HOST_LABELS[4]);
        assert_eq!(
            package_host(&format!("\"resolved\": \"https://{host}/a/-/a-1.tgz\"")),
            Some(host.as_str())
        );
        assert_eq!(package_host("https://api.binance.com/api/v3/klines"), None);
        assert_eq!(package_host("mod registry; registry.register(x)"), None);
    }
}
