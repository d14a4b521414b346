//! A server of the test's own: its folder, its environment, and requests to it.

use std::{
    collections::BTreeMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
    time::Duration,
};

use reqwest::{Method, RequestBuilder, header::HeaderMap};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tempfile::TempDir;
use tracing_subscriber::filter::LevelFilter;
use trade_canvas::{
    compose::{RunningServer, Telemetry},
    config::{self, Config, Sources},
};

/// The environment that contract tests run in.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("PROFILE", "bare"),
    ("ENABLE_DEBUG_API", "1"),
    ("ENABLE_DEV_API", "1"),
    ("ENABLE_READ_REPAIR_API", "1"),
    ("ENABLE_KLINE_HEALTH_V2", "1"),
    ("ENABLE_RUNTIME_METRICS", "1"),
    ("FREQTRADE_MOCK", "1"),
    ("FREQTRADE_BIN", "freqtrade"),
    ("PIVOT_WINDOW_MAJOR", "5"),
    ("PIVOT_WINDOW_MINOR", "2"),
    ("PORT", "0"),
];
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// What outlives a server: the folder with its store, and its environment.
pub(crate) struct Site {
    folder: Arc<TempDir>,
    environment: BTreeMap<String, String>,
}

impl Site {
    /// An empty folder and the environment of contract tests.
    pub(crate) fn new() -> Self {
        let mut site = Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            environment: BTreeMap::new(),
        };
        for (name, value) in ENVIRONMENT {
            site.set(name, value);
        }
        for (name, file) in [
            ("DB_PATH", "market.db"),
            ("ARTIFACTS_DIR", "artifacts"),
            ("WHITELIST_PATH", "none.json"),
        ] {
            let path = site.path(file);
            site.set(name, path.to_str().unwrap());
        }
        site
    }

    /// Sets an option; `name` as in the option table.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// A whitelist of these series.
    pub(crate) fn with_whitelist(self, series: &[&str]) -> Self {
        let path = self.path("whitelist.json");
        fs::write(&path, serde_json::json!({ "series_ids": series }).to_string()).unwrap();
        self.with("WHITELIST_PATH", path.to_str().unwrap())
    }

    /// Leaves an option at its default.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.environment
            .remove(&format!("{}{name}", config::ENVIRONMENT_PREFIX));
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.environment
            .insert(format!("{}{name}", config::ENVIRONMENT_PREFIX), value.to_owned());
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration that the environment gives.
    pub(crate) fn config(&self) -> Config {
        // The working directory is not the test's: no configuration file is found there, whatever it holds.
        let read_file = |path: &Path| match path.is_absolute() {
            true => fs::read_to_string(path),
            false => Err(io::ErrorKind::NotFound.into()),
        };
        let sources = Sources {
            environment: &self.environment,
            command_line: &BTreeMap::new(),
            read_file: &read_file,
            demo_offered: true,
        };
        config::load(&sources).unwrap().config
    }

    /// Starts a server.
    pub(crate) async fn start(&self) -> TestServer {
        self.start_inner(None).await
    }

    /// Starts a server that serves the metrics of the process, which other tests may share.
    pub(crate) async fn start_with_metrics(&self) -> TestServer {
        static TELEMETRY: LazyLock<Telemetry> = LazyLock::new(|| Telemetry::install().unwrap());
        self.start_inner(Some(TELEMETRY.clone())).await
    }

    async fn start_inner(&self, metrics: Option<Telemetry>) -> TestServer {
        // A failed test shows what its server complained about.
        let log = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::WARN)
            .with_test_writer();
        let _ = log.try_init();
        // The HTTP client wants a provider even for plain HTTP; whoever comes first in the process installs it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let running = RunningServer::start_with_metrics(self.config(), metrics)
            .await
            .unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        TestServer {
            address: running.address(),
            running,
            client,
            _folder: Arc::clone(&self.folder),
        }
    }

    /// Changes the store of a server that is not running.
    pub(crate) fn damage(&self, sql: &str) -> usize {
        let store = Connection::open(self.path("market.db")).unwrap();
        store.execute(sql, []).unwrap()
    }

    /// Rows of every table that holds facts, ledgers or ids, read past the server.
    pub(crate) fn stored_rows(&self) -> BTreeMap<&'static str, i64> {
        let store =
            Connection::open_with_flags(self.path("market.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let tables = [
            "series",
            "candle_rows",
            "factor_events",
            "factor_checkpoints",
            "overlay_rows",
        ];
        let count = |table| {
            store
                .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
                .unwrap()
        };
        tables.into_iter().map(|table| (table, count(table))).collect()
    }
}

/// A running server.
pub(crate) struct TestServer {
    running: RunningServer,
    address: SocketAddr,
    client: reqwest::Client,
    /// The folder stays as long as somebody needs it.
    _folder: Arc<TempDir>,
}

impl TestServer {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it; returns when nothing runs any more.
    pub(crate) async fn stop(self) {
        self.running.shutdown().await;
    }

    /// A request to be completed.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.address))
    }

    /// `GET` with a query.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Answer {
        Answer::of(self.request(Method::GET, path).query(query)).await
    }

    /// `POST` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// Takes one closed candle in.
    pub(crate) async fn ingest(&self, series: &str, candle: &Value) {
        let body = serde_json::json!({ "series_id": series, "candle": candle });
        self.post("/api/market/ingest/candle_closed", &body).await.ok();
    }

    /// Takes closed candles in with one commit; `publish` tells subscribers.
    pub(crate) async fn ingest_batch(&self, series: &str, candles: &[Value], publish: Publish) {
        let publish_ws = publish == Publish::Yes;
        let body = serde_json::json!({ "series_id": series, "candles": candles, "publish_ws": publish_ws });
        self.post("/api/dev/market/ingest/candles_closed_batch", &body)
            .await
            .ok();
    }

    /// `GET /api/market/candles` with further parameters.
    pub(crate) async fn candles(&self, series: &str, query: &[(&str, &str)]) -> Value {
        let mut whole = vec![("series_id", series)];
        whole.extend(query);
        self.get("/api/market/candles", &whole).await.ok()
    }

    /// `GET /api/draw/delta` from a cursor, over everything that is stored.
    pub(crate) async fn draw_delta(&self, series: &str, cursor: i64) -> Value {
        let cursor = cursor.to_string();
        let query = [
            ("series_id", series),
            ("cursor_version_id", &cursor),
            ("window_candles", "5000"),
        ];
        self.get("/api/draw/delta", &query).await.ok()
    }

    /// `GET /api/factor/slices` at a time, over everything that is stored.
    pub(crate) async fn slices(&self, series: &str, at_time: i64) -> Value {
        let at_time = at_time.to_string();
        let query = [
            ("series_id", series),
            ("at_time", &at_time),
            ("window_candles", "5000"),
        ];
        self.get("/api/factor/slices", &query).await.ok()
    }

    /// `GET /api/feature/batch` at the newest candle, over everything that is stored.
    pub(crate) async fn features(&self, series: &str) -> Answer {
        let query = [("series_id", series), ("window_candles", "5000")];
        self.get("/api/feature/batch", &query).await
    }

    /// The row of a series in `GET /api/market/series`; null when it has none.
    pub(crate) async fn series_row(&self, series: &str) -> Value {
        let list = self.get("/api/market/series", &[]).await.ok();
        let mut rows = list["series"].as_array().unwrap().iter();
        rows.find(|row| row["series_id"] == series)
            .cloned()
            .unwrap_or_default()
    }
}

/// Whether subscribers are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publish {
    Yes,
    No,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Sends a request and reads the answer.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// The body as JSON; null when it is not.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body()
    }

    /// A header as text; empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Asks again until the answer is there.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, asking).await;
    answer.unwrap_or_else(|_| panic!("{what} did not come true within {PATIENCE:?}"))
}
