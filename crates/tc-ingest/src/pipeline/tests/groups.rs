//! Jobs of several series that share one commit.

use tc_store::Operation;

use super::{World, batch, walk};
use crate::Step;

fn job(symbol: &str, seed: u64) -> crate::Job {
    batch(symbol, &walk(seed, 30))
}

#[test]
fn one_failing_job_does_not_touch_the_others() {
    for (operation, step, kept) in [
        (Operation::PutCandles, Step::Store, 0),
        (Operation::AppendEvents, Step::Factor, 30),
        (Operation::AppendSettled, Step::Overlay, 30),
    ] {
        let mut world = World::usual();
        let commits = world.storage.commits();
        world.storage.fail_nth(operation, 2);
        let outcomes = world.run(vec![job("B", 1), job("A", 2), job("C", 3)]);
        assert_eq!(world.storage.commits(), commits + 1, "one commit for all");
        let names: Vec<String> = outcomes
            .iter()
            .map(|outcome| match outcome {
                Ok(report) => report.series.symbol().to_owned(),
                Err(failure) => format!("{} failed", failure.series.symbol()),
            })
            .collect();
        assert_eq!(
            names,
            ["B/USDT", "A/USDT failed", "C/USDT"],
            "in the order of the jobs"
        );
        assert_eq!(outcomes[1].as_ref().unwrap_err().step, step);
        assert_eq!(
            world.stored_of("A").map_or(0, |stored| stored.candles.len()),
            kept
        );
        for symbol in ["B", "C"] {
            let stored = world.stored_of(symbol).unwrap();
            assert_eq!(
                stored.state.overlay_head,
                stored.candles.last().map(tc_market::Candle::time)
            );
            assert!(!stored.events.is_empty());
        }
        let heard = world.heard();
        let speakers: Vec<&str> = heard.iter().map(|told| &told[..1]).collect();
        let expected: &[&str] = match kept {
            0 => &["B", "B", "C", "C"],
            _ => &["B", "B", "A", "C", "C"],
        };
        assert_eq!(speakers, expected, "in the order of the jobs");
        world.run(vec![job("A", 2)]).pop().unwrap().unwrap();
        world.assert_in_step();
    }
}

#[test]
fn a_transaction_in_doubt_fails_all() {
    // The second unit fails, and then it cannot be rolled back.
    for operation in [Operation::RollbackTo, Operation::Commit] {
        let mut world = World::usual();
        world.storage.fail_nth(Operation::PutCandles, 2);
        world.storage.fail_next(operation);
        let outcomes = world.run(vec![job("B", 1), job("A", 2), job("C", 3)]);
        assert!(outcomes.iter().all(Result::is_err));
        for symbol in ["A", "B", "C"] {
            assert_eq!(world.stored_of(symbol), None);
        }
        assert_eq!(world.heard(), [""; 0]);
        // No fold of the lost transaction stays warm.
        for outcome in world.run(vec![job("B", 1), job("A", 2), job("C", 3)]) {
            outcome.unwrap();
        }
        world.assert_in_step();
    }
}

#[test]
fn a_group_gives_what_single_jobs_give() {
    let (mut grouped, mut single) = (World::usual(), World::usual());
    for chunk in 0..3 {
        let jobs = || {
            let part = |symbol: &str, seed| batch(symbol, &walk(seed, 60)[chunk * 20..(chunk + 1) * 20]);
            vec![part("A", 1), part("B", 2), part("C", 3)]
        };
        grouped.run(jobs());
        for job in jobs() {
            single.run_one(job).unwrap();
        }
    }
    assert_eq!(grouped.storage.commits() * 3, single.storage.commits());
    for symbol in ["A", "B", "C"] {
        assert_eq!(grouped.stored_of(symbol), single.stored_of(symbol));
    }
    assert_eq!(grouped.heard(), single.heard());
}
