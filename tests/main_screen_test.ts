/**
 * The program at a terminal: the box at the start, keys, and what is left of
 * them when it ends.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename } from "@std/path";
import { shellWord } from "../lib/cli/shell.ts";
import { TemporaryDirectory, testWith, until } from "./helpers.ts";
import { ALL, Skiff, testProgram } from "./skiff.ts";
import { HAS_TERMINALS, skiffLine, Terminal } from "./terminal.ts";

const COOKED = "isig icanon echo ";

testWith(
  HAS_TERMINALS,
  "at a terminal skiff shows a box and reads keys (ignored without script)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using terminal = new Terminal(
      skiffLine([directory.path, "--port=0"]),
    );
    await terminal.shows("Press h for help");
    assertStringIncludes(terminal.text, "╭");
    // A long path is shortened in the middle.
    assertStringIncludes(terminal.text, `/${basename(directory.path)} `);
    const url = /Local: +(http:\/\/localhost:\d+\/)/.exec(terminal.text)![1]!;
    await terminal.type("h");
    await terminal.shows("  q  quit");
    await (await fetch(`${url.replace("localhost", "127.0.0.1")}a.txt`)).body
      ?.cancel();
    await terminal.shows("200 GET /a.txt 1 B");
    await terminal.type("l");
    await terminal.shows("The log is off");
    await terminal.type("o");
    await terminal.shows("add --allow-run=xdg-open, or visit");
    // Pasted text and escape sequences are no keys.
    await terminal.type("quit q\x1b[Aq");
    await terminal.type("\x1bOq");
    await new Promise((resolve) => setTimeout(resolve, 700));
    await terminal.type("l");
    await terminal.shows("The log is on");
    await terminal.type("q");
    const text = await terminal.ended();
    assertStringIncludes(text, `code 0\n${COOKED}`);
  },
);

testWith(
  HAS_TERMINALS,
  "the terminal is as before after Ctrl-C (ignored without script)",
  async () => {
    await using terminal = new Terminal(skiffLine(["--port=0"]));
    await terminal.shows("Press h for help");
    await terminal.type("\x03");
    assertStringIncludes(await terminal.ended(), `code 0\n${COOKED}`);
  },
);

testWith(
  HAS_TERMINALS,
  "the terminal is as before after a second Ctrl-C, which ends at once (ignored without script)",
  async () => {
    await using terminal = new Terminal(skiffLine(["--port=0", "--drain=60"]));
    await terminal.shows("Press h for help");
    await terminal.type("\x03");
    await terminal.shows("Draining for 60 s");
    await terminal.type("\x03");
    assertStringIncludes(await terminal.ended(), `code 0\n${COOKED}`);
  },
);

testWith(
  HAS_TERMINALS,
  "the terminal is as before after SIGTERM (ignored without script)",
  async () => {
    using directory = new TemporaryDirectory();
    const pid = directory.join("pid");
    await using terminal = new Terminal(
      `sh -c 'echo $$ >"$1"; shift; exec "$@"' sh ${shellWord(pid)} ${
        skiffLine(["--port=0"])
      }`,
    );
    await terminal.shows("Press h for help");
    // As `timeout` and shells send them.
    for (const signal of ["SIGTERM", "SIGCONT"] as const) {
      Deno.kill(Number(Deno.readTextFileSync(pid)), signal);
    }
    const text = await terminal.ended();
    assertStringIncludes(text, `code 0\n${COOKED}`);
    assertEquals(text.includes("Keys are off"), false);
  },
);

testWith(
  HAS_TERMINALS,
  "--no-keys leaves the keyboard alone, and --qr draws (ignored without script)",
  async () => {
    await using terminal = new Terminal(
      skiffLine(["--port=0", "--no-keys", "--qr", "--host=0.0.0.0"], [
        ...ALL,
        "--allow-sys=networkInterfaces",
      ]),
    );
    await terminal.shows("╰");
    await until(
      () => /▀|Cannot draw a QR code/.test(terminal.text),
      "the code",
    );
    assertEquals(terminal.text.includes("Press"), false);
    await terminal.type("q\n");
    // What is typed is shown: the terminal was never in another mode.
    await terminal.shows("q\r\n");
    await terminal.type("\x03");
    assertStringIncludes(await terminal.ended(), "code 0");
  },
);

testWith(
  HAS_TERMINALS,
  "a dumb terminal gets lines for programs (ignored without script)",
  async () => {
    await using terminal = new Terminal(
      skiffLine(["--port=0"], [...ALL, "--allow-env=TERM"]),
      { TERM: "dumb" },
    );
    await terminal.shows("Listening on http://127.0.0.1:");
    assertEquals(/╭|Press/.test(terminal.text), false);
    await terminal.type("\x03");
    await terminal.ended();
  },
);

testWith(
  HAS_TERMINALS,
  "skiff in the background is not stopped where it can know that it is there (ignored without script)",
  async () => {
    const line = skiffLine(["--port=0"], ["--allow-all"]);
    const script =
      `set -m; ${line} & while read key; do jobs; done; kill %1; wait`;
    await using terminal = new Terminal(`bash -c ${shellWord(script)}`);
    await terminal.shows("╰");
    await terminal.type("\n");
    await terminal.shows("Running");
    assertEquals(/Stopped|Press/.test(terminal.text), false);
    await terminal.type("\x04");
    await terminal.ended();
  },
);

testProgram("--open says which permission it needs, and serves", async () => {
  await using skiff = new Skiff(["--port=0", "--log=off", "--open"]);
  const port = await skiff.listening();
  await until(
    () => skiff.stderr.includes("Cannot open a browser without permission"),
    "the message",
  );
  const response = await fetch(`http://127.0.0.1:${port}/`);
  await response.body?.cancel();
  assert(response.ok);
});

testProgram("--open starts the system's opener with the URL", async () => {
  using directory = new TemporaryDirectory();
  directory.write(
    "xdg-open",
    `#!/bin/sh\necho "$1" >${shellWord(directory.join("out"))}\n`,
  );
  Deno.chmodSync(directory.join("xdg-open"), 0o755);
  await using skiff = new Skiff(
    ["--port=0", "--log=off", "--open"],
    [...ALL, "--allow-run=xdg-open"],
    { PATH: `${directory.path}:${Deno.env.get("PATH")}` },
  );
  const port = await skiff.listening();
  const out = () => {
    try {
      return Deno.readTextFileSync(directory.join("out"));
    } catch {
      return "";
    }
  };
  await until(() => out() !== "", "the browser");
  assertEquals(out(), `http://localhost:${port}/\n`);
});
