/**
 * A site on disk with everything that makes a lookup go wrong: links of all
 * kinds, hidden files, neighbours with similar names.
 *
 * @module
 */

import { TemporaryDirectory } from "./helpers.ts";

/** Whether the system has links, devices and rights as the tests know them. */
export const IS_UNIX: boolean = Deno.build.os !== "windows";

/** A site beside other things that are nobody's business, with links of all kinds. */
export function createPlace(): TemporaryDirectory {
  const place = new TemporaryDirectory({
    "site/index.html": "home",
    "site/docs/guide.txt": "guide",
    "site/docs/deep/er/file.txt": "deep",
    "site/.env": "secret",
    "site/.git/config": "secret",
    "site/docs/.draft.txt": "secret",
    "site/docs/.hidden/file.txt": "secret",
    "site/.well-known/security.txt": "contact",
    "site/docs/.well-known/file.txt": "also well known",
    "site/.well-known/.private": "secret",
    "site/.well-knownish/file.txt": "secret",
    "site/..txt": "secret",
    "site/empty.txt": "",
    "site/dir.txt/file.txt": "in a directory with a file's name",
    "site-old/file.txt": "secret",
    "siteold.txt": "secret",
    "outside/file.txt": "secret",
  });
  if (!IS_UNIX) return place;
  for (const [name, target] of Object.entries(LINKS)) {
    Deno.symlinkSync(
      target.replace("PLACE", place.path),
      place.join(`site/${name}`),
    );
  }
  return place;
}

/** Whether the tests run with the rights of root, who may read everything. Who may not ask counts as root. */
export const IS_ROOT: boolean =
  Deno.permissions.querySync({ name: "sys", kind: "uid" }).state !==
    "granted" || Deno.uid() === 0;

/** Links in the site; PLACE stands for the directory that the site is in. */
const LINKS: Readonly<Record<string, string>> = {
  "to-file": "docs/guide.txt",
  "to-file-absolute": "PLACE/site/docs/guide.txt",
  "to-directory": "docs",
  "docs/up": "..",
  "to-root": ".",
  "to-link": "to-file",
  "chain-1": "chain-2",
  "chain-2": "chain-3/guide.txt",
  "chain-3": "docs",
  "out-and-in": "../outside/../site/docs/guide.txt",
  "out-file": "../outside/file.txt",
  "out-file-absolute": "PLACE/outside/file.txt",
  "out-directory": "../outside",
  "out-chain-1": "out-chain-2",
  "out-chain-2": "out-directory/file.txt",
  "docs/out": "../../outside",
  "parent": "..",
  "sibling": "../site-old",
  "sibling-file": "../site-old/file.txt",
  "sibling-prefix": "../siteold.txt",
  "to-hidden": ".env",
  "to-hidden-directory": ".git",
  "to-hidden-deep": "docs/.hidden",
  "to-well-known": ".well-known",
  "to-nothing": "gone.txt",
  "circle": "circle",
  "zero": "/dev/zero",
  "null": "/dev/null",
  "memory": "/proc/self/mem",
  "system": "/etc/passwd",
};
