use std::time::Duration;

use super::*;

fn names(stdout: &str) -> Vec<String> {
    parse_names(stdout).iter().map(ToString::to_string).collect()
}

#[test]
fn names_are_sorted_once_each_and_nothing_else_counts() {
    assert_eq!(names("Zeta\nAlpha\n\nnot-a-strategy\n"), ["Alpha", "Zeta"]);
    assert_eq!(names("  Zeta \r\nZeta\nno name here\n"), ["Zeta"]);
    assert_eq!(names(""), [""; 0]);
}

#[test]
fn an_answer_holds_until_a_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.py");
    fs::write(&file, "a").unwrap();
    fs::create_dir(folder.path().join("more")).unwrap();
    let state = |recursive| SourceState::of(folder.path(), recursive).unwrap();
    let listings = Listings::default();
    let known = |recursive| {
        listings
            .get(folder.path(), recursive, &state(recursive))
            .map(|names| names.len())
    };
    assert_eq!(known(true), None);
    for recursive in [true, false] {
        listings.put(folder.path(), recursive, state(recursive), parse_names("One"));
    }
    assert_eq!((known(true), known(false)), (Some(1), Some(1)));
    fs::write(folder.path().join("note.txt"), "").unwrap();
    assert_eq!(known(true), Some(1), "no file of Python");
    fs::write(folder.path().join("more/two.py"), "").unwrap();
    assert_eq!((known(true), known(false)), (None, Some(1)));
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(past)
        .unwrap();
    assert_eq!(known(false), None);
    assert!(SourceState::of(&folder.path().join("nowhere"), true).is_err());
}
