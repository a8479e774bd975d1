/**
 * Previews: releases that are not served, shown under another host name or to
 * clients with a cookie. Loaded with --releases only.
 *
 * @module
 */

import { escape } from "@std/html";
import type { RequestHead } from "../http/head.ts";
import { quote } from "../http/printable.ts";
import type { Reply } from "../http/reply.ts";
import { errorMessage } from "../observe/error_text.ts";
import type { Client } from "../server/client.ts";
import {
  addStatistics,
  closedStatistics,
  NO_STATISTICS,
  type SiteStatistics,
} from "../site/site.ts";
import { type Plan, refuseNewProblems, type ReleaseSet } from "./plan.ts";
import { type ChosenPreview, PreviewChoice } from "./preview_choice.ts";
import { demandContent } from "./releases.ts";
import {
  type PlanHandler,
  SiteHandler,
  type SiteObserver,
} from "./site_handler.ts";

/** Most open previews: before another opens, the least recently requested one closes. */
export const PREVIEWS_OPEN_MAX = 10;

/** A release that cannot be shown. */
const BROKEN = "broken";

/** Responds to requests for the served release, and for previews of others. */
export class PreviewHandler implements PlanHandler {
  readonly #plan: Plan;
  readonly #observer: SiteObserver;
  readonly #served: SiteHandler;
  readonly #choice: PreviewChoice;
  readonly #releases: ReadonlyMap<string, ReleaseSet>;
  /** By release and what names it, the most recently requested one last. */
  readonly #open = new Map<string, SiteHandler | typeof BROKEN>();
  /** The totals of closed handlers. */
  #closed = NO_STATISTICS;

  /** Adds the previews of a plan to what serves it. Throws a PlanError for previews that are invalid. */
  constructor(plan: Plan, observer: SiteObserver, served: SiteHandler) {
    this.#plan = plan;
    this.#observer = observer;
    this.#served = served;
    this.#releases = new Map(
      (plan.releases?.previews ?? []).map((set) => [set.all[0]!.name, set]),
    );
    const names = [...this.#releases.keys()];
    this.#choice = new PreviewChoice(plan.options.preview, names);
  }

  respond(
    head: RequestHead,
    now: number,
    client: Client,
  ): Reply | Promise<Reply> {
    const chosen = this.#choice.of(head);
    if (chosen === undefined) return this.#served.respond(head, now, client);
    const { release, by } = chosen;
    this.#observer.onPreview?.(by);
    this.#observer.onStep?.({ kind: "preview", release, by });
    const handler = this.#handlerFor(chosen);
    if (handler !== undefined && handler !== BROKEN) {
      return handler.respond(head, now, client);
    }
    const name = escape(quote(release ?? ""));
    const text = handler === BROKEN
      ? `Release ${name} cannot be shown.`
      : release === undefined
      ? "No release has this name."
      : `There is no release ${name} here.`;
    const status = handler === BROKEN ? 500 : 404;
    const details = `<p>${text}</p>`;
    return this.#served.respondError(status, details, head, now, client);
  }

  /** Returns the handler of a preview, or that it cannot be shown; undefined if there is no such release. */
  #handlerFor(
    { release, by }: ChosenPreview,
  ): SiteHandler | typeof BROKEN | undefined {
    const set = release === undefined ? undefined : this.#releases.get(release);
    if (set === undefined) return undefined;
    const key = `${by} ${release}`;
    let handler = this.#open.get(key);
    if (handler === undefined) {
      handler = this.#openSet(set, by);
      if (this.#open.size >= PREVIEWS_OPEN_MAX) this.#closeOldest();
    } else this.#open.delete(key);
    this.#open.set(key, handler);
    return handler;
  }

  /** Opens a release. It is shown alone, so that it lacks here what it will lack for new clients. */
  #openSet(
    releases: ReleaseSet,
    by: ChosenPreview["by"],
  ): SiteHandler | typeof BROKEN {
    const release = releases.all[0]!;
    const { name, root, kind } = release;
    const plan: Plan = { ...this.#plan, root, kind, releases, preview: by };
    const observer = { ...this.#observer, isLasting: false };
    let handler: SiteHandler | undefined;
    try {
      demandContent(release);
      handler = new SiteHandler(plan, observer, this.#served);
      // Show nothing that a deploy would refuse.
      refuseNewProblems(this.#served.warnings, handler.warnings);
      return handler;
    } catch (error) {
      handler?.close();
      this.#observer.onWarning(
        `Cannot show a preview of release ${quote(name)}: ${
          errorMessage(error)
        }`,
      );
      return BROKEN;
    }
  }

  #closeOldest(): void {
    const [oldest] = this.#open;
    const [key, handler] = oldest!;
    this.#open.delete(key);
    if (handler === BROKEN) return;
    const left = closedStatistics(handler.statistics());
    this.#closed = addStatistics(this.#closed, left);
    handler.close();
  }

  /** What serves, and the previews that are open. */
  get #all(): SiteHandler[] {
    const previews = [...this.#open.values()];
    return [this.#served, ...previews.filter((each) => each !== BROKEN)];
  }

  /** Those of the release that is served. */
  get warnings(): readonly string[] {
    return this.#served.warnings;
  }

  get access(): PlanHandler["access"] {
    return this.#served.access;
  }

  get misses(): number {
    let misses = this.#served.misses + this.#closed.misses;
    for (const handler of this.#open.values()) {
      if (handler !== BROKEN) misses += handler.misses;
    }
    return misses;
  }

  statistics(): SiteStatistics {
    return [...this.#all.map((each) => each.statistics()), this.#closed]
      .reduce(addStatistics);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#all.map((each) => each.idle()));
  }

  closeSpareFiles(): void {
    for (const each of this.#all) each.closeSpareFiles();
  }

  reloadAll(): void {
    this.#served.reloadAll();
  }

  refusal(status: number): Reply {
    return this.#served.refusal(status);
  }

  close(): void {
    for (const handler of this.#all) handler.close();
    this.#open.clear();
  }
}
