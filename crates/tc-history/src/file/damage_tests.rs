//! Damaged bytes: every decoder answers, with candles or with an error.

use std::fs;

use proptest::prelude::*;

use super::tests::samples;
use crate::LAYOUTS;

/// Decodes, and checks what came out if anything did.
fn survives(file: &super::CandleFile, bytes: Vec<u8>) -> Result<(), TestCaseError> {
    if let Ok(decoded) = file.decode_bytes(bytes, None) {
        prop_assert!(decoded.candles.is_sorted_by(|a, b| a.time() < b.time()));
        let report = &decoded.report;
        let others =
            report.null_rows + report.duplicate_rows + report.unfinished_rows + report.left_out_rows();
        prop_assert_eq!(report.rows, decoded.candles.len() as u64 + others);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn flipped_bits(
        which in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u32..8), 1..6),
    ) {
        let good: Vec<_> = samples("good").into_values().collect();
        let file = which.get(&good);
        let mut bytes = fs::read(&file.path).unwrap();
        for (at, bit) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        survives(file, bytes)?;
    }

    #[test]
    fn replaced_runs(
        which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        run in prop::collection::vec(prop_oneof![Just(0u8), Just(0xff), any::<u8>()], 1..12),
    ) {
        let good: Vec<_> = samples("good").into_values().collect();
        let file = which.get(&good);
        let mut bytes = fs::read(&file.path).unwrap();
        let at = at.index(bytes.len());
        for (byte, new) in bytes[at..].iter_mut().zip(run) {
            *byte = new;
        }
        survives(file, bytes)?;
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for layout in LAYOUTS {
            let file = super::CandleFile {
                path: "any".into(), series: "a:b:C/D:1m".parse().unwrap(), layout, period: None, size_bytes: 0,
            };
            survives(&file, bytes.clone())?;
        }
    }
}

/// Cut off anywhere, a file does not decode. Plain CSV is excepted: it has no end mark.
#[test]
fn cut_short() {
    for (name, file) in samples("good")
        .into_iter()
        .filter(|(name, _)| !name.ends_with(".csv"))
    {
        let whole = fs::read(&file.path).unwrap();
        for length in (0..whole.len()).filter(|length| length % 7 == 0 || whole.len() - length < 12) {
            let decoded = file.decode_bytes(whole[..length].to_vec(), None);
            assert!(
                decoded.is_err(),
                "{name} cut to {length} of {} bytes",
                whole.len()
            );
        }
    }
}
