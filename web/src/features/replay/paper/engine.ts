/** The paper account of a replay: every state follows from its setup, what the user did, and the closed bars. */
import { Book } from "./book";
import type { PaperAction, PaperBar, PaperCommand, PaperSetup, PaperState } from "./model";

export type {
  NewOrder,
  PaperAction,
  PaperBar,
  PaperCommand,
  PaperFill,
  PaperOrder,
  PaperPosition,
  PaperSetup,
  PaperState,
  PaperStatistics,
  PaperTrade,
} from "./model";
export { STANDARD_SETUP } from "./model";

/** Adds what the user does after the bar `now`; actions of later bars, which a step back left behind, are dropped. */
export function act(actions: readonly PaperAction[], command: PaperCommand, now: number): readonly PaperAction[] {
  const kept = actions.filter(({ at }) => at <= now);
  return [...kept, { ...command, id: (kept.at(-1)?.id ?? 0) + 1, at: now }];
}

/**
 * An account that moves along with the replay. Moving on costs the new bars alone; going back folds again from the start.
 * Actions that lie ahead after a step back happen again when the bars come again, unless the user acts before.
 */
export class PaperAccount {
  #setup: PaperSetup;
  #actions: readonly PaperAction[];
  readonly #bars: PaperBar[] = [];
  #book: Book;
  /** Actions that the book has taken in. */
  #taken = 0;
  /** Newest candle that has passed, while bars before it are being read; null: the newest bar. */
  #position: number | null = null;
  #ahead: { readonly upTo: number; readonly actions: readonly PaperAction[]; readonly state: PaperState } | null = null;

  /** `actions` in the order of their numbers, as `act` makes them. */
  constructor(setup: PaperSetup, actions: readonly PaperAction[] = []) {
    this.#setup = setup;
    this.#actions = actions;
    this.#book = new Book(setup);
  }

  get setup(): PaperSetup {
    return this.#setup;
  }

  /** All that the user did, also what lies ahead after a step back. */
  get actions(): readonly PaperAction[] {
    return this.#actions;
  }

  /** Newest bar, or null before the first. */
  get time(): number | null {
    return this.#bars.at(-1)?.time ?? null;
  }

  /** After which candle the user acts: the newest bar, or one that has passed and is yet to be played. */
  get now(): number | null {
    return this.time === null ? null : Math.max(this.#position ?? this.time, this.time);
  }

  /**
   * Plays closed bars, ascending and without leaving one out: an order cannot fill in a bar that the account never sees.
   * Bars that it has seen are skipped.
   */
  advance(bars: readonly PaperBar[]): void {
    this.#position = null;
    for (const bar of bars) {
      if (bar.time <= (this.time ?? Number.NEGATIVE_INFINITY)) continue;
      this.#take((at) => at < bar.time);
      this.#bars.push(bar);
      this.#book.play(bar);
      this.#take((at) => at <= bar.time);
    }
  }

  /** Does a command after the newest bar; null before the first one, when there is no price to act at. */
  act(command: PaperCommand): PaperAction | null {
    const { now } = this;
    if (now === null) return null;
    this.#actions = act(this.#actions, command, now);
    this.#take((at) => at <= (this.time ?? now));
    return this.#actions.at(-1) ?? null;
  }

  /** Steps back: the newest bar is the last one that opened at `time` or before. Bars after it have to come again. */
  rewind(time: number): void {
    this.#position = null;
    const kept = countTo(this.#bars, time);
    if (kept === this.#bars.length) return;
    this.#bars.length = kept;
    this.#refold();
  }

  /** Another start or fee, as if it had been so from the beginning. */
  change(setup: PaperSetup): void {
    this.#setup = setup;
    this.#refold();
  }

  /** Bars up to `position` have passed and are yet to be played: what is done is ordered there, and acts from the bar after. */
  moveTo(position: number): void {
    this.#position = position;
  }

  state(): PaperState {
    const { now } = this;
    const next = this.#actions[this.#taken];
    if (now === null || next === undefined || next.at > now) return this.#book.state();
    return this.#statePast(now);
  }

  /** Whether bars up to `time` could be left out: nothing is held, ordered, or to be done again before it. */
  isIdleTo(time: number): boolean {
    const { position, orders, closing } = this.#book.state();
    const next = this.#actions[this.#taken];
    return position === null && orders.length === 0 && closing === null && (next === undefined || next.at >= time);
  }

  /** The account as it was at `time`; the account itself stays where it is. */
  stateAt(time: number): PaperState {
    return this.#fold(countTo(this.#bars, time)).book.state();
  }

  /** The account with its position closed at the last close and no orders left: the end of a session. */
  settled(): PaperState {
    const { book } = this.#fold(this.#bars.length);
    book.settle();
    return book.state();
  }

  /** With what was done after bars that are yet to be played. */
  #statePast(upTo: number): PaperState {
    const known = this.#ahead;
    const actions = this.#actions;
    if (known && known.upTo === upTo && known.actions === actions && known.state.time === this.time) return known.state;
    const { book, taken } = this.#fold(this.#bars.length);
    takeDue(book, actions, taken, (at) => at <= upTo);
    const state = book.state();
    this.#ahead = { upTo, actions, state };
    return state;
  }

  #refold(): void {
    this.#ahead = null;
    const { book, taken } = this.#fold(this.#bars.length);
    this.#book = book;
    this.#taken = taken;
  }

  #take(due: (at: number) => boolean): void {
    this.#taken = takeDue(this.#book, this.#actions, this.#taken, due);
  }

  /** The first `count` bars, and what was done up to the last of them. */
  #fold(count: number): { book: Book; taken: number } {
    const book = new Book(this.#setup);
    let taken = 0;
    for (const bar of this.#bars.slice(0, count)) {
      taken = takeDue(book, this.#actions, taken, (at) => at < bar.time);
      book.play(bar);
      taken = takeDue(book, this.#actions, taken, (at) => at <= bar.time);
    }
    return { book, taken };
  }
}

function takeDue(book: Book, actions: readonly PaperAction[], from: number, due: (at: number) => boolean): number {
  let at = from;
  for (let action = actions[at]; action && due(action.at); action = actions[at]) {
    book.act(action);
    at += 1;
  }
  return at;
}

/** How many of the ascending bars open at `time` or before. */
function countTo(bars: readonly PaperBar[], time: number): number {
  let low = 0;
  let high = bars.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bars[middle]?.time ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
