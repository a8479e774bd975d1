/**
 * `skiff dev` and pages in a browser, for the tests of both.
 *
 * @module
 */

import { TemporaryDirectory } from "../helpers.ts";
import { Skiff } from "../skiff.ts";
import type { Page } from "./playwright.ts";

/** A page that scrolls, and counts its loads in the browser's memory. */
export const COUNTER =
  `sessionStorage.loads = 1 + Number(sessionStorage.loads ?? 0);`;

export function html(head: string, body: string): string {
  return `<!doctype html>\n<html lang="en">\n<head>${head}</head>\n` +
    `<body>${body}<script src="/count.js"></script></body>\n</html>\n`;
}

export const FILES = {
  "count.js": COUNTER,
  "index.html": html(
    `<title>one</title><link rel="stylesheet" href="a.css?v=1">`,
    `<p>first</p><div style="height: 5000px"></div>`,
  ),
  "a.css": `@import "deep.css"; p { color: rgb(1, 0, 0) }`,
  "deep.css": `p { background-color: rgb(2, 0, 0) }`,
  "other/index.html": html("<title>other</title>", "<p>other</p>"),
};

/** A `skiff dev`, its folder, and its port, which outlasts it. */
export class Stage implements AsyncDisposable {
  readonly folder: TemporaryDirectory;
  readonly #args: readonly string[];
  #skiff: Skiff;
  port = 0;

  private constructor(
    folder: TemporaryDirectory,
    args: readonly string[],
  ) {
    this.folder = folder;
    this.#args = args;
    this.#skiff = this.#start(0);
  }

  static async open(
    files: Readonly<Record<string, string | Uint8Array>> = FILES,
    args: readonly string[] = [],
  ): Promise<Stage> {
    const stage = new Stage(new TemporaryDirectory(files), args);
    stage.port = await stage.#skiff.listening();
    return stage;
  }

  #start(port: number): Skiff {
    const { path } = this.folder;
    return new Skiff(["dev", path, `--port=${port}`, ...this.#args]);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Ends the program; `meanwhile` happens before the next one begins. */
  async restart(meanwhile: () => void | Promise<void>): Promise<void> {
    await this.#skiff[Symbol.asyncDispose]();
    await meanwhile();
    this.#skiff = this.#start(this.port);
    await this.#skiff.listening();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#skiff[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** How long a page may take to change, in ms. */
export const PATIENCE_MS = 10_000;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How often a page was loaded. */
export async function loads(page: Page): Promise<number> {
  try {
    return Number(await page.evaluate("sessionStorage.loads"));
  } catch {
    // It is being loaded.
    return -1;
  }
}

/** Waits until an expression comes to something in a page, which may be loaded meanwhile. */
export async function becomes(
  page: Page,
  expression: string,
  value: unknown,
): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    try {
      last = await page.evaluate(expression);
      if (last === value) return;
    } catch {
      // It is being loaded.
    }
    await pause(20);
  }
  throw new Error(`${expression} is ${last} and not ${value}`);
}

/** Waits until a page hears of changes. */
export async function connected(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const worker = new SharedWorker("/.skiff/live.js", "skiff live");
    worker.port.onmessage = ({ data }) => data.state !== "" && resolve();
    worker.port.postMessage("hello");
  })`);
}

export const TEXT = "document.querySelector('p')?.textContent";
export const COLOR = "getComputedStyle(document.querySelector('p')).color";
export const BACKGROUND =
  "getComputedStyle(document.querySelector('p')).backgroundColor";
