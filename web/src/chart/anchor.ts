import type { Bars } from "./bars";
import type { Surface } from "./surface";
import { isFollowing } from "./viewport";

/** Replaces the bars without moving a pixel of those that stay. A view that follows the newest bar goes on following. */
export function keepView(surface: Surface, bars: Bars, replace: () => unknown): void {
  const before = bars.slots();
  const view = surface.view();
  const last = before.length - 1;
  const middle = last + view.rightOffset - surface.width() / view.spacing / 2;
  const anchor = Math.min(Math.max(Math.round(middle), 0), last);
  const anchorTime = before.timeAt(anchor);
  replace();
  const after = bars.slots();
  if (last < 0 || after.length === 0 || anchorTime === undefined) return;
  const following = isFollowing(view, surface.width());
  const moved = Math.min(after.lowerBound(anchorTime), after.length - 1);
  const rightOffset = following ? view.rightOffset : view.rightOffset + (last - anchor) - (after.length - 1 - moved);
  surface.setView({ spacing: view.spacing, rightOffset });
}
