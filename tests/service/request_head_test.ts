import { assertEquals } from "@std/assert";
import { Field } from "../../lib/http/fields.ts";
import type { RequestHead } from "../../lib/http/head.ts";
import { requestHead } from "../../lib/service/request_head.ts";

Deno.test("requestHead() makes a GET with a host", () => {
  const head = requestHead("/a?b", [["Accept", "*/*"]]) as RequestHead;
  assertEquals([head.method, head.target], ["GET", "/a?b"]);
  assertEquals(head.field(Field.Host), "localhost");
  assertEquals(head.field(Field.Accept), "*/*");
});

Deno.test("requestHead() lets a header name the host", () => {
  const head = requestHead("/", [["host", "a.example"]]) as RequestHead;
  assertEquals(head.field(Field.Host), "a.example");
});

for (
  const [target, status] of [["/a b", 400], ["/\r\nX: y", 400], [
    `/${"a".repeat(9000)}`,
    414,
  ], ["", 400]] as const
) {
  Deno.test(`requestHead() of ${JSON.stringify(target.slice(0, 10))} is rejected with ${status}`, () => {
    assertEquals(requestHead(target, []), status);
  });
}
