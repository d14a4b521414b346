//! Process-local ids to the numbers that a store keeps, and back.

/// Both kinds of names.
#[derive(Debug)]
pub(super) struct Numbering {
    pub(super) events: Numbers,
    pub(super) drawings: Numbers,
}

/// One kind of names.
#[derive(Debug)]
pub(super) struct Numbers {
    to_store: Vec<u16>,
    to_local: Vec<Option<u16>>,
}

impl Numbers {
    /// Looks every local name up in the stored list, which grows by those it lacks.
    pub(super) fn assign(local: &[String], stored: &mut Vec<String>) -> Self {
        let to_store: Vec<u16> = local
            .iter()
            .map(|name| {
                let number = stored.iter().position(|known| known == name).unwrap_or_else(|| {
                    stored.push(name.clone());
                    stored.len() - 1
                });
                narrow(number)
            })
            .collect();
        let to_local = (0..stored.len())
            .map(|number| {
                to_store
                    .iter()
                    .position(|&own| usize::from(own) == number)
                    .map(narrow)
            })
            .collect();
        Self { to_store, to_local }
    }

    pub(super) fn to_store(&self, local: u16) -> Option<u16> {
        self.to_store.get(usize::from(local)).copied()
    }

    pub(super) fn to_local(&self, stored: u16) -> Option<u16> {
        self.to_local.get(usize::from(stored)).copied().flatten()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a registry holds a handful of names"
)]
const fn narrow(position: usize) -> u16 {
    position as u16
}
