/**
 * A listing for tests in a browser: its files, and how it is visited.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Files, TemporaryDirectory } from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import type { Visitor } from "./browser.ts";

/** A picture, as a file. */
export const PICTURE =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>`;

/** Files of the folder. */
export const FILES: Files = {
  "docs/deep/inside.txt": "inside",
  "docs/notes two.txt": "two",
  "music/song.mp3": "song",
  "README.md": "# About\n\n[docs](docs/) <script>alert(1)</script>",
  "a.svg": PICTURE,
  "b.svg": PICTURE,
  "c.svg": PICTURE,
  "empty.txt": "",
  "long.txt": "0123456789abcdef".repeat(10_000),
  "notes one.txt": "one <b>two</b>",
  "raw.txt": new Uint8Array([1, 0, 2]),
};

/** Opens a listing, and runs. */
export async function onListing(
  visitor: Visitor,
  target: string,
  run: (url: (target: string) => string) => Promise<void>,
): Promise<void> {
  using directory = new TemporaryDirectory(FILES);
  await using server = new TestServer(directory.path);
  await visitor.visit(server.url(target));
  await run((target) => server.url(target));
  assertEquals(visitor.problems, []);
  assertEquals(server.reports, []);
}

/** The text of what has the focus. */
export function focused({ page }: Visitor): Promise<string> {
  return page.evaluate(
    "document.activeElement.querySelector('bdi')?.parentElement.textContent ?? " +
      "document.activeElement.textContent",
  );
}

/** Presses keys, one after the other. */
export async function press(
  { page }: Visitor,
  ...keys: string[]
): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
