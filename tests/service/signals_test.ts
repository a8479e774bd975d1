import { assertEquals } from "@std/assert";
import { within } from "../helpers.ts";
import { testProgram } from "../skiff.ts";

const MODULE = new URL("../../lib/service/signals.ts", import.meta.url).href;

/** Says what it is told by signals; "forget" on its input undoes that. */
const SOURCE = `
import { onSignals } from ${JSON.stringify(MODULE)};
const say = (text) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\\n"));
setInterval(() => {}, 1000);
const signals = onSignals({
  stop: () => say("stop"),
  exitCode: () => 130,
  reload: () => say("reload"),
});
say("ready");
for await (const _ of Deno.stdin.readable) break;
signals.close();
say("forgotten");
`;

/** A process that listens to signals. */
class Listener implements AsyncDisposable {
  readonly #child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", SOURCE],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  readonly #lines = this.#child.stdout
    .pipeThrough(new TextDecoderStream()).getReader();
  readonly #input = this.#child.stdin.getWriter();
  #text = "";

  /** The next line that it says; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    while (!this.#text.includes("\n")) {
      const { done, value } = await within(this.#lines.read(), "a line");
      if (done) return undefined;
      this.#text += value;
    }
    const [line, ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async forget(): Promise<void> {
    await this.#input.write(new Uint8Array(1));
  }

  get status(): Promise<Deno.CommandStatus> {
    return within(this.#child.status, "its end");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#input.close().catch(() => {});
    await this.#lines.cancel();
    await this.#child.status;
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  testProgram(
    `${signal} asks for a stop, and the next one ends the process`,
    async () => {
      await using listener = new Listener();
      assertEquals(await listener.line(), "ready");
      listener.signal(signal);
      assertEquals(await listener.line(), "stop");
      listener.signal("SIGTERM");
      const { code, signal: cause } = await listener.status;
      assertEquals([code, cause], [130, null]);
      assertEquals(await listener.line(), undefined);
    },
  );
}

testProgram(
  "SIGHUP asks for everything to be read anew, as often as it comes",
  async () => {
    await using listener = new Listener();
    assertEquals(await listener.line(), "ready");
    for (let count = 0; count < 3; count++) {
      listener.signal("SIGHUP");
      assertEquals(await listener.line(), "reload");
    }
    listener.signal("SIGTERM");
    assertEquals(await listener.line(), "stop");
    listener.signal("SIGHUP");
    assertEquals(await listener.line(), "reload");
  },
);

testProgram(
  "signals that are forgotten do what they do to any process",
  async () => {
    await using listener = new Listener();
    assertEquals(await listener.line(), "ready");
    await listener.forget();
    assertEquals(await listener.line(), "forgotten");
    listener.signal("SIGHUP");
    assertEquals((await listener.status).signal, "SIGHUP");
    assertEquals(await listener.line(), undefined);
  },
);
