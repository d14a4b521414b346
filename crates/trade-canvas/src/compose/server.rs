//! The server: every part wired to every other, started and stopped in order.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::ListenerExt;
use tc_exchange::{HistoryClient, Venue};
use tc_ingest::{IngestPipeline, Job, Publisher};
use tc_market::SeriesId;
use tc_read::ReadModel;
use tc_server::{
    AppParts, AppState, MarketLists, ServerOptions,
    annotate::Annotations,
    clock::{MarketClock, SystemClock},
    debug::DebugLog,
    hub::Hub,
    router,
    tasks::{
        Background, Coverage, CoverageJobs, CoverageParts, IngestControl, LiveRunner, LiveSource,
        ShutdownParts, StartupSyncOptions, StartupSyncParts, announce_gaps, keep_gaps, shut_down,
        startup_sync,
    },
    telemetry::Telemetry,
    threads::{ReaderPool, WriterThread},
};
use tc_store::Storage;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    FactorAnnotator, backtest,
    demo::{self, Demo},
    exchange, fold_setup, history, ingest_pipeline, open_store, options, replay,
};
use crate::config::{Config, built_in_whitelist};

/// Jobs that may wait for the writer.
const WRITER_QUEUE: usize = 1024;

/// A server that answers. Dropping it without [`RunningServer::shutdown`] leaves the parts to the runtime.
pub struct RunningServer {
    address: SocketAddr,
    config: Config,
    storage: Arc<dyn Storage>,
    parts: ShutdownParts,
    accept_stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
    demo: Option<Demo>,
}

impl fmt::Debug for RunningServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Where live candles and the time come from.
struct Surroundings {
    demo: Option<Demo>,
    venue: Arc<dyn Venue>,
    whitelist: Vec<SeriesId>,
    clock: Arc<dyn MarketClock>,
}

impl RunningServer {
    /// Opens the store, starts threads, jobs and the listener; returns once requests are answered.
    ///
    /// # Errors
    /// When the store cannot be opened, the port is in use, or a part cannot start. Each says what to do.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_with_metrics(config, None).await
    }

    /// As [`RunningServer::start`], serving the metrics that `metrics` collects.
    ///
    /// # Errors
    /// As [`RunningServer::start`].
    pub async fn start_with_metrics(config: Config, metrics: Option<Telemetry>) -> anyhow::Result<Self> {
        exchange::install_crypto();
        // The port is taken first: a second server must not touch the store.
        let listener = listen(&config).await?;
        let address = listener.local_addr()?;
        if let Some(folder) = config
            .demo
            .as_ref()
            .and_then(|demo| demo.scratch_folder.as_deref())
        {
            demo::empty_scratch(folder, &config.storage.db_path)?;
        }
        let setup = fold_setup(&config)?;
        let store = Arc::new(open_store(&config, &setup)?);
        let storage: Arc<dyn Storage> = store.clone();
        let surroundings = surroundings(&config, storage.as_ref()).await?;
        let history = exchange::history_client(&config, Arc::clone(&surroundings.venue))?;
        let debug = options::debug_log(&config);
        announce_gaps(storage.snapshot()?.as_ref())?;
        let pipeline = ingest_pipeline(&config, Arc::clone(&setup));
        let (moving, coverage) = moving_parts(&config, pipeline, &storage, &surroundings, &history, &debug)?;
        let background = background(&moving);
        if let Some(metrics) = metrics.clone() {
            let upkeep = metrics.upkeep(moving.background_stop.clone());
            moving.background.spawn(upkeep);
        }
        let accept_stop = CancellationToken::new();
        let model = Arc::new(ReadModel::new(setup, options::reads(&config)));
        let state = AppState::new(AppParts {
            options: ServerOptions {
                http: options::http(&config),
                replay: options::replay(&config),
                whitelist: surroundings.whitelist.clone(),
                demo: surroundings.demo.is_some(),
                writer_queue_limit: WRITER_QUEUE,
            },
            readers: moving.readers.clone(),
            packages: replay::packages(&config, &storage, &model, &background)?,
            backtests: backtest::backtests(&config, &store, &model, &background),
            annotations: Annotations::new(Arc::new(FactorAnnotator::serving(&config, &model, &store))),
            coverage_jobs: CoverageJobs::new(coverage.clone(), background.clone()),
            model,
            writer: moving.writer.clone(),
            hub: Arc::clone(&moving.hub),
            ingest: moving.ingest.clone(),
            market_lists: Arc::new(MarketLists::new(history.clone(), options::market_lists(&config))),
            stopping: accept_stop.clone(),
            coverage: coverage.clone(),
            healer: history::healer(&config, &coverage, &background),
            follow_up: history::follow_up(&config, &coverage, &debug, &background),
            clock: Arc::clone(&surroundings.clock),
            debug: debug.clone(),
            metrics,
        });
        let serving = serve(listener, state, accept_stop.clone());
        let Surroundings { demo, whitelist, .. } = surroundings;
        let server = Self {
            address,
            config,
            storage,
            parts: moving,
            accept_stop,
            serving,
            demo,
        };
        server.start_background(whitelist, coverage, debug);
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, gives running requests their grace, then stops every part in order.
    pub async fn shutdown(self) {
        let Self {
            config,
            storage,
            parts,
            accept_stop,
            serving,
            demo,
            ..
        } = self;
        accept_stop.cancel();
        let grace = Duration::from_secs(config.process.shutdown_grace_s);
        let stop = serving.abort_handle();
        // Sockets count as running requests of the listener; they are closed with the hub.
        let sockets = parts.hub.shut_down();
        let served = async {
            if tokio::time::timeout(grace, serving).await.is_err() {
                tracing::warn!("requests were still running at the end of the grace period");
                stop.abort();
            }
        };
        tokio::join!(sockets, served);
        shut_down(parts).await;
        if let Err(error) = storage.checkpoint_log() {
            tracing::warn!(%error, "the write-ahead log stays beside the store");
        }
        if let Some(demo) = demo {
            demo.shutdown().await;
        }
    }

    /// What serving does not wait for.
    fn start_background(&self, whitelist: Vec<SeriesId>, coverage: Coverage, debug: DebugLog) {
        self.build_listed(&whitelist);
        let history = &self.config.history;
        let keeper = keep_gaps(
            coverage.clone(),
            history.gap_backfill,
            history.gap_backfill_file_rows,
            self.parts.background_stop.clone(),
        );
        self.parts.background.spawn(keeper);
        self.start_sync(whitelist, coverage, debug);
    }

    /// A derived series that is pinned is built although nobody has subscribed to it yet.
    fn build_listed(&self, whitelist: &[SeriesId]) {
        let derived = &self.config.derived.timeframes;
        let listed = whitelist.iter().filter(|series| derived.is_derived(series));
        for series in listed.filter(|_| self.config.ingest.whitelist).cloned() {
            let writer = self.parts.writer.clone();
            self.parts.background.spawn(async move {
                if let Err(error) = writer.submit(Job::derive(series)).await {
                    tracing::warn!(%error, "the first candles of a derived series cannot be built");
                }
            });
        }
    }

    /// Covers the whitelist.
    fn start_sync(&self, whitelist: Vec<SeriesId>, coverage: Coverage, debug: DebugLog) {
        if !self.config.history.startup_sync {
            return;
        }
        let parts = StartupSyncParts { coverage, debug };
        let target_candles = options::bounded(self.config.history.startup_sync_target_candles);
        let wanted = StartupSyncOptions {
            series: whitelist,
            target_candles,
            ..StartupSyncOptions::default()
        };
        let stop = self.parts.background_stop.clone();
        self.parts.background.spawn(startup_sync(parts, wanted, stop));
    }
}

async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let (host, port) = (config.http.host.as_str(), config.http.port);
    TcpListener::bind((host, port))
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => {
                anyhow::anyhow!(
                    "port {port} of {host} is in use; stop what uses it or choose another one with --port"
                )
            }
            _ => anyhow::Error::new(error)
                .context(format!("cannot listen on {host}:{port}; check --host and --port")),
        })
}

async fn surroundings(config: &Config, storage: &dyn Storage) -> anyhow::Result<Surroundings> {
    let Some(demo_config) = &config.demo else {
        let whitelist = config.whitelist.clone().unwrap_or_else(built_in_whitelist);
        return Ok(Surroundings {
            demo: None,
            venue: exchange::venue(exchange::endpoints(config))?,
            whitelist,
            clock: Arc::new(SystemClock),
        });
    };
    let newest = demo::newest_stored(storage.snapshot()?.as_ref())?;
    let demo = Demo::start(demo_config, newest).await?;
    Ok(Surroundings {
        venue: exchange::venue(demo.endpoints(config))?,
        whitelist: config.whitelist.clone().unwrap_or_else(|| demo.series().to_vec()),
        clock: demo.clock(),
        demo: Some(demo),
    })
}

/// Writer, readers, hub and live jobs: everything that has to be stopped again.
fn moving_parts(
    config: &Config,
    pipeline: IngestPipeline,
    storage: &Arc<dyn Storage>,
    surroundings: &Surroundings,
    history: &HistoryClient,
    debug: &DebugLog,
) -> anyhow::Result<(ShutdownParts, Coverage)> {
    let hub = Arc::new(Hub::new(options::hub(config)));
    let publisher: Arc<dyn Publisher> = hub.clone();
    let writer = WriterThread::spawn(
        Arc::clone(storage),
        publisher,
        pipeline,
        WRITER_QUEUE,
        debug.clone(),
    )?;
    let readers = ReaderPool::spawn(storage, config.process.blocking_workers)?;
    let background = Background::default();
    let coverage = CoverageParts {
        local: history::local_history(config),
        rest: history::rest(config, history),
        writer: writer.clone(),
        readers: readers.clone(),
        clock: Arc::clone(&surroundings.clock),
        backfills: history::backfills(config, &background),
        downloads: history::downloads(config, &background),
    };
    let coverage = history::coverage(config, coverage);
    let live = LiveSource {
        venue: Arc::clone(&surroundings.venue),
        history: history.clone(),
        coverage: coverage.clone(),
    };
    let runner = LiveRunner::new(
        live,
        writer.clone(),
        readers.clone(),
        Arc::clone(&hub),
        options::live(config),
    );
    let supervisor = options::supervisor(config, &surroundings.whitelist);
    let ingest = IngestControl::spawn(supervisor, options::guardrail(config), Arc::new(runner));
    let parts = ShutdownParts {
        hub,
        background: background.tasks,
        background_stop: background.stop,
        ingest,
        writer,
        readers,
    };
    Ok((parts, coverage))
}

/// Where tasks run that the shutdown waits for.
fn background(parts: &ShutdownParts) -> Background {
    Background {
        tasks: parts.background.clone(),
        stop: parts.background_stop.clone(),
    }
}

fn serve(listener: TcpListener, state: AppState, stop: CancellationToken) -> JoinHandle<io::Result<()>> {
    let app = router(state).into_make_service_with_connect_info::<SocketAddr>();
    // A frame is small and wanted at once; it must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    tokio::spawn(async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
    })
}
