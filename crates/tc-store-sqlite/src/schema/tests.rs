//! Order, repetition and refusal of migrations.

use rusqlite::Connection;

use super::*;

const fn step(namespace: &'static str, version: i64, sql: &'static str) -> Migration {
    Migration {
        namespace,
        version,
        sql,
    }
}

fn applied(connection: &Connection) -> Vec<(String, i64, i64)> {
    connection
        .prepare("SELECT namespace, version, applied_at_ms FROM tc_schema_migrations ORDER BY 1, 2")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn each_is_applied_once_and_later_ones_follow() {
    let mut connection = Connection::open_in_memory().unwrap();
    let first = [
        step("a", 1, "CREATE TABLE t (x)"),
        step("b", 3, "CREATE TABLE u (x)"),
    ];
    migrate(&mut connection, &first, 10).unwrap();
    let more = [first[0], step("a", 2, "ALTER TABLE t ADD COLUMN y"), first[1]];
    migrate(&mut connection, &more, 20).unwrap();
    migrate(&mut connection, &more, 30).unwrap();
    let row = |namespace: &str, version, at| (namespace.to_owned(), version, at);
    assert_eq!(
        applied(&connection),
        [row("a", 1, 10), row("a", 2, 20), row("b", 3, 10)]
    );
    connection
        .execute("INSERT INTO t (x, y) VALUES (1, 2)", [])
        .unwrap();
    verify(&connection, &more).unwrap();
    assert!(matches!(
        verify(&connection, &first),
        Err(SchemaError::Newer { version: 2, .. })
    ));
}

#[test]
fn numbers_below_one_and_repetitions_are_errors() {
    let refused = |migrations: &[Migration]| {
        let mut connection = Connection::open_in_memory().unwrap();
        let error = migrate(&mut connection, migrations, 0).unwrap_err();
        assert!(is_empty(&connection).unwrap(), "nothing is made");
        error.to_string()
    };
    assert_eq!(refused(&[step("a", 0, "")]), "migration a 0 is numbered below 1");
    assert_eq!(
        refused(&[step("a", -1, "")]),
        "migration a -1 is numbered below 1"
    );
    assert_eq!(
        refused(&[step("a", 1, ""), step("b", 1, ""), step("a", 1, "")]),
        "migration a 1 does not follow 1"
    );
    assert_eq!(
        refused(&[step("a", 2, ""), step("a", 1, "")]),
        "migration a 1 does not follow 2"
    );
}

#[test]
fn a_failing_step_leaves_the_file_as_it_was() {
    let mut connection = Connection::open_in_memory().unwrap();
    let good = step("a", 1, "CREATE TABLE t (x)");
    migrate(&mut connection, &[good], 1).unwrap();
    let broken = [
        good,
        step("a", 2, "CREATE TABLE u (x)"),
        step("a", 3, "CREATE TABLE t (x)"),
    ];
    assert!(matches!(
        migrate(&mut connection, &broken, 2),
        Err(SchemaError::Sqlite(_))
    ));
    assert_eq!(applied(&connection), [("a".to_owned(), 1, 1)]);
    assert!(connection.prepare("SELECT x FROM u").is_err());
}

#[test]
fn newer_and_foreign_files_are_refused() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS, 1).unwrap();
    let insert = "INSERT INTO tc_schema_migrations VALUES ('later', 1, 0)";
    connection.execute(insert, []).unwrap();
    let error = migrate(&mut connection, MIGRATIONS, 2).unwrap_err();
    assert!(matches!(error, SchemaError::Newer { .. }));
    assert!(
        error
            .to_string()
            .contains("newer version of this program (later 1)")
    );

    let mut foreign = Connection::open_in_memory().unwrap();
    foreign.execute_batch("CREATE TABLE somebody_elses (x)").unwrap();
    assert!(matches!(
        migrate(&mut foreign, MIGRATIONS, 1),
        Err(SchemaError::Foreign)
    ));
    assert!(matches!(verify(&foreign, MIGRATIONS), Err(SchemaError::Foreign)));

    let mut older = Connection::open_in_memory().unwrap();
    migrate(&mut older, &MIGRATIONS[..2], 1).unwrap();
    assert!(matches!(verify(&older, MIGRATIONS), Err(SchemaError::Older)));
}

#[test]
fn a_series_of_an_older_file_has_no_feature_head() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &MIGRATIONS[..1], 1).unwrap();
    connection
        .execute("INSERT INTO series (series_id, factor_head) VALUES ('x', 60)", [])
        .unwrap();
    migrate(&mut connection, MIGRATIONS, 2).unwrap();
    let heads: (i64, Option<i64>) = connection
        .query_row("SELECT factor_head, feature_head FROM series", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(heads, (60, None));
}

/// The detail column of a query plan.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap()
        .query_map([], |row| row.get(3))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn the_view_is_read_by_the_clustered_key() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS, 0).unwrap();
    let searched = |condition: &str| {
        let sql = format!("SELECT close FROM candles WHERE series_id = 'x' {condition}");
        plan(&connection, &sql)
    };
    let by_id = "SEARCH s USING COVERING INDEX sqlite_autoindex_series_1 (series_id=?)";
    let after = "SEARCH r USING PRIMARY KEY (series=? AND time>?)";
    assert_eq!(searched("AND candle_time > 5"), [by_id, after]);
    assert_eq!(
        searched("AND candle_time > 5 ORDER BY candle_time LIMIT 9"),
        [by_id, after]
    );
    assert_eq!(
        searched("AND candle_time = 5"),
        [by_id, "SEARCH r USING PRIMARY KEY (series=? AND time=?)"]
    );
    assert_eq!(
        searched("ORDER BY candle_time DESC LIMIT 1"),
        [by_id, "SEARCH r USING PRIMARY KEY (series=?)"]
    );
}
