import { assertEquals } from "@std/assert";
import { HAS_FILES, testWith, until } from "../../helpers.ts";
import { FakeWatch } from "./fake_source.ts";

for (
  const [kind, paths, written] of [
    ["rename", ["/.a.new", "/a"], ["/a"]],
    // The system tells of each half of a rename alone as well, from where or to where is not known.
    ["rename", ["/a"], []],
    ["access", ["/a"], ["/a"]],
    ["modify", ["/a"], []],
    ["modify", ["/.a.new", "/a"], []],
    ["remove", ["/a"], []],
  ] as const
) {
  testWith(
    HAS_FILES,
    `Watcher takes ${kind} of ${paths.join(" to ")} as the writing of ${
      written.join() || "nothing"
    }`,
    async () => {
      using watch = await FakeWatch.begin();
      const seen: [string | undefined, string][] = [];
      watch.watcher.onChange = (path, kind) => seen.push([path, kind]);
      watch.tell(kind, ...paths);
      await until(() => seen.length === paths.length, "the changes");
      assertEquals(
        seen.filter(([, kind]) => kind === "written").map(([path]) => path),
        [...written],
      );
    },
  );
}

testWith(
  HAS_FILES,
  "Watcher tells of no close while events may be lost",
  async () => {
    using watch = await FakeWatch.begin();
    const kinds: string[] = [];
    watch.watcher.onChange = (path, kind) => path === "/a" && kinds.push(kind);
    for (let count = 0; count < 20; count++) watch.tell("access", "/a");
    await until(() => kinds.length === 20, "the changes");
    // The sixteenth event is the first that may follow a lost one.
    assertEquals(kinds.indexOf("changed"), 15);
    assertEquals(kinds.lastIndexOf("written"), 14);
  },
);
