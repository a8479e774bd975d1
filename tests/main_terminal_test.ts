import { assertEquals } from "@std/assert";
import { testWith, until } from "./helpers.ts";
import { programPath } from "./programs.ts";
import { ALL, MAIN } from "./skiff.ts";

/** Whether `script` is there, which gives a program a terminal. */
const HAS_TERMINALS = Deno.build.os === "linux" &&
  programPath("script") !== undefined;

/** Whether somebody accepts connections on a port of this machine. */
async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

testWith(
  HAS_TERMINALS,
  "skiff ends when its terminal is closed (ignored without script)",
  async () => {
    const command = [Deno.execPath(), "run", "--no-prompt", ...ALL, MAIN];
    const terminal = new Deno.Command("script", {
      args: [
        "-qec",
        [...command, "--port=0", "--quiet"].join(" "),
        "/dev/null",
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1" },
    }).spawn();
    let text = "";
    const reading = terminal.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (chunk) => void (text += chunk) }));
    const line = /^Listening on http:\/\/127\.0\.0\.1:(\d+)\/\r$/m;
    await until(() => line.test(text), "the start");
    const port = Number(line.exec(text)![1]);
    assertEquals(await isListening(port), true);
    terminal.kill("SIGKILL");
    await Promise.all([terminal.status, reading, terminal.stdin.abort()]);
    let isThere = true;
    for (let attempt = 0; attempt < 500 && isThere; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      isThere = await isListening(port);
    }
    assertEquals(isThere, false);
  },
);
