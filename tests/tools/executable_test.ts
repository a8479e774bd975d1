import { assert, assertEquals, assertRejects } from "@std/assert";
import { BundleError } from "../../lib/site/bundle/archive.ts";
import { readBundle } from "../../lib/site/bundle/reader.ts";
import { buildExecutable, bundleSkiff } from "../../tools/executable.ts";
import { Interrupted } from "../../tools/interruption.ts";
import { PackError } from "../../tools/walk.ts";
import project from "../../deno.json" with { type: "json" };
import { TemporaryDirectory, testWith, until, within } from "../helpers.ts";
import { fileOf } from "../site/bundle/bundle_forge.ts";
import { IMAGES } from "./images.ts";
import { archiveIn, BASE, CAN_RUN, COMPILER, outputs } from "./yard.ts";

const FILES = [fileOf("/index.html", "<h1>Home</h1>", { br: "brotli" })];

/** skiff's modules, bundled once for all tests but those of the bundle itself. */
const MODULES = CAN_RUN ? await bundledModules() : undefined;

async function bundledModules(): Promise<string> {
  const directory = new TemporaryDirectory();
  addEventListener("unload", () => directory[Symbol.dispose]());
  await bundleSkiff(directory.path);
  return directory.path;
}

/** A place with a compiler of its own kind, which tells what it saw in the file "witness". */
class Yard extends TemporaryDirectory {
  readonly compiler: string;

  constructor(script: string) {
    super({ "out/.keep": "", "base": BASE });
    this.compiler = this.join("compiler");
    const witness = 'WITNESS="${0%/*}/witness"';
    this.write("compiler", `#!/bin/sh\n${witness}\n${script}`);
    Deno.chmodSync(this.compiler, 0o755);
  }

  /** Where the compiler worked. */
  get workshop(): string {
    return Deno.readTextFileSync(this.join("witness")).split("\n", 1)[0]!;
  }

  /** Builds with modules that were bundled before, unless they are to be bundled again. */
  build(
    { name = "mysite", target, bundles = false }: {
      readonly name?: string;
      readonly target?: string;
      readonly bundles?: boolean;
    } = {},
  ) {
    const { compiler } = this;
    return buildExecutable({ files: FILES, kept: [] }, {
      output: this.join(`out/${name}`),
      target,
      compiler,
      modules: bundles ? undefined : MODULES,
    });
  }
}

testWith(
  CAN_RUN,
  "buildExecutable() puts the result in its place, and nothing else",
  async () => {
    using yard = new Yard(COMPILER);
    const { path, bytes, archiveBytes } = await yard.build();
    assertEquals(path, yard.join("out/mysite"));
    assertEquals(outputs(yard), [".keep", "mysite"]);
    const archive = archiveIn(path);
    assertEquals(readBundle(archive).files, FILES);
    assertEquals([bytes, archiveBytes], [
      BASE.length + archive.length,
      archive.length,
    ]);
    assertEquals(exists(yard.workshop), false);
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() gives the compiler skiff and the archive, and no rights but to read and to listen",
  async () => {
    using yard = new Yard(COMPILER);
    await yard.build({ bundles: true });
    const [, args, ...names] = Deno.readTextFileSync(yard.join("witness"))
      .trim().split("\n");
    // The rest are modules that are imported late, and what they share.
    assertEquals(names.filter((name) => !/-[A-Z0-9]{8}\.js$/.test(name)), [
      "deno.json",
      "main.js",
      "site.skiff",
    ]);
    const flags = args!.split(" ");
    assertEquals(flags[0], "compile");
    assertEquals(flags.at(-1), "main.js");
    assert(flags.includes("--include=site.skiff"));
    assert(flags.includes("--no-prompt"));
    assertEquals(
      flags.filter((flag) => /^(?:--allow|-A|--deny|--unstable)/.test(flag)),
      ["--allow-net", "--allow-read"],
    );
    assertEquals(flags.some((flag) => flag.startsWith("--target")), false);
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() gives the compiler no package, and no module but in a bundle",
  async () => {
    using yard = new Yard(
      `${COMPILER}\ncat deno.json ./*.js >"$WITNESS"`,
    );
    await yard.build({ bundles: true });
    const text = Deno.readTextFileSync(yard.join("witness"));
    const { unstable } = project;
    const configuration = JSON.stringify({ unstable, workspace: [] });
    assertEquals(text.startsWith(configuration), true);
    const imports = [...text.matchAll(/^(?:import .*|\} )from "([^"]+)";$/gm)]
      .map(([, name]) => name!);
    assert(imports.length > 0);
    assertEquals(imports.filter((name) => !/^(?:node:|\.\/)/.test(name)), []);
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() gives the compiler no time of today, which it would take over",
  async () => {
    using yard = new Yard(
      `${COMPILER}\nfind . -type f -newermt 1971-01-01 >"$WITNESS"`,
    );
    await yard.build({ bundles: true });
    const names = Deno.readTextFileSync(yard.join("witness")).trim();
    // The result itself is there by then.
    assertEquals(names, "./result");
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() compiles for another system",
  async () => {
    using yard = new Yard(COMPILER);
    yard.write("base", IMAGES["x86_64-pc-windows-msvc"]!);
    const { path } = await yard.build({
      target: "x86_64-pc-windows-msvc",
    });
    assertEquals(path, yard.join("out/mysite.exe"));
    assertEquals(outputs(yard), [".keep", "mysite.exe"]);
    const witness = Deno.readTextFileSync(yard.join("witness"));
    assert(witness.includes(" --target=x86_64-pc-windows-msvc "));
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() works far from the result, where nothing is below what is around that",
  async () => {
    using yard = new Yard(COMPILER);
    await yard.build();
    assertEquals(yard.workshop.startsWith(yard.path), false);
  },
);

const NAMES = ['my:"?*<>|\\ \n-site', "--target=amiga", "n".repeat(240)];

for (const name of NAMES) {
  testWith(CAN_RUN, `buildExecutable() writes ${name}`, async () => {
    using yard = new Yard(COMPILER);
    const { path } = await yard.build({ name });
    assertEquals(path, yard.join(`out/${name}`));
    assertEquals(outputs(yard), [".keep", name].sort());
    const witness = Deno.readTextFileSync(yard.join("witness"));
    assertEquals(witness.includes(name), false);
  });
}

testWith(
  CAN_RUN,
  "buildExecutable() replaces what a link leads to, and not the link",
  async () => {
    using yard = new Yard(COMPILER);
    yard.write("out/old", "old");
    Deno.symlinkSync("old", yard.join("out/mysite"));
    const { path } = await yard.build();
    assertEquals(path, yard.join("out/old"));
    assertEquals(Deno.readLinkSync(yard.join("out/mysite")), "old");
    assertEquals(readBundle(archiveIn(yard.join("out/mysite"))).files, FILES);
  },
);

testWith(CAN_RUN, "buildExecutable() replaces what was there", async () => {
  using yard = new Yard(COMPILER);
  yard.write("out/mysite", "old");
  await yard.build();
  assertEquals(readBundle(archiveIn(yard.join("out/mysite"))).files, FILES);
});

const FAILURES: readonly { name: string; script: string; message: string }[] = [
  {
    name: "fails",
    script: "echo 'error: no such luck' >&2; exit 1",
    message: "error: no such luck",
  },
  {
    name: "has no base",
    script:
      "printf 'error: denort is not there\\nStack backtrace:\\n 0: x' >&2; exit 1",
    message:
      "error: denort is not there\nThe compiler downloads its base, denort",
  },
  {
    name: "fails half-way",
    script: "echo half >result; exit 1",
    message: "Cannot compile with",
  },
  {
    name: "has the base of something else",
    script:
      `printf '#!/bin/sh\\necho skiff 0.0.0; exit\\n' >"\${0%/*}/base"\n${COMPILER}`,
    message: 'says "skiff 0.0.0"',
  },
];

for (const { name, script, message } of FAILURES) {
  testWith(
    CAN_RUN,
    `buildExecutable() leaves everything as it was when the compiler ${name}`,
    async () => {
      using yard = new Yard(script);
      yard.write("out/mysite", "old");
      const error = await assertRejects(() => yard.build(), PackError, message);
      assertEquals(error.message.includes("backtrace"), false);
      assertEquals(outputs(yard), [".keep", "mysite"]);
      assertEquals(Deno.readTextFileSync(yard.join("out/mysite")), "old");
    },
  );
}

testWith(
  CAN_RUN,
  "buildExecutable() says so when there is no compiler",
  async () => {
    using yard = new Yard(COMPILER);
    Deno.removeSync(yard.compiler);
    await assertRejects(
      () => yard.build(),
      PackError,
      `Cannot run "${yard.compiler}"`,
    );
    assertEquals(outputs(yard), [".keep"]);
  },
);

testWith(
  CAN_RUN,
  "buildExecutable() leaves nothing when the compiler is interrupted",
  async () => {
    using yard = new Yard("echo half >result; kill -INT $$; sleep 10");
    await assertRejects(() => yard.build(), Interrupted);
    assertEquals(outputs(yard), [".keep"]);
  },
);

/** What a compiler can make of being told to end. */
const ENDS: readonly { name: string; script: string }[] = [
  { name: "ends", script: "exec sleep 30" },
  {
    name: "ends as if all were well",
    script: "trap 'exit 0' TERM; while :; do sleep 0.05; done",
  },
];

// Of SIGINT the runner of the tests makes something of its own: see pack_test.ts.
for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  for (const { name, script } of ENDS) {
    testWith(
      CAN_RUN,
      `buildExecutable() leaves nothing when the process gets ${signal}, and the compiler ${name}`,
      async () => {
        using yard = new Yard(
          `echo half >result; pwd >"$WITNESS"; ${script}`,
        );
        const building = assertRejects(() => yard.build(), Interrupted);
        // The shell makes the file before anything is in it.
        const isWorking = () =>
          exists(yard.join("witness")) && yard.workshop !== "";
        await until(isWorking, "the compiler");
        assertEquals(exists(`${yard.workshop}/main.js`), true);
        Deno.kill(Deno.pid, signal);
        await within(building, "the end of the build");
        assertEquals(exists(yard.workshop), false);
        assertEquals(outputs(yard), [".keep"]);
      },
    );
  }
}

testWith(
  CAN_RUN,
  "buildExecutable() compiles no archive that could not be read",
  async () => {
    using yard = new Yard(COMPILER);
    const { compiler } = yard;
    const options = {
      output: yard.join("out/mysite"),
      compiler,
      modules: MODULES,
    };
    await assertRejects(
      () =>
        buildExecutable(
          { files: [fileOf("/../a.txt", "out")], kept: [] },
          options,
        ),
      BundleError,
      '"/../a.txt" is not the path of a file',
    );
    assertEquals(outputs(yard), [".keep"]);
    assertEquals(exists(yard.join("witness")), false);
  },
);

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
