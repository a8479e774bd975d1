import { assertEquals } from "@std/assert";
import { hasHiddenSegment, mayBeNamed } from "../../lib/site/hidden.ts";
import type { DirectoryEntry } from "../../lib/site/site.ts";

const CASES: readonly [path: string, isHidden: boolean][] = [
  ["/", false],
  ["", false],
  ["/a.b/c.d", false],
  ["/a/.env", true],
  ["/.git/config", true],
  ["/a/.b/c", true],
  ["/.", true],
  ["/..", true],
  ["/...", true],
  ["/a/../b", true],
  ["/.well-known", false],
  ["/.well-known/acme-challenge/x", false],
  ["/a/.well-known/b", false],
  ["/.well-known/.private", true],
  ["/.well-knownish", true],
  ["/.Well-Known", true],
  ["/.well-known.txt", true],
];

for (const [path, isHidden] of CASES) {
  Deno.test(`hasHiddenSegment() finds ${isHidden ? "one" : "none"} in "${path}"`, () => {
    assertEquals(hasHiddenSegment(path), isHidden);
  });
}

const NAMES: readonly [
  path: string,
  entry: Partial<DirectoryEntry>,
  toAll: boolean,
  toAuthenticated: boolean,
][] = [
  ["/", { name: "a.txt" }, true, true],
  ["/", { name: "_headers" }, false, false],
  ["/sub/", { name: "_headers" }, true, true],
  ["/", { name: "gone.txt" }, false, false],
  ["/", { name: "moved" }, true, true],
  ["/", { name: "moved", kind: "directory" }, false, false],
  ["/", { name: "private", kind: "directory" }, false, true],
  ["/private/", { name: "a.txt" }, false, true],
  ["/", { name: "link.txt", realPath: "/private/a.txt" }, false, true],
  [
    "/",
    { name: "link", kind: "directory", realPath: "/private/" },
    false,
    true,
  ],
];

for (const [path, changes, toAll, toAuthenticated] of NAMES) {
  const entry = {
    name: "",
    kind: "file",
    size: 0,
    modified: 0,
    ...changes,
  } as const;
  const place = entry.realPath === undefined ? "" : ", which is a link";
  Deno.test(`mayBeNamed() of ${path}${entry.name}${place}: ${toAll}, ${toAuthenticated} with a password`, () => {
    const isProtected = (path: string) => path.startsWith("/private/");
    const isOverruled = (path: string) => /^\/(?:gone|moved\/)/.test(path);
    const named = [false, true].map((isPrivate) =>
      mayBeNamed({ isProtected, isOverruled, isPrivate }, path, entry, path)
    );
    assertEquals(named, [toAll, toAuthenticated]);
  });
}
