//! Where packages of a kind lie.

use tc_replay::PackageKind;

/// A folder of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shelf {
    /// Made here, with slices.
    Replay,
    /// Made here, drawings alone.
    Drawings,
    /// Taken from a file: never stands in for one made here.
    Imported,
}

impl Shelf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Replay, Self::Drawings, Self::Imported];

    /// The folder below the artifacts.
    #[must_use]
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Replay => PackageKind::Replay.schema(),
            Self::Drawings => PackageKind::Drawings.schema(),
            Self::Imported => "replay_imported",
        }
    }
}

impl From<PackageKind> for Shelf {
    fn from(kind: PackageKind) -> Self {
        match kind {
            PackageKind::Replay => Self::Replay,
            PackageKind::Drawings => Self::Drawings,
        }
    }
}
