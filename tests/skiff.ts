/**
 * The program as a process of its own, for the tests that start it.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { CAN_SERVE_TLS } from "../lib/server/tls/listener.ts";
import { HAS_PROGRAMS, testWith, until, within } from "./helpers.ts";
import { IS_UNIX } from "./place.ts";

/** The program. */
export const MAIN: string = fromFileUrl(new URL("../main.ts", import.meta.url));
/** The permissions that it asks for. */
export const ALL: readonly string[] = ["--allow-net", "--allow-read"];

/** A running skiff. It is ended when it goes out of scope. */
export class Skiff implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #readers: readonly [
    stdout: ReadableStreamDefaultReader<Uint8Array>,
    stderr: ReadableStreamDefaultReader<Uint8Array>,
  ];

  /** The id of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  constructor(
    args: readonly string[],
    permissions: readonly string[] = ALL,
    env: Readonly<Record<string, string>> = {},
    main: string = MAIN,
  ) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, main, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", ...env },
    }).spawn();
    const { stdout, stderr, status } = this.#child;
    this.#readers = [stdout.getReader(), stderr.getReader()];
    this.#ended = Promise.all([
      collect(this.#readers[0], (text) => this.stdout += text),
      collect(this.#readers[1], (text) => this.stderr += text),
      status,
    ]);
  }

  /** The port it listens on, once it says so. */
  async listening(): Promise<number> {
    const line = /^Listening on https?:\/\/.*:(\d+)\/$/m;
    let isEnded = false;
    this.#ended.then(() => isEnded = true);
    await until(
      () => line.test(this.stderr) || isEnded,
      `a port in ${this.stderr}`,
    );
    const match = line.exec(this.stderr);
    if (match === null) throw new Error(`Did not start: ${this.stderr}`);
    return Number(match[1]);
  }

  /** Ends this side of what it writes its log to. */
  async endLog(): Promise<void> {
    await this.#readers[0].cancel();
  }

  /** Ends this side of what it writes its reports to. */
  async endReports(): Promise<void> {
    await this.#readers[1].cancel();
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Tells it to read everything anew, and waits for what it is to say then. */
  async reload(said: string = "Reloaded\n"): Promise<void> {
    const before = this.stderr.length;
    this.signal("SIGHUP");
    await until(() => this.stderr.slice(before).includes(said), said);
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number> {
    await within(this.#ended, `the end of skiff: ${this.stderr}`, 30_000);
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#ended;
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  add: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    add(decoder.decode(value, { stream: true }));
  }
}

/** A test that starts the program, where that is possible. */
export function testProgram(name: string, fn: () => Promise<void>): void {
  testWith(HAS_PROGRAMS && IS_UNIX, name, fn);
}

/**
 * A kind of test whose programs need HTTP/2 over TLS. Where the runtime cannot serve that, as Deno 2.5, tests of it are
 * ignored, under a name that says so.
 */
export function overHttp2<Rest extends unknown[]>(
  test: (name: string, ...rest: Rest) => void,
): (name: string, ...rest: Rest) => void {
  if (CAN_SERVE_TLS) return test;
  return (name, ..._rest) =>
    testWith(false, `${name} (needs servers of node:tls)`, () => {});
}

/** Programs that one test runs at the same time: most of the time they wait. */
const TOGETHER = 4;

/** A test of a table whose rows each start the program: a step for each row, several of them at the same time. */
export function testTable<Row>(
  isPossible: boolean,
  title: string,
  rows: Iterable<Row>,
  nameOf: (row: Row) => string,
  fn: (row: Row) => Promise<void>,
): void {
  testWith(isPossible, title, async (context) => {
    const left = [...rows].map((row) => ({
      name: nameOf(row),
      fn: () => fn(row),
      // Steps at the same time cannot tell their leaks apart; the test around them sees all of them.
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    }));
    const run = async () => {
      for (let step = left.shift(); step !== undefined; step = left.shift()) {
        await context.step(step);
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, run));
  });
}

/** {@linkcode testTable} where programs can be started. */
export function testPrograms<Row>(
  title: string,
  rows: Iterable<Row>,
  nameOf: (row: Row) => string,
  fn: (row: Row) => Promise<void>,
): void {
  testTable(HAS_PROGRAMS && IS_UNIX, title, rows, nameOf, fn);
}
