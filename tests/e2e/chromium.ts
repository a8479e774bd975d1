/**
 * Chromium, started in a way that works with every temporary folder.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { ShortPath } from "../unix_socket.ts";
import type { Browser } from "./playwright.ts";

/** Beside what the library adds: nothing from the net but what is asked for, over TCP, and sound without a click. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** A browser that is gone when it goes out of scope. */
export interface Chromium extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts a browser, with further variables of the environment. */
export async function launchChromium(
  executablePath: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Chromium> {
  const { chromium } = await import("./playwright.ts");
  await using stack = new AsyncDisposableStack();
  // The browser makes a socket there, for which the path of the folder itself may be too long.
  const temporary = stack.use(new ShortPath(tmpdir()));
  const browser = await chromium.launch({
    executablePath,
    args: FLAGS,
    env: { ...Deno.env.toObject(), TMPDIR: temporary.path, ...env },
  });
  stack.defer(() => browser.close());
  const whole = stack.move();
  return { browser, [Symbol.asyncDispose]: () => whole.disposeAsync() };
}
