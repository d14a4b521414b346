/** Figures of backtests in English: name, what it is, how to read it. Loaded with the results alone. */
export const metrics = {
  profit_total: [
    "Total return",
    "What all closed trades brought, as a share of the starting balance.",
    "Compare it with holding: a return below it was not worth the trading.",
  ],
  profit_total_abs: [
    "Profit",
    "What all closed trades brought after fees and funding.",
    "Money says little without the balance it was made from.",
  ],
  final_balance: [
    "Final balance",
    "The starting balance and everything the trades brought.",
    "Open trades are closed at the end and are part of it.",
  ],
  market_change: [
    "Buy and hold",
    "What holding from the first close to the last would have brought.",
    "The bar that a strategy has to clear.",
  ],
  cagr: [
    "Yearly growth",
    "The total return, extrapolated to a whole year.",
    "Short runs exaggerate it: look at the number of days first.",
  ],
  profit_mean: [
    "Mean trade",
    "Average profit of a trade as a share of its stake.",
    "It must be well above what fees and slippage cost.",
  ],
  profit_median: [
    "Median trade",
    "Half of the trades brought more, half of them less.",
    "Far below the mean: a few large winners carry the result.",
  ],
  profit_total_long_abs: [
    "Profit of long trades",
    "What the long trades brought.",
    "All of it from one side may only be the trend of the market.",
  ],
  profit_total_short_abs: [
    "Profit of short trades",
    "What the short trades brought.",
    "All of it from one side may only be the trend of the market.",
  ],
  expectancy: [
    "Expectancy",
    "Money to expect from the next trade, if it is like the others.",
    "Below zero the strategy loses in the long run.",
  ],
  expectancy_ratio: [
    "Expectancy ratio",
    "Expectancy measured by the average loss.",
    "How much is won for every unit of money that is put at risk.",
  ],
  backtest_best_day_abs: [
    "Best day",
    "The largest sum of trades closed on one UTC day.",
    "Large against the total: the result hangs on a single day.",
  ],
  backtest_worst_day_abs: [
    "Worst day",
    "The smallest sum of trades closed on one UTC day.",
    "A day to be ready for, and not the worst there can be.",
  ],
  "extra.best_trade": [
    "Best trade",
    "The largest profit as a share of its stake.",
    "Take it away in your mind: does the result survive?",
  ],
  "extra.worst_trade": [
    "Worst trade",
    "The largest loss as a share of its stake.",
    "Larger than the stop allows: gaps or fees ate into it.",
  ],

  max_drawdown_account: [
    "Max drawdown",
    "Deepest fall of the closed profit, as a share of the account at its peak.",
    "The loss you would have had to sit through. Expect a deeper one.",
  ],
  max_drawdown_abs: [
    "Max drawdown, money",
    "Deepest fall of the closed profit in money.",
    "Losses of open trades are not in it.",
  ],
  max_relative_drawdown: [
    "Max relative drawdown",
    "Largest share of the account that any fall took.",
    "Early falls weigh more here, when the account was smaller.",
  ],
  drawdown_duration_s: [
    "Length of the drawdown",
    "Time from the peak to the low of the deepest fall.",
    "The way back up is not in it.",
  ],
  "wallet_stats.max_drawdown_account": [
    "Max drawdown, wallet",
    "Deepest fall of the whole wallet, open trades included on spot.",
    "The one to compare with other toolkits.",
  ],
  "extra.max_drawdown_duration_s": [
    "Longest time under water",
    "Longest time below a former peak of the wallet.",
    "Long ones are what makes people give up.",
  ],
  "wallet_stats.sharpe": [
    "Sharpe, wallet",
    "Mean daily return by its spread, for a year.",
    "Above 1 is good, above 3 rarely survives reality.",
  ],
  "wallet_stats.sortino": [
    "Sortino, wallet",
    "Like Sharpe, but only losing days count as spread.",
    "Much above Sharpe: the swings were mostly upwards.",
  ],
  "wallet_stats.calmar": [
    "Calmar, wallet",
    "Return by the deepest fall of the wallet.",
    "How much return every unit of drawdown paid for.",
  ],
  sharpe: [
    "Sharpe",
    "Return per day of the closed trades by its spread, for a year.",
    "As freqtrade counts it; for comparison with other toolkits take the one of the wallet.",
  ],
  sortino: [
    "Sortino",
    "Like Sharpe, but only losing trades count as spread.",
    "As freqtrade counts it; for comparison with other toolkits take the one of the wallet.",
  ],
  calmar: [
    "Calmar",
    "Return per day by the deepest fall, for a year.",
    "As freqtrade counts it; short runs exaggerate it.",
  ],
  sqn: [
    "System quality",
    "Mean trade by its spread, times the root of their number.",
    "From 2 on usable, from 3 on good; it grows with the number of trades.",
  ],
  p_value: [
    "p value",
    "Chance of such a mean trade, or a more extreme one, if the true mean were zero.",
    "Below 0.05 luck alone is unlikely, unless you tried many variants.",
  ],
  "extra.volatility_ann": [
    "Volatility",
    "Spread of the daily returns of the wallet, for a year.",
    "Bitcoin itself had about 40 to 80 % in most years.",
  ],
  "extra.ulcer_index": [
    "Ulcer index",
    "Root of the mean square of the drawdown.",
    "Depth and length of falls in one number; smaller is calmer.",
  ],
  "extra.var_95": [
    "Value at risk, 95 %",
    "One day in twenty was worse than this.",
    "It says nothing about how much worse.",
  ],
  "extra.cvar_95": [
    "Expected shortfall",
    "Mean return of the worst day in twenty.",
    "How bad a bad day is on average.",
  ],
  "extra.omega": [
    "Omega",
    "Sum of the gains of days by the sum of their losses.",
    "Above 1 the winning days outweigh the losing ones.",
  ],
  "extra.tail_ratio": ["Tail ratio", "A very good day by a very bad one.", "Above 1 the surprises were on your side."],
  "extra.recovery_factor": [
    "Recovery factor",
    "Profit by the deepest fall in money.",
    "How many times the deepest fall was earned back.",
  ],
  "extra.kelly": [
    "Kelly share",
    "Share of the wallet per trade that would have grown it fastest.",
    "Looking back only; even half of it is bold.",
  ],
  "extra.skew": [
    "Skew",
    "Whether large days lie above or below the mean.",
    "Below zero: many small gains, and now and then a large loss.",
  ],
  "extra.kurtosis": [
    "Excess kurtosis",
    "How often days lie far from the mean.",
    "Above zero extremes come more often than in a normal distribution.",
  ],

  total_trades: ["Trades", "Number of closed trades.", "Below about a hundred most ratios are noise."],
  winrate: ["Win rate", "Share of the trades that brought money.", "Means little without the size of wins and losses."],
  wins: ["Winners", "Trades above zero after fees.", "See the average result of each for their weight."],
  draws: ["Draws", "Trades at exactly zero.", "They are neither winners nor losers."],
  losses: ["Losers", "Trades below zero after fees.", "See the average result of each for their weight."],
  profit_factor: [
    "Profit factor",
    "Sum of the gains by the sum of the losses.",
    "Below 1 it loses; 1.2 to 2 is usual for what lasts.",
  ],
  "extra.payoff_ratio": ["Payoff ratio", "Average win by average loss.", "Below 1 the win rate has to make up for it."],
  trade_count_long: ["Long trades", "Number of long trades.", "Few on one side: its figures are noise."],
  trade_count_short: ["Short trades", "Number of short trades.", "Few on one side: its figures are noise."],
  trades_per_day: [
    "Trades per day",
    "Number of trades by the days of the run.",
    "Many a day: fees and slippage decide.",
  ],
  max_consecutive_wins: [
    "Longest winning streak",
    "Most winners one after the other.",
    "A matter of luck as much as of skill.",
  ],
  max_consecutive_losses: [
    "Longest losing streak",
    "Most trades without a win one after the other.",
    "Be ready for a longer one.",
  ],
  leverage: [
    "Leverage",
    "How many times its stake a trade moves.",
    "Profits, losses and funding grow with it, and a liquidation comes closer.",
  ],
  avg_stake_amount: [
    "Mean stake",
    "Average money put into a trade.",
    "It grows with the balance when the stake is unlimited.",
  ],
  rejected_signals: [
    "Signals without a slot",
    "Entry signals that found every slot taken.",
    "Many of them: the result depends on which came first.",
  ],

  backtest_days: [
    "Days",
    "Whole days between the first candle and the last.",
    "Everything that is told for a year is extrapolated from them.",
  ],
  "extra.exposure": ["Exposure", "Share of the candles with an open trade.", "Return with little exposure risks less."],
  holding_avg_s: [
    "Mean holding time",
    "Average time that a trade was open.",
    "Close to one candle: the fill model decides the result.",
  ],
  winner_holding_avg_s: [
    "Holding time of winners",
    "Average time that winners were open.",
    "Shorter than that of losers: gains are cut, losses run.",
  ],
  loser_holding_avg_s: [
    "Holding time of losers",
    "Average time that losers were open.",
    "Longer than that of winners: gains are cut, losses run.",
  ],
  winning_days: [
    "Winning days",
    "UTC days whose closed trades add up to more than zero.",
    "Days without a trade count as draws.",
  ],
  draw_days: [
    "Days at zero",
    "UTC days whose closed trades add up to zero, and days without any.",
    "Many of them: the strategy waits most of the time.",
  ],
  losing_days: [
    "Losing days",
    "UTC days whose closed trades add up to less than zero.",
    "Days without a trade count as draws.",
  ],

  "extra.fees_paid": [
    "Fees",
    "Fees of all orders.",
    "More than the profit: a slightly higher fee turns it into a loss.",
  ],
  "extra.funding_paid": [
    "Funding",
    "Funding paid; below zero when more was received.",
    "Without funding data it is zero, and says so in a warning.",
  ],
  total_volume: ["Volume", "What all orders moved, fees included.", "Fees and slippage grow with it."],
} as const satisfies Readonly<Record<string, readonly [string, string, string]>>;
