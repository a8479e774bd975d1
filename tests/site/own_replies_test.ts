import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { Reply } from "../../lib/http/reply.ts";
import { OwnReplies } from "../../lib/site/own_replies.ts";
import { Policy } from "../../lib/site/policy.ts";

Deno.test("OwnReplies makes each page once, with the fields of the policy", () => {
  const own = new OwnReplies(new Policy({ fields: [["X-A", "1"]] }));
  const page = own.error(404);
  assertStrictEquals(own.error(404), page);
  assert(own.error(403) !== page);
  assertEquals(page.status, 404);
  assert(
    page.fields.lines.some(([name, value]) => name === "X-A" && value === "1"),
  );
});

Deno.test("OwnReplies answers OPTIONS with what the policy allows", () => {
  const own = new OwnReplies(new Policy({ cors: true }));
  const reply = own.options("/a");
  assertStrictEquals(own.options("/b"), reply);
  assertEquals(reply.status, 204);
  const names = reply.fields.lines.map(([name]) => name);
  assert(names.includes("Access-Control-Allow-Methods"));
});

Deno.test("OwnReplies lets an editor change pages", () => {
  const pages = {
    version: 0,
    editFile: () => {
      throw new Error("There is no file");
    },
    editReply: (page: Reply): Reply => ({ ...page, status: 418 }),
  };
  const own = new OwnReplies(new Policy({ pages }));
  assertEquals(own.error(404).status, 418);
});
