//! What every backend must pass.
//!
//! A backend implements [`Factory`] for its tests and writes `tc_store::conformance::suite!(its_factory());`, which
//! expands to one test per case. [`model::check_script`] compares it with [`MemoryStorage`](crate::MemoryStorage)
//! under any sequence of operations, for property tests.

#![expect(
    clippy::unwrap_used,
    reason = "this is test code: whatever a backend refuses here fails the test"
)]

pub mod candles;
mod fixture;
pub mod gaps;
pub mod isolation;
pub mod ledger;
pub mod model;
pub mod names;
pub mod runs;
pub mod series;
pub mod settled;
pub mod transactions;

pub use crate::conformance_suite as suite;

use crate::{Names, Storage};

/// A place that holds one store.
pub trait Factory {
    /// Opens the store as a starting process would. The first call finds it empty, a later one finds what was
    /// committed; by then the store opened before is dropped.
    fn open(&self, names: Names) -> Box<dyn Storage>;
}

/// One case of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// `group::case`.
    pub name: &'static str,
    /// Runs it on a fresh place; panics when the backend deviates.
    pub run: fn(&dyn Factory),
}

/// Every case, for runners that do not use [`suite!`].
#[must_use]
pub fn suite() -> Vec<Case> {
    crate::conformance_for_each_case!([crate::conformance_case_list][])
}

/// Expands to one test per case; the argument is evaluated anew in each of them and gives a [`Factory`].
#[macro_export]
macro_rules! conformance_suite {
    ($factory:expr) => {
        $crate::conformance_for_each_case!([$crate::conformance_case_tests][$factory]);
    };
}

/// The one list of cases, handed to the macro named first.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_for_each_case {
    ([$($callback:tt)*][$($context:tt)*]) => {
        $($callback)*! {
            [$($context)*]
            candles::a_new_series_is_empty,
            candles::reports_new_equal_and_changed_rows,
            candles::zeros_of_either_sign_are_equal,
            candles::late_rows_are_inserted_in_order,
            candles::sparse_and_dense_overlaps_are_compared,
            candles::bulk_batches_round_trip,
            candles::extreme_times_are_stored,
            candles::bounds_and_limits,
            candles::floor_and_count,
            candles::existing_times_are_ascending_and_unique,
            candles::deleting_moves_head_and_first,
            candles::trimming_keeps_the_newest,
            candles::series_do_not_mix,
            series::keys_are_stable,
            series::state_round_trips,
            series::list_is_ascending_with_both_ends,
            ledger::events_are_ordered_and_bounded,
            ledger::events_are_found_by_kind_and_direction,
            ledger::unknown_kinds_take_no_place,
            ledger::events_are_idempotent,
            ledger::payloads_of_any_size,
            ledger::many_events_round_trip,
            ledger::newest_checkpoint_at_or_before,
            ledger::discarding_from_a_time,
            settled::windows,
            settled::order_and_idempotence,
            settled::drawings_that_reach_ahead,
            settled::discarding_from_a_version,
            gaps::records_round_trip,
            gaps::records_are_found_by_range_and_state,
            gaps::records_are_bounded,
            gaps::rebuilds_are_listed_and_bounded,
            gaps::steps_of_candles,
            transactions::dropped_without_commit,
            transactions::savepoint_rolls_back,
            transactions::savepoints_nest,
            transactions::closing_the_outer_closes_the_inner,
            transactions::open_savepoints_are_committed,
            transactions::misplaced_savepoints_are_refused,
            transactions::a_rolled_back_series_is_unknown,
            transactions::writers_take_turns,
            isolation::snapshot_is_immutable,
            isolation::several_snapshots_at_once,
            isolation::a_reader_sees_whole_transactions,
            names::survive_another_order,
            names::unlisted_rows_are_skipped_and_kept,
            names::unnamed_ids_are_refused,
            model::random_scripts_agree,
        }
    };
}

/// Expands to tests.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_case_tests {
    ([$factory:expr] $($group:ident :: $case:ident,)*) => {
        $(
            #[test]
            fn $case() {
                let factory = $factory;
                $crate::conformance::$group::$case(&factory);
            }
        )*
    };
}

/// Expands to a list of [`Case`]s.
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_case_list {
    ([] $($group:ident :: $case:ident,)*) => {
        vec![$(
            $crate::conformance::Case {
                name: concat!(stringify!($group), "::", stringify!($case)),
                run: $crate::conformance::$group::$case,
            },
        )*]
    };
}
