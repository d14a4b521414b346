//! Just enough understanding of Rust text: what is code, where functions and test modules lie.

use std::ops::RangeInclusive;

/// The code of a Rust file with comments and literals blanked out, line for line.
#[derive(Debug)]
pub(crate) struct RustCode {
    chars: Vec<char>,
}

/// A function and its extent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Name as written.
    pub(crate) name: String,
    /// Lines from `fn` to the closing brace, counted from 1.
    pub(crate) lines: RangeInclusive<usize>,
}

impl RustCode {
    /// Blanks out everything that is not code.
    pub(crate) fn of(text: &str) -> Self {
        Self {
            chars: blank(&text.chars().collect::<Vec<_>>()),
        }
    }

    /// The code, as long as the original and with the same lines.
    pub(crate) fn text(&self) -> String {
        self.chars.iter().collect()
    }

    /// Every function with a body, nested ones included.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, word) in self.words() {
            if word != "fn" {
                continue;
            }
            let Some((name_at, name)) = self.word_after(at + 2) else {
                continue;
            };
            if let Some(open) = self.body_after(name_at + name.len())
                && let Some(close) = self.closing(open)
            {
                found.push(Function {
                    name,
                    lines: self.line(at)..=self.line(close),
                });
            }
        }
        found
    }

    /// Lines of the modules that are compiled for tests only.
    pub(crate) fn test_modules(&self) -> Vec<RangeInclusive<usize>> {
        const ATTRIBUTE: &str = "#[cfg(test)]";
        let attribute: Vec<char> = ATTRIBUTE.chars().collect();
        let starts = self
            .chars
            .windows(attribute.len())
            .enumerate()
            .filter(|(_, window)| *window == attribute);
        let mut found = Vec::new();
        for (at, _) in starts {
            let rest = at + attribute.len();
            if self.word_after(rest).is_some_and(|(_, word)| word == "mod")
                && let Some(open) = self.body_after(rest)
                && let Some(close) = self.closing(open)
            {
                found.push(self.line(at)..=self.line(close));
            }
        }
        found
    }

    fn line(&self, at: usize) -> usize {
        1 + self.chars[..at].iter().filter(|c| **c == '\n').count()
    }

    /// Identifiers and keywords with their positions.
    fn words(&self) -> Vec<(usize, String)> {
        let mut words = Vec::new();
        let mut at = 0;
        while at < self.chars.len() {
            if is_word(self.chars[at]) {
                let word: String = self.chars[at..].iter().take_while(|c| is_word(**c)).collect();
                let length = word.chars().count();
                words.push((at, word));
                at += length;
            } else {
                at += 1;
            }
        }
        words
    }

    /// The word that follows directly, after white space only.
    fn word_after(&self, at: usize) -> Option<(usize, String)> {
        let start = at + self.chars[at..].iter().take_while(|c| c.is_whitespace()).count();
        let word: String = self.chars[start..].iter().take_while(|c| is_word(**c)).collect();
        (!word.is_empty()).then_some((start, word))
    }

    /// Position of the `{` that opens the body, unless a `;` ends the item before.
    fn body_after(&self, at: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for (offset, c) in self.chars[at..].iter().enumerate() {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '{' if depth == 0 => return Some(at + offset),
                ';' if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// Position of the brace that closes the one at `open`.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_i32;
        for (offset, c) in self.chars[open..].iter().enumerate() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(open + offset);
            }
        }
        None
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Replaces comments and the inside of literals by spaces; line breaks stay.
fn blank(text: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
            ['/', '*', ..] => block_comment(rest),
            ['"', ..] => quoted(rest),
            ['r', ..] if at == 0 || !is_word(text[at - 1]) || is_byte_prefix(text, at) => raw_string(rest),
            ['\'', '\\', ..] => escaped_char(rest),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        if length == 0 {
            out.push(rest[0]);
            at += 1;
        } else {
            let length = length.min(rest.len());
            out.extend(rest[..length].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at += length;
        }
    }
    out
}

/// `br"…"` and `cr"…"`: the letter before belongs to the literal.
fn is_byte_prefix(text: &[char], at: usize) -> bool {
    matches!(text[at - 1], 'b' | 'c') && (at < 2 || !is_word(text[at - 2]))
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// `'\n'`, `'\''`, `'\u{1F600}'`: what follows the backslash is never the end.
fn escaped_char(rest: &[char]) -> usize {
    3 + rest.iter().skip(3).take_while(|c| **c != '\'').count() + 1
}

/// Length of a raw string, or 0 if this `r` starts something else.
fn raw_string(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let mut at = 2 + hashes;
    while at < rest.len() {
        if rest[at] == '"' && rest[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_line_for_line() {
        let text = r###"
let a = "fn one() { // no";   // fn two() {
let b = r#"fn three() { " "#; /* fn four() { /* nested */ } */
let c = ['{', '\'', '\u{7b}', b'"']; fn real<'a>(x: &'a str) {}
"###;
        let code = RustCode::of(text);
        assert_eq!(code.text().lines().count(), text.lines().count());
        let names: Vec<_> = code
            .functions()
            .into_iter()
            .map(|function| function.name)
            .collect();
        assert_eq!(names, ["real"]);
    }

    #[test]
    fn functions_are_measured_from_the_keyword_to_the_brace() {
        let code = RustCode::of(
            "/// Doc.\npub fn outer(x: [u8; 2]) -> u8\nwhere\n    u8: Copy,\n{\n    fn inner() {}\n    x[0]\n}\n\
             trait T {\n    fn declared(&self);\n}\ntype F = fn(u8) -> u8;\n",
        );
        let expected = [("outer", 2..=8), ("inner", 6..=6)];
        let expected = expected.map(|(name, lines)| Function {
            name: name.to_owned(),
            lines,
        });
        assert_eq!(code.functions(), expected);
    }

    #[test]
    fn raw_identifiers_and_lifetimes_are_code() {
        let code = RustCode::of("fn r#type<'r>(r: &'r u8) { let r = r; }");
        assert_eq!(code.text(), "fn r#type<'r>(r: &'r u8) { let r = r; }");
    }

    #[test]
    fn only_test_modules_with_a_body_count() {
        let code = RustCode::of("mod a {}\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nmod inline {\n}\n");
        assert_eq!(code.test_modules(), [4..=6]);
    }
}
