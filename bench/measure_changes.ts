/**
 * Measuring how soon clients see that a file has changed.
 *
 * @module
 */

import { expectStatus, Wire, WrongAnswer } from "./exchange.ts";
import { TARGETS } from "./files.ts";
import { type Measure, pause, SETTLE_MS } from "./measure_requests.ts";

/** How often a file is written in one measurement. */
const TRIALS = 20;

/** Bytes of the file: it takes several writes. */
const BYTES = 256 * 1024;

/** What is written at once. */
const PIECE_BYTES = 64 * 1024;

/** Rest between two trials, in ms: the server believes again by then that the file stays as it is. */
const REST_MS = 100;

/** How long a change may take before the measurement ends, in ms. */
const PATIENCE_MS = 5000;

/** Which bodies and tags were seen together. */
export class Pairs {
  readonly #tags = new Map<string, string>();
  readonly #bodies = new Map<string, string>();

  /**
   * Throws where one of the two was seen with another before: a cache would
   * keep a wrong body. A tag may become strong once the file is at rest.
   */
  add(etag: string, body: string): void {
    const tag = etag.replace(/^W\//, "");
    if ((this.#bodies.get(tag) ?? body) !== body) {
      throw new WrongAnswer("one ETag for two bodies");
    }
    if ((this.#tags.get(body) ?? tag) !== tag) {
      throw new WrongAnswer("an old body with a new ETag");
    }
    this.#bodies.set(tag, body);
    this.#tags.set(body, tag);
  }
}

/**
 * One client asks without a rest while a file is written again and again, in
 * its place and by renaming in turns. Measures the time from the writer's
 * close, or rename, to the end of the first answer with the new content.
 */
export const measureChanges: Measure = async (server, run) => {
  const path = run.root + TARGETS.changing;
  using wire = await Wire.open(server.port);
  const pairs = new Pairs();
  const look = async () => {
    await wire.send({ target: TARGETS.changing });
    const answer = await wire.receive();
    expectStatus(answer, 200);
    const body = new TextDecoder().decode(answer.body);
    pairs.add(answer.fields.get("etag") ?? "", body);
    return body;
  };
  await writeInPlace(path, contentOf(0));
  await pause(SETTLE_MS);
  await look();
  const delays: number[] = [];
  for (let trial = 1; trial <= TRIALS; trial++) {
    await pause(REST_MS);
    await look();
    const content = contentOf(trial);
    const write = trial % 2 === 0 ? writeInPlace : writeAndRename;
    const writing = write(path, content);
    const seenAt = await untilSeen(look, content);
    // What is written before the close may well be seen before it.
    delays.push(Math.max(0, seenAt - await writing));
  }
  delays.sort((a, b) => a - b);
  return { seen: delays.at(-1)!, middle: delays[TRIALS / 2]! };
};

async function untilSeen(
  look: () => Promise<string>,
  content: string,
): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (await look() === content) return performance.now();
  }
  throw new WrongAnswer(`a change was not seen within ${PATIENCE_MS} ms`);
}

function contentOf(trial: number): string {
  return `content of trial ${String(trial).padStart(2, "0")}\n`
    .repeat(BYTES / 20).slice(0, BYTES - trial % 3);
}

/** Writes a file in pieces; resolves with the time at which it was closed. */
async function writeInPlace(path: string, content: string): Promise<number> {
  const bytes = new TextEncoder().encode(content);
  const file = await Deno.open(path, { write: true, truncate: true });
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at, at + PIECE_BYTES));
  }
  file.close();
  return performance.now();
}

/** Puts another file in the place of one; resolves with the time at which it was there. */
async function writeAndRename(path: string, content: string): Promise<number> {
  await Deno.writeTextFile(`${path}.new`, content);
  await Deno.rename(`${path}.new`, path);
  return performance.now();
}
