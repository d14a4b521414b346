//! Which packages go.

use tc_replay::CacheKey;

use super::{
    PackageLimits, PackageStore, Shelf,
    store::{Listed, remove},
};

/// Packages that were read within this time stay, milliseconds.
const FRESH_MS: i64 = 10 * 60_000;

impl PackageStore {
    /// Removes packages that nobody read for too long, then the least recently read ones until the rest fits. `just_made`
    /// stays. Returns how many went.
    pub fn evict(&self, now_ms: i64, just_made: Option<(Shelf, &CacheKey)>) -> usize {
        let going = going(self.all(), self.limits, now_ms, just_made);
        let mut gone = 0;
        for Listed { shelf, key, .. } in going {
            match remove(&self.folder(shelf, &key)) {
                Ok(()) => gone += 1,
                Err(error) => tracing::warn!(%key, %error, "package cannot be removed"),
            }
        }
        gone
    }
}

fn going(
    mut all: Vec<Listed>,
    limits: PackageLimits,
    now_ms: i64,
    just_made: Option<(Shelf, &CacheKey)>,
) -> Vec<Listed> {
    all.sort_by(|a, b| (a.read_ms, &a.key).cmp(&(b.read_ms, &b.key)));
    let mut bytes: u64 = all.iter().map(|one| one.bytes).sum();
    let mut going = Vec::new();
    for one in all {
        let unread_ms = now_ms.saturating_sub(one.read_ms);
        let stays = unread_ms < FRESH_MS || just_made == Some((one.shelf, &one.key));
        if !stays && (unread_ms > limits.max_age_ms || bytes > limits.max_bytes) {
            bytes -= one.bytes;
            going.push(one);
        }
    }
    going
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 24 * 3_600_000;

    fn listed(name: &str, bytes: u64, read_ms: i64) -> Listed {
        Listed {
            shelf: Shelf::Replay,
            key: CacheKey::of(name.as_bytes()),
            bytes,
            read_ms,
        }
    }

    fn names(going: Vec<Listed>) -> Vec<i64> {
        going.into_iter().map(|one| one.read_ms).collect()
    }

    #[test]
    fn the_old_go_then_the_least_recently_read_until_the_rest_fits() {
        let now_ms = 10 * DAY_MS;
        let limits = PackageLimits {
            max_bytes: 25,
            max_age_ms: 7 * DAY_MS,
        };
        let all = vec![
            listed("a", 10, now_ms - DAY_MS),
            listed("b", 10, now_ms - 8 * DAY_MS),
            listed("c", 10, now_ms - 2 * DAY_MS),
            listed("d", 10, now_ms - 1_000),
        ];
        let going = going(all, limits, now_ms, None);
        assert_eq!(names(going), [now_ms - 8 * DAY_MS, now_ms - 2 * DAY_MS]);
    }

    #[test]
    fn what_was_just_made_or_read_stays_whatever_it_takes() {
        let limits = PackageLimits {
            max_bytes: 1,
            max_age_ms: DAY_MS,
        };
        let made = CacheKey::of(b"made");
        let all = vec![
            listed("made", 10, 0),
            listed("read", 10, 3 * DAY_MS - FRESH_MS + 1),
        ];
        assert!(going(all, limits, 3 * DAY_MS, Some((Shelf::Replay, &made))).is_empty());
    }
}
