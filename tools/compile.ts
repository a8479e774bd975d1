/**
 * `deno task compile [--target TARGET]`: skiff as an executable, with the built-in
 * site inside.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { printable } from "../lib/http/printable.ts";
import { UsageError } from "../lib/cli/options.ts";
import { humanSize } from "../lib/site/listing/format.ts";
import { pack } from "./pack.ts";
import { print, runTool, type ToolArguments } from "./tool.ts";
import { copyWelcome } from "./welcome.ts";

const HELP = `Usage: deno task compile [--target TARGET]

Makes dist/skiff for this system, or dist/skiff-TARGET for another one:
see deno task pack --help for targets and environment.
`;

function inProject(name: string): string {
  return fromFileUrl(new URL(`../${name}`, import.meta.url));
}

async function main(
  { positionals, output, target, older, keepReleases, help }: ToolArguments,
): Promise<void> {
  if (help) return print(HELP);
  if (positionals.length > 0) {
    throw new UsageError(`Cannot compile "${positionals[0]}": see --help`);
  }
  if (older.length > 0 || keepReleases !== undefined) {
    throw new UsageError(
      "Cannot compile with files of older builds: see deno task pack --help",
    );
  }
  Deno.mkdirSync(inProject("dist"), { recursive: true });
  const name = target === undefined ? "skiff" : `skiff-${target}`;
  const folder = Deno.makeTempDirSync();
  try {
    copyWelcome(inProject("static"), folder, "skiff");
    const { path, bytes } = await pack({
      folder,
      output: output ?? inProject(`dist/${name}`),
      target,
    });
    print(`Wrote ${printable(path)}, ${humanSize(bytes)}\n`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exitCode = await runTool(main, Deno.args);
