//! What leaves the process is declared in one kind of place, so that a rename inside breaks no client.

use super::finding::Finding;
use super::rust_source::RustCode;
use super::tree::Tree;

const RULE: &str = "wire-types";
const DERIVE: &str = "ToSchema";
const SERVER: &str = "crates/tc-server/src/";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree
        .rust()
        .filter(|file| file.path.starts_with("crates/") && !may_declare(&file.path))
    {
        if !file.text.contains(DERIVE) {
            continue;
        }
        let code = RustCode::of(&file.text).text();
        for (line, text) in (1..).zip(code.lines()).filter(|(_, text)| text.contains(DERIVE)) {
            let imports = text.trim_start().starts_with("use ");
            if !imports {
                let advice =
                    "declare wire types in `dto.rs` or `ws/messages.rs` of tc-server and convert into them";
                findings.push(Finding::new(&file.path, line, RULE, advice));
            }
        }
    }
    findings
}

fn may_declare(path: &str) -> bool {
    let Some(inside) = path.strip_prefix(SERVER) else {
        return false;
    };
    let inside = format!("/{inside}");
    ["/dto.rs", "/ws/messages.rs"]
        .iter()
        .any(|place| inside.ends_with(place))
        || ["/dto/", "/ws/messages/"]
            .iter()
            .any(|place| inside.contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_outside_of_the_wire_modules_are_found() {
        let text = "// ToSchema\nuse utoipa::ToSchema;\n#[derive(ToSchema)]\nstruct A;\n";
        let tree = Tree::of(&[
            ("crates/tc-server/src/resources/market/dto.rs", text),
            ("crates/tc-server/src/resources/market/ws/messages.rs", text),
            ("crates/tc-server/src/ws/messages/client.rs", text),
            ("crates/tc-server/src/hub.rs", text),
            ("crates/tc-read/src/dto.rs", text),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|finding| (finding.path, finding.line))
            .collect();
        let expected = [
            ("crates/tc-server/src/hub.rs", 3),
            ("crates/tc-read/src/dto.rs", 3),
        ];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }
}
