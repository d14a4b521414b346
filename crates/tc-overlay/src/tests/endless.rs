//! Memory follows the settings, not the length of history.

use tc_factor::{FoldMode, testing::market_stream};

use super::{one_minute_series, setup};
use crate::{FoldOutput, SeriesFold};

/// What the fold may take at default windows, by its own account.
const FOLD_BYTES: usize = 16 << 20;
/// How much more the process may hold at the end than after a tenth of the way.
#[cfg(target_os = "linux")]
const GROWTH_KIB: u64 = 32 << 10;

/// Memory that the process holds, KiB.
#[cfg(target_os = "linux")]
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn five_million_candles_in_bounded_memory() {
    const CANDLES: usize = 5_000_000;
    let series = one_minute_series();
    let mut fold = SeriesFold::genesis(&setup(50, 5, 2000), &series, FoldMode::Compute);
    let mut out = FoldOutput::default();
    let (mut events, mut checkpoints, mut largest_checkpoint) = (0, 0, 0);
    #[cfg(target_os = "linux")]
    let mut settled_kib = 0;
    for (n, candle) in market_stream(2_026).take(CANDLES).enumerate() {
        fold.compute(&candle, &mut out).unwrap();
        events += out.events.len();
        checkpoints += out.checkpoints.len();
        for checkpoint in out.checkpoints.drain(..) {
            largest_checkpoint = largest_checkpoint.max(checkpoint.encode().len());
        }
        out.events.clear();
        out.settled.clear();
        if (n + 1) % 100_000 == 0 {
            let bytes = fold.heap_bytes();
            assert!(bytes <= FOLD_BYTES, "{bytes} bytes after {n} candles");
        }
        #[cfg(target_os = "linux")]
        if n == CANDLES / 10 {
            settled_kib = resident_kib();
        }
    }
    #[cfg(target_os = "linux")]
    {
        let kib = resident_kib();
        assert!(
            kib <= settled_kib + GROWTH_KIB,
            "{settled_kib} KiB became {kib} KiB"
        );
    }
    assert_eq!(checkpoints, CANDLES / 512);
    assert!(
        largest_checkpoint <= 64 << 10,
        "{largest_checkpoint} bytes in one checkpoint"
    );
    assert!(events > CANDLES / 20, "{events} events: the series is not dull");
}
