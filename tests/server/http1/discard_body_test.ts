import { assert, assertEquals, assertRejects } from "@std/assert";
import { CHUNKED } from "../../../lib/http/http1/body.ts";
import { INPUT_BYTES } from "../../../lib/server/buffers.ts";
import { discardBody } from "../../../lib/server/http1/discard_body.ts";
import { Input } from "../../../lib/server/http1/input.ts";
import { bytesOf, textOf } from "../../helpers.ts";

/** An input behind a head, and a client that sends these pieces, then ends. */
class Stage {
  readonly input: Input;
  readonly headInput: Uint8Array;
  readonly #pieces: string[];

  constructor(received: string, pieces: readonly string[]) {
    this.input = new Input(bytesOf(`head${received}`));
    this.input.start = 4;
    this.headInput = this.input.bytes;
    this.#pieces = [...pieces];
  }

  /** What the client has not sent yet. */
  get left(): number {
    return this.#pieces.length;
  }

  discard(
    framing: number,
    isEnding: () => boolean = () => false,
  ): Promise<number> {
    return discardBody(framing, this.input, this, isEnding);
  }

  read(into: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (piece === undefined) return Promise.resolve(null);
    into.set(bytesOf(piece));
    return Promise.resolve(piece.length);
  }
}

const BODIES: readonly (readonly [
  name: string,
  framing: number,
  received: string,
  pieces: readonly string[],
  status: number,
])[] = [
  ["that came with its head", 4, "bodyNEXT", [], 0],
  ["that comes in pieces", 9, "bo", ["dy", "bod", "yyNEXT"], 0],
  ["that comes behind its head", 4, "", ["bodyNEXT"], 0],
  ["in chunks", CHUNKED, "4\r\nbo", ["dy\r\n0\r", "\n\r\nNEXT"], 0],
  ["in chunks that are malformed", CHUNKED, "4\r\n", ["body", "?"], 400],
];

for (const [name, framing, received, pieces, status] of BODIES) {
  Deno.test(`discardBody() passes over a body ${name}`, async () => {
    const stage = new Stage(received, pieces);
    assertEquals(await stage.discard(framing), status);
    const { bytes, start, end } = stage.input;
    if (status === 0) assertEquals(textOf(bytes.subarray(start, end)), "NEXT");
    assertEquals(textOf(stage.headInput.subarray(0, 4)), "head");
    assertEquals(bytes === stage.headInput, pieces.length === 0);
  });
}

Deno.test("discardBody() rejects if the client leaves before the end of a body", async () => {
  const stage = new Stage("", ["bo"]);
  await assertRejects(() => stage.discard(4), Deno.errors.UnexpectedEof);
});

Deno.test("discardBody() reads no further when the connection ends meanwhile", async () => {
  const stage = new Stage("", ["bo", "dy"]);
  assertEquals(await stage.discard(4, () => true), 0);
  assertEquals(stage.left, 1);
  assert(stage.input.isEmpty);
});

for (
  const [name, length, isAll] of [
    ["may have left something", INPUT_BYTES, false],
    ["has left nothing", INPUT_BYTES - 1, true],
  ] as const
) {
  Deno.test(`discardBody() shows that its last read ${name}`, async () => {
    const stage = new Stage("", ["x".repeat(length)]);
    // The read before it said the opposite.
    if (!isAll) stage.input.add(0);
    assertEquals(stage.input.isAll, !isAll);
    assertEquals(await stage.discard(length), 0);
    assertEquals(stage.input.isEmpty, true);
    assertEquals(stage.input.isAll, isAll);
  });
}
