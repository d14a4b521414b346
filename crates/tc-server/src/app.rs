//! Application state and the router.

use std::{fmt, sync::Arc};

use axum::{Router, middleware};
use tc_market::SeriesId;
use tc_read::{ReadError, ReadModel};
use tc_store::Snapshot;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;
use utoipa::openapi::OpenApi;

use crate::{
    ApiError, ServerOptions,
    annotate::Annotations,
    assets,
    backtest::Backtests,
    clock::MarketClock,
    debug::{self, DebugLog},
    hub::Hub,
    layers,
    market_list::MarketLists,
    openapi,
    packages::PackageJobs,
    resources,
    tasks::{Coverage, CoverageJobs, GapHealer, IngestControl, ReadFollowUp, RebuildParts},
    telemetry::Telemetry,
    threads::{ReaderPool, WriterHandle},
    ws,
};

/// Everything that handlers need, passed explicitly.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

/// Parts of the application state.
pub struct AppParts {
    /// Options.
    pub options: ServerOptions,
    /// Reader threads.
    pub readers: ReaderPool,
    /// Read model shared by the reader threads.
    pub model: Arc<ReadModel>,
    /// The writer.
    pub writer: WriterHandle,
    /// Fan-out to sockets.
    pub hub: Arc<Hub>,
    /// Live ingest jobs.
    pub ingest: IngestControl,
    /// Market lists of the exchange.
    pub market_lists: Arc<MarketLists>,
    /// Fires when the server stops: answers that never end must end then.
    pub stopping: CancellationToken,
    /// Gives series their candles.
    pub coverage: Coverage,
    /// Heals holes before subscribers are told of them; `None`: they are told of.
    pub healer: Option<GapHealer>,
    /// Coverage that was asked for.
    pub coverage_jobs: CoverageJobs,
    /// Replay packages.
    pub packages: PackageJobs,
    /// Backtests.
    pub backtests: Backtests,
    /// Signals for strategies of other programs.
    pub annotations: Annotations,
    /// What candle reads set off.
    pub follow_up: ReadFollowUp,
    /// Market clock.
    pub clock: Arc<dyn MarketClock>,
    /// Debug events.
    pub debug: DebugLog,
    /// Collected metrics; `None`: they are switched off.
    pub metrics: Option<Telemetry>,
}

struct Inner {
    parts: AppParts,
    document: OpenApi,
}

impl fmt::Debug for AppParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppParts")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.parts.fmt(f)
    }
}

impl AppState {
    /// State over `parts`.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(Inner {
            parts,
            document: openapi::document(),
        }))
    }

    /// Options.
    #[must_use]
    pub fn options(&self) -> &ServerOptions {
        &self.0.parts.options
    }

    /// Handles to threads, hub and jobs.
    #[must_use]
    pub fn parts(&self) -> &AppParts {
        &self.0.parts
    }

    /// The interface description.
    #[must_use]
    pub fn document(&self) -> &OpenApi {
        &self.0.document
    }

    /// Market clock, Unix seconds.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.0.parts.clock.now_ms().div_euclid(1000)
    }

    /// Answers a question from one snapshot, on a reader thread.
    ///
    /// # Errors
    /// What the read answers, or 503 while no reader can serve.
    pub async fn read<T, F>(&self, question: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Snapshot, &ReadModel) -> Result<T, ReadError> + Send + 'static,
    {
        let model = Arc::clone(&self.0.parts.model);
        Ok(self
            .0
            .parts
            .readers
            .read(move |snapshot| question(snapshot, &model))
            .await??)
    }

    /// As [`AppState::read`] for drawings of `series`: a found disagreement of the stored ones is told of.
    ///
    /// # Errors
    /// As [`AppState::read`].
    pub async fn read_drawings<T, F>(&self, series: &SeriesId, question: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Snapshot, &ReadModel) -> Result<T, ReadError> + Send + 'static,
    {
        let (series, log) = (series.clone(), self.0.parts.debug.clone());
        self.read(move |snapshot, model| {
            let answer = question(snapshot, model);
            if let Err(error) = &answer {
                log.record_all(debug::out_of_sync(&series, error));
            }
            answer
        })
        .await
    }

    /// What a rebuild works with.
    #[must_use]
    pub fn rebuild_parts(&self) -> RebuildParts {
        self.parts().coverage.rebuild_parts()
    }

    /// The collected metrics, with the ages of followed series as they are now; `None`: nothing is collected.
    pub async fn sampled_metrics(&self) -> Option<&Telemetry> {
        let telemetry = self.0.parts.metrics.as_ref()?;
        let now_s = self.now_s();
        let jobs = self.0.parts.ingest.state().await.map(|state| state.jobs);
        telemetry.sample_ages(jobs.into_iter().flatten().filter_map(|job| {
            let closed = job.status.last_closed_time?;
            Some((job.job.series, (now_s - closed.seconds()).max(0)))
        }));
        Some(telemetry)
    }

    /// Whether the live job that feeds `series` is connected.
    #[must_use]
    pub fn is_live(&self, series: &SeriesId) -> bool {
        self.0.parts.ingest.is_live(series)
    }
}

/// The whole HTTP and WebSocket interface.
///
/// The request layer stands around the router, not inside it: it may change path and method before a route is chosen.
pub fn router(state: AppState) -> Router {
    let (api, _) = resources::routes().split_for_parts();
    let routes = api
        .merge(ws::routes())
        .fallback(assets::fallback)
        .method_not_allowed_fallback(layers::method_not_allowed)
        .with_state(state.clone());
    let layer = middleware::from_fn_with_state(state, layers::request);
    Router::new().fallback_service(ServiceBuilder::new().layer(layer).service(routes))
}
