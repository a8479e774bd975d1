import { assertEquals, assertThrows } from "@std/assert";
import {
  hasSpecialEntry,
  RuntimeWatch,
} from "../../../lib/site/disk/runtime_watch.ts";
import { HAS_NETWORK, TemporaryDirectory, testWith } from "../../helpers.ts";
import { IS_UNIX } from "../../place.ts";
import { unixSocketAt } from "../../unix_socket.ts";

function watchOf(path: string): RuntimeWatch {
  return new RuntimeWatch({ trees: [path], branches: [] });
}

testWith(
  HAS_NETWORK && IS_UNIX,
  "hasSpecialEntry() finds a socket, as deep as it is asked to look",
  () => {
    using directory = new TemporaryDirectory({ "a/b/c.txt": "", "d.txt": "" });
    Deno.symlinkSync("a", directory.join("link"));
    Deno.symlinkSync("missing", directory.join("dangling"));
    assertEquals(hasSpecialEntry(directory.path, true), false);
    using _socket = unixSocketAt(directory.join("a/b/socket"));
    assertEquals(hasSpecialEntry(directory.path, true), true);
    assertEquals(hasSpecialEntry(directory.path, false), false);
    assertEquals(hasSpecialEntry(directory.join("a/b"), false), true);
    assertEquals(hasSpecialEntry(directory.join("missing"), true), false);
  },
);

Deno.test({
  name:
    "RuntimeWatch begins no other watch once one has met something special (only on Linux)",
  ignore: !HAS_NETWORK || Deno.build.os !== "linux",
  // The last watch is left open: that is what it is for.
  sanitizeResources: false,
  fn: async () => {
    using directory = new TemporaryDirectory({ "a/a.txt": "", "b/b.txt": "" });
    const watch = watchOf(directory.join("a"));
    const events = watch[Symbol.asyncIterator]();
    directory.write("a/a.txt", "changed");
    assertEquals((await events.next()).done, false);
    const other = watchOf(directory.join("b"));
    other.close();
    watch.close();
    const last = watchOf(directory.join("a"));
    {
      using _socket = unixSocketAt(directory.join("a/socket"));
      assertThrows(() => watchOf(directory.join("b")));
    }
    // What has waited once may still wait, whatever has gone.
    assertThrows(() => watchOf(directory.join("b")));
    last.close();
  },
});
