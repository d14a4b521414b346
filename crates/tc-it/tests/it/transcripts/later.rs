//! Routes of the contract that this build does not have.

/// A path is covered when it is one of these or lies below one.
pub(super) const PREFIXES: &[&str] = &["/api/dev/worktrees", "/api/dev/ports"];

/// Whether `path` arrives later.
pub(super) fn covers(path: &str) -> bool {
    PREFIXES.iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
