/**
 * The notices of the packages that a bundle contains: their licences ask for them.
 *
 * @module
 */

import { join } from "@std/path";
import { PackError } from "../walk.ts";

/** A package, as `deno info --json` describes it. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly localPath: string;
  /** The keys of the packages that it imports. */
  readonly dependencies: readonly string[];
}

/** What `deno info --json` says about a module and everything that it imports. */
interface Graph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  /** All packages of the project by their keys. */
  readonly npmPackages: Readonly<Record<string, Package>>;
}

/** The text of THIRD-PARTY-NOTICES: each package that a module of the project imports, with its licence. */
export async function noticesText(
  project: string,
  module: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--frozen", module],
    cwd: project,
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    throw new PackError(
      `Cannot list the packages: ${decoder.decode(stderr).trim()}`,
    );
  }
  const graph = JSON.parse(decoder.decode(stdout)) as Graph;
  return importedPackages(graph).map(noticeOf)
    .join(`\n${"-".repeat(72)}\n\n`);
}

/** The packages that modules import, and those that these import. */
function importedPackages({ modules, npmPackages }: Graph): Package[] {
  const keys = new Set<string>();
  const add = (key: string) => {
    if (keys.has(key)) return;
    keys.add(key);
    npmPackages[key]!.dependencies.forEach(add);
  };
  for (const { npmPackage } of modules) {
    if (npmPackage !== undefined) add(npmPackage);
  }
  return [...keys].sort().map((key) => npmPackages[key]!);
}

/** The licence of a package as its files have it, or else its name as package.json has it. */
function noticeOf({ name, version, localPath }: Package): string {
  const file = [...Deno.readDirSync(localPath)]
    .find((entry) => entry.isFile && /^licen[cs]e/i.test(entry.name));
  const about = JSON.parse(
    Deno.readTextFileSync(join(localPath, "package.json")),
  ) as { license?: string; homepage?: string };
  const text = file === undefined
    ? `${about.homepage ?? ""}\n`
    : Deno.readTextFileSync(join(localPath, file.name));
  return `${name} ${version}: ${
    about.license ?? "see below"
  }\n\n${text.trim()}\n`;
}
