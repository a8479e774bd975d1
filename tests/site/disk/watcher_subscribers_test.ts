import { assertEquals } from "@std/assert";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";
import { FakeSource } from "./fake_source.ts";

testWith(
  HAS_FILES,
  "Watcher tells others than the site as well, until they want no more",
  async () => {
    using directory = new TemporaryDirectory();
    const source = new FakeSource();
    const watcher = new Watcher(directory.path, {
      onLoss: () => {},
      open: () => source,
    });
    await watcher.started;
    const told: (string | undefined)[] = [];
    watcher.onChange = (path) => told.push(path);
    let calls = 0;
    const unsubscribe = watcher.subscribe(() => calls++);
    source.tell("modify", directory.join("a"));
    await until(() => told.length === 1, "news");
    assertEquals(calls, 1);
    unsubscribe();
    source.tell("modify", directory.join("b"));
    await until(() => told.length === 2, "more news");
    assertEquals([calls, told], [1, ["/a", "/b"]]);
    watcher.close();
  },
);
