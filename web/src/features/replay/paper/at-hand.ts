/** Which session goes on in this tab: a reload takes it up again, another visit begins anew. */

const KEY = "tc:v1:paper-at-hand";

/** Id of the session; null: none. */
export function sessionAtHand(): string | null {
  try {
    return globalThis.sessionStorage?.getItem(KEY) ?? null;
  } catch {
    return null;
  }
}

export function putAtHand(id: string | null): void {
  try {
    if (id === null) globalThis.sessionStorage?.removeItem(KEY);
    else globalThis.sessionStorage?.setItem(KEY, id);
  } catch {
    // A forbidden storage costs the way back after a reload, nothing else.
  }
}
