/**
 * What every kind of site has to do alike: one tree of files, and requests for what is
 * in it and what is not.
 *
 * @module
 */

import type { PolicyOptions } from "../../lib/site/policy.ts";
import type { Files } from "../helpers.ts";

/** When everything in the tree was last changed. */
export const TREE_TIME: Date = new Date("2025-07-01T12:00:00Z");

/** Text that is long enough to be compressed. */
function long(title: string): string {
  return `<!doctype html><title>${title}</title>${
    "<p>Row, row, row.</p>".repeat(100)
  }`;
}

/** The pages that are compared as a whole. */
export const PAGES = {
  home: long("Home"),
  about: long("About"),
  docs: long("Docs"),
  missing: long("Missing"),
  missingInDocs: long("Missing in the documents"),
  script: `export const rows = [${"1, ".repeat(1000)}];`,
} as const;

/** The files by name. */
export const TREE: Files = {
  "index.html": PAGES.home,
  "home.htm": "Another index",
  "about.html": PAGES.about,
  "404.html": PAGES.missing,
  "app.js": PAGES.script,
  "app.1f0c9a7e.js": PAGES.script,
  "data.json": '{"small": true}',
  "empty.txt": "",
  "alphabet.txt": "abcdefghijklmnopqrstuvwxyz",
  "noise.png": Uint8Array.from({ length: 3000 }, (_, i) => i * i % 251),
  "LICENSE": "no extension",
  "blob": "\0\0\0\0",
  "a b.txt": "space",
  "ünï ☃.txt": "letters",
  "50%.txt": "percent",
  "what?.txt": "question",
  "no#1.txt": "hash",
  "docs/index.html": PAGES.docs,
  "docs/404.html": PAGES.missingInDocs,
  "docs/guide.html": "<h1>Guide</h1>",
  "docs/guide": "without extension",
  "docs/.draft.html": "secret",
  "list/b.txt": "b",
  "list/a10.txt": "ten",
  "list/a9.txt": "nine",
  "list/deep/er/file.txt": "deep",
  "list/.hidden": "secret",
  "list/.git/config": "secret",
  "list-not/file.txt": "beside",
  ".env": "secret",
  ".git/config": "secret",
  ".well-known/security.txt": "Contact: https://example.org/",
  ".well-known/.private": "secret",
};

/** Links by name, and where they lead. */
export const TREE_LINKS: Readonly<Record<string, string>> = {
  "link.txt": "alphabet.txt",
  "manual": "docs",
  "list/up.html": "../about.html",
  "env.txt": ".env",
  "passwords.txt": "/etc/passwd",
  "machine": "/etc",
  "nowhere.txt": "gone.txt",
  "circle.txt": "circle.txt",
  "zero": "/dev/zero",
};

/** A request, and what there is to be said of its answer beside that it is the same everywhere. */
export interface ContractCase {
  readonly name: string;
  readonly target: string;
  readonly method?: "GET" | "HEAD" | "OPTIONS" | "POST";
  /** Request fields; ETAG in a value stands for the tag that the site gives without them. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly policy?: Partial<PolicyOptions>;
  readonly status: number;
  /** The content without its coding. */
  readonly body?: string;
  /** Response fields, in lower case; undefined for those that must not be there. */
  readonly expected?: Readonly<Record<string, string | undefined>>;
}
