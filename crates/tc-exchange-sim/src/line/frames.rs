//! Candle frames: what becomes of each, and how it is written down.

use super::{Line, Output, outbox::Waiting};
use crate::{
    faults::{FaultPlan, FrameKind, MarketFault, Place},
    feed::Bucket,
    schedule::StreamFrame,
    wire,
};

impl Line {
    /// Decides what becomes of a frame that is due.
    pub(super) fn take(&mut self, plan: &FaultPlan, frame: &StreamFrame) {
        let market = self.route.market();
        let open_s = frame.bucket.values().time().seconds();
        if plan.is_outage(market, &frame.stream, frame.timeframe, open_s) {
            return;
        }
        let place = Place {
            stream: Some(&frame.stream),
            frames: Some(frame.kind()),
            ..self.place(frame.at_ms)
        };
        let fate = plan.fate(&place);
        let waiting = Waiting {
            stream: frame.stream.clone(),
            event: self.event(plan, frame, &place),
            kind: frame.kind(),
        };
        let lost = self.outbox.put(waiting, fate);
        if lost > 0 {
            self.exchange
                .board
                .change(|counters| counters.lost_frames += lost);
        }
    }

    /// The frame as it is written down.
    fn event(&self, plan: &FaultPlan, frame: &StreamFrame, place: &Place<'_>) -> String {
        let Some(instrument) = self.exchange.feed.instrument(frame.instrument) else {
            return String::new();
        };
        let mut bucket = frame.bucket;
        if let Bucket::Closed(candle) = bucket {
            let place = Place {
                at_ms: candle.time().seconds() * 1000,
                ..*place
            };
            if plan.is_corrected(&place) {
                bucket = Bucket::Closed(MarketFault::provisional(&candle));
            }
        }
        let told_ms = frame.at_ms + plan.skew_ms(place);
        let event = wire::event(instrument, frame.timeframe, &bucket, told_ms);
        match plan.spoiling(place) {
            Some(fault) => fault.spoil(&event),
            None => event,
        }
    }

    pub(super) fn say_frame(&mut self, waiting: Waiting) -> Output {
        let text = self.enveloped(&waiting.stream, waiting.event);
        let output = self.say(text);
        if matches!(output, Output::Text(_)) {
            self.exchange.board.change(|counters| {
                counters.frames += 1;
                counters.closed_frames += u64::from(waiting.kind == FrameKind::Closed);
            });
        }
        output
    }
}
