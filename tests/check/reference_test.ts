import { assertEquals } from "@std/assert";
import { parsedDocument, REFERENCES_MAX } from "../../lib/check/reference.ts";

Deno.test("parsedDocument() knows when there may be more", () => {
  const reference = { kind: "link", address: "a", line: 1 } as const;
  assertEquals(parsedDocument([reference]).isCut, false);
  const many = new Array(REFERENCES_MAX).fill(reference);
  assertEquals(parsedDocument(many).isCut, true);
  assertEquals(parsedDocument([], { ids: ["a"] }).ids, ["a"]);
});
