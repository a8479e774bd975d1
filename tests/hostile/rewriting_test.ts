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
 * If a close is told when the next write has begun, a shorter pause is enough: see `writer_closes.ts`.
 */
const STALL_MS = WATCH === "late" ? 2 : 16;

/** A program for a worker: writes a file anew again and again, all of one letter and then all of another, with pauses. */
function rewriterOf(path: string, isEmptied: boolean, pauseMs: number): string {
  return `
    const wait = new Int32Array(new SharedArrayBuffer(4));
    let stalls = 0;
    const end = Date.now() + ${REWRITING_MS};
    for (let count = 0; Date.now() < end; count++) {
      const bytes = new Uint8Array(${BYTES}).fill(97 + count % 2);
      const began = performance.now();
      const file = Deno.openSync(${
    JSON.stringify(path)
  }, { write: true, truncate: ${isEmptied} });
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at, at + 65536));
      file.close();
      if (performance.now() - began >= ${STALL_MS}) stalls++;
      if (${pauseMs} > 0) Atomics.wait(wait, 0, 0, ${pauseMs});
    }
    postMessage(stalls);`;
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
          "a.bin": new Uint8Array(BYTES).fill(97),
        });
        await using server = new TestServer(directory.path, {
          catchesUp: false,
        });
        const source = rewriterOf(directory.join("a.bin"), isEmptied, pauseMs);
        const address = URL.createObjectURL(new Blob([source]));
        const worker = new Worker(address, { type: "module" });
        let isDone = false;
        const done = new Promise<number>((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
        }).finally(() => isDone = true);
        let count = 0;
        const torn: string[] = [];
        while (!isDone) {
          const { status, body } = await request(server.port, "GET", "/a.bin");
          count++;
          if (status === 503) continue;
          if (body.length === BYTES && body === body[0]!.repeat(BYTES)) {
            continue;
          }
          torn.push(`${status} with ${body.length} bytes`);
        }
        const stalls = await done;
        worker.terminate();
        URL.revokeObjectURL(address);
        // On a busy machine a writer may lose the processor half-way for longer than any pause: nobody can tell then.
        if (stalls === 0) assertEquals(torn, []);
        assertGreater(count, 1);
      },
    );
  }
}
