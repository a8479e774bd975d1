import { assertEquals, assertStringIncludes } from "@std/assert";
import { relative } from "@std/path";
import { matchesHash, parseHash } from "../lib/access/password.ts";
import { shellWord } from "../lib/cli/shell.ts";
import { TemporaryDirectory, testWith, until } from "./helpers.ts";
import { programPath } from "./programs.ts";
import { ALL, MAIN, Skiff, testProgram } from "./skiff.ts";

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
        [...command, "--port=0", "--log=off"].map(shellWord).join(" "),
        "/dev/null",
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1", FORCE_COLOR: "" },
    }).spawn();
    let text = "";
    const reading = terminal.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (chunk) => void (text += chunk) }));
    const line = /Local: +http:\/\/localhost:(\d+)\/ /;
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

testWith(
  HAS_TERMINALS,
  "hash-password asks at a terminal, and shows nothing of what is typed (ignored without script)",
  async () => {
    const command = [Deno.execPath(), "run", "--no-prompt", ...ALL, MAIN];
    const terminal = new Deno.Command("script", {
      args: [
        "-qec",
        [...command, "hash-password", "ann"].map(shellWord).join(" "),
        "/dev/null",
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1", FORCE_COLOR: "" },
    }).spawn();
    let text = "";
    const reading = terminal.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (chunk) => void (text += chunk) }));
    const keys = terminal.stdin.getWriter();
    const type = (line: string) => keys.write(new TextEncoder().encode(line));
    await until(() => text.includes("Password of ann: "), "the question");
    await type("s3crex\x7ft\r");
    await until(() => text.includes("The same again: "), "the second question");
    await type("s3cret\r");
    const { code } = await terminal.status;
    await Promise.all([reading, keys.close().catch(() => {})]);
    assertEquals(code, 0);
    assertEquals(text.includes("s3cre"), false);
    const hash = /ann:(\$scrypt\$\S+)/.exec(text)?.[1] ?? "";
    assertEquals(await matchesHash("s3cret", parseHash(hash)!), true);
  },
);

testProgram("the start names the folder by its absolute path", async () => {
  using directory = new TemporaryDirectory({ "a.txt": "a" });
  const root = relative(Deno.cwd(), directory.path);
  await using skiff = new Skiff([root, "-p", "0", "--log=off"]);
  await skiff.listening();
  assertStringIncludes(skiff.stderr, `Serving ${directory.path} (Ctrl-C`);
});

testWith(
  HAS_TERMINALS,
  "hash-password ends with 130 at Ctrl-C (ignored without script)",
  async () => {
    const command = [Deno.execPath(), "run", "--no-prompt", MAIN]
      .map(shellWord).join(" ");
    const terminal = new Deno.Command("script", {
      args: ["-qec", `${command} hash-password; echo "code $?"`, "/dev/null"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      env: { NO_COLOR: "1", FORCE_COLOR: "" },
    }).spawn();
    let text = "";
    const reading = terminal.stdout.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write: (chunk) => void (text += chunk) }));
    const keys = terminal.stdin.getWriter();
    await until(() => text.includes("Password: "), "the question");
    await keys.write(new TextEncoder().encode("abc\x03"));
    await terminal.status;
    await Promise.all([reading, keys.close().catch(() => {})]);
    assertStringIncludes(text, "code 130");
    assertEquals(text.includes("Interrupted"), false);
  },
);
