/** Finds how many bars up to a time have no hole between them, by asking whether so many have. */
export interface Fit {
  /** So many have none. */
  readonly fits: number;
  /** So many have one. */
  readonly lacks: number;
}

/** The last bar is there; of `bars` so many are stored. */
export function beginFit(bars: number, stored: number): Fit {
  return learn({ fits: 1, lacks: bars }, bars, stored);
}

export function isFound({ fits, lacks }: Fit): boolean {
  return lacks - fits <= 1;
}

/** How many to ask about next; in the end how many there are. */
export function askFor(fit: Fit): number {
  return isFound(fit) ? fit.fits : Math.floor((fit.fits + fit.lacks) / 2);
}

/** Of `asked` bars so many are stored. */
export function learn(fit: Fit, asked: number, stored: number): Fit {
  return stored < asked
    ? { ...fit, lacks: Math.max(fit.fits + 1, Math.min(asked, stored + 1)) }
    : { ...fit, fits: asked };
}
