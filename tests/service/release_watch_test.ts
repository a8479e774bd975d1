import { assertEquals } from "@std/assert";
import type { Plan, PlanReader } from "../../lib/service/plan.ts";
import { Completeness, ReleaseWatch } from "../../lib/service/release_watch.ts";
import { chooseReleases } from "../../lib/service/releases.ts";
import { HAS_FILES, TemporaryDirectory, testWith, until } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";
import { planFor, releaseAt } from "./plans.ts";

function found(name: string, born: number | undefined, identity = name) {
  return { ...releaseAt(`/r/${name}`, name), identity, born };
}

Deno.test("Completeness: a folder counts if it was renamed, or is older than the look before", () => {
  const said: string[] = [];
  const now = Date.now();
  const complete = new Completeness((text) => said.push(text));
  assertEquals(complete.isComplete(found("old", now - 1000)), true);
  assertEquals(complete.isComplete(found("made", now + 1000)), false);
  assertEquals(said.length, 1);
  complete.looked(now + 2000);
  // It does not become complete by growing old where it was made.
  assertEquals(complete.isComplete(found("made", now + 1000)), false);
  assertEquals(complete.isComplete(found("made", now + 1000, "other")), true);
  assertEquals(complete.isComplete(found("unknown", undefined)), false);
  complete.arrive("made");
  assertEquals(complete.isComplete(found("made", now + 9000)), true);
  complete.force();
  assertEquals(complete.isComplete(found("unknown", now - 1)), true);
  complete.arrive("current");
  assertEquals(complete.isComplete(found("current", undefined)), false);
});

Deno.test("Completeness: a folder does not become complete when thousands of others are made", () => {
  const said: string[] = [];
  const now = Date.now();
  const complete = new Completeness((text) => said.push(text));
  const all = Array.from(
    { length: 3000 },
    (_, i) => found(`v${i}`, now + 1000),
  );
  assertEquals(all.some((each) => complete.isComplete(each)), false);
  complete.looked(now + 2000);
  assertEquals(all.some((each) => complete.isComplete(each)), false);
  assertEquals(said.length, all.length);
});

/** A watch over a folder, and the plans that it comes to. */
class Stage implements Disposable {
  readonly folder: TemporaryDirectory;
  readonly said: string[] = [];
  reloads = 0;
  plan!: Plan;
  watch!: ReleaseWatch;

  private constructor() {
    this.folder = new TemporaryDirectory({ "v1/index.html": "1" });
  }

  static async open(options: Partial<Plan["options"]> = {}) {
    const stage = new Stage();
    const { path } = stage.folder;
    const base = planFor(path, {
      options: { releases: path, root: undefined, watch: true, ...options },
    });
    const marked = {
      ...base,
      options: { ...base.options, releaseMarker: undefined },
    };
    const { plan } = await chooseReleases(marked, undefined, () => true);
    stage.plan = { ...plan, options: base.options };
    const changeReleases = async (choose: PlanReader) => {
      const read = await choose(stage.plan, []);
      if (read !== undefined) stage.plan = read.plan;
    };
    stage.watch = new ReleaseWatch({
      reloader: {
        get plan() {
          return stage.plan;
        },
        changeReleases,
        reload: () => {
          stage.reloads++;
          return Promise.resolve();
        },
      },
      say: (text) => stage.said.push(text),
    });
    return stage;
  }

  get names(): string {
    return this.plan.releases!.all.map(({ name }) => name).join();
  }

  /** Moves a finished release into its place. */
  deploy(name: string): void {
    this.folder.write(`.${name}/index.html`, name);
    Deno.renameSync(this.folder.join(`.${name}`), this.folder.join(name));
  }

  serves(names: string): Promise<void> {
    return until(() => this.names === names, `${names}, not ${this.names}`);
  }

  [Symbol.dispose](): void {
    this.watch.close();
    this.folder[Symbol.dispose]();
  }
}

testWith(
  HAS_FILES && IS_UNIX,
  "ReleaseWatch follows what comes and goes",
  async () => {
    using stage = await Stage.open();
    stage.deploy("v2");
    await stage.serves("v2,v1");
    Deno.symlinkSync("v1", stage.folder.join("current"));
    await stage.serves("v1,v2");
    Deno.removeSync(stage.folder.join("current"));
    await stage.serves("v2,v1");
    Deno.removeSync(stage.folder.join("v2"), { recursive: true });
    await stage.serves("v1");
    Deno.removeSync(stage.folder.join("v1"), { recursive: true });
    await until(() => stage.said.length > 0, "a word");
    assertEquals(stage.names, "v1");
    await stage.watch.idle();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "ReleaseWatch waits for a folder that is made in its place, until it is forced",
  async () => {
    using stage = await Stage.open();
    stage.folder.write("v2/index.html", "2");
    await until(() => stage.said.length > 0, "a word");
    assertEquals(stage.said[0]!.includes('"v2" does not count yet'), true);
    stage.deploy("v3");
    await stage.serves("v3,v1");
    assertEquals(stage.said.length, 1);
    await stage.watch.reload();
    assertEquals(stage.reloads, 1);
    stage.deploy("v4");
    await stage.serves("v4,v3,v2,v1");
    await stage.watch.idle();
  },
);

testWith(
  HAS_FILES && IS_UNIX,
  "ReleaseWatch sees a marker come, and a broken release once",
  async () => {
    using stage = await Stage.open({ releaseMarker: ".done", watch: false });
    stage.folder.write("v1/.done", "");
    stage.folder.write("v2/index.html", "2");
    stage.folder.write("v3/_redirects", "/a /b 999\n");
    stage.folder.write("v2/.done", "");
    stage.folder.write("v3/.done", "");
    await stage.serves("v2,v1");
    assertEquals(stage.said.length, 1);
    assertEquals(stage.said[0]!.includes("_redirects"), true);
    await stage.watch.idle();
  },
);
