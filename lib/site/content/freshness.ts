/**
 * Derives Cache-Control from a file's URL path alone, see `hashed_name.ts`.
 *
 * @module
 */

import { isHashedName } from "./hashed_name.ts";

/** For names with a hash (RFC 9111 §5.2.2.1 and §5.2.2.9, RFC 8246 §2). */
export const IMMUTABLE = "public, max-age=31536000, immutable";

/** Store, but revalidate before each use (RFC 9111 §5.2.2.4). */
export const REVALIDATE = "no-cache";

/** Do not store (RFC 9111 §5.2.2.5). */
export const NO_STORE = "no-store";

/**
 * Returns Cache-Control for the file at `path`: {@linkcode IMMUTABLE} if its name has a hash (see
 * {@linkcode isHashedName}), else {@linkcode REVALIDATE}.
 */
export function cacheControl(path: string): string {
  return isHashedName(path) ? IMMUTABLE : REVALIDATE;
}

/**
 * Makes a Cache-Control value private: no shared cache may store the response (RFC 9111 §5.2.2.7, §3.5). Removes
 * directives for shared caches.
 */
export function privateCacheControl(value: string): string {
  const kept = value.split(",").map((directive) => directive.trim())
    .filter((directive) =>
      directive !== "" &&
      !/^(?:public|private|s-maxage|proxy-revalidate)\b/i.test(directive)
    );
  return ["private", ...kept].join(", ");
}

/**
 * Makes caches ask before each use of what a Cache-Control value lets them store, because Vary does not suffice for
 * cookies: Chromium reuses fresh responses whatever cookies they came with.
 */
export function checkedFirst(value: string): string {
  if (/\bno-store\b/i.test(value)) return value;
  return /\bprivate\b/i.test(value) ? `private, ${REVALIDATE}` : REVALIDATE;
}
