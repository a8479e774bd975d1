import { assertEquals } from "@std/assert";
import { Keys, type KeyTerminal } from "../../lib/service/keys.ts";
import { FakeTime } from "../fake_time.ts";
import { until } from "../helpers.ts";

/** A terminal at which the test types. */
class Typing implements KeyTerminal {
  readonly raw: boolean[] = [];
  foreground: boolean | undefined = true;
  isReading = false;
  isWatched = false;
  onContinue = () => {};
  onResize = () => {};
  #onBytes: ((bytes: Uint8Array) => void) | undefined;

  setRaw(isRaw: boolean): void {
    this.raw.push(isRaw);
  }

  read(onBytes: (bytes: Uint8Array) => void): () => void {
    this.#onBytes = onBytes;
    this.isReading = true;
    return () => {
      this.isReading = false;
      this.#onBytes = undefined;
    };
  }

  isForeground(): boolean | undefined {
    return this.foreground;
  }

  watch(onContinue: () => void, onResize: () => void): () => void {
    Object.assign(this, { onContinue, onResize, isWatched: true });
    return () => this.isWatched = false;
  }

  type(...pieces: readonly string[]): void {
    for (const piece of pieces) {
      this.#onBytes?.(new TextEncoder().encode(piece));
    }
  }
}

/** Keys whose actions are recorded. */
function startKeys(foreground: boolean | "unknown" = true) {
  const terminal = new Typing();
  terminal.foreground = foreground === "unknown" ? undefined : foreground;
  const pressed: string[] = [];
  const unknown: string[] = [];
  const actions = Object.fromEntries(
    ["q", "l", "\x03"].map((key) => [key, () => void pressed.push(key)]),
  );
  const keys = new Keys(terminal, actions, () => unknown.push("unknown"));
  return { terminal, pressed, unknown, keys };
}

Deno.test("Keys does what a key stands for", async () => {
  const { terminal, pressed, keys } = startKeys();
  assertEquals(terminal.raw, [true]);
  terminal.type("l");
  await until(() => pressed.length > 0, "the key");
  terminal.type("x");
  terminal.type("\x03");
  assertEquals(pressed, ["l", "\x03"]);
  keys.close();
  keys.close();
  assertEquals(terminal.raw, [true, false]);
  assertEquals([terminal.isReading, terminal.isWatched], [false, false]);
});

const HARMLESS: readonly (readonly [name: string, ...pieces: string[]])[] = [
  ["pasted text", "rm -rf q"],
  ["pasted text in pieces", "q", "uit", "l"],
  ["an arrow", "\x1b[A"],
  ["a sequence in pieces", "\x1b", "O", "q"],
  ["a name of Object", "constructor"],
  ["the beginning of UTF-8", "ä"],
  ["nothing", ""],
];

for (const [name, ...pieces] of HARMLESS) {
  Deno.test(`Keys does nothing for ${name}`, async () => {
    using time = new FakeTime();
    const { terminal, pressed, keys } = startKeys();
    const quiet = pieces[0]?.startsWith("\x1b") ? 500 : 30;
    for (const piece of pieces) {
      terminal.type(piece);
      await time.tickAsync(quiet - 1);
    }
    // The burst is over now, which the next key shows.
    await time.tickAsync(1);
    terminal.type("l");
    await time.tickAsync(30);
    assertEquals(pressed, ["l"]);
    keys.close();
  });
}

Deno.test("Keys leaves the terminal alone in the background", () => {
  const { terminal, keys } = startKeys(false);
  assertEquals([terminal.raw, terminal.isReading], [[], false]);
  // Only the foreground is told about its window.
  terminal.onResize();
  assertEquals([terminal.raw, terminal.isReading], [[true], true]);
  keys.close();
  assertEquals(terminal.raw, [true, false]);
});

Deno.test("Keys never touches a terminal that it has not used", () => {
  const { terminal, keys } = startKeys(false);
  keys.close();
  assertEquals(terminal.raw, []);
});

Deno.test("Keys goes on in the foreground after a stop", () => {
  const { terminal, unknown, keys } = startKeys();
  terminal.onContinue();
  assertEquals([terminal.raw, terminal.isReading], [[true, true], true]);
  terminal.foreground = false;
  terminal.onContinue();
  assertEquals([terminal.raw, terminal.isReading], [[true, true], false]);
  terminal.foreground = true;
  terminal.onContinue();
  assertEquals([terminal.raw.length, terminal.isReading], [3, true]);
  assertEquals(unknown, []);
  keys.close();
});

Deno.test("Keys stops reading after a stop where it cannot know", async () => {
  const { terminal, unknown, keys } = startKeys("unknown");
  assertEquals(terminal.isReading, true);
  terminal.onContinue();
  terminal.onContinue();
  assertEquals(terminal.isReading, false);
  await until(() => unknown.length > 0, "the message");
  assertEquals(unknown, ["unknown"]);
  assertEquals(terminal.raw, [true]);
  terminal.onResize();
  assertEquals(terminal.isReading, true);
  keys.close();
});

Deno.test("Keys says nothing after a stop when the end comes with it", async () => {
  using time = new FakeTime();
  const { terminal, unknown, keys } = startKeys("unknown");
  terminal.onContinue();
  keys.close();
  await time.tickAsync(1_000);
  assertEquals(unknown, []);
});

Deno.test("Keys says nothing after a stop when it reads again at once", async () => {
  using time = new FakeTime();
  const { terminal, unknown, keys } = startKeys("unknown");
  terminal.onContinue();
  terminal.onResize();
  await time.tickAsync(1_000);
  assertEquals([terminal.isReading, unknown], [true, []]);
  keys.close();
});

Deno.test("Keys forgets a key that the end comes before", async () => {
  using time = new FakeTime();
  const { terminal, pressed, keys } = startKeys();
  terminal.type("q");
  keys.close();
  await time.tickAsync(1_000);
  assertEquals(pressed, []);
});
