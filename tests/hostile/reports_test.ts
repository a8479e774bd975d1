import { assert, assertEquals, assertLess } from "@std/assert";
import { TemporaryDirectory, within } from "../helpers.ts";
import { Client } from "../raw_client.ts";
import { ALL, MAIN } from "../skiff.ts";
import { testLinux } from "./program.ts";

/** A skiff whose log and reports go into one pipe, which is read on demand: `skiff 2>&1 | …`. */
class Piped implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(args: readonly string[]) {
    const command = [Deno.execPath(), "run", "--no-prompt", ...ALL, MAIN];
    this.#child = new Deno.Command("sh", {
      args: ["-c", `exec "$@" 2>&1`, "sh", ...command, ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.#reader = this.#child.stdout.getReader();
  }

  /** Reads until a pattern is found, and no further. */
  async read(pattern: RegExp): Promise<RegExpExecArray> {
    const decoder = new TextDecoder();
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      const reading = this.#reader.read();
      const { value, done } = await within(reading, `${pattern}`, 20_000);
      if (done) throw new Error(`Ended without ${pattern}: ${this.#text}`);
      this.#text += decoder.decode(value, { stream: true });
    }
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit code, once it has ended. */
  async ended(): Promise<number> {
    return (await within(this.#child.status, "the end", 20_000)).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#reader.cancel();
  }
}

/** More than a pipe holds, and than streams of this process read ahead. */
const LINES = 60;

async function ask(client: Client, target: string): Promise<void> {
  const start = Date.now();
  await client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  assertEquals((await client.response()).body, "a");
  assertLess(Date.now() - start, 2000);
}

for (const crew of ["--workers=1", "--workers=2"]) {
  testLinux(
    `a full pipe behind log and reports holds up no answer, no reload and no end (${crew})`,
    async () => {
      using directory = new TemporaryDirectory({ "a.txt": "a" });
      await using piped = new Piped([directory.path, "--port=0", crew]);
      const [, port] = await piped.read(
        /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/$/m,
      );
      using client = await Client.connect(Number(port));
      const long = `/a.txt?${"x".repeat(7000)}`;
      for (let i = 0; i < LINES; i++) await ask(client, long);
      // Lines of the log wait up to a tenth of a second for others.
      await new Promise((resolve) => setTimeout(resolve, 300));

      for (let i = 0; i < 3; i++) {
        piped.signal("SIGHUP");
        await new Promise((resolve) => setTimeout(resolve, 200));
        await ask(client, "/a.txt");
      }
      client.close();
      const start = Date.now();
      piped.signal("SIGTERM");
      assertEquals(await piped.ended(), 0);
      assert(Date.now() - start < 10_000);
    },
  );

  testLinux(
    `what waited for a full pipe is written when it is read again (${crew})`,
    async () => {
      using directory = new TemporaryDirectory({ "a.txt": "a" });
      await using piped = new Piped([directory.path, "--port=0", crew]);
      const [, port] = await piped.read(
        /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/$/m,
      );
      using client = await Client.connect(Number(port));
      const long = `/a.txt?${"x".repeat(7000)}`;
      for (let i = 0; i < LINES; i++) await ask(client, long);
      await new Promise((resolve) => setTimeout(resolve, 300));
      piped.signal("SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 200));
      await ask(client, "/a.txt?behind");
      await piped.read(/Reloaded\n/);
      client.close();
      piped.signal("SIGTERM");
      await piped.read(/\?behind/);
      assertEquals(await piped.ended(), 0);
    },
  );
}
