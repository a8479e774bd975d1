/**
 * Handler: what responds to the requests of a plan, with those parts that only
 * some plans ask for.
 *
 * @module
 */

import type { Live } from "./live.ts";
import type { Plan } from "./plan.ts";
import type { PreviewHandler } from "./previews.ts";
import type { ReleaseEvents } from "./release_events.ts";
import type { ReleaseGap } from "./release_gap.ts";
import {
  type PlanHandler,
  SiteHandler,
  type SiteObserver,
} from "./site_handler.ts";

/** Parts of a handler that only some plans ask for. */
export interface HandlerParts {
  /** Makes pages live. */
  readonly Live?: typeof Live | undefined;
  /** Says which release is served. */
  readonly releaseEvents?: ReleaseEvents | undefined;
  /** Shows other releases, with --releases. */
  readonly PreviewHandler?: typeof PreviewHandler | undefined;
  /** Has requests wait when the release that is served is gone, with --releases. */
  readonly ReleaseGap?: typeof ReleaseGap | undefined;
}

/** Loads the parts that a plan needs, or may need after a reload. */
export async function partsOf(
  { options, releases, isolates }: Plan,
): Promise<HandlerParts> {
  const live = options.live ? await import("./live.ts") : undefined;
  if (releases === undefined) return { Live: live?.Live };
  const events = options.releaseInfo
    ? await import("./release_events.ts")
    : undefined;
  const { PreviewHandler } = await import("./previews.ts");
  const { ReleaseGap } = await import("./release_gap.ts");
  return {
    Live: live?.Live,
    releaseEvents: events && new events.ReleaseEvents(releases, isolates),
    PreviewHandler,
    ReleaseGap,
  };
}

/** Opens what responds to the requests of a plan. Throws like SiteHandler. */
export function openHandler(
  plan: Plan,
  observer: SiteObserver,
  { PreviewHandler, Live, releaseEvents }: HandlerParts,
): PlanHandler {
  const full = { ...observer, Live, releaseEvents };
  const served = new SiteHandler(plan, full);
  if (PreviewHandler === undefined || plan.options.preview.length === 0) {
    return served;
  }
  try {
    return new PreviewHandler(plan, full, served);
  } catch (error) {
    served.close();
    throw error;
  }
}
