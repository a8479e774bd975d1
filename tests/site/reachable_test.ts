import { assertEquals } from "@std/assert";
import { Policy } from "../../lib/site/policy.ts";
import {
  isReachable,
  NEAREST_DEPTH_MAX,
  nearestFolder,
} from "../../lib/site/reachable.ts";
import { MemorySite, MODIFIED } from "../memory_site.ts";

const SITE = new MemorySite({
  "/a/b/c.txt": "",
  "/private/d.txt": "",
  "/_headers": "",
  [`${"/x".repeat(NEAREST_DEPTH_MAX + 5)}/e.txt`]: "",
});

function view(isPrivate = false) {
  const policy = new Policy({
    isProtected: (path) => path.startsWith("/private/"),
  });
  return { site: SITE, policy, isPrivate, now: MODIFIED + 60_000 };
}

const REACHABLE: [path: string, expected: boolean][] = [
  ["/", true],
  ["/a/", true],
  ["/a/b/c.txt", true],
  ["/a", false],
  ["/nothing", false],
  ["/_headers", false],
  ["/private/", false],
  ["/private/d.txt", false],
];

for (const [path, expected] of REACHABLE) {
  Deno.test(`isReachable() of ${path} is ${expected}`, () => {
    assertEquals(isReachable(path, view()), expected);
  });
}

Deno.test("what is protected is reachable once the client has authenticated", () => {
  assertEquals(isReachable("/private/d.txt", view(true)), true);
  assertEquals(nearestFolder("/private/x", view(true)), "/private/");
  assertEquals(nearestFolder("/private/x", view()), "/");
});

Deno.test("nearestFolder() looks at a bounded number of folders", () => {
  const deep = "/x".repeat(NEAREST_DEPTH_MAX + 5);
  assertEquals(
    nearestFolder(`${deep}/nothing`, view()),
    `${"/x".repeat(NEAREST_DEPTH_MAX)}/`,
  );
  assertEquals(nearestFolder("/", view()), undefined);
});
