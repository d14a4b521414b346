//! Days, weeks, months and years of UTC.

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// 1 is January.
    pub month: i64,
    /// 1 is the first.
    pub day: i64,
}

/// Whole days from the Unix epoch to a time in milliseconds.
#[must_use]
pub const fn day_of(time_ms: i64) -> i64 {
    time_ms.div_euclid(DAY_MS)
}

/// Weekday of a day since the epoch; 0 is Monday.
#[must_use]
pub const fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

/// The date of a day since the epoch.
#[must_use]
pub const fn date_of(day: i64) -> Date {
    // Years that begin in March put the leap day last; 400 of them have 146,097 days.
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    Date { year, month, day }
}

/// The day since the epoch of a date.
pub(crate) const fn day_from(date: Date) -> i64 {
    let year = if date.month <= 2 { date.year - 1 } else { date.year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = (date.month + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + date.day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// First day of the month after the one that holds `day`.
pub(crate) const fn next_month(day: i64) -> i64 {
    let Date { year, month, .. } = date_of(day);
    let (year, month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    day_from(Date { year, month, day: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_back() {
        assert_eq!(
            date_of(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
        assert_eq!(
            date_of(11_016),
            Date {
                year: 2000,
                month: 2,
                day: 29
            }
        );
        assert_eq!(
            date_of(20_088),
            Date {
                year: 2024,
                month: 12,
                day: 31
            }
        );
        for day in -200_000..200_000 {
            assert_eq!(day_from(date_of(day)), day);
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        assert_eq!(weekday(0), 3, "the epoch was a Thursday");
        assert_eq!(weekday(20_094), 0, "2025-01-06");
        assert_eq!(weekday(-1), 2);
    }

    #[test]
    fn months_follow_each_other() {
        let day = |year, month, day| day_from(Date { year, month, day });
        assert_eq!(next_month(day(2024, 2, 29)), day(2024, 3, 1));
        assert_eq!(next_month(day(2024, 12, 1)), day(2025, 1, 1));
    }
}
