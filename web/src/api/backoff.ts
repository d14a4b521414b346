const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const SPREAD = 0.2;

/**
 * Delay before attempt `attempt` (1 is the first retry), milliseconds: 0.5 s doubling to 15 s, spread by 20 % either way.
 * `random` is in [0, 1).
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const doubled = FIRST_DELAY_MS * 2 ** Math.min(Math.max(attempt, 1) - 1, 10);
  const delay = Math.min(doubled, LONGEST_DELAY_MS);
  return Math.round(delay * (1 - SPREAD + 2 * SPREAD * random));
}
