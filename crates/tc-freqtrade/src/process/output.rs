//! What is kept of a stream that may be long.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest line that is told; the rest of a longer one is told as further lines.
const LONGEST_LINE: usize = 4_096;

/// Bytes that are kept of a stream: all of it, up to the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Of its beginning. Something left out is marked when there is a beginning.
    pub first: usize,
    /// Of its end.
    pub last: usize,
}

impl Kept {
    /// What a client may be shown: 1 MiB.
    pub const SHOWN: Self = Self {
        first: 64 << 10,
        last: 960 << 10,
    };
}

/// See [`Kept`].
#[derive(Debug)]
pub(super) struct Keeper {
    kept: Kept,
    first: Vec<u8>,
    last: VecDeque<u8>,
    left_out: usize,
}

impl Keeper {
    pub(super) fn new(kept: Kept) -> Self {
        Self {
            kept,
            first: Vec::new(),
            last: VecDeque::new(),
            left_out: 0,
        }
    }

    /// Reads to the end; each complete line is told as it comes.
    pub(super) async fn fill(
        &mut self,
        stream: Option<impl AsyncRead + Unpin>,
        on_line: Option<&(dyn Fn(&str) + Send + Sync)>,
    ) {
        let Some(mut stream) = stream else {
            return;
        };
        let mut chunk = vec![0_u8; 16 << 10];
        let mut line = Vec::new();
        // A stream that cannot be read is no reason to give the run up.
        while let Ok(read @ 1..) = stream.read(&mut chunk).await {
            self.add(&chunk[..read]);
            if let Some(on_line) = on_line {
                tell(&mut line, &chunk[..read], on_line);
            }
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = self.kept.first.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..room]);
        self.last.extend(&bytes[room..]);
        let surplus = self.last.len().saturating_sub(self.kept.last);
        self.last.drain(..surplus);
        self.left_out += surplus;
    }

    /// What is kept, as text.
    pub(super) fn text(self) -> String {
        let last: Vec<u8> = self.last.into();
        let mut text = String::from_utf8_lossy(&self.first).into_owned();
        if self.left_out > 0 && self.kept.first > 0 {
            text.push_str(&format!("\n[… {} bytes left out …]\n", self.left_out));
        }
        text.push_str(&String::from_utf8_lossy(&last));
        text
    }
}

fn tell(line: &mut Vec<u8>, bytes: &[u8], on_line: &(dyn Fn(&str) + Send + Sync)) {
    for byte in bytes {
        let is_end = matches!(byte, b'\n' | b'\r');
        if !is_end {
            line.push(*byte);
        }
        if (is_end && !line.is_empty()) || line.len() == LONGEST_LINE {
            on_line(&String::from_utf8_lossy(line));
            line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn kept(first: usize, last: usize, chunks: &[&str]) -> String {
        let mut keeper = Keeper::new(Kept { first, last });
        for chunk in chunks {
            keeper.add(chunk.as_bytes());
        }
        keeper.text()
    }

    #[test]
    fn a_short_stream_is_kept_whole() {
        assert_eq!(kept(2, 3, &["ab", "cde"]), "abcde");
        assert_eq!(kept(2, 3, &["abcde"]), "abcde");
        assert_eq!(kept(0, 3, &[]), "");
    }

    #[test]
    fn of_a_long_one_the_beginning_and_the_end() {
        assert_eq!(kept(2, 3, &["abcdef"]), "ab\n[… 1 bytes left out …]\ndef");
        assert_eq!(
            kept(2, 3, &["a", "bcdef", "gh"]),
            "ab\n[… 3 bytes left out …]\nfgh"
        );
        assert_eq!(kept(0, 3, &["abcdef"]), "def");
    }

    #[tokio::test]
    async fn lines_are_told_wherever_they_are_cut() {
        let told = Mutex::new(Vec::new());
        let note = |line: &str| told.lock().unwrap().push(line.to_owned());
        let mut line = Vec::new();
        for bytes in ["on", "e\ntw", "o\r\n\nthr", "ee"] {
            tell(&mut line, bytes.as_bytes(), &note);
        }
        tell(&mut Vec::new(), "x".repeat(LONGEST_LINE + 1).as_bytes(), &note);
        let told = told.lock().unwrap();
        assert_eq!(told[..2], ["one", "two"]);
        assert_eq!(
            told[2..].iter().map(String::len).collect::<Vec<_>>(),
            [LONGEST_LINE]
        );
    }
}
