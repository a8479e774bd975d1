import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Interrupted } from "../../tools/interruption.ts";
import { executablePath, moveFile } from "../../tools/output.ts";
import { PackError } from "../../tools/walk.ts";
import {
  HAS_FILES,
  HAS_PROGRAMS,
  TemporaryDirectory,
  testWith,
} from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

const NAMES: readonly [
  output: string,
  target: string | undefined,
  name: string,
][] = [
  ["mysite", "x86_64-unknown-linux-gnu", "mysite"],
  ["mysite", "aarch64-apple-darwin", "mysite"],
  ["mysite", "x86_64-pc-windows-msvc", "mysite.exe"],
  ["mysite.exe", "x86_64-pc-windows-msvc", "mysite.exe"],
  ["MYSITE.EXE", "x86_64-pc-windows-msvc", "MYSITE.EXE"],
  ["my.site", "x86_64-pc-windows-msvc", "my.site.exe"],
  ["mysite.exe", "x86_64-unknown-linux-gnu", "mysite.exe"],
];

for (const [output, target, name] of NAMES) {
  testWith(
    HAS_FILES,
    `executablePath() puts ${output} for ${target} at ${name}`,
    () => {
      using folder = new TemporaryDirectory();
      assertEquals(
        executablePath(folder.join(output), target),
        folder.join(name),
      );
    },
  );
}

testWith(HAS_FILES && IS_UNIX, "executablePath() is the real one", () => {
  using folder = new TemporaryDirectory({ "real/a.txt": "" });
  Deno.symlinkSync("real", folder.join("link"));
  assertEquals(
    executablePath(folder.join("link/mysite")),
    folder.join("real/mysite"),
  );
});

const BAD_OUTPUTS: readonly [output: string, message: string][] = [
  ["gone/mysite", "its directory cannot be found"],
  ["docs", "it is a directory"],
];

for (const [output, message] of BAD_OUTPUTS) {
  testWith(
    HAS_FILES,
    `executablePath() refuses an output of which it must say: ${message}`,
    () => {
      using folder = new TemporaryDirectory({ "docs/a.txt": "" });
      assertThrows(
        () => executablePath(folder.join(output), "x86_64-unknown-linux-gnu"),
        PackError,
        message,
      );
    },
  );
}

testWith(
  HAS_FILES && IS_UNIX,
  "executablePath() follows a link to a file",
  () => {
    using folder = new TemporaryDirectory({
      "real/old": "",
      "links/.keep": "",
    });
    Deno.symlinkSync("../real/old", folder.join("links/mysite"));
    assertEquals(
      executablePath(folder.join("links/mysite")),
      folder.join("real/old"),
    );
  },
);

/** What may not be replaced, by what makes it. */
const IRREPLACEABLE: readonly [
  name: string,
  make: (path: string) => unknown,
  message: string,
][] = [
  ["a pipe", makePipe, "it is there, and it is not a regular file"],
  [
    "a link to a pipe",
    (path) => {
      makePipe(`${path}.pipe`);
      Deno.symlinkSync(`${path}.pipe`, path);
    },
    "it is there, and it is not a regular file",
  ],
  [
    "a link to a directory",
    (path) => Deno.symlinkSync(".", path),
    "it is a directory",
  ],
  [
    "a link to nothing",
    (path) => Deno.symlinkSync("nothing", path),
    "it is a link to nothing",
  ],
  [
    "a link to itself",
    (path) => Deno.symlinkSync("mysite", path),
    "it is a link to nothing",
  ],
];

function makePipe(path: string): void {
  new Deno.Command("mkfifo", { args: [path] }).outputSync();
}

for (const [name, make, message] of IRREPLACEABLE) {
  testWith(
    HAS_PROGRAMS && IS_UNIX,
    `executablePath() refuses to replace ${name}`,
    () => {
      using folder = new TemporaryDirectory();
      const output = folder.join("mysite");
      make(output);
      assertThrows(
        () => executablePath(output, "x86_64-unknown-linux-gnu"),
        PackError,
        `Cannot write "${output}": ${message}`,
      );
    },
  );
}

testWith(
  HAS_FILES && IS_UNIX,
  "executablePath() says so when a name is too long",
  () => {
    using folder = new TemporaryDirectory();
    assertThrows(
      () => executablePath(folder.join("n".repeat(256))),
      PackError,
      "Cannot write ",
    );
  },
);

const GOING_ON = new AbortController().signal;

function namesIn(folder: TemporaryDirectory, name: string): string[] {
  return [...Deno.readDirSync(folder.join(name))].map(({ name }) => name);
}

/** Does something where directories are file systems of their own, as far as renaming goes. */
async function apart(fn: () => Promise<void>): Promise<void> {
  const { renameSync } = Deno;
  const directory = (path: string | URL) => `${path}`.replace(/[^/\\]*$/, "");
  Deno.renameSync = (from, to) => {
    if (directory(from) !== directory(to)) throw new Error("EXDEV");
    renameSync(from, to);
  };
  try {
    await fn();
  } finally {
    Deno.renameSync = renameSync;
  }
}

testWith(HAS_FILES, "moveFile() moves within a file system", async () => {
  using folder = new TemporaryDirectory({ "a/x": "new", "b/y": "old" });
  await moveFile(folder.join("a/x"), folder.join("b/y"), GOING_ON);
  assertEquals(namesIn(folder, "a"), []);
  assertEquals(namesIn(folder, "b"), ["y"]);
  assertEquals(Deno.readTextFileSync(folder.join("b/y")), "new");
});

testWith(HAS_FILES, "moveFile() copies to another file system", async () => {
  using folder = new TemporaryDirectory({ "a/x": "new", "b/y": "old" });
  if (IS_UNIX) Deno.chmodSync(folder.join("a/x"), 0o755);
  await apart(() => moveFile(folder.join("a/x"), folder.join("b/y"), GOING_ON));
  assertEquals(namesIn(folder, "b"), ["y"]);
  assertEquals(Deno.readTextFileSync(folder.join("b/y")), "new");
  if (!IS_UNIX) return;
  assertEquals(Deno.statSync(folder.join("b/y")).mode! & 0o777, 0o755);
});

testWith(
  HAS_FILES,
  "moveFile() leaves nothing when it is interrupted while it copies",
  async () => {
    using folder = new TemporaryDirectory({ "a/x": "new", "b/y": "old" });
    const controller = new AbortController();
    const { copyFile } = Deno;
    let during: string[] = [];
    Deno.copyFile = async (from, to) => {
      await copyFile(from, to);
      during = namesIn(folder, "b");
      controller.abort();
    };
    try {
      await apart(async () => {
        await assertRejects(
          () =>
            moveFile(folder.join("a/x"), folder.join("b/y"), controller.signal),
          Interrupted,
        );
      });
    } finally {
      Deno.copyFile = copyFile;
    }
    assertEquals(during.length, 2);
    assertEquals(namesIn(folder, "b"), ["y"]);
    assertEquals(Deno.readTextFileSync(folder.join("b/y")), "old");
  },
);

testWith(
  HAS_FILES,
  "moveFile() leaves nothing when it cannot copy",
  async () => {
    using folder = new TemporaryDirectory({ "b/y": "old" });
    await assertRejects(
      () => moveFile(folder.join("gone"), folder.join("b/y"), GOING_ON),
      PackError,
      `Cannot write "${folder.join("b/y")}": `,
    );
    assertEquals(namesIn(folder, "b"), ["y"]);
  },
);
