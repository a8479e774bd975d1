/**
 * Files that skiff may not read. The tests take the rights of another user, which
 * the whole process has then, so they cannot run beside others.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import process from "node:process";
import { Root } from "../../lib/site/disk/root.ts";
import { HAS_FILES, TemporaryDirectory, testWith } from "../helpers.ts";
import { IS_ROOT, IS_UNIX } from "../place.ts";
import { outcome } from "../site/disk/outcome.ts";

/** Why unreadable files cannot be tried in this run; undefined when they can. */
function whyAlwaysReadable(): string | undefined {
  if (!HAS_FILES || !IS_UNIX) return "no files";
  const asking = Deno.permissions.querySync({ name: "sys" });
  if (asking.state !== "granted") return "the user is not known";
  return IS_ROOT && process.seteuid === undefined
    ? "root may read everything"
    : undefined;
}

/** Does something with the rights of nobody, who may read less than root. */
function asNobody<T>(fn: () => T): T {
  if (!IS_ROOT) return fn();
  process.seteuid!(65534);
  try {
    return fn();
  } finally {
    process.seteuid!(0);
  }
}

const reason = whyAlwaysReadable();
const NOTE = reason === undefined ? "" : ` (not tried: ${reason})`;

testWith(reason === undefined, `what may not be read is refused${NOTE}`, () => {
  using directory = new TemporaryDirectory({
    "closed.txt": "secret",
    "closed/file.txt": "secret",
    "open.txt": "open",
  });
  Deno.chmodSync(directory.path, 0o755);
  Deno.chmodSync(directory.join("closed.txt"), 0);
  Deno.chmodSync(directory.join("closed"), 0);
  try {
    const root = new Root(directory.path);
    assertEquals(asNobody(() => outcome(root, "/open.txt")), "file: open");
    assertEquals(asNobody(() => outcome(root, "/closed.txt")), "refused: 403");
    assertEquals(
      asNobody(() => outcome(root, "/closed/file.txt")),
      "refused: 403",
    );
    assertEquals(asNobody(() => outcome(root, "/gone.txt")), "absent");
  } finally {
    Deno.chmodSync(directory.join("closed"), 0o700);
  }
});

testWith(
  reason === undefined,
  `a link does not tell what it leads to outside${NOTE}`,
  () => {
    using directory = new TemporaryDirectory({
      "site/open.txt": "open",
      "site/closed/file.txt": "secret",
      "outside.txt": "secret",
      "outside/file.txt": "secret",
    });
    const link = (target: string, name: string) =>
      Deno.symlinkSync(directory.join(target), directory.join(name));
    link("outside.txt", "site/to-file");
    link("outside", "site/to-directory");
    link("outside/file.txt", "site/to-inner-file");
    link("site/closed/file.txt", "site/to-closed-file");
    Deno.chmodSync(directory.path, 0o755);
    for (const name of ["outside.txt", "outside", "site/closed"]) {
      Deno.chmodSync(directory.join(name), 0);
    }
    try {
      const root = new Root(directory.join("site"));
      const seen = (path: string) => asNobody(() => outcome(root, path));
      assertEquals(seen("/to-file"), "absent");
      assertEquals(seen("/to-directory/file.txt"), "absent");
      assertEquals(seen("/to-inner-file"), "absent");
      assertEquals(seen("/to-closed-file"), "absent");
      assertEquals(seen("/closed/file.txt"), "refused: 403");
    } finally {
      Deno.chmodSync(directory.join("site/closed"), 0o700);
      Deno.chmodSync(directory.join("outside"), 0o700);
    }
  },
);
