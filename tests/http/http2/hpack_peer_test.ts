/**
 * The codec against another one: python3-hpack, in both directions.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { HpackDecoder } from "../../../lib/http/http2/hpack_decoder.ts";
import { encodeFields } from "../../../lib/http/http2/hpack_encoder.ts";
import type { HeaderField } from "../../../lib/http/http2/hpack_tables.ts";
import { Random, testWith } from "../../helpers.ts";
import { HpackEncoder, type Line } from "../../hpack_encoder.ts";
import { programPath } from "../../programs.ts";

/** Debian's Python, if it has the module. */
function findPython(): string | undefined {
  const path = programPath("python3");
  if (path === undefined) return undefined;
  const { success } = new Deno.Command(path, {
    args: ["-c", "import hpack"],
    stderr: "null",
  }).outputSync();
  return success ? path : undefined;
}

const PYTHON = findPython();
const PEER = new URL("peer.py", import.meta.url);

function testAgainstPeer(name: string, fn: () => Promise<void>): void {
  const title = PYTHON === undefined ? `${name} (needs python3-hpack)` : name;
  testWith(PYTHON !== undefined, title, fn);
}

/** What the peer makes of jobs that it gets in this order. */
async function peerAnswers(jobs: readonly unknown[]): Promise<unknown[]> {
  const child = new Deno.Command(PYTHON!, {
    args: [fromFileUrl(PEER)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = jobs.map((job) => JSON.stringify(job) + "\n").join("");
  const sending = new Blob([input]).stream().pipeTo(child.stdin);
  const { stdout, success } = await child.output();
  await sending;
  assert(success);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, jobs.length);
  return lines.map((line) => JSON.parse(line));
}

const NAMES = [":path", "cookie", "x-a", "etag", "accept", "x-name-of-one"];

/** Lists of lines that look random: some come again, some have bytes of any kind. */
function randomLists(random: Random): Line[][] {
  return Array.from(
    { length: 200 },
    () =>
      Array.from({ length: random.below(10) }, (): Line => {
        const bytes = random.bytes(random.below(60));
        const value = String.fromCharCode(...bytes);
        return [
          NAMES[random.below(NAMES.length)]!,
          random.below(2) === 0 ? value : "abc"[random.below(3)]!,
          random.below(4) === 0 ? "never" : "table",
        ];
      }),
  );
}

function pairs(lines: readonly Line[]): string[][] {
  return lines.map(([name, value]) => [name, value]);
}

testAgainstPeer("HpackDecoder reads what python3-hpack writes", async () => {
  const random = new Random(11);
  const lists = randomLists(random);
  const jobs = lists.map((lines) => ({
    lines,
    huffman: random.below(2) === 0,
    ...random.below(10) === 0 ? { resize: random.below(4097) } : {},
  }));
  const decoder = new HpackDecoder();
  for (const [at, hex] of (await peerAnswers(jobs)).entries()) {
    const block = Uint8Array.fromHex(hex as string);
    const fields: HeaderField[] = [];
    const sink = { add: (field: HeaderField) => void fields.push(field) };
    assert(decoder.decode(block, 0, block.length, sink), `block ${at}`);
    assertEquals(
      fields.map(({ name, value }) => [name, value]),
      pairs(lists[at]!),
    );
  }
});

testAgainstPeer("python3-hpack reads what encodeFields() writes", async () => {
  const lists = randomLists(new Random(12)).map((lines) =>
    // A value beyond ASCII would be written as UTF-8.
    lines.filter(([, value]) => /^[\0-\x7f]*$/.test(value))
  );
  const answers = await peerAnswers(lists.map((lines) => ({
    block: encodeFields(lines.map(([name, value]) => [name, value])).toHex(),
  })));
  for (const [at, answer] of answers.entries()) {
    assertEquals(answer, pairs(lists[at]!));
  }
});

testAgainstPeer(
  "python3-hpack reads what the encoder of the tests writes",
  async () => {
    const random = new Random(13);
    const lists = randomLists(random);
    const encoder = new HpackEncoder();
    const answers = await peerAnswers(lists.map((lines) => {
      if (random.below(10) === 0) encoder.resize(random.below(4097));
      return { block: encoder.encode(lines).toHex() };
    }));
    for (const [at, answer] of answers.entries()) {
      assertEquals(answer, pairs(lists[at]!));
    }
  },
);
