//! What is told, in which order: overlay contract 1.7, socket contract 5 and 6.

use super::{World, batch, corrected, deferred, refresh, walk};
use crate::{Job, PublishPolicy};

fn told(world: &World) -> Vec<String> {
    world.heard()
}

#[test]
fn candles_then_rebuild_then_draw_head() {
    let mut world = World::usual();
    let c = walk(1, 40);
    let drawn = |n: usize, epoch: u32| format!("A: drawn to {}, epoch {epoch}", c[n].time());
    world.ingest(&c[5..30]);
    assert_eq!(told(&world), ["A: 25 candles".to_owned(), drawn(29, 0)]);
    world.ingest(&c[30..31]);
    assert_eq!(told(&world), ["A: 1 candles".to_owned(), drawn(30, 0)]);
    world.ingest(&c[..5]);
    assert_eq!(
        told(&world),
        ["A: 5 candles".to_owned(), "A: rebuilt".to_owned(), drawn(30, 1)]
    );
    // Nothing moved, so there is no head to tell of; the candles go out as usual.
    world.ingest(&c[..5]);
    assert_eq!(told(&world), ["A: 5 candles"]);
}

#[test]
fn history_tells_no_candles() {
    let mut world = World::usual();
    let c = walk(2, 40);
    let drawn = |n: usize, epoch: u32| format!("A: drawn to {}, epoch {epoch}", c[n].time());
    world.run_one(deferred("A", &c[10..30])).unwrap();
    assert_eq!(told(&world), [drawn(29, 0)]);
    world.run_one(deferred("A", &c[..10])).unwrap();
    world.run_one(deferred("A", &c[30..])).unwrap();
    assert_eq!(told(&world), [""; 0], "folded later, told later");
    world.run_one(refresh("A", c[39].time())).unwrap();
    assert_eq!(told(&world), ["A: rebuilt".to_owned(), drawn(39, 1)]);
    world.run_one(refresh("A", c[39].time())).unwrap();
    assert_eq!(told(&world), [""; 0]);
}

#[test]
fn a_silent_batch_tells_rebuilds_only() {
    let mut world = World::usual();
    let c = walk(3, 40);
    let silent = |candles| Job {
        publish: PublishPolicy::RebuildsOnly,
        ..batch("A", candles)
    };
    world.run_one(silent(&c[5..30])).unwrap();
    world.run_one(silent(&c[30..])).unwrap();
    assert_eq!(told(&world), [""; 0]);
    world.run_one(silent(&c[..5])).unwrap();
    assert_eq!(
        told(&world),
        [
            "A: rebuilt".to_owned(),
            format!("A: drawn to {}, epoch 1", c[39].time())
        ]
    );
}

#[test]
fn without_drawings_there_is_no_draw_head() {
    let mut world = World::usual();
    world.options.overlay_ingest = false;
    world.restart();
    let c = walk(4, 40);
    world.ingest(&c[..30]);
    world.ingest(&[corrected(&c[10])]);
    assert_eq!(told(&world), ["A: 30 candles", "A: 1 candles", "A: rebuilt"]);
}

#[test]
fn a_changed_setting_is_told_once() {
    let mut world = World::usual();
    let c = walk(5, 40);
    world.ingest(&c);
    told(&world);
    world.setup.settings.logic_version_override = "b".to_owned();
    world.restart();
    world.refresh();
    assert_eq!(
        told(&world),
        [
            "A: rebuilt".to_owned(),
            format!("A: drawn to {}, epoch 1", c[39].time())
        ]
    );
    world.refresh();
    assert_eq!(told(&world), [""; 0]);
}

#[test]
fn a_publication_that_fails_is_reported_and_the_next_one_is_tried() {
    let mut world = World::usual();
    let c = walk(6, 40);
    *world.ears.deaf.lock().unwrap() = true;
    let report = world.ingest(&c[..30]);
    assert_eq!(
        report.publish_error.unwrap().to_string(),
        "publication failed: nobody listens to number 1"
    );
    assert_eq!(told(&world).len(), 2);
    world.assert_in_step();
    *world.ears.deaf.lock().unwrap() = false;
    assert_eq!(world.ingest(&c[30..]).publish_error, None);
}
