//! The known name that a mistyped one probably means.

/// The candidate with the fewest single-letter changes from `text`; the first of equals.
pub(crate) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .min_by_key(|candidate| distance(text, candidate))
}

/// Like [`nearest`], but none when more than a third of the letters differ.
pub(crate) fn close<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(text, candidates).filter(|candidate| 3 * distance(text, candidate) <= text.chars().count())
}

/// Letters to insert, remove, replace, or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{close, distance, nearest};

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("port", "port", 0),
            ("prot", "port", 1),
            ("prt", "port", 1),
            ("sport", "port", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn first_of_the_nearest() {
        assert_eq!(nearest("hots", ["port", "host", "hosts"]), Some("host"));
        assert_eq!(nearest("x", []), None);
        assert_eq!(close("hots", ["port", "host"]), Some("host"));
        assert_eq!(close("completely_else", ["port", "host"]), None);
    }

    proptest! {
        #[test]
        fn is_symmetric_and_zero_only_for_equals(a in "[a-c_]{0,8}", b in "[a-c_]{0,8}") {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
        }
    }
}
