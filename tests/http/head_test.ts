import { assertEquals, assertStrictEquals } from "@std/assert";
import { Field } from "../../lib/http/fields.ts";
import type { RequestHead } from "../../lib/http/head.ts";
import { decideRange } from "../../lib/http/range.ts";
import { isPersistent } from "../../lib/http/http1/persistence.ts";

/** A head that no parser has made: what another protocol has to bring. */
function headWith(fields: ReadonlyMap<Field, string>): RequestHead {
  return {
    method: "GET",
    target: "/",
    version: "HTTP/1.1",
    has: (field) => fields.has(field),
    hasAny: (mask) =>
      [...fields.keys()].some((field) => (mask & 1 << field) !== 0),
    field: (field) => fields.get(field),
    check: () => false,
  };
}

Deno.test("a RequestHead needs no bytes to be understood", () => {
  const head = headWith(
    new Map([[Field.Range, "bytes=0-1"], [Field.Connection, "close"]]),
  );
  assertStrictEquals(isPersistent(head), false);
  assertEquals(decideRange(head.field(Field.Range)!, 10), {
    kind: "slices",
    slices: [{ start: 0, end: 2 }],
  });
});
