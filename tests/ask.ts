/**
 * Asks a responder over a small site in memory.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { formatHttpDate } from "../lib/http/date.ts";
import type { Reply } from "../lib/http/reply.ts";
import { Responder } from "../lib/respond.ts";
import { Policy, type PolicyOptions } from "../lib/site/policy.ts";
import { textOf } from "./helpers.ts";
import {
  headOf,
  type MemoryFiles,
  MemorySite,
  MODIFIED,
} from "./memory_site.ts";

/** When everything is asked. */
export const NOW: number = Date.UTC(2026, 0, 1);
/** When the files were changed. */
export const DATE: string = formatHttpDate(MODIFIED);
/** A second before that. */
export const BEFORE: string = formatHttpDate(MODIFIED - 1000);
/** A second after it. */
export const LATER: string = formatHttpDate(MODIFIED + 1000);

/** The tag of a file in memory is its length, in quotes: this is that of `/a.txt`. */
export const TAG = '"10"';

/** The files. */
export const SITE: MemoryFiles = {
  "/a.txt": "0123456789",
  "/empty.txt": "",
  "/docs/index.html": "docs",
  "/plain/b.txt": "b",
  "/closed.txt": 403,
  "/new.txt": { content: "0123456789", modified: NOW - 500 },
  "/coded.txt": {
    content: "0123456789",
    encoded: { br: "brbr", gzip: "gzipgz" },
  },
  "/codable.txt": { content: "0123456789", makeable: ["br", "gzip"] },
  "/half.txt": {
    content: "0123456789",
    encoded: { gzip: "gzipgz" },
    makeable: ["br"],
  },
};

/** Field lines of a request by name, or of an answer by lower-case name. */
export type Fields = Readonly<Record<string, string>>;

/** A reply that can be compared. */
export interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
}

function answerOf({ status, fields, body }: Reply): Answer {
  const { lines } = fields;
  const pairs = lines.map(([name, value]) =>
    [name.toLowerCase(), value] as const
  );
  const names = new Map(pairs);
  assertEquals(names.size, pairs.length, `Repeated field: ${lines}`);
  const segments = body.map((segment) => {
    assert(segment instanceof Uint8Array);
    return textOf(segment);
  });
  return { status, fields: names, body: segments.join("") };
}

/** The answer to a request. Asks twice, because what is prepared for the first is given to the second. */
export async function ask(
  method: string,
  target: string,
  fields: Fields = {},
  policy: Partial<PolicyOptions> = {},
  site: MemorySite = new MemorySite(SITE),
): Promise<Answer> {
  const responder = new Responder(site, new Policy(policy));
  const head = headOf(method, target, fields);
  const first = answerOf(await responder.respond(head, NOW));
  const second = answerOf(await responder.respond(head, NOW));
  if (first.status !== 206) assertEquals(second, first);
  return first;
}
