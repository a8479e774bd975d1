/**
 * The built-in error pages for people: they name the requested path,
 * and lead to the nearest folder that the client may see.
 *
 * @module
 */

import { after } from "../http/after.ts";
import { Field } from "../http/fields.ts";
import type { RequestHead } from "../http/head.ts";
import { namesHtml } from "../http/media_range.ts";
import type { Reply } from "../http/reply.ts";
import type { Target } from "../http/target.ts";
import { textOf } from "./listing/names.ts";
import type { OwnReplies } from "./own_replies.ts";
import type { PathPolicy, Policy } from "./policy.ts";
import { nearestFolder, type Viewpoint } from "./reachable.ts";
import type { Site } from "./site.ts";

/** Characters of a path that a page shows; the rest is left out. */
export const SHOWN_PATH_LENGTH_MAX = 200;

/** A request that comes to an error. */
interface FailedRequest {
  readonly head: RequestHead;
  readonly target: Target;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly pathPolicy: PathPolicy;
}

export class ErrorPages {
  readonly #site: Site;
  readonly #policy: Policy;
  readonly #own: OwnReplies;

  constructor(
    { site, policy }: Pick<Viewpoint, "site" | "policy">,
    own: OwnReplies,
  ) {
    this.#site = site;
    this.#policy = policy;
    this.#own = own;
  }

  /**
   * Returns the page for an error: one that is the same for all requests, unless the client names HTML in Accept, as
   * browsers do. Returns a promise only if the policy has suggestions.
   */
  get(status: number, request: FailedRequest): Reply | Promise<Reply> {
    const { head, target: { path }, now, pathPolicy } = request;
    if (!namesHtml(head.field(Field.Accept))) {
      return this.#own.error(status, pathPolicy);
    }
    const view = {
      site: this.#site,
      policy: this.#policy,
      isPrivate: pathPolicy.isPrivate,
      now,
    };
    const folder = nearestFolder(path, view);
    return after(
      this.#suggestion(status, path, folder, view),
      (suggestion) =>
        this.#own.errorWith(
          status,
          detailsOf(path, folder, suggestion),
          pathPolicy,
        ),
    );
  }

  /** Returns what a missing path may have meant, where the policy lets names of folders be told. */
  #suggestion(
    status: number,
    path: string,
    folder: string | undefined,
    view: Viewpoint,
  ): string | undefined | Promise<string | undefined> {
    const { suggestions, listing } = this.#policy.options;
    const isWanted = suggestions && listing && status === 404;
    if (!isWanted || folder === undefined) return undefined;
    return import("./suggestions.ts")
      .then(({ suggest }) => suggest(path, folder, view));
  }
}

function detailsOf(
  path: string,
  folder: string | undefined,
  suggestion: string | undefined,
): string {
  const lines = [`<p><bdi>${shownPath(path)}</bdi></p>`];
  if (suggestion !== undefined) {
    lines.push(`<p>Did you mean ${linkTo(suggestion, path)}?</p>`);
  }
  if (folder !== undefined) {
    lines.push(`<p>The nearest folder is ${linkTo(folder, path)}</p>`);
  }
  return lines.map((line) => `\n    ${line}`).join("");
}

/** Renders a path; a long one ends with "…". */
function shownPath(path: string): string {
  if (path.length <= SHOWN_PATH_LENGTH_MAX) return textOf(path);
  const start = path.slice(0, SHOWN_PATH_LENGTH_MAX).toWellFormed();
  return `${textOf(start)}…`;
}

/** Renders a link from one path to another, relative because a proxy may serve the site below another path. */
function linkTo(path: string, from: string): string {
  const steps = path.split("/");
  const here = from.split("/").slice(0, -1);
  let shared = 0;
  while (shared < here.length && steps[shared] === here[shared]) shared++;
  // The last step of the path is a name, or nothing, even where it is also that of a folder on the way.
  shared = Math.min(shared, steps.length - 1);
  const up = "../".repeat(here.length - shared) || "./";
  const down = steps.slice(shared)
    .map((step) => encodeURIComponent(step.toWellFormed())).join("/");
  return `<a href="${up}${down}"><bdi>${shownPath(path)}</bdi></a>`;
}
