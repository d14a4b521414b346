//! Process-local ids to the numbers of the store, and back.

use rusqlite::{Connection, params};
use tc_store::Names;

/// Event kinds and settled drawings.
#[derive(Debug)]
pub(crate) struct Numbering {
    pub(crate) events: Numbers,
    pub(crate) drawings: Numbers,
}

/// Both directions for one table of names.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    to_store: Vec<Option<i64>>,
    to_local: Vec<Option<u16>>,
}

impl Numbering {
    /// Gives every name that the store does not know a number, then reads them all.
    pub(crate) fn write(connection: &mut Connection, names: &Names) -> rusqlite::Result<Self> {
        let txn = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (sql, names) in [
            (
                "INSERT INTO event_kinds (name) VALUES (?1) ON CONFLICT DO NOTHING",
                &names.event_kinds,
            ),
            (
                "INSERT INTO drawing_kinds (name) VALUES (?1) ON CONFLICT DO NOTHING",
                &names.drawings,
            ),
        ] {
            let mut statement = txn.prepare(sql)?;
            for name in names {
                statement.execute(params![name])?;
            }
        }
        let numbering = Self::read(&txn, names)?;
        txn.commit()?;
        Ok(numbering)
    }

    /// Reads the numbers of the names that the store knows.
    pub(crate) fn read(connection: &Connection, names: &Names) -> rusqlite::Result<Self> {
        let numbers = |sql: &str, names: &[String]| {
            let mut statement = connection.prepare(sql)?;
            let stored: Vec<(i64, String)> = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            Ok::<_, rusqlite::Error>(Numbers::new(names, &stored))
        };
        Ok(Self {
            events: numbers("SELECT number, name FROM event_kinds", &names.event_kinds)?,
            drawings: numbers("SELECT number, name FROM drawing_kinds", &names.drawings)?,
        })
    }
}

impl Numbers {
    fn new(local: &[String], stored: &[(i64, String)]) -> Self {
        let mut numbers = Self::default();
        for (id, name) in (0..).zip(local) {
            let number = stored
                .iter()
                .find(|(_, known)| known == name)
                .map(|&(number, _)| number);
            numbers.to_store.push(number);
            if let Some(slot) = number.and_then(|number| usize::try_from(number).ok()) {
                if numbers.to_local.len() <= slot {
                    numbers.to_local.resize(slot + 1, None);
                }
                numbers.to_local[slot] = Some(id);
            }
        }
        numbers
    }

    pub(crate) fn to_store(&self, local: u16) -> Option<i64> {
        self.to_store.get(usize::from(local)).copied().flatten()
    }

    pub(crate) fn to_local(&self, stored: i64) -> Option<u16> {
        let slot = usize::try_from(stored).ok()?;
        self.to_local.get(slot).copied().flatten()
    }
}
