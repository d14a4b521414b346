//! Python writes numbers that JSON does not have: `NaN`, `Infinity` and `-Infinity`. They are read as `null`.

use std::io::{self, Read};

const CHUNK: usize = 64 << 10;

/// JSON without such numbers, whatever the bytes below it hold.
pub(super) struct PlainJson<R> {
    inner: R,
    /// What is ready, and how much of it was taken.
    ready: (Vec<u8>, usize),
    /// Letters, digits and signs outside of a text, as far as they have come.
    word: Vec<u8>,
    in_text: bool,
    after_backslash: bool,
}

impl<R: Read> PlainJson<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            ready: (Vec::new(), 0),
            word: Vec::new(),
            in_text: false,
            after_backslash: false,
        }
    }

    /// Makes more bytes ready; false at the end.
    fn refill(&mut self) -> io::Result<bool> {
        let mut chunk = vec![0; CHUNK];
        let read = self.inner.read(&mut chunk)?;
        self.ready.0.clear();
        self.ready.1 = 0;
        for byte in &chunk[..read] {
            self.take(*byte);
        }
        if read == 0 {
            self.end_word();
        }
        Ok(read > 0 || !self.ready.0.is_empty())
    }

    fn take(&mut self, byte: u8) {
        if self.in_text {
            self.ready.0.push(byte);
            match byte {
                _ if self.after_backslash => self.after_backslash = false,
                b'\\' => self.after_backslash = true,
                b'"' => self.in_text = false,
                _ => {}
            }
        } else if byte.is_ascii_alphanumeric() || byte == b'-' {
            self.word.push(byte);
        } else {
            self.end_word();
            self.in_text = byte == b'"';
            self.ready.0.push(byte);
        }
    }

    fn end_word(&mut self) {
        let is_number = matches!(
            self.word.as_slice(),
            b"NaN" | b"-NaN" | b"Infinity" | b"-Infinity"
        );
        let word: &[u8] = if is_number { b"null" } else { &self.word };
        self.ready.0.extend_from_slice(word);
        self.word.clear();
    }
}

impl<R: Read> Read for PlainJson<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.1 == self.ready.0.len() {
            if !self.refill()? {
                return Ok(0);
            }
        }
        let waiting = &self.ready.0[self.ready.1..];
        let count = waiting.len().min(buffer.len());
        buffer[..count].copy_from_slice(&waiting[..count]);
        self.ready.1 += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one byte at a time, so that every word is cut everywhere.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (first, rest) = self.0.split_at(self.0.len().min(1));
            self.0 = rest;
            buffer[..first.len()].copy_from_slice(first);
            Ok(first.len())
        }
    }

    fn plain(text: &str) -> String {
        let mut whole = String::new();
        PlainJson::new(text.as_bytes())
            .read_to_string(&mut whole)
            .unwrap();
        let mut dripped = String::new();
        PlainJson::new(Dripping(text.as_bytes()))
            .read_to_string(&mut dripped)
            .unwrap();
        assert_eq!(whole, dripped);
        whole
    }

    #[test]
    fn numbers_that_are_none_become_null() {
        assert_eq!(
            plain(r#"{"a": NaN, "b":-Infinity,"c":[Infinity]}"#),
            r#"{"a": null, "b":null,"c":[null]}"#
        );
        assert_eq!(plain("NaN"), "null");
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            r#"{"NaN": "Infinity -Infinity \" NaN \\", "n": [-1.5e-3, 1E+5, true, false, null]}"#,
            "",
            "NaNo",
            r#""\\" NaN2"#,
        ] {
            assert_eq!(plain(text), text);
        }
    }
}
