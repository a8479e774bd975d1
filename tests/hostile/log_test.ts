import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { request, TemporaryDirectory, until } from "../helpers.ts";
import { programPath } from "../programs.ts";
import { Client } from "../raw_client.ts";
import { IS_LINUX, Program, testLinux } from "./program.ts";

/** Waits longer than lines of the log wait for each other. */
const LOG_MS = 500;

/** Asks for a file over and over, until a text is in the reports. */
async function askUntil(
  program: Program,
  port: number,
  text: RegExp,
): Promise<void> {
  const end = Date.now() + 10_000;
  while (!text.test(program.stderr)) {
    assertLess(Date.now(), end, `Waited for ${text} in ${program.stderr}`);
    assertEquals((await request(port, "GET", "/a.txt")).body, "a");
  }
}

testLinux(
  "a log on a full device is told of once in a while, and nothing else suffers",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([directory.path, "--port=0"], {
      redirect: "> /dev/full",
    });
    const port = await program.listening();
    await askUntil(program, port, /No space left on device/);
    // Six times as long as lines are collected, and so as many failures.
    const start = Date.now();
    while (Date.now() - start < 6 * 150) {
      assertEquals((await request(port, "GET", "/a.txt")).body, "a");
    }
    const told = program.stderr.match(/No space left on device/g)!.length;
    assert(told <= 3, program.stderr);
    program.signal("SIGTERM");
    assertEquals(await program.ended(), 0);
    await until(
      () =>
        /[1-9]\d* lines of the access log were dropped/.test(program.stderr),
      `the number of lines that were lost in ${program.stderr}`,
    );
  },
);

/** Takes a mount away when it goes out of scope. */
class SmallDisk implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A disk of so many bytes in memory at a directory; undefined where mounting is not allowed. */
  static mount(path: string, bytes: number): SmallDisk | undefined {
    const { success } = new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path],
      stderr: "null",
    }).outputSync();
    return success ? new SmallDisk(path) : undefined;
  }

  [Symbol.dispose](): void {
    new Deno.Command("umount", { args: ["-l", this.path] }).outputSync();
  }
}

function canMount(): boolean {
  if (!IS_LINUX || programPath("mount") === undefined) return false;
  using directory = new TemporaryDirectory();
  using disk = SmallDisk.mount(directory.path, 64 * 1024);
  return disk !== undefined;
}

testLinux(
  "a log on a full disk goes on when there is room again, and tells what was lost (needs to mount a disk)",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a", "disk/.x": "" });
    using disk = SmallDisk.mount(directory.join("disk"), 64 * 1024)!;
    const log = `${disk.path}/access.log`;
    const filler = `${disk.path}/filler`;
    await using program = new Program([directory.path, "--port=0"], {
      log,
      redirect: '>> "$LOG"',
    });
    const port = await program.listening();
    await request(port, "GET", "/a.txt?before");
    await until(() => Deno.readTextFileSync(log).includes("?before"), "a line");

    fill(filler);
    // The rest of the log's last page.
    const long = `/a.txt?${"x".repeat(4000)}`;
    for (let i = 0; i < 4; i++) await request(port, "GET", long);
    await askUntil(program, port, /No space left on device/);

    Deno.removeSync(filler);
    await askUntil(program, port, /\d+ lines? of the access log w\w+ dropped/);
    await request(port, "GET", "/a.txt?after");
    await until(() => Deno.readTextFileSync(log).includes("?after"), "a line");
    program.signal("SIGTERM");
    assertEquals(await program.ended(), 0);
    // A line that was cut off is alone on its line.
    const whole = /^127\.0\.0\.1 - - \[[^\]]+\] "GET \S+ HTTP\/1\.1" 200 1$/;
    const lines = Deno.readTextFileSync(log).trimEnd().split("\n");
    const torn = lines.filter((line) => !whole.test(line));
    assertLess(torn.length, 3, torn.join("\n"));
    const joined = torn.filter((line) => line.includes("127.0.0.1 - -", 1));
    assertEquals(joined, []);
    assertMatch(lines.at(-1)!, whole);
  },
  canMount(),
);

/** Writes to a file until the disk is full. */
function fill(path: string): void {
  using file = Deno.createSync(path);
  try {
    for (;;) file.writeSync(new Uint8Array(1024));
  } catch {
    // That is what was wanted.
  }
}

/** Lines of the log that are more than the system and the server together keep for a reader: 4 MiB and a pipe. */
const LONG_LINES = 1200;

testLinux(
  "a reader of the log that stands still holds up no answer, and is told what it has missed",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([directory.path, "--port=0"]);
    const port = await program.listening();
    using client = await Client.connect(port);
    const target = `/a.txt?${"x".repeat(7000)}`;
    for (let i = 0; i < LONG_LINES; i++) {
      const start = Date.now();
      await client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assertEquals((await client.response()).body, "a");
      assertLess(Date.now() - start, 1000);
    }
    assertEquals(program.stderr.includes("skiff:"), false);

    const log = program.readLog();
    const dropped = /([0-9]+) lines of the access log were dropped/;
    await until(() => dropped.test(program.stderr), "what was missed");
    await client.send("GET /a.txt?last HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await until(() => log.text.includes("?last"), "the last line");
    const missed = Number(dropped.exec(program.stderr)![1]);
    const seen = log.text.split("\n").length - 1;
    assertEquals(seen + missed, LONG_LINES + 1);
  },
);

testLinux(
  "a reader of the log that stands still does not keep the program from ending",
  async () => {
    using directory = new TemporaryDirectory({ "a.txt": "a" });
    await using program = new Program([directory.path, "--port=0"]);
    const port = await program.listening();
    using client = await Client.connect(port);
    const target = `/a.txt?${"x".repeat(7000)}`;
    for (let i = 0; i < 40; i++) {
      await client.send(`GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assertEquals((await client.response()).body, "a");
    }
    await new Promise((resolve) => setTimeout(resolve, LOG_MS));
    client.close();
    program.signal("SIGTERM");
    assertEquals(await program.ended(), 0);
    const lost = "skiff: warning: No program reads the access log";
    await until(() => program.stderr.includes(lost), "that lines are lost");
  },
);
