/**
 * Handler: what responds to the requests of a plan, with those parts that only
 * some plans ask for.
 *
 * @module
 */

import type { Handler } from "../server/context.ts";
import type { Plan } from "./plan.ts";
import type { ReleaseEvents } from "./release_events.ts";
import type { ReleaseGap } from "./release_gap.ts";
import {
  type LiveOpener,
  type PlanHandler,
  SiteHandler,
  type SiteObserver,
} from "./site_handler.ts";

/** Adds the previews of a plan to what serves it. */
export type PreviewsOpener = (
  plan: Plan,
  observer: SiteObserver,
  served: SiteHandler,
) => PlanHandler;

/** Opens what bridges the moment without a release, from its root and what responds. */
export type GapOpener = (root: string, respond: Handler) => ReleaseGap;

/** Parts of a handler that only some plans ask for. */
export interface HandlerParts {
  /** Makes pages live. */
  readonly openLive?: LiveOpener | undefined;
  /** Says which release is served. */
  readonly releaseEvents?: ReleaseEvents | undefined;
  /** Shows other releases, with --releases. */
  readonly openPreviews?: PreviewsOpener | undefined;
  /** Has requests wait when the release that is served is gone, with --releases. */
  readonly openGap?: GapOpener | undefined;
}

/** Loads the parts that a plan needs, or may need after a reload. */
export async function partsOf(
  { options, releases, isolates }: Plan,
): Promise<HandlerParts> {
  let openLive: LiveOpener | undefined;
  if (options.live) {
    const { Live } = await import("./live.ts");
    openLive = (deps) => new Live(deps);
  }
  if (releases === undefined) return { openLive };
  let releaseEvents: ReleaseEvents | undefined;
  if (options.releaseInfo) {
    const { ReleaseEvents } = await import("./release_events.ts");
    releaseEvents = new ReleaseEvents(releases, isolates);
  }
  const { PreviewHandler } = await import("./previews.ts");
  const openPreviews: PreviewsOpener = (...args) => new PreviewHandler(...args);
  const { ReleaseGap } = await import("./release_gap.ts");
  const openGap: GapOpener = (...args) => new ReleaseGap(...args);
  return { openLive, releaseEvents, openPreviews, openGap };
}

/** Opens what responds to the requests of a plan. Throws like SiteHandler. */
export function openHandler(
  plan: Plan,
  observer: SiteObserver,
  { openPreviews, openLive, releaseEvents }: HandlerParts,
): PlanHandler {
  const full = { ...observer, openLive, releaseEvents };
  const served = new SiteHandler(plan, full);
  if (openPreviews === undefined || plan.options.preview.length === 0) {
    return served;
  }
  try {
    return openPreviews(plan, full, served);
  } catch (error) {
    served.close();
    throw error;
  }
}
