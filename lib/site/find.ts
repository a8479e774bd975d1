/**
 * What a path finds in a site: index files and the redirect to a directory's
 * own name. Every look goes through {@linkcode Site.lookup}, whatever the kind of site.
 *
 * @module
 */

import { encodePath, type Target } from "../http/target.ts";
import { ABSENT, type Resource, type Site } from "./site.ts";

/** How resources are found. */
export interface FindOptions {
  /** Name of the file that stands for its directory. */
  readonly index: string;
}

/** A directory that was asked for without its "/": relative links in it need the slash. */
export interface RedirectResource {
  /** Tells it from resources of the site. */
  readonly kind: "redirect";
  /** Value for Location: a path and query on this server. */
  readonly location: string;
}

/** Finds what a target names. */
export function find(
  site: Site,
  target: Target,
  now: number,
  options: FindOptions,
): Resource | RedirectResource {
  const resource = site.lookup(target.path, now);
  if (resource.kind !== "directory") return resource;
  if (!target.path.endsWith("/")) return redirectTo(resource.path, target);
  const index = site.lookup(target.path + options.index, now);
  return index.kind === "directory" ? ABSENT : index;
}

/** A target's path begins with a single "/", so that no Location can name another host (RFC 9110 §10.2.2). */
function redirectTo(path: string, { query }: Target): RedirectResource {
  const suffix = query === undefined ? "" : `?${query}`;
  return { kind: "redirect", location: encodePath(path) + suffix };
}
