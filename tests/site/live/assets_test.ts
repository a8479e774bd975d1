import { assert, assertEquals } from "@std/assert";
import {
  createLiveAssets,
  LIVE_EVENTS_PATH,
  LIVE_SCRIPT_PATH,
} from "../../../lib/site/live/assets.ts";
import SCRIPT from "../../../lib/site/live/client.js" with { type: "text" };

Deno.test("the script has its reserved path, and a policy may name it", () => {
  assertEquals(LIVE_SCRIPT_PATH, "/.skiff/live.js");
  assertEquals(LIVE_EVENTS_PATH, "/.skiff/live");
  const file = createLiveAssets().get(LIVE_SCRIPT_PATH)!;
  assertEquals(file.contentType, "text/javascript; charset=UTF-8");
  assert(file.identity!.etag !== undefined);
});

Deno.test("the script is ASCII, so that it means the same in a page of any encoding", () => {
  assert(/^[\n -~]*$/.test(SCRIPT));
});
