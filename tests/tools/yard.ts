/**
 * A place to pack in: a site, and a program that stands for the compiler.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import project from "../../deno.json" with { type: "json" };
import { HAS_PROGRAMS, TemporaryDirectory } from "../helpers.ts";
import { IS_UNIX } from "../place.ts";

/** The project. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url));

/** Whether this run of the tests can pack. */
export const CAN_RUN: boolean = HAS_PROGRAMS && IS_UNIX;

/** The rights of the tasks. */
const RIGHTS = [
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env=DENO_COMPILER,SOURCE_DATE_EPOCH",
];

/** What the yard's compiler puts before the archive: a program that answers as skiff does when it is asked for its version. */
export const BASE = `#!/bin/sh
echo skiff ${project.version}; exit
`;

/** The archive that is in what the yard's compiler makes with {@linkcode BASE}. */
export function archiveIn(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(path).slice(BASE.length);
}

/**
 * A compiler whose result is the file "base" beside it, and then the archive. It tells in the
 * file WITNESS where it works, what it was given, and what it finds there.
 */
export const COMPILER = `#!/bin/sh
for argument; do
  case $argument in --output=*) output=\${argument#--output=} ;; esac
done
pwd >"\${WITNESS:=/dev/null}"
echo "$@" >>"$WITNESS"
ls >>"$WITNESS"
cat "\${0%/*}/base" site.skiff >"$output"
chmod 755 "$output"
`;

/** A folder with a site, a compiler, and a directory for what comes out. */
export function createYard(): TemporaryDirectory {
  const yard = new TemporaryDirectory({
    "site/index.html": "<p>Row, row, row.</p>".repeat(100),
    "site/docs/guide.txt": "Read me.",
    "site/.env": "secret",
    "out/.keep": "",
    "compiler": COMPILER,
    "base": BASE,
  });
  Deno.chmodSync(yard.join("compiler"), 0o755);
  return yard;
}

/** One of the tools, with a yard's compiler. */
export function command(
  yard: TemporaryDirectory,
  tool: "pack" | "compile" | "npm",
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...RIGHTS, `${ROOT}/tools/${tool}.ts`, ...args],
    cwd: yard.path,
    env: { DENO_COMPILER: yard.join("compiler"), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs a tool to its end. */
export async function run(
  ...args: Parameters<typeof command>
): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await command(...args).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** What has come out so far. */
export function outputs(yard: TemporaryDirectory): string[] {
  return [...Deno.readDirSync(yard.join("out"))].map(({ name }) => name).sort();
}
