//! The task that owns a playback.

use std::{future::pending, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use tc_market::{CandleTime, SeriesId};
use tc_read::{Direction, Moment, MomentKind, Playback, PlaybackOptions, Played, ReadError, ReadModel};
use tc_store::Snapshot;
use tokio::{sync::mpsc, time::Instant};

use super::{pace::Pace, waiting::merged};
use crate::{
    ApiError, AppState, debug,
    hub::{CloseReason, Outbound},
    ws::messages::{OpenReplay, ReplayCommand, ReplayMessage, ReplayRefusal, ReplayStateName, encode_played},
};

/// Most bars of one delta.
const MOST_BARS: usize = 5_000;
/// Frames that may wait for the socket before the playback waits for it.
const MOST_UNSENT: usize = 2;
/// Bars per second before a client said otherwise.
const FIRST_SPEED: f64 = 1.0;

pub(super) struct Player {
    state: AppState,
    outbound: Arc<Outbound>,
    playback: Option<Playback>,
    speed: f64,
    pace: Option<Pace>,
    /// Kinds of moments that playing stops at.
    stop_at: Vec<MomentKind>,
    /// Where it stops, and what is there.
    stop: Option<Moment>,
}

/// What a question about the past answers: where the playback is now, and what to tell of it.
struct Answered {
    playback: Option<Playback>,
    told: Result<(Vec<Utf8Bytes>, Option<Moment>), ReadError>,
}

/// What was told of a move.
enum Told {
    Moved(Option<Moment>),
    Refused,
}

impl Player {
    pub(super) const fn new(state: AppState, outbound: Arc<Outbound>) -> Self {
        Self {
            state,
            outbound,
            playback: None,
            speed: FIRST_SPEED,
            pace: None,
            stop_at: Vec::new(),
            stop: None,
        }
    }

    /// Carries commands out and plays, until the connection is over.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<ReplayCommand>) {
        let outbound = Arc::clone(&self.outbound);
        loop {
            if !outbound.fewer_than(MOST_UNSENT).await {
                return;
            }
            let next_move = self.pace.map(|pace| pace.next_move());
            let due = async {
                match next_move {
                    Some(time) => tokio::time::sleep_until(time).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                _over = outbound.closed() => return,
                command = commands.recv() => match command {
                    Some(command) => {
                        let (command, after) = merged(command, &mut commands);
                        self.obey(command).await;
                        if let Some(after) = after {
                            self.obey(after).await;
                        }
                    }
                    None => return,
                },
                () = due => self.play_on().await,
            }
        }
    }

    async fn obey(&mut self, command: ReplayCommand) {
        match command {
            ReplayCommand::Refused(refusal) => self.refuse(&refusal),
            ReplayCommand::Open(open) => self.open(open).await,
            _ if self.playback.is_none() => self.refuse(&ReplayRefusal::NotOpen),
            ReplayCommand::Seek(at_time) => self.seek(at_time).await,
            ReplayCommand::Play { speed, stop_at } => self.play(speed, &stop_at).await,
            ReplayCommand::Pause => {
                self.pause();
                self.tell_state(Told::Moved(None));
            }
            ReplayCommand::Step(count) => {
                self.pause();
                let told = self
                    .ask(move |snapshot, model, playback| step(snapshot, model, playback, count))
                    .await;
                self.tell_state(told);
            }
            ReplayCommand::Jump { kinds, later } => {
                self.pause();
                let Some(kinds) = self.kinds(&kinds, "kinds") else {
                    return;
                };
                let told = self
                    .ask(move |snapshot, model, playback| jump(snapshot, model, playback, &kinds, later))
                    .await;
                self.tell_state(told);
            }
        }
    }

    async fn open(&mut self, open: OpenReplay) {
        self.pause();
        self.playback = None;
        let options = PlaybackOptions {
            series: open.series.clone(),
            clock: open.clock,
            window_candles: open.window_candles,
            part: open.part,
            slices: open.slices,
        };
        let (series, at_time) = (open.series, open.at_time);
        let state = self.state.clone();
        let answered = read(state, series.clone(), move |snapshot, model| {
            match model.open_playback(snapshot, options, at_time) {
                Ok((playback, played)) => Answered {
                    told: encode_played(&series, played)
                        .map(|frames| (frames, None))
                        .map_err(ReadError::from),
                    playback: Some(playback),
                },
                Err(error) => Answered {
                    playback: None,
                    told: Err(error),
                },
            }
        })
        .await;
        let told = self.take(answered);
        self.tell_state(told);
    }

    /// Goes somewhere; a playback that plays goes on from there.
    async fn seek(&mut self, at_time: i64) {
        let told = self
            .ask(move |snapshot, model, playback| Ok((model.seek(snapshot, playback, at_time)?, None)))
            .await;
        let told = match told {
            Told::Moved(_) if self.pace.is_some() => self.go_on().await,
            told => told,
        };
        self.tell_state(told);
    }

    /// Plays from here, up to the nearest moment of these kinds.
    async fn play(&mut self, speed: f64, stop_at: &[String]) {
        let Some(kinds) = self.kinds(stop_at, "stop_at") else {
            return;
        };
        self.speed = speed;
        self.stop_at = kinds;
        let told = self.go_on().await;
        self.tell_state(told);
    }

    /// Finds where playing stops, and counts the bars from now.
    async fn go_on(&mut self) -> Told {
        let kinds = self.stop_at.clone();
        let told = self
            .ask(move |snapshot, model, playback| {
                if playback.has_ended() {
                    model.look_for_more(snapshot, playback)?;
                }
                let stop = match kinds.is_empty() {
                    true => None,
                    false => model.next_moment(snapshot, playback, &kinds, Direction::Later)?,
                };
                Ok((Played::default(), stop))
            })
            .await;
        match told {
            Told::Moved(stop) => {
                self.stop = stop;
                self.pace = Some(Pace::new(self.speed, Instant::now()));
                Told::Moved(None)
            }
            Told::Refused => {
                self.pause();
                Told::Refused
            }
        }
    }

    /// Moves on by the bars that are due.
    async fn play_on(&mut self) {
        let Some(pace) = &mut self.pace else { return };
        let bars = pace.take_due(Instant::now(), MOST_BARS);
        if bars == 0 {
            return;
        }
        let stop = self.stop.as_ref().map(|moment| moment.at);
        let told = self
            .ask(move |snapshot, model, playback| {
                let until = stop.map(|at| playback.end_of(at));
                Ok((model.forward(snapshot, playback, bars, until)?, None))
            })
            .await;
        let Some(playback) = &self.playback else { return };
        let reached = stop.is_some_and(|at| playback.at() >= at);
        match told {
            Told::Refused => self.pause(),
            Told::Moved(_) if reached => {
                let moment = self.stop.take();
                self.pause();
                return self.tell_state(Told::Moved(moment));
            }
            Told::Moved(_) if playback.has_ended() => self.pause(),
            Told::Moved(_) => return,
        }
        self.tell_state(told);
    }

    fn pause(&mut self) {
        self.pace = None;
        self.stop = None;
    }

    /// The moments called so; tells the client when there is one that nobody knows.
    fn kinds(&mut self, names: &[String], field: &'static str) -> Option<Vec<MomentKind>> {
        let graph = &self.state.parts().model.setup().factors;
        let kinds: Result<Vec<_>, _> = names.iter().map(|name| MomentKind::named(graph, name)).collect();
        if kinds.is_err() {
            self.refuse(&ReplayRefusal::Field(field));
        }
        kinds.ok()
    }

    /// Moves the playback on a reader thread and queues what is to be told of it.
    async fn ask<Q>(&mut self, question: Q) -> Told
    where
        Q: FnOnce(&dyn Snapshot, &ReadModel, &mut Playback) -> Result<(Played, Option<Moment>), ReadError>
            + Send
            + 'static,
    {
        let Some(mut playback) = self.playback.take() else {
            return Told::Refused;
        };
        let series = playback.options().series.clone();
        let state = self.state.clone();
        let answered = read(state, series.clone(), move |snapshot, model| {
            let played = question(snapshot, model, &mut playback);
            let told = played.and_then(|(played, moment)| Ok((encode_played(&series, played)?, moment)));
            Answered {
                playback: Some(playback),
                told,
            }
        })
        .await;
        self.take(answered)
    }

    fn take(&mut self, answered: Result<Answered, ApiError>) -> Told {
        let told = match answered {
            Ok(answered) => {
                self.playback = answered.playback;
                answered.told.map_err(ApiError::from)
            }
            Err(error) => Err(error),
        };
        match told {
            Ok((frames, moment)) => {
                for frame in frames {
                    self.outbound.send(frame);
                }
                Told::Moved(moment)
            }
            Err(error) => {
                self.send(&ReplayMessage::error(&error));
                Told::Refused
            }
        }
    }

    fn tell_state(&self, told: Told) {
        let Some(playback) = &self.playback else { return };
        let moment = match told {
            Told::Moved(moment) => moment,
            Told::Refused => None,
        };
        let state = if playback.has_ended() {
            ReplayStateName::Ended
        } else if self.pace.is_some() {
            ReplayStateName::Playing
        } else {
            ReplayStateName::Paused
        };
        self.send(&ReplayMessage::state(playback, state, self.speed, moment));
    }

    fn refuse(&self, refusal: &ReplayRefusal) {
        self.send(&ReplayMessage::Error {
            code: "bad_request".to_owned(),
            message: refusal.to_string(),
        });
    }

    fn send(&self, message: &ReplayMessage) {
        match message.encode() {
            Ok(frame) => self.outbound.send(frame),
            Err(error) => {
                tracing::error!(%error, "replay message cannot be written");
                self.outbound.close(CloseReason::Internal);
            }
        }
    }
}

/// Asks a reader thread; disagreements of stored drawings are told of as for frames.
async fn read<Q>(state: AppState, series: SeriesId, question: Q) -> Result<Answered, ApiError>
where
    Q: FnOnce(&dyn Snapshot, &ReadModel) -> Answered + Send + 'static,
{
    let log = state.parts().debug.clone();
    let read = state.read(move |snapshot, model| {
        let answered = question(snapshot, model);
        if let Err(error) = &answered.told {
            log.record_all(debug::out_of_sync(&series, error));
        }
        Ok(answered)
    });
    read.await
}

fn step(
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    playback: &mut Playback,
    count: i64,
) -> Result<(Played, Option<Moment>), ReadError> {
    let bars = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let played = match count > 0 {
        true => model.forward(snapshot, playback, bars, None),
        false => model.back(snapshot, playback, bars),
    };
    Ok((played?, None))
}

fn jump(
    snapshot: &dyn Snapshot,
    model: &ReadModel,
    playback: &mut Playback,
    kinds: &[MomentKind],
    later: bool,
) -> Result<(Played, Option<Moment>), ReadError> {
    let direction = if later {
        Direction::Later
    } else {
        Direction::Earlier
    };
    let Some(moment) = model.next_moment(snapshot, playback, kinds, direction)? else {
        return Ok((Played::default(), None));
    };
    let end: CandleTime = playback.end_of(moment.at);
    let played = match later && model.bars_until(snapshot, playback, end)? <= MOST_BARS {
        true => model.forward(snapshot, playback, MOST_BARS, Some(end))?,
        false => model.seek(snapshot, playback, end.seconds())?,
    };
    Ok((played, Some(moment)))
}
