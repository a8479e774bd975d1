/**
 * Both ends of an output: replies whose parts can be watched, and what they are
 * written to.
 *
 * @module
 */

import {
  type Reply,
  reply,
  type Segment,
  SourceChanged,
  type SourceReader,
  type SourceSegment,
} from "../../../lib/http/reply.ts";
import type { ByteSink } from "../../../lib/observe/line_writer.ts";
import { bytesOf, parseResponses, textOf } from "../../helpers.ts";

/** Takes what is written, as much at a time as it was made for. */
export class FakeSink implements ByteSink {
  readonly writes: string[] = [];
  /** Is asked before each write; a rejection is the write's. */
  gate: () => Promise<void> = () => Promise.resolve();
  readonly #most: number;

  constructor(most: number = Infinity) {
    this.#most = most;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate();
    const taken = bytes.subarray(0, this.#most);
    this.writes.push(textOf(taken));
    return taken.length;
  }

  get text(): string {
    return this.writes.join("");
  }
}

/** A source of letters that counts who holds it. */
export class FakeSource implements SourceSegment {
  held = 0;
  opened = 0;
  reads = 0;
  /** Bytes that were read. */
  bytesRead = 0;
  /** After so many reads it fails. */
  readsMax = Infinity;
  /** After so many times that it was opened it fails. */
  opensMax = Infinity;
  /** What it fails with. */
  failure: unknown = new SourceChanged("changed");
  readonly length: number;
  readonly #mostPerRead: number;

  constructor(length: number, mostPerRead: number = Infinity) {
    this.length = length;
    this.#mostPerRead = mostPerRead;
  }

  open(): SourceReader {
    if (++this.opened > this.opensMax) throw this.failure;
    this.held++;
    let at = 0;
    return {
      read: (into) => {
        if (++this.reads > this.readsMax) throw this.failure;
        const count = Math.min(
          into.length,
          this.length - at,
          this.#mostPerRead,
        );
        for (let index = 0; index < count; index++) {
          into[index] = letterAt(at + index);
        }
        at += count;
        this.bytesRead += count;
        return count;
      },
      close: () => {
        this.held--;
      },
    };
  }

  get text(): string {
    return textOf(
      Uint8Array.from({ length: this.length }, (_, at) => letterAt(at)),
    );
  }
}

/** A source that is read at once, and vouches for its bytes when the test lets it. */
export class FilledSource extends FakeSource {
  /** What was asked of it, in order. */
  readonly fills: PromiseWithResolvers<void>[] = [];

  fill(bytes: Uint8Array): Promise<void> {
    bytes.set(bytesOf(this.text));
    const fill = Promise.withResolvers<void>();
    this.fills.push(fill);
    return fill.promise;
  }
}

export function letterAt(at: number): number {
  return 97 + (at * 7 + (at >> 10)) % 26;
}

export function replyOf(...body: readonly Segment[]): Reply {
  const length = body.reduce((sum, segment) => sum + segment.length, 0);
  return reply(200, [["Content-Length", String(length)]], body);
}

export const NOW = Date.UTC(2026, 0, 1);

export function bodiesIn(sink: FakeSink, count: number): string[] {
  return parseResponses(sink.text, Array.from({ length: count }, () => "GET"))
    .map(({ body }) => body);
}
