//! Delays of the ledgers: factor contract 11.3.

use tc_store::Storage;

use super::{World, series, setup};
use crate::{FactorHealth, HealthStatus, factor_health};

fn health(world: &World) -> FactorHealth {
    let snapshot = world.storage.snapshot().unwrap();
    factor_health(&*snapshot, &world.series).unwrap()
}

#[test]
fn colours_follow_the_delay() {
    let candles = tc_factor::testing::prices("1 2 3 4 5");
    let mut world = World::new(series(), setup(2, 40));
    let verdict = |world: &World| {
        let health = health(world);
        (health.status, health.reason, health.max_delay_s())
    };
    assert_eq!(verdict(&world), (HealthStatus::Gray, "no_store_head", None));
    let switch = |world: &mut World, factors: bool, overlay: bool| {
        world.options.factor_ingest = factors;
        world.options.overlay_ingest = overlay;
        world.restart_writer();
    };
    switch(&mut world, false, false);
    world.ingest(&candles[..1]);
    assert_eq!(
        verdict(&world),
        (HealthStatus::Red, "missing_factor_overlay_head", None)
    );
    switch(&mut world, true, false);
    world.refresh();
    assert_eq!(
        verdict(&world),
        (HealthStatus::Red, "missing_overlay_head", Some(0))
    );
    switch(&mut world, true, true);
    world.refresh();
    assert_eq!(verdict(&world), (HealthStatus::Green, "up_to_date", Some(0)));
    switch(&mut world, true, false);
    world.ingest(&candles[1..2]);
    assert_eq!(
        verdict(&world),
        (HealthStatus::Yellow, "lagging_one_candle", Some(60))
    );
    assert_eq!(
        (health(&world).factor_delay_s, health(&world).overlay_delay_s),
        (Some(0), Some(60))
    );
    switch(&mut world, false, true);
    world.ingest(&candles[2..]);
    assert_eq!(
        verdict(&world),
        (HealthStatus::Red, "lagging_many_candles", Some(240))
    );
    let health = health(&world);
    assert_eq!(
        (health.candles(240), health.candles(241), health.candles(0)),
        (4, 5, 0)
    );
}
