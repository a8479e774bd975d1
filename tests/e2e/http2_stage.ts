/**
 * skiff with TLS, for the programs that people have.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PAIRS, putPair, tlsArgs } from "../certificates.ts";
import { TemporaryDirectory, testWith } from "../helpers.ts";
import { testAgainst } from "../programs.ts";
import * as pairs from "../service/pairs.ts";
import { overHttp2, Skiff } from "../skiff.ts";
import { browserTest } from "./browser.ts";

/** What opens a browser that takes any certificate. */
export const UNTRUSTED = { ignoreHTTPSErrors: true };

/** A test in the browser over HTTP/2. */
export const browserHttp2Test: typeof browserTest = overHttp2(browserTest);

/** A test over HTTP/2 that needs a program. */
export function testHttp2Against(
  program: string,
  name: string,
  fn: (path: string) => Promise<void>,
): void {
  overHttp2((title) => testAgainst(program, title, fn))(name);
}

/** A test over HTTP/2 that needs something else. */
export function testHttp2If(
  isPossible: boolean,
  name: string,
  fn: () => Promise<void>,
): void {
  overHttp2((title) => testWith(isPossible, title, fn))(name);
}

/** A skiff with TLS, its folder, and the certificate of the authority. */
export class Stage implements AsyncDisposable {
  readonly folder: TemporaryDirectory;
  readonly skiff: Skiff;
  readonly port: number;

  private constructor(
    folder: TemporaryDirectory,
    skiff: Skiff,
    port: number,
  ) {
    this.folder = folder;
    this.skiff = skiff;
    this.port = port;
  }

  static async open(
    content: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
    args: readonly string[] = [],
  ): Promise<Stage> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(
      new TemporaryDirectory(Object.fromEntries(
        Object.entries(content).map(([name, bytes]) => [`site/${name}`, bytes]),
      )),
    );
    // Programs that are started by root read as somebody else.
    Deno.chmodSync(folder.path, 0o755);
    folder.write("ca.pem", pairs.CA);
    putPair(folder, PAIRS[0]!);
    const skiff = stack.use(
      new Skiff([
        ...tlsArgs(folder),
        "--admin=127.0.0.1:0",
        ...args,
        folder.join("site"),
      ]),
    );
    const port = await skiff.listening();
    stack.move();
    return new Stage(folder, skiff, port);
  }

  /** The address of a path. */
  url(path: string): string {
    return `https://localhost:${this.port}${path}`;
  }

  /** The metrics that are not 0, by name with labels. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const line = /^Metrics and health on (\S+)$/m.exec(this.skiff.stderr);
    const response = await fetch(`${line![1]}metrics`);
    const entries = (await response.text()).split("\n").map((line) => {
      const space = line.lastIndexOf(" ");
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    });
    return new Map(entries.filter(([, value]) => value > 0));
  }

  /** Metrics of what an honest client never reaches: refusals, time-outs, resets and faults. */
  async bounds(): Promise<Record<string, number>> {
    const metrics = await this.metrics();
    const early =
      /^skiff_(?:refusals|timeouts|http2_resets|http2_goaways)_total/;
    const entries = [...metrics].filter(([name]) =>
      // A client may say good-bye.
      early.test(name) && !name.endsWith('sender="client",code="no_error"}')
    );
    return Object.fromEntries(entries);
  }

  /** Stops skiff; returns its access log. */
  async log(): Promise<string> {
    this.skiff.signal("SIGTERM");
    assertEquals(await this.skiff.ended(), 0);
    return this.skiff.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.skiff[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** Runs a program to its end, and returns all that it prints. */
export async function outputOf(
  path: string,
  args: readonly string[],
): Promise<string> {
  const { stdout, stderr, code } = await new Deno.Command(path, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const text = decoder.decode(stdout) + decoder.decode(stderr);
  if (code !== 0) throw new Error(`${path} ends with ${code}: ${text}`);
  return text;
}
