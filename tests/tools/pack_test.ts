import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readBundle } from "../../lib/site/bundle/reader.ts";
import { Random, testWith, until, within } from "../helpers.ts";
import {
  archiveIn,
  CAN_RUN,
  command,
  createYard,
  outputs,
  run,
} from "./yard.ts";

const PACK = ["site", "--output", "out/mysite"];
/** Quicker, for what is the same with executables. */
const PACK_ARCHIVE = ["site", "--output", "out/mysite.skiff"];

testWith(
  CAN_RUN,
  "pack writes an executable, and tells what is in it and what is not",
  async () => {
    using yard = createYard();
    Deno.symlinkSync("/etc/passwd", yard.join("site/passwords.txt"));
    const { code, out, err } = await run(yard, "pack", PACK);
    assertEquals([code, err], [
      0,
      `skiff: Left out "/passwords.txt": it is a link that leads out
skiff: Left out 1 hidden name
`,
    ]);
    assertStringIncludes(out, "text/html       1  2.05 KiB");
    assertStringIncludes(out, "Total           2");
    assertStringIncludes(out, `Wrote ${yard.join("out/mysite")}\n`);
    assertEquals(outputs(yard), [".keep", "mysite"]);
    const files = readBundle(archiveIn(yard.join("out/mysite"))).files;
    assertEquals(files.map(({ path }) => path), [
      "/docs/guide.txt",
      "/index.html",
    ]);
  },
);

testWith(CAN_RUN, "pack does not pack what it made before", async () => {
  using yard = createYard();
  const args = ["site", "--output", "site/mysite"];
  await run(yard, "pack", args);
  const first = Deno.readFileSync(yard.join("site/mysite"));
  const { code, err } = await run(yard, "pack", args);
  assertEquals(code, 0);
  assertStringIncludes(err, 'Left out "/mysite": it is what is being written');
  assertEquals(Deno.readFileSync(yard.join("site/mysite")), first);
});

testWith(CAN_RUN, "pack writes the same bytes again", async () => {
  using yard = createYard();
  await run(yard, "pack", PACK);
  const first = Deno.readFileSync(yard.join("out/mysite"));
  await run(yard, "pack", ["site", "--output", "out/other"]);
  assertEquals(Deno.readFileSync(yard.join("out/other")), first);
});

testWith(
  CAN_RUN,
  "pack makes nothing younger than SOURCE_DATE_EPOCH",
  async () => {
    using yard = createYard();
    const { code } = await run(yard, "pack", PACK_ARCHIVE, {
      SOURCE_DATE_EPOCH: "1000",
    });
    assertEquals(code, 0);
    const archive = Deno.readFileSync(yard.join("out/mysite.skiff"));
    const { files } = readBundle(archive);
    assertEquals(files.map(({ modified }) => modified), [1_000_000, 1_000_000]);
  },
);

testWith(
  CAN_RUN,
  "pack names nothing that a terminal would act on",
  async () => {
    using yard = createYard();
    Deno.symlinkSync("gone", yard.join("site/a\x1b[31m\nb"));
    const { err } = await run(yard, "pack", PACK_ARCHIVE);
    assertStringIncludes(err, 'Left out "/a\\u001b[31m\\u000ab"');
    assertEquals(err.includes("\x1b"), false);
  },
);

testWith(
  CAN_RUN,
  "pack writes an archive, and keeps what older ones have",
  async () => {
    using yard = createYard();
    yard.write("site/app-1f0c9a7e.js", "one");
    const first = await run(yard, "pack", ["site", "--output", "out/v1.skiff"]);
    assertEquals([first.code, first.err], [
      0,
      "skiff: Left out 1 hidden name\n",
    ]);
    assertStringIncludes(first.out, `Wrote ${yard.join("out/v1.skiff")}\n`);
    assertEquals(first.out.includes("Kept"), false);
    const { mode } = Deno.statSync(yard.join("out/v1.skiff"));
    assertEquals(mode! & 0o444, 0o666 & ~Deno.umask() & 0o444);
    Deno.renameSync(
      yard.join("site/app-1f0c9a7e.js"),
      yard.join("site/app-2f0c9a7e.js"),
    );
    yard.write("site/app-2f0c9a7e.js", "two and more");
    const next = ["site", "--with", "out/v1.skiff", "--output", "out/mysite"];
    const { code, out } = await run(yard, "pack", next);
    assertEquals(code, 0);
    assertStringIncludes(out, "Kept 1 file of 1 older release, 3 B\n");
    const { files, kept } = readBundle(archiveIn(yard.join("out/mysite")));
    assertEquals(files.map(({ path }) => path), [
      "/app-2f0c9a7e.js",
      "/docs/guide.txt",
      "/index.html",
    ]);
    assertEquals(kept.map(({ path, age }) => [path, age]), [
      ["/app-1f0c9a7e.js", 1],
    ]);
    // Its own place, with what it had kept: nothing new, so nothing is older.
    const again = ["site", "--output", "out/mysite", "--with", "out/mysite"];
    assertEquals((await run(yard, "pack", again)).code, 0);
    assertEquals(readBundle(archiveIn(yard.join("out/mysite"))).kept, kept);
    assertEquals(outputs(yard), [".keep", "mysite", "v1.skiff"]);
  },
);

testWith(
  CAN_RUN,
  "pack leaves what was there when an older archive is damaged",
  async () => {
    using yard = createYard();
    yard.write("out/mysite", "old");
    yard.write("damaged.skiff", "no archive");
    const args = [...PACK, "--with", "damaged.skiff"];
    const { code, err } = await run(yard, "pack", args);
    assertEquals(code, 1);
    assertStringIncludes(
      err,
      'skiff: Cannot keep files of "damaged.skiff": it is neither an archive nor',
    );
    assertEquals(Deno.readTextFileSync(yard.join("out/mysite")), "old");
    assertEquals(outputs(yard), [".keep", "mysite"]);
  },
);

const FAILURES: readonly {
  name: string;
  args: string[];
  env?: Record<string, string>;
  code: number;
  message: string;
}[] = [
  {
    name: "no arguments",
    args: [],
    code: 2,
    message: "Cannot pack: expected one SITE and --output FILE",
  },
  { name: "no output", args: ["site"], code: 2, message: "--output FILE" },
  {
    name: "two sites",
    args: ["site", "other", "--output", "out/a"],
    code: 2,
    message: "expected one SITE",
  },
  {
    name: "an unknown option",
    args: [...PACK, "--fast"],
    code: 2,
    message: "--fast",
  },
  {
    name: "an unknown target",
    args: [...PACK, "--target", "amiga"],
    code: 2,
    message: '"amiga"',
  },
  {
    name: "a site that is not there",
    args: ["gone", "--output", "out/a"],
    code: 1,
    message: 'Cannot pack "gone": it does not exist',
  },
  {
    name: "an output that cannot be",
    args: ["site", "--output", "gone/a"],
    code: 1,
    message: 'Cannot write "gone/a"',
  },
  {
    name: "a target of an archive",
    args: ["site", "--output", "a.skiff", "--target", "x86_64-apple-darwin"],
    code: 2,
    message: "an archive has none",
  },
  {
    name: "an older archive that is not there",
    args: [...PACK, "--with", "gone"],
    code: 1,
    message: 'Cannot keep files of "gone": it does not exist',
  },
  {
    name: "a compiler that is not there",
    args: PACK,
    env: { DENO_COMPILER: "/nowhere" },
    code: 1,
    message: 'Cannot run "/nowhere"',
  },
  {
    name: "a date that is none",
    args: PACK,
    env: { SOURCE_DATE_EPOCH: "today" },
    code: 1,
    message: '"today" as SOURCE_DATE_EPOCH',
  },
];

for (const { name, args, env, code, message } of FAILURES) {
  testWith(CAN_RUN, `pack ends with ${code} for ${name}`, async () => {
    using yard = createYard();
    const result = await run(yard, "pack", args, env);
    assertEquals([result.code, result.out], [code, ""]);
    assert(result.err.startsWith("skiff: "), result.err);
    assertStringIncludes(result.err, message);
    assertEquals(result.err.includes("    at "), false, result.err);
    assertEquals(outputs(yard), [".keep"]);
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  testWith(
    CAN_RUN,
    `pack leaves nothing when it gets ${signal} while it compresses`,
    async () => {
      using yard = createYard();
      const noise = Array.from(new Random(1).bytes(3_000_000)).join(" ");
      yard.write("site/noise.txt", noise);
      yard.write("out/mysite", "old");
      using child = spawned(command(yard, "pack", PACK));
      await child.firstLine();
      child.process.kill(signal);
      const { success } = await within(child.process.status, "the end of pack");
      assertEquals(success, false);
      assertEquals(outputs(yard), [".keep", "mysite"]);
      assertEquals(Deno.readTextFileSync(yard.join("out/mysite")), "old");
    },
  );
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  testWith(
    CAN_RUN,
    `pack leaves nothing and ends with 130 when it gets ${signal} while it compiles`,
    async () => {
      using yard = createYard();
      yard.write(
        "compiler",
        "#!/bin/sh\necho half >result; echo ready >&2; exec sleep 30\n",
      );
      yard.write("out/mysite", "old");
      yard.write("tmp/.keep", "");
      const work = () => [...Deno.readDirSync(yard.join("tmp"))].length - 1;
      const env = { TMPDIR: yard.join("tmp") };
      using child = spawned(command(yard, "pack", PACK, env));
      await until(() => work() === 1, "the workshop");
      child.process.kill(signal);
      const { code } = await within(child.process.status, "the end of pack");
      assertEquals(code, 130);
      assertEquals(work(), 0);
      assertEquals(outputs(yard), [".keep", "mysite"]);
      assertEquals(Deno.readTextFileSync(yard.join("out/mysite")), "old");
      await child.drop();
    },
  );
}

/** A process that is gone when it goes out of scope. */
function spawned(command: Deno.Command) {
  const process = command.spawn();
  return {
    process,
    /** Is fulfilled when something has come on stderr: then it is at work. */
    async firstLine(): Promise<void> {
      const reader = process.stderr.getReader();
      await within(reader.read(), "the first line of stderr");
      reader.releaseLock();
      await this.drop();
    },
    /** Lets go of what it has to say. */
    async drop(): Promise<void> {
      await process.stderr.cancel();
      await process.stdout.cancel();
    },
    [Symbol.dispose](): void {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    },
  };
}

testWith(CAN_RUN, "pack helps", async () => {
  using yard = createYard();
  const { code, out, err } = await run(yard, "pack", ["--help"]);
  assertEquals([code, err], [0, ""]);
  for (
    const word of [
      "--output",
      "--target",
      "DENORT_BIN",
      "x86_64-pc-windows-msvc",
    ]
  ) {
    assertStringIncludes(out, word);
  }
});
