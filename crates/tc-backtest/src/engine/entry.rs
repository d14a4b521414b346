//! Opening a trade.

use super::{Simulation, position::Position, wallet::Wallet};
use crate::{
    config::{Config, Slots, Stake, Trading},
    decimal::{Decimal, FeeFactor, product, value},
    market::Market,
    models::FeeRates,
    rounding::Tick,
    signals::Side,
    trade::ExitReason,
};

/// A stake below the smallest one is raised to it if that makes it at most this much greater.
const RAISE: f64 = 1.3;

/// Size of a new trade.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Size {
    stake: f64,
    amount: f64,
    leverage: f64,
}

impl Simulation<'_> {
    /// Opens a trade at the open of a candle, unless there is too little money or the market refuses its size.
    pub(super) fn enter(&mut self, at: usize, row: usize, side: Side, now: i64) {
        let lane = &self.lanes[at];
        let Some(bar) = lane.series.bars().get(row) else {
            return;
        };
        let rate = self.models.slippage.entry(bar.open, side, bar);
        let market = lane.series.market();
        let Some(size) = size(self.config, &self.wallet, market, rate) else {
            return;
        };
        let tick = lane.series.tick_at(now);
        let open_rate = tick.near(rate);
        if !self.models.fill.enters(open_rate, side, bar) {
            return;
        }
        let mut position = opened(side, size, (rate, open_rate), tick, self.models.fee.rates(market));
        position.open_ms = now;
        position.initial_stop_ratio = -self.config.stop_loss.abs();
        position.stop_ratio = position.initial_stop_ratio;
        position.stop = position.stop_at(open_rate, self.config.stop_loss);
        position.initial_stop = position.stop;
        if matches!(self.config.trading, Trading::Futures { .. }) {
            position.has_funding = true;
            position.liquidation = liquidation(&position, market, self.config.liquidation_buffer);
            position.next_payment = lane.funding.map_or(0, |funding| funding.position(now));
        }
        let source = row
            .checked_sub(1)
            .and_then(|signal_row| lane.series.source(signal_row));
        position.enter_tag = source.and_then(|source| lane.signals.enter_tag(source)).cloned();
        self.lanes[at].open = Some(position);
        self.open.push(at);
        self.order_is_old = true;
        self.tie();
    }

    /// Counts again what is tied in open trades.
    pub(super) fn tie(&mut self) {
        let lanes = &self.lanes;
        let stakes = self.open.iter().filter_map(|&at| lanes[at].open.as_ref());
        self.wallet.tie(stakes.map(|position| position.stake));
    }
}

/// How large a trade at `rate` can be.
fn size(config: &Config, wallet: &Wallet, market: &Market, rate: f64) -> Option<Size> {
    let available = wallet.available(config.tradable_balance_ratio);
    let stake = match (config.stake, config.slots) {
        (Stake::Fixed(stake), _) => stake,
        (Stake::Unlimited, Slots::AtMost(slots)) => {
            ((available + wallet.tied()) / f64::from(slots)).min(available)
        }
        (Stake::Unlimited, Slots::Unlimited) => return None,
    };
    if available < stake || stake <= 0.0 || stake.is_nan() {
        return None;
    }
    let leverage = match config.trading {
        Trading::Spot => 1.0,
        Trading::Futures { leverage, .. } if market.tiers.is_empty() => leverage.max(1.0),
        Trading::Futures { leverage, .. } => leverage.max(1.0).min(market.max_leverage(stake)?),
    };
    let least = market.min_stake(rate, leverage, config.amount_reserve);
    let most = market.max_stake(rate, leverage).min(available);
    if least > most || (stake < least && stake * RAISE < least) {
        return None;
    }
    let stake = stake.max(least).min(most);
    let amount = market.amount_step.truncated(stake / rate * leverage);
    if amount <= 0.0 {
        return None;
    }
    Some(Size {
        stake: product(Decimal::of(amount), Decimal::of(rate)) / leverage,
        amount,
        leverage,
    })
}

/// A trade filled at the first of two prices; the second is the same on the grid.
fn opened(
    side: Side,
    size: Size,
    (entry_rate, open_rate): (f64, f64),
    tick: Tick,
    fees: FeeRates,
) -> Position {
    let exact_amount = Decimal::of(size.amount);
    let (entry_factor, exit_factor, rough_factor) = match side {
        Side::Long => (
            FeeFactor::plus(fees.entry),
            FeeFactor::minus(fees.exit),
            1.0 - fees.exit,
        ),
        Side::Short => (
            FeeFactor::minus(fees.entry),
            FeeFactor::plus(fees.exit),
            1.0 + fees.exit,
        ),
    };
    Position {
        side,
        amount: size.amount,
        stake: size.stake,
        leverage: size.leverage,
        open_rate,
        entry_rate,
        open_ms: 0,
        tick,
        fees,
        value_open: value(exact_amount, Decimal::of(open_rate), entry_factor),
        value_paid: value(exact_amount, Decimal::of(entry_rate), entry_factor),
        stop: 0.0,
        initial_stop: 0.0,
        stop_ratio: 0.0,
        initial_stop_ratio: 0.0,
        is_trailing: false,
        liquidation: None,
        max_rate: open_rate,
        min_rate: open_rate,
        has_funding: false,
        funding: 0.0,
        funding_sum: 0.0,
        next_payment: 0,
        enter_tag: None,
        order: None,
        reason: ExitReason::ForceExit,
        exact_amount,
        exit_factor,
        rough_value_of_one: size.amount * rough_factor,
    }
}

/// Price at which the exchange would close the position, moved towards the open; `None` when it never would.
fn liquidation(position: &Position, market: &Market, buffer: f64) -> Option<f64> {
    let (rate, maintenance) = market.maintenance(position.stake)?;
    let (amount, open) = (position.amount, position.open_rate);
    let signed = position.side.sign() * amount;
    let price = (position.stake + maintenance - signed * open) / (amount * rate - signed);
    let distance = (open - price).abs() * buffer;
    let price = match position.side {
        Side::Long => price + distance,
        Side::Short => price - distance,
    };
    let price = position.tick.near(price.max(0.0));
    (price > 0.0).then_some(price)
}
