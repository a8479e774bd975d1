/**
 * The site that the documents in `tests/wire/` speak of, as their README shows it.
 *
 * @module
 */

import { TemporaryDirectory } from "./helpers.ts";
import { Client } from "./raw_client.ts";
import type { Variables } from "./wire_cases.ts";

import type { Files } from "./helpers.ts";

/** When all files were last changed. */
export const SITE_TIME: Date = new Date("2025-07-01T12:00:00Z");

/** The files by name. */
export const SITE_FILES: Files = {
  "index.html": "<h1>Home</h1>",
  "hello.txt": "Hello, wire!",
  "alphabet.txt": "abcdefghijklmnopqrstuvwxyz",
  "empty.txt": "",
  "probe.txt": "still here",
  "picture.png": "not really",
  "data.unknown": "1, 2, 3",
  "blob.unknown": "1\0\0, 2",
  "docs/index.html": "<h1>Docs</h1>",
  "docs/guide.txt": "Read me.",
  "docs/.draft.txt": "secret",
  "a b.txt": "space",
  "ünï.txt": "letters",
  "50%.txt": "percent",
  "1+1.txt": "plus",
  "what?.txt": "question",
  "no#1.txt": "hash",
  "...txt": "three dots",
  ".env": "secret",
  ".git/config": "secret",
  ".well-known/security.txt": "Contact: https://example.org/",
  ".well-known/.private": "secret",
};

/** Links by name, and where they lead. */
export const SITE_LINKS: Readonly<Record<string, string>> = {
  "link.txt": "hello.txt",
  "manual": "docs",
  "env.txt": ".env",
  "passwords.txt": "/etc/passwd",
  "machine": "/etc",
  "nowhere.txt": "gone.txt",
  "circle.txt": "circle.txt",
};

/** The site on disk. */
export function wireSite(): TemporaryDirectory {
  const directory = new TemporaryDirectory(SITE_FILES);
  for (const name of Object.keys(SITE_FILES)) {
    Deno.utimeSync(directory.join(name), SITE_TIME, SITE_TIME);
  }
  for (const [name, target] of Object.entries(SITE_LINKS)) {
    Deno.symlinkSync(target, directory.join(name));
  }
  return directory;
}

/** What the documents cannot know: entity tags are up to the server. */
export async function variablesOf(port: number): Promise<Variables> {
  const variables: Record<string, string> = {};
  for (const name of ["hello.txt", "alphabet.txt"]) {
    using client = await Client.connect(port);
    await client.get(`/${name}`);
    const { fields } = await client.response();
    variables[`etag of ${name}`] = fields.get("etag")!;
  }
  return variables;
}
