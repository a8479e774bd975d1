import { assertEquals, assertStringIncludes } from "@std/assert";
import { relative } from "@std/path";
import { matchesHash, parseHash } from "../lib/access/password.ts";
import { TemporaryDirectory, testWith } from "./helpers.ts";
import { Skiff, testProgram } from "./skiff.ts";
import { HAS_TERMINALS, skiffLine, Terminal } from "./terminal.ts";

/** Whether a port of this machine accepts connections. */
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
    await using terminal = new Terminal(skiffLine(["--port=0", "--log=off"]));
    await terminal.shows("Press h for help");
    const line = /Local: +http:\/\/localhost:(\d+)\/ /;
    const port = Number(line.exec(terminal.text)![1]);
    assertEquals(await isListening(port), true);
    await terminal.close();
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
    await using terminal = new Terminal(skiffLine(["hash-password", "ann"]));
    await terminal.shows("Password of ann: ");
    await terminal.type("s3crex\x7ft\r");
    await terminal.shows("Repeat it: ");
    await terminal.type("s3cret\r");
    const text = await terminal.ended();
    assertStringIncludes(text, "code 0");
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
    await using terminal = new Terminal(skiffLine(["hash-password"], []));
    await terminal.shows("Password: ");
    await terminal.type("abc\x03");
    const text = await terminal.ended();
    assertStringIncludes(text, "code 130");
    assertEquals(text.includes("Interrupted"), false);
  },
);
