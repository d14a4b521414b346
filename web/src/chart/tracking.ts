/** Looks at every painted view: whether it follows the newest bar, and whether history is about to run out. */
import type { Bars } from "./bars";
import type { Content } from "./content";
import type { Navigation } from "./navigation";
import type { Surface } from "./surface";
import { historyThreshold } from "./viewport";

export interface TrackedParts {
  readonly content: Content;
  readonly navigation: Navigation;
  readonly bars: Bars;
  readonly surface: Surface;
}

export class ViewTracker {
  private readonly parts: TrackedParts;
  private left: number | null = null;

  constructor(parts: TrackedParts) {
    this.parts = parts;
  }

  /** Newest closed time when the view left the newest bar, seconds; null while following. */
  leftAt(): number | null {
    return this.left;
  }

  forget(): void {
    this.left = null;
  }

  look(): void {
    const { content, navigation, bars, surface } = this.parts;
    const session = content.session();
    if (!session || content.painted() !== session.seriesId) return;
    const following = navigation.following() && bars.window().atHead;
    this.left = following ? null : (this.left ?? session.newest());
    const left = navigation.slotsLeftOfView();
    const right = navigation.slotsRightOfView();
    session.setFarSide(left < right ? "right" : "left");
    const threshold = historyThreshold(navigation.view(), surface.width());
    if (left < threshold) void session.loadOlder();
    if (right < threshold) void session.loadNewer();
  }
}
