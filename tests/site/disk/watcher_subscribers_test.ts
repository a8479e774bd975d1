import { assertEquals } from "@std/assert";
import { HAS_FILES, testWith, until } from "../../helpers.ts";
import { FakeWatch } from "./fake_source.ts";

testWith(
  HAS_FILES,
  "Watcher tells others than the site as well, until they want no more",
  async () => {
    using watch = await FakeWatch.begin();
    const { watcher } = watch;
    const told: (string | undefined)[] = [];
    watcher.onChange = (path) => told.push(path);
    let calls = 0;
    const unsubscribe = watcher.subscribe(() => calls++);
    watch.tell("modify", "/a");
    await until(() => told.length === 1, "news");
    assertEquals(calls, 1);
    unsubscribe();
    watch.tell("modify", "/b");
    await until(() => told.length === 2, "more news");
    assertEquals([calls, told], [1, ["/a", "/b"]]);
  },
);
