//! The file layouts, one file each.

use crate::{HistoryError, rows::CandleRows, source::Source, values::ValueRows};

mod csv;
mod csv_gz;
mod csv_zip;
#[cfg(feature = "columnar")]
mod feather;
mod json;
mod json_gz;
#[cfg(feature = "columnar")]
mod parquet;

/// A way to write candles into a file.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Name for people and for error messages.
    pub name: &'static str,
    /// What follows the first dot after the series in file names; each extension belongs to one layout.
    pub extensions: &'static [&'static str],
    /// Adds every row of a file, given its bytes, to the rows.
    pub(crate) decode: fn(Vec<u8>, &Source<'_>, &mut CandleRows) -> Result<(), HistoryError>,
    /// The same for tables with one value for each time, where freqtrade writes such tables in this layout.
    pub(crate) values: Option<ValueDecode>,
}

/// Adds every row of a table with one value for each time.
pub(crate) type ValueDecode = fn(Vec<u8>, &Source<'_>, &mut ValueRows) -> Result<(), HistoryError>;

/// Every layout. Of several files with the same candles the layout that comes first here is taken.
pub const LAYOUTS: &[Layout] = &[
    #[cfg(feature = "columnar")]
    feather::LAYOUT,
    #[cfg(feature = "columnar")]
    parquet::LAYOUT,
    json::LAYOUT,
    json_gz::LAYOUT,
    csv::LAYOUT,
    csv_gz::LAYOUT,
    csv_zip::LAYOUT,
];

/// The layout that a file name promises, its place in [`LAYOUTS`], and the name without the extension.
pub(crate) fn of_name(file_name: &str) -> Option<(usize, &'static Layout, &str)> {
    LAYOUTS.iter().enumerate().find_map(|(rank, layout)| {
        let stem = layout.extensions.iter().find_map(|extension| {
            file_name
                .strip_suffix(extension)
                .and_then(|stem| stem.strip_suffix('.'))
        })?;
        (!stem.is_empty()).then_some((rank, layout, stem))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_layout() {
        let layout = |name| of_name(name).map(|(_, layout, stem)| (layout.name, stem));
        assert_eq!(layout("BTC_USDT-1m.json"), Some(("JSON", "BTC_USDT-1m")));
        assert_eq!(layout("BTC_USDT-1m.json.gz"), Some(("gzip JSON", "BTC_USDT-1m")));
        assert_eq!(
            layout("BTCUSDT-1m-2023-08.zip"),
            Some(("zip CSV", "BTCUSDT-1m-2023-08"))
        );
        assert_eq!(layout("BTC_USDT-1m.hdf5"), None);
        assert_eq!(layout(".json"), None);
        assert_eq!(layout("json"), None);
    }

    #[test]
    fn an_extension_belongs_to_one_layout() {
        let mut all: Vec<_> = LAYOUTS.iter().flat_map(|layout| layout.extensions).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
