//! Combinations that stop start-up: storage and fan-out for several processes.

use super::{ConfigError, resolved::Resolved};

/// Refuses what this build cannot honour.
///
/// # Errors
/// [`ConfigError::Refused`] with the code of the first situation that holds.
pub(super) fn check(options: &Resolved) -> Result<(), ConfigError> {
    let pg_store = options.switch("ENABLE_PG_STORE");
    let pg_only = options.switch("ENABLE_PG_ONLY");
    let pubsub = options.switch("ENABLE_WS_PUBSUB");
    let schema = options.text("POSTGRES_SCHEMA");
    let refuse = |code: &str, advice| {
        Err(ConfigError::Refused {
            code: code.to_owned(),
            advice,
        })
    };

    if pg_only && !pg_store {
        return refuse(
            "pg_store_required_when_pg_only_enabled",
            "turn ENABLE_PG_STORE on as well, or turn ENABLE_PG_ONLY off",
        );
    }
    if pg_store && options.secret("POSTGRES_DSN").is_empty() {
        return refuse(
            "postgres_dsn_required_when_pg_store_enabled",
            "set POSTGRES_DSN, or turn ENABLE_PG_STORE off",
        );
    }
    if !schema.is_empty() && !is_identifier(schema) {
        return refuse(
            &format!("postgres_schema_invalid:{schema}"),
            "POSTGRES_SCHEMA must be letters, digits and underscores and not begin with a digit",
        );
    }
    if pubsub && options.secret("NATS_URL").is_empty() {
        return refuse(
            "nats_url_required_when_ws_pubsub_enabled",
            "set NATS_URL, or turn ENABLE_WS_PUBSUB off",
        );
    }
    if !options.secret("REDIS_URL").is_empty() {
        return refuse(
            "redis_not_supported",
            "unset TRADE_CANVAS_REDIS_URL, publications between processes go over NATS (TRADE_CANVAS_NATS_URL)",
        );
    }
    if pg_store {
        return refuse(
            "pg_store_not_available",
            "turn ENABLE_PG_STORE off, this build stores in SQLite only",
        );
    }
    if pubsub {
        return refuse(
            "ws_pubsub_not_available",
            "turn ENABLE_WS_PUBSUB off, this build runs as one process",
        );
    }
    Ok(())
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
