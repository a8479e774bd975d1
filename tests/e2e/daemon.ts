/**
 * Programs of the system that run while a test does, with the configurations
 * in `deploy/`.
 *
 * @module
 */

import { until, within } from "../helpers.ts";
import { ShortPath } from "../unix_socket.ts";

/** The text of a file in deploy/. */
export function deployed(name: string): string {
  return Deno.readTextFileSync(
    new URL(`../../deploy/${name}`, import.meta.url),
  );
}

/** The text with a part replaced that must be there: configurations are tried as they stand but for addresses. */
export function replaced(
  text: string,
  part: string | RegExp,
  by: string,
): string {
  const changed = text.replaceAll(part, by);
  if (changed === text) throw new Error(`${part} is not in:\n${text}`);
  return changed;
}

/** A program of the system that runs until it goes out of scope. */
export class Daemon implements AsyncDisposable {
  /** All that it has said. */
  output = "";
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #folder: ShortPath;

  /** Starts it in a folder. */
  constructor(path: string, args: readonly string[], folder: string) {
    this.#folder = new ShortPath(folder);
    this.#child = new Deno.Command(path, {
      args: [...args],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr, status } = this.#child;
    this.#ended = Promise.all([this.#read(stdout), this.#read(stderr), status]);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.output += text;
    }
  }

  /** Is fulfilled when its output matches. */
  async says(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.output), `${pattern} in a log`)
      .catch((error) => {
        throw new Error(`${error.message}:\n${this.output.slice(-4000)}`);
      });
  }

  /** Returns the path of a socket in its folder, as soon as it takes connections there. The path ends with it. */
  async listensAt(name: string): Promise<string> {
    const path = this.#folder.join(name);
    let isOver = false;
    this.#ended.then(() => isOver = true);
    const ready = async () => {
      while (!isOver && !await takesConnections(path)) await pause();
    };
    await within(ready(), `a socket at ${path}`);
    if (isOver) throw new Error(`It has ended: ${this.output}`);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    try {
      await within(this.#ended, `the end of ${this.output.slice(-1000)}`);
    } finally {
      this.#folder[Symbol.dispose]();
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

async function takesConnections(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    const { ConnectionRefused, NotFound } = Deno.errors;
    if (error instanceof ConnectionRefused) return false;
    if (error instanceof NotFound) return false;
    throw error;
  }
}
