import { assertEquals, assertGreater } from "@std/assert";
import {
  HAS_NETWORK,
  request,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { TestServer } from "../test_server.ts";
import { WATCH } from "../watch_mode.ts";

const BYTES = 300 * 1024;

/** How long each rewriting goes on, in ms. */
const REWRITING_MS = 1500;

/**
 * A write that takes so many ms was held up, and looks like a pause when the clock of the file system ticks every 10 ms.
 */
const STALL_MS = 16;

/** If a close is told when the next write has begun, a shorter pause is enough: see `writer_closes.ts`. */
const STALL_AFTER_CLOSE_MS = WATCH === "late" ? 2 : STALL_MS;

/** Each write is of one byte, another one than the writes before it. */
const LETTERS = 127;

/** A write that took long. */
type Stall = readonly [letter: number, ms: number];

/**
 * A program for a worker: writes a file again and again, each time all of one letter, with pauses. Posts the writes that
 * took long.
 */
function rewriterOf(path: string, isEmptied: boolean, pauseMs: number): string {
  return `
    const wait = new Int32Array(new SharedArrayBuffer(4));
    const stalls = [];
    const end = Date.now() + ${REWRITING_MS};
    for (let count = 0; Date.now() < end; count++) {
      const letter = 1 + count % ${LETTERS};
      const bytes = new Uint8Array(${BYTES}).fill(letter);
      const began = performance.now();
      const file = Deno.openSync(${
    JSON.stringify(path)
  }, { write: true, truncate: ${isEmptied} });
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at, at + 65536));
      file.close();
      const ms = performance.now() - began;
      if (ms >= ${STALL_AFTER_CLOSE_MS}) stalls.push([letter, ms]);
      if (${pauseMs} > 0) Atomics.wait(wait, 0, 0, ${pauseMs});
    }
    postMessage(stalls);`;
}

/**
 * Whether the writer lost the processor half-way through what a body has of its last write, for longer than any pause:
 * on a busy machine that happens, and nobody can tell then. No close makes an empty file whole.
 */
function isOfStall(body: string, stalls: readonly Stall[]): boolean {
  return body === ""
    ? stalls.some(([, ms]) => ms >= STALL_MS)
    : stalls.some(([letter]) => letter === body.charCodeAt(0));
}

/** What a client got that is not one version, in short. */
function summaryOf(body: string): string {
  const letters = new Set(body);
  return `${body.length} bytes of ${
    [...letters].map((each) => each.charCodeAt(0))
  }`;
}

for (const isEmptied of [false, true]) {
  for (const pauseMs of [0, 5, 30, 120]) {
    testWith(
      HAS_NETWORK,
      `a file that is ${
        isEmptied ? "emptied and " : ""
      }rewritten every ${pauseMs} ms is never answered with two versions`,
      async () => {
        using directory = new TemporaryDirectory({
          "a.bin": new Uint8Array(BYTES).fill(LETTERS),
        });
        await using server = new TestServer(directory.path, {
          catchesUp: false,
        });
        const source = rewriterOf(directory.join("a.bin"), isEmptied, pauseMs);
        const address = URL.createObjectURL(new Blob([source]));
        const worker = new Worker(address, { type: "module" });
        let isDone = false;
        const done = new Promise<Stall[]>((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        }).finally(() => isDone = true);
        let count = 0;
        const torn = new Set<string>();
        while (!isDone) {
          const { status, body } = await request(server.port, "GET", "/a.bin");
          count++;
          if (status === 503) continue;
          if (body.length === BYTES && body === body[0]!.repeat(BYTES)) {
            continue;
          }
          torn.add(body);
        }
        const stalls = await done;
        worker.terminate();
        URL.revokeObjectURL(address);
        const unexplained = [...torn].filter((body) =>
          !isOfStall(body, stalls)
        );
        assertEquals(unexplained.map(summaryOf), []);
        assertGreater(count, 1);
      },
    );
  }
}
