import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { FieldLine } from "../../lib/http/field_section.ts";
import type { EventReader } from "../../lib/http/reply.ts";
import { Live, type LiveDeps } from "../../lib/service/live.ts";
import { LIVE_EVENTS_PATH } from "../../lib/site/live/assets.ts";
import type { DirectoryEntry, Site } from "../../lib/site/site.ts";
import { textOf } from "../helpers.ts";
import { MemorySite } from "../memory_site.ts";
import { FakeTime } from "../fake_time.ts";

/** A site in which files change, and one page that listens. */
class Stage {
  readonly files = new Map<string, number>();
  readonly warnings: string[] = [];
  readonly live: Live;
  /** Whether all changes are told. */
  isTrusted = true;
  looks = 0;
  #listener: (() => void) | undefined;
  #reader: EventReader | undefined;

  constructor(files: readonly string[], isWatched = true) {
    for (const name of files) this.files.set(name, 0);
    const changes: LiveDeps["changes"] = {
      subscribe: (listener) => {
        this.#listener = listener;
        return () => this.#listener = undefined;
      },
      trusts: () => this.isTrusted,
    };
    this.live = new Live({
      site: this.#site(),
      changes: isWatched ? changes : undefined,
      isProtected: (path) => path.startsWith("/secret"),
      isolates: 1,
      onWarning: (text) => this.warnings.push(text),
    });
  }

  #site(): Site {
    const site = new MemorySite({});
    site.list = (realPath) => {
      this.looks++;
      const entries = [...this.files].map((
        [name, modified],
      ): DirectoryEntry => (
        { name, kind: "file", size: 0, modified }
      ));
      return Promise.resolve({
        kind: "entries",
        realPath,
        entries,
        isCut: false,
      });
    };
    return site;
  }

  /** Changes a file, and tells of it. */
  change(name: string): void {
    this.files.set(name, (this.files.get(name) ?? 0) + 1);
    this.#listener?.();
  }

  /** What a page hears that is connected from the first call on. */
  heard(): { event: string; state: string; paths?: string[] | null }[] {
    this.#reader ??= this.live.services.get(LIVE_EVENTS_PATH)!().events!
      .open(() => {});
    let text = "";
    for (let chunk; (chunk = this.#reader.next()) !== undefined;) {
      text += textOf(chunk);
    }
    return text.split("\n\n").filter((each) => each !== "").map((each) => ({
      event: /^event: (.*)$/m.exec(each)![1],
      ...JSON.parse(/^data: (.*)$/m.exec(each)![1]!),
    }));
  }

  get isEnded(): boolean {
    return this.#reader!.isEnded;
  }
}

/** Registers a test with a clock that only it moves. */
function testLive(
  name: string,
  fn: (time: FakeTime) => Promise<void>,
): void {
  Deno.test(name, async () => {
    using time = new FakeTime();
    await fn(time);
  });
}

testLive(
  "a page hears what is there, and then what has changed",
  async (time) => {
    const stage = new Stage(["a.html", "b.html"]);
    await stage.live.idle();
    const [hello] = stage.heard();
    assertEquals(hello!.event, "hello");
    assertNotEquals(hello!.state, "");
    stage.change("a.html");
    await time.tickAsync(1000);
    const [change, ...more] = stage.heard();
    assertEquals([change!.event, change!.paths], ["change", ["/a.html"]]);
    assertNotEquals(change!.state, hello!.state);
    assertEquals(more, []);
    assertEquals(stage.live.site.version, 1);
    stage.live.close();
    assert(stage.isEnded);
  },
);

testLive(
  "a page that comes before the first look hears its result",
  async () => {
    const stage = new Stage(["a.html"]);
    assertEquals(stage.heard(), [{ event: "hello", state: "" }]);
    await stage.live.idle();
    const [hello] = stage.heard();
    assertNotEquals(hello!.state, "");
    stage.live.close();
  },
);

testLive("the same files have the same state in another process", async () => {
  const stateOf = async (files: readonly string[]) => {
    const stage = new Stage(files);
    await stage.live.idle();
    const [hello] = stage.heard();
    stage.live.close();
    return hello!.state;
  };
  const state = await stateOf(["a", "b"]);
  assertEquals(await stateOf(["b", "a"]), state);
  assertNotEquals(await stateOf(["a"]), state);
});

testLive("many changes are told once, when they pause", async (time) => {
  const stage = new Stage([]);
  await stage.live.idle();
  stage.heard();
  for (let count = 0; count < 40; count++) {
    stage.change(`${count}.html`);
    await time.tickAsync(50);
    assertEquals(stage.heard(), []);
  }
  await time.tickAsync(1000);
  assertEquals(stage.heard().map(({ paths }) => paths?.length), [40]);
  stage.live.close();
});

testLive("changes that never pause are told all the same", async (time) => {
  const stage = new Stage([]);
  await stage.live.idle();
  stage.heard();
  for (let count = 0; count < 220; count++) {
    stage.change("log.txt");
    await time.tickAsync(50);
  }
  assertEquals(stage.heard().length, 2);
  stage.live.close();
});

testLive("of more changes than can be named, any may matter", async (time) => {
  const stage = new Stage([]);
  await stage.live.idle();
  stage.heard();
  for (let count = 0; count < 101; count++) stage.change(`${count}`);
  await time.tickAsync(1000);
  assertEquals(stage.heard().map(({ paths }) => paths), [null]);
  stage.live.close();
});

testLive(
  "the name of a file that needs a password is told to no one",
  async (time) => {
    const stage = new Stage([]);
    await stage.live.idle();
    stage.heard();
    stage.change("secret.html");
    stage.change("a.html");
    await time.tickAsync(1000);
    assertEquals(stage.heard().map(({ paths }) => paths), [null]);
    stage.live.close();
  },
);

testLive("what changes and changes back is not told", async (time) => {
  const stage = new Stage(["a"]);
  await stage.live.idle();
  stage.heard();
  stage.change("a");
  stage.files.set("a", 0);
  await time.tickAsync(1000);
  assertEquals(stage.heard(), []);
  stage.live.close();
});

for (
  const [name, isWatched, isTrusted, seconds] of [
    ["without a watch", false, false, 1],
    ["that is not trusted", true, false, 1],
    ["that is trusted and lies", true, true, 10],
  ] as const
) {
  testLive(`a watch ${name}: changes show after ${seconds} s`, async (time) => {
    const stage = new Stage(["a"], isWatched);
    stage.isTrusted = isTrusted;
    await stage.live.idle();
    stage.heard();
    stage.files.set("a", 9);
    await time.tickAsync(1000 * seconds - 100);
    assertEquals(stage.heard(), []);
    await time.tickAsync(200);
    assertEquals(stage.heard().map(({ paths }) => paths), [["/a"]]);
    assert(stage.looks <= 3);
    stage.live.close();
  });
}

testLive("reloadAll() has every page reload", async () => {
  const stage = new Stage(["a"]);
  await stage.live.idle();
  stage.heard();
  stage.live.reloadAll();
  assertEquals(stage.heard().map(({ paths }) => paths), [null]);
  stage.live.close();
});

testLive("close() ends all looks and all streams", async (time) => {
  const stage = new Stage(["a"], false);
  await stage.live.idle();
  stage.heard();
  stage.live.close();
  const { looks } = stage;
  await time.tickAsync(60_000);
  assertEquals(stage.looks, looks);
  assertEquals(stage.live.services.get(LIVE_EVENTS_PATH)!().status, 503);
});

testLive(
  "lines of a live site are not stored, and their policies allow the script",
  async () => {
    const { live } = new Stage([]);
    const kept: FieldLine = ["X-A", "1"];
    const [policy, ...others] = live.amend([
      ["Content-Security-Policy", "connect-src a"],
      ["cache-control", "immutable"],
      kept,
      ["Expires", "0"],
    ]);
    assert(policy![1].includes("/.skiff/live"));
    assertEquals(others, [kept]);
    const lines = [kept];
    assertEquals(live.amend(lines), lines);
    await live.idle();
    live.close();
  },
);
