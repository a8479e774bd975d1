import { assertEquals } from "@std/assert";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { HAS_FILES, testWith, until } from "../../helpers.ts";
import { FakeSource } from "./fake_source.ts";

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
      const directory = Deno.realPathSync(Deno.makeTempDirSync());
      const source = new FakeSource();
      const watcher = new Watcher(directory, {
        onLoss: () => {},
        open: () => source,
      });
      const seen: [string | undefined, string][] = [];
      await watcher.started;
      watcher.onChange = (path, kind) => seen.push([path, kind]);
      source.tell(kind, ...paths.map((path) => directory + path));
      await until(() => seen.length === paths.length, "the changes");
      assertEquals(
        seen.filter(([, kind]) => kind === "written").map(([path]) => path),
        [...written],
      );
      watcher.close();
      Deno.removeSync(directory);
    },
  );
}

testWith(
  HAS_FILES,
  "Watcher tells of no close while events may be lost",
  async () => {
    const directory = Deno.realPathSync(Deno.makeTempDirSync());
    const source = new FakeSource();
    const watcher = new Watcher(directory, {
      onLoss: () => {},
      open: () => source,
    });
    await watcher.started;
    const kinds: string[] = [];
    watcher.onChange = (path, kind) => path === "/a" && kinds.push(kind);
    for (let count = 0; count < 20; count++) {
      source.tell("access", `${directory}/a`);
    }
    await until(() => kinds.length === 20, "the changes");
    // The sixteenth event is the first that may follow a lost one.
    assertEquals(kinds.indexOf("changed"), 15);
    assertEquals(kinds.lastIndexOf("written"), 14);
    watcher.close();
    Deno.removeSync(directory);
  },
);
