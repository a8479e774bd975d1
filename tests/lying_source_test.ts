import { FakeSource } from "./site/disk/fake_source.ts";
import { LIES, LyingSource } from "./lying_source.ts";

/** A system that still tells what has waited when it is closed, as the runtime does. */
class SlowSource extends FakeSource {
  override async *[Symbol.asyncIterator]() {
    while (!this.isClosed) await Promise.resolve();
    yield { kind: "modify" as const, paths: ["/a.txt"] };
  }
}

for (const lie of LIES) {
  // A timer that stays would fail this test, or the next one.
  Deno.test(`a system that tells ${lie} plans nothing once it is closed`, async () => {
    const source = new LyingSource(
      lie,
      "/does/not/exist",
      () => new SlowSource(),
    );
    await Promise.resolve();
    source.close();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  });
}
