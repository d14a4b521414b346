//! Rules on small cases.

use super::*;

fn series(symbol: &str) -> SeriesId {
    format!("binance:futures:{symbol}/USDT:1m").parse().unwrap()
}

fn on_demand(max_jobs: usize) -> Supervisor {
    Supervisor::new(SupervisorOptions {
        ondemand_ingest: true,
        ondemand_max_jobs: max_jobs,
        ..SupervisorOptions::default()
    })
}

fn started(actions: &[SupervisorAction]) -> Vec<(&str, RunId)> {
    let start = |action: &'_ SupervisorAction| matches!(action, SupervisorAction::Start { .. });
    actions.iter().filter(|action| start(action)).map(parts).collect()
}

fn stopped(actions: &[SupervisorAction]) -> Vec<(&str, RunId)> {
    let stop = |action: &'_ SupervisorAction| matches!(action, SupervisorAction::Stop { .. });
    actions.iter().filter(|action| stop(action)).map(parts).collect()
}

fn parts(action: &SupervisorAction) -> (&str, RunId) {
    match action {
        SupervisorAction::Start { series, run } | SupervisorAction::Stop { series, run } => {
            (series.as_str(), *run)
        }
    }
}

fn minutes() -> tc_market::DerivedTimeframes {
    let tf = |text: &str| text.parse().unwrap();
    tc_market::DerivedTimeframes::new(tf("1m"), &[tf("5m"), tf("1h")]).0
}

#[test]
fn derived_series_share_the_job_of_their_base() {
    let mut supervisor = Supervisor::new(SupervisorOptions {
        ondemand_ingest: true,
        ondemand_max_jobs: 1,
        derived: minutes(),
        ..SupervisorOptions::default()
    });
    let base = series("BTC");
    let of = |tf: &str| base.with_timeframe(tf.parse().unwrap()).unwrap();
    let (_, actions) = supervisor.acquire(&of("5m"), 0).unwrap();
    assert_eq!(started(&actions), [(base.as_str(), RunId(1))]);
    for also in [&base, &of("1h")] {
        assert_eq!(supervisor.acquire(also, 0).unwrap(), (Hold::Counted, vec![]));
    }
    assert_eq!(
        supervisor.acquire(&of("15m"), 0).unwrap_err(),
        IngestRefusal::Capacity,
        "a timeframe outside of the set has a job of its own"
    );
    for (released, left) in [("1h", 2), ("1m", 1), ("5m", 0)] {
        supervisor.release(&of(released), 1);
        assert_eq!(supervisor.jobs()[0].references, Some(left));
    }
}

#[test]
fn a_listed_derived_series_pins_its_base() {
    let base = series("BTC");
    let of = |tf: &str| base.with_timeframe(tf.parse().unwrap()).unwrap();
    let mut supervisor = Supervisor::new(SupervisorOptions {
        whitelist: vec![of("1h"), of("5m")],
        whitelist_ingest: true,
        ondemand_ingest: true,
        derived: minutes(),
        ..SupervisorOptions::default()
    });
    assert_eq!(started(&supervisor.start(0)), [(base.as_str(), RunId(1))]);
    assert_eq!(supervisor.acquire(&of("5m"), 0).unwrap(), (Hold::Free, vec![]));
    supervisor.release(&of("5m"), 0);
    assert_eq!(supervisor.tick(1_000_000), [], "it stays, whoever listens");
}

#[test]
fn one_job_serves_all_subscriptions_and_ends_after_the_idle_time() {
    let (mut supervisor, btc) = (on_demand(0), series("BTC"));
    let (hold, actions) = supervisor.acquire(&btc, 0).unwrap();
    assert_eq!(
        (hold, started(&actions)),
        (Hold::Counted, vec![(btc.as_str(), RunId(1))])
    );
    assert_eq!(supervisor.acquire(&btc, 10).unwrap(), (Hold::Counted, vec![]));
    supervisor.release(&btc, 1_000);
    assert_eq!(supervisor.tick(500_000), [], "one subscription is left");
    supervisor.release(&btc, 500_000);
    supervisor.release(&btc, 500_000);
    assert_eq!(
        supervisor.jobs()[0].references,
        Some(0),
        "the count floors at zero"
    );
    assert_eq!(supervisor.tick(559_999), []);
    assert_eq!(stopped(&supervisor.tick(560_000)), [(btc.as_str(), RunId(1))]);
    assert_eq!(supervisor.tick(561_000), [], "asked to stop once");
    assert!(
        supervisor
            .ended(&btc, RunId(1), JobEnd::Stopped, 561_000)
            .is_empty()
    );
    assert!(!supervisor.knows(&btc));
}

#[test]
fn a_subscription_during_the_stop_gets_a_new_run_after_the_old_one() {
    let (mut supervisor, btc) = (on_demand(1), series("BTC"));
    supervisor.acquire(&btc, 0).unwrap();
    supervisor.release(&btc, 0);
    supervisor.tick(60_000);
    assert_eq!(supervisor.acquire(&btc, 60_100).unwrap(), (Hold::Counted, vec![]));
    let actions = supervisor.ended(&btc, RunId(1), JobEnd::Stopped, 60_200);
    assert_eq!(started(&actions), [(btc.as_str(), RunId(2))]);
    assert!(
        supervisor
            .ended(&btc, RunId(1), JobEnd::Stopped, 60_300)
            .is_empty(),
        "the old run counts no more"
    );
    assert!(supervisor.jobs()[0].running);
}

#[test]
fn capacity_evicts_the_longest_idle_and_refuses_without_one() {
    let mut supervisor = on_demand(2);
    let [a, b, c, d] = ["A", "B", "C", "D"].map(series);
    supervisor.acquire(&a, 0).unwrap();
    supervisor.acquire(&b, 0).unwrap();
    assert_eq!(supervisor.acquire(&c, 1), Err(IngestRefusal::Capacity));
    assert!(!supervisor.knows(&c));
    supervisor.release(&b, 5);
    supervisor.release(&a, 6);
    let (_, actions) = supervisor.acquire(&c, 7).unwrap();
    assert_eq!(stopped(&actions), [(b.as_str(), RunId(2))]);
    assert_eq!(started(&actions), [(c.as_str(), RunId(3))]);
    supervisor.acquire(&a, 8).unwrap();
    assert_eq!(supervisor.acquire(&d, 9), Err(IngestRefusal::Capacity));
    assert_eq!(
        supervisor.acquire(&b, 9),
        Err(IngestRefusal::Capacity),
        "its slot is taken, though it still stops"
    );
}

#[test]
fn a_dead_job_keeps_its_subscriptions_and_waits() {
    let (mut supervisor, btc) = (on_demand(0), series("BTC"));
    supervisor.acquire(&btc, 0).unwrap();
    supervisor.acquire(&btc, 0).unwrap();
    supervisor.ended(
        &btc,
        RunId(1),
        JobEnd::Failed {
            retry_after_ms: 5_000,
        },
        1_000,
    );
    assert_eq!(
        supervisor.acquire(&btc, 2_000),
        Err(IngestRefusal::CoolingDown { wait_ms: 4_000 })
    );
    assert_eq!(supervisor.tick(5_999), []);
    assert_eq!(started(&supervisor.tick(6_000)), [(btc.as_str(), RunId(2))]);
    let job = &supervisor.jobs()[0];
    assert_eq!(
        (job.references, job.crashes, job.last_crash_at_ms),
        (Some(2), 1, Some(1_000))
    );

    supervisor.ended(&btc, RunId(2), JobEnd::Failed { retry_after_ms: 0 }, 7_000);
    let (_, actions) = supervisor.acquire(&btc, 7_000).unwrap();
    assert_eq!(
        started(&actions),
        [(btc.as_str(), RunId(3))],
        "a subscription starts it without waiting for a tick"
    );
    assert_eq!(supervisor.jobs()[0].references, Some(3));
}

#[test]
fn a_dead_job_that_nobody_wants_is_dropped() {
    let (mut supervisor, btc) = (on_demand(0), series("BTC"));
    supervisor.acquire(&btc, 0).unwrap();
    supervisor.release(&btc, 1);
    supervisor.ended(&btc, RunId(1), JobEnd::Failed { retry_after_ms: 0 }, 2);
    assert_eq!(supervisor.tick(3), []);
    assert!(!supervisor.knows(&btc));
}

#[test]
fn listed_series_are_pinned_only_while_their_ingest_is_on() {
    let btc = series("BTC");
    let listed = |whitelist_ingest| {
        Supervisor::new(SupervisorOptions {
            whitelist: vec![btc.clone()],
            whitelist_ingest,
            ondemand_ingest: true,
            ondemand_max_jobs: 1,
            ..SupervisorOptions::default()
        })
    };
    let mut pinned = listed(true);
    assert_eq!(started(&pinned.start(0)), [(btc.as_str(), RunId(1))]);
    assert_eq!(pinned.acquire(&btc, 1).unwrap(), (Hold::Free, vec![]));
    pinned.release(&btc, 2);
    assert_eq!(pinned.tick(10_000_000), []);
    assert_eq!(pinned.jobs()[0].references, None);
    assert!(
        pinned.acquire(&series("ETH"), 3).is_ok(),
        "a pinned job takes no slot"
    );
    pinned.ended(&btc, RunId(1), JobEnd::Failed { retry_after_ms: 10 }, 20_000_000);
    assert_eq!(started(&pinned.tick(20_000_010)).len(), 1);

    let mut fallback = listed(false);
    assert_eq!(fallback.start(0), []);
    assert_eq!(fallback.acquire(&btc, 1).unwrap().0, Hold::Counted);
    assert_eq!(fallback.jobs()[0].references, Some(1));
}

#[test]
fn without_on_demand_ingest_a_subscription_starts_nothing() {
    let mut supervisor = Supervisor::new(SupervisorOptions::default());
    assert_eq!(supervisor.acquire(&series("BTC"), 0), Ok((Hold::Free, vec![])));
    assert_eq!(supervisor.jobs(), []);
}

#[test]
fn shutdown_stops_everything_once_and_starts_nothing() {
    let (mut supervisor, btc, eth) = (on_demand(0), series("BTC"), series("ETH"));
    supervisor.acquire(&btc, 0).unwrap();
    supervisor.acquire(&eth, 0).unwrap();
    supervisor.ended(&eth, RunId(2), JobEnd::Failed { retry_after_ms: 0 }, 1);
    assert_eq!(stopped(&supervisor.shut_down()), [(btc.as_str(), RunId(1))]);
    assert_eq!(supervisor.shut_down(), []);
    assert_eq!(supervisor.acquire(&btc, 2), Err(IngestRefusal::ShuttingDown));
    assert!(supervisor.ended(&btc, RunId(1), JobEnd::Stopped, 3).is_empty());
    assert_eq!(supervisor.jobs(), []);
}

#[test]
fn a_reader_runs_no_jobs_and_refuses_nobody() {
    for (role, role_guard, runs) in [
        (IngestRole::Read, true, false),
        (IngestRole::Read, false, true),
        (IngestRole::Ingest, true, true),
        (IngestRole::Hybrid, true, true),
    ] {
        let options = SupervisorOptions {
            whitelist: vec![series("W")],
            whitelist_ingest: true,
            ondemand_ingest: true,
            role,
            role_guard,
            ..SupervisorOptions::default()
        };
        assert_eq!(options.jobs_enabled(), runs);
        let mut supervisor = Supervisor::new(options);
        assert_eq!(supervisor.start(0).is_empty(), !runs, "{role:?}");
        let (hold, actions) = supervisor.acquire(&series("A"), 0).unwrap();
        assert_eq!(
            (hold, actions.is_empty()),
            if runs {
                (Hold::Counted, false)
            } else {
                (Hold::Free, true)
            }
        );
        assert_eq!(supervisor.tick(1_000), []);
    }
    assert_eq!(
        ["READ", "ingest", "x", ""].map(IngestRole::named),
        [
            IngestRole::Read,
            IngestRole::Ingest,
            IngestRole::Hybrid,
            IngestRole::Hybrid
        ]
    );
}
