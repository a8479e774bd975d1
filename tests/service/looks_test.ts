import { assertEquals } from "@std/assert";
import { Looks } from "../../lib/service/looks.ts";
import { FakeTime } from "../fake_time.ts";

const QUIET_MS = 50;
const REST_MS = 10_000;

/** Counts looks. Each takes no time, or until the test ends it. */
class Stage {
  readonly looks: Looks;
  count = 0;
  look: Promise<void> = Promise.resolve();

  constructor(firstMs: number) {
    this.looks = new Looks({
      look: () => (this.count++, this.look),
      quietMs: QUIET_MS,
      restMs: () => REST_MS,
    }, firstMs);
  }
}

Deno.test("Looks begin when they are to, and come again until they are closed", async () => {
  using time = new FakeTime();
  const stage = new Stage(1000);
  await time.tickAsync(999);
  assertEquals(stage.count, 0);
  await time.tickAsync(1);
  assertEquals(stage.count, 1);
  await time.tickAsync(REST_MS + 1000);
  assertEquals(stage.count, 2);
  stage.looks.close();
  stage.looks.onChange();
  await time.tickAsync(10 * REST_MS);
  assertEquals([stage.count, stage.looks.isClosed], [2, true]);
  const first = new Stage(0);
  assertEquals(first.count, 1);
  await first.looks.idle();
  first.looks.close();
});

Deno.test("Looks wait for a pause of changes, but not forever", async () => {
  using time = new FakeTime();
  const stage = new Stage(REST_MS);
  const changeFor = async (ms: number) => {
    for (let at = 0; at < ms; at += QUIET_MS - 1) {
      stage.looks.onChange();
      await time.tickAsync(QUIET_MS - 1);
    }
  };
  await changeFor(4_000);
  assertEquals(stage.count, 0);
  await time.tickAsync(1);
  assertEquals(stage.count, 1);
  await changeFor(6_000);
  assertEquals(stage.count, 2);
  stage.looks.close();
});

Deno.test("Looks: one is in progress at a time, and what changes during it is looked at soon", async () => {
  using time = new FakeTime();
  const stage = new Stage(1000);
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.look = promise;
  await time.tickAsync(1000);
  stage.looks.onChange();
  await time.tickAsync(2 * QUIET_MS);
  assertEquals(stage.count, 1);
  stage.look = Promise.resolve();
  resolve();
  await time.tickAsync(QUIET_MS);
  assertEquals(stage.count, 2);
  stage.looks.onChange();
  await time.tickAsync(QUIET_MS);
  assertEquals(stage.count, 3);
  stage.looks.close();
});
