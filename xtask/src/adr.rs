//! `cargo xtask new adr <title>`: the next decision record, and its line in the index.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};

use crate::checkout::Checkout;

const FOLDER: &str = "docs/adr";
const INDEX: &str = "README.md";

/// Creates the record and lists it.
pub(crate) fn create(checkout: &Checkout, title: &str) -> Result<ExitCode> {
    let file = create_in(&checkout.root.join(FOLDER), title)?;
    println!("wrote {FOLDER}/{file} and listed it in {FOLDER}/{INDEX}");
    Ok(ExitCode::SUCCESS)
}

fn create_in(folder: &Path, title: &str) -> Result<String> {
    let title = sentence(title);
    let slug = slug(&title);
    ensure!(!slug.is_empty(), "a title needs at least one letter or digit");
    let number = next_number(folder)?;
    let file = format!("{number:04}-{slug}.md");
    let record = format!(
        "# {number:04} {title}\n\n## Context\n\nWhat forces a choice, and what is known about it.\n\n\
         ## Decision\n\nWhat is done from now on.\n\n## Consequences\n\nWhat becomes easier, what becomes harder.\n\n\
         ## Alternatives\n\nWhat else was possible, and why it was not chosen.\n"
    );
    std::fs::write(folder.join(&file), record).with_context(|| format!("cannot write {file}"))?;

    let index = folder.join(INDEX);
    let mut listed = std::fs::read_to_string(&index).context("the index of decision records is missing")?;
    if !listed.ends_with('\n') {
        listed.push('\n');
    }
    listed.push_str(&format!("- [{number:04}]({file}) {title}\n"));
    std::fs::write(&index, listed)?;
    Ok(file)
}

fn next_number(folder: &Path) -> Result<u32> {
    let mut highest = 0;
    for entry in folder
        .read_dir()
        .with_context(|| format!("cannot list {}", folder.display()))?
    {
        let name = entry?.file_name();
        let digits: String = name
            .to_string_lossy()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        highest = highest.max(digits.parse().unwrap_or(0));
    }
    Ok(highest + 1)
}

/// `one-writer` and `one writer` both become `One writer`.
fn sentence(title: &str) -> String {
    let spaced = if title.contains(' ') {
        title.trim().to_owned()
    } else {
        title.replace('-', " ")
    };
    let mut letters = spaced.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

fn slug(title: &str) -> String {
    let words = title
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_gets_the_next_number_and_a_line_in_the_index() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join(INDEX),
            "# Decisions\n\n- [0007](0007-old.md) Old",
        )
        .unwrap();
        std::fs::write(folder.path().join("0007-old.md"), "# 0007 Old\n").unwrap();

        let file = create_in(folder.path(), "One writer, many readers").unwrap();

        assert_eq!(file, "0008-one-writer-many-readers.md");
        let index = std::fs::read_to_string(folder.path().join(INDEX)).unwrap();
        assert!(index.ends_with("Old\n- [0008](0008-one-writer-many-readers.md) One writer, many readers\n"));
        let record = std::fs::read_to_string(folder.path().join(&file)).unwrap();
        assert!(record.starts_with("# 0008 One writer, many readers\n\n## Context\n"));
    }

    #[test]
    fn a_slug_is_a_title_too() {
        assert_eq!(sentence("closed-candles-only"), "Closed candles only");
        assert_eq!(slug("Ça va? B2B!"), "a-va-b2b");
        assert!(create_in(tempfile::tempdir().unwrap().path(), "?!").is_err());
    }
}
