import { assertEquals } from "@std/assert";
import {
  OWN_PATHS_START,
  ownFile,
} from "../../../lib/site/content/own_file.ts";

Deno.test("ownFile() has a tag, no time, and its own fields", async () => {
  const path = `${OWN_PATHS_START}a.css`;
  const file = ownFile(path, "é", { fields: [["X-A", "1"]] });
  assertEquals([file.path, file.modified], [path, undefined]);
  assertEquals(file.contentType, "text/css; charset=UTF-8");
  assertEquals(file.fields, [["X-A", "1"]]);
  assertEquals(file.codings, []);
  assertEquals(await file.identity!.copy(), new TextEncoder().encode("é"));
  assertEquals(ownFile(path, "é").identity!.etag, file.identity!.etag);
});
