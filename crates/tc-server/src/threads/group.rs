//! Which waiting jobs share a commit.

use std::collections::{BTreeSet, VecDeque};

use tc_ingest::{Job, MAX_GROUP_CANDLES, MAX_GROUP_JOBS};
use tc_market::SeriesId;

/// Takes the oldest job and those after it that may share its commit: of different series, within the limits.
///
/// Jobs of one series keep their order. A single job larger than the limit goes alone.
pub(super) fn take_group<T>(waiting: &mut VecDeque<T>, job_of: impl Fn(&T) -> &Job) -> Vec<T> {
    let mut series: BTreeSet<SeriesId> = BTreeSet::new();
    let mut group = Vec::new();
    let mut later = VecDeque::new();
    let mut candles = 0;
    while let Some(entry) = waiting.pop_front() {
        let job = job_of(&entry);
        let fits = group.is_empty() || candles + job.candle_count() <= MAX_GROUP_CANDLES;
        if group.len() >= MAX_GROUP_JOBS || !fits {
            waiting.push_front(entry);
            break;
        }
        if series.insert(job.series().clone()) {
            candles += job.candle_count();
            group.push(entry);
        } else {
            later.push_back(entry);
        }
    }
    later.append(waiting);
    *waiting = later;
    group
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tc_ingest::{JobInput, JobOrigin, LatePolicy, PublishPolicy};
    use tc_market::{Candle, CandleBatch, CandleTime};

    use super::*;

    fn job(series: u32, candles: usize) -> Job {
        let id: SeriesId = format!("binance:spot:S{series}/USDT:1m").parse().unwrap();
        let input = if candles == 0 {
            JobInput::Refresh {
                series: id,
                up_to: CandleTime::MAX,
            }
        } else {
            let candle = |i: usize| {
                let time = CandleTime::clamped(60 * (1 + i64::try_from(i).unwrap()));
                Candle::new(time, 1.0, 1.0, 1.0, 1.0, 1.0).unwrap()
            };
            JobInput::Batch(CandleBatch::new(id, (0..candles).map(candle).collect()).unwrap())
        };
        Job {
            input,
            publish: PublishPolicy::Everything,
            late: LatePolicy::Fold,
            origin: JobOrigin::Ingest,
        }
    }

    fn groups(mut waiting: VecDeque<(usize, Job)>) -> Vec<Vec<usize>> {
        let mut groups = Vec::new();
        while !waiting.is_empty() {
            groups.push(
                take_group(&mut waiting, |entry| &entry.1)
                    .iter()
                    .map(|entry| entry.0)
                    .collect(),
            );
        }
        groups
    }

    fn queue(jobs: impl IntoIterator<Item = (u32, usize)>) -> VecDeque<(usize, Job)> {
        jobs.into_iter()
            .enumerate()
            .map(|(i, (series, candles))| (i, job(series, candles)))
            .collect()
    }

    #[test]
    fn different_series_share_a_group_and_one_series_keeps_its_order() {
        assert_eq!(
            groups(queue([(1, 1), (2, 1), (1, 1), (3, 0), (1, 1)])),
            [vec![0, 1, 3], vec![2], vec![4]]
        );
    }

    #[test]
    fn limits() {
        assert_eq!(
            groups(queue([(1, 25_000), (2, 1)])),
            [[0], [1]],
            "a large job goes alone"
        );
        assert_eq!(
            groups(queue([(1, 12_000), (2, 9_000), (3, 1)])),
            [vec![0], vec![1, 2]]
        );
        let many = groups(queue((0..100).map(|series| (series, 1))));
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [64, 36]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_job_goes_once_and_in_the_order_of_its_series(
            jobs in prop::collection::vec((0u32..6, 0usize..9_000), 0..40),
        ) {
            let waiting = queue(jobs.clone());
            let groups = groups(waiting);
            let order: Vec<usize> = groups.concat();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..jobs.len()).collect::<Vec<_>>());
            for series in 0..6 {
                prop_assert!(order.iter().filter(|i| jobs[**i].0 == series).is_sorted());
            }
            for group in groups {
                let candles: usize = group.iter().map(|i| jobs[*i].1).sum();
                prop_assert!(group.len() == 1 || candles <= MAX_GROUP_CANDLES);
                let series: BTreeSet<_> = group.iter().map(|i| jobs[*i].0).collect();
                prop_assert_eq!(series.len(), group.len());
            }
        }
    }
}
