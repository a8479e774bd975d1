/**
 * `deno task npm`: the npm package in dist/npm, whose command starts skiff in the
 * Deno that npm installs.
 *
 * @module
 */

import { join } from "@std/path";
import { printable } from "../lib/http/printable.ts";
import { UsageError } from "../lib/cli/options.ts";
import { humanSize } from "../lib/site/listing/format.ts";
import project from "../deno.json" with { type: "json" };
import { bundle, PROJECT } from "./bundle.ts";
import { noticesText } from "./npm/notices.ts";
import { print, runTool, type ToolArguments } from "./tool.ts";
import { copyWelcome } from "./welcome.ts";

const HELP = `Usage: deno task npm

Makes the npm package in dist/npm, in place of one that is there.
`;

/** The version of Deno that the package starts, the one that the documents name. */
const DENO_VERSION = "2.9.6";

/** The package's name: that on JSR without its scope. */
const NAME = project.name.replace(/^.*\//, "");

/** The package's description of itself. */
function packageText(): string {
  const { version, license } = project;
  const value = {
    name: NAME,
    version,
    description: "A static file web server with HTTP/2, one word to start",
    keywords: ["static", "server", "http", "http2", "spa", "cli", "serve"],
    license,
    type: "module",
    bin: { skiff: "launcher.mjs" },
    man: ["skiff.1"],
    files: ["launcher.mjs", "skiff", "skiff.1", "THIRD-PARTY-NOTICES"],
    engines: { node: ">=18" },
    dependencies: { deno: DENO_VERSION },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Makes the package in a folder that is empty or does not exist. */
export async function makePackage(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  Deno.mkdirSync(at("skiff/static"), { recursive: true });
  await bundle("main.ts", ["--code-splitting", `--outdir=${at("skiff")}`]);
  await bundle("tools/npm/launcher.ts", [`--output=${at("launcher.mjs")}`]);
  const launcher = Deno.readTextFileSync(at("launcher.mjs"));
  Deno.writeTextFileSync(
    at("launcher.mjs"),
    `#!/usr/bin/env node\n${launcher}`,
  );
  Deno.chmodSync(at("launcher.mjs"), 0o755);
  copyWelcome(join(PROJECT, "static"), at("skiff/static"), `npx ${NAME}`);
  Deno.copyFileSync(join(PROJECT, "LICENSE"), at("LICENSE"));
  Deno.copyFileSync(join(PROJECT, "tools/npm/README.md"), at("README.md"));
  Deno.copyFileSync(join(PROJECT, "docs/skiff.1"), at("skiff.1"));
  Deno.writeTextFileSync(
    at("THIRD-PARTY-NOTICES"),
    await noticesText(PROJECT, "main.ts"),
  );
  Deno.writeTextFileSync(at("package.json"), packageText());
}

function removeAll(folder: string): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function sizeOf(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((sum, { name, isDirectory }) => {
    const path = join(folder, name);
    return sum + (isDirectory ? sizeOf(path) : Deno.statSync(path).size);
  }, 0);
}

async function main(
  { positionals, output, target, older, keepReleases, help }: ToolArguments,
): Promise<void> {
  if (help) return print(HELP);
  const given = [...positionals, ...older, output, target, keepReleases];
  if (given.some((value) => value !== undefined)) {
    throw new UsageError("Cannot take arguments: see --help");
  }
  const folder = join(PROJECT, "dist/npm");
  removeAll(folder);
  await makePackage(folder);
  print(`Wrote ${printable(folder)}, ${humanSize(sizeOf(folder))}\n`);
}

if (import.meta.main) Deno.exitCode = await runTool(main, Deno.args);
