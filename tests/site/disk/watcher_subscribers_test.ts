import { assertEquals } from "@std/assert";
import { type EventSource, Watcher } from "../../../lib/site/disk/watcher.ts";
import {
  HAS_FILES,
  TemporaryDirectory,
  testWith,
  until,
} from "../../helpers.ts";

/** A system that tells of one change after the other, each when it is asked to. */
class FakeSource implements EventSource {
  #next = Promise.withResolvers<string | undefined>();

  tell(path: string | undefined): void {
    this.#next.resolve(path);
  }

  close(): void {
    this.tell(undefined);
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      const path = await this.#next.promise;
      if (path === undefined) return;
      this.#next = Promise.withResolvers();
      yield { kind: "modify" as const, paths: [path] };
    }
  }
}

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
    source.tell(directory.join("a"));
    await until(() => told.length === 1, "news");
    assertEquals(calls, 1);
    unsubscribe();
    source.tell(directory.join("b"));
    await until(() => told.length === 2, "more news");
    assertEquals([calls, told], [1, ["/a", "/b"]]);
    watcher.close();
  },
);
