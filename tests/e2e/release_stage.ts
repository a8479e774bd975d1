/**
 * The application in `examples/releases`, built twice and deployed as its README
 * says, for tests in a browser.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { TemporaryDirectory, within } from "../helpers.ts";
import { programPath } from "../programs.ts";

/** The example. */
export const EXAMPLE: string = fromFileUrl(
  new URL("../../examples/releases/", import.meta.url),
);

/** How long npm may take, in ms: it downloads the build tool. */
const INSTALL_MS = 180_000;

/** Why the example cannot be built here; undefined if it can. */
export const OBSTACLE: string | undefined = programPath("npm") === undefined
  ? "needs npm"
  : undefined;

/** What the part that is loaded late says in each build. */
export const TEXTS = {
  v1: "High tide at 06:12, says the first build",
  v2: "High tide at 18:40, says the second build",
} as const;

async function runIn(cwd: string, command: string, ...args: string[]) {
  const { success, stdout, stderr } = await within(
    new Deno.Command(command, { args, cwd, stdin: "null" }).output(),
    command,
    INSTALL_MS,
  );
  const decoder = new TextDecoder();
  assertEquals(success, true, decoder.decode(stdout) + decoder.decode(stderr));
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (["dist", "node_modules", "releases"].includes(name)) continue;
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}

/** Both builds of the example, each in a folder with its name. */
export class Builds implements Disposable {
  readonly #place: TemporaryDirectory;

  private constructor(place: TemporaryDirectory) {
    this.#place = place;
  }

  /** Makes them with the build tool that the example names, from npm. */
  static async make(): Promise<Builds> {
    const place = new TemporaryDirectory();
    try {
      const app = place.join("app");
      copyFolder(EXAMPLE, app);
      const npm = programPath("npm")!;
      await runIn(app, npm, "install", "--no-audit", "--no-fund");
      for (const [name, text] of Object.entries(TEXTS)) {
        const part = place.join("app/src/tides.js");
        const code = Deno.readTextFileSync(part);
        Deno.writeTextFileSync(part, code.replace(TEXTS.v1, text));
        await runIn(app, npm, "run", "build");
        Deno.renameSync(place.join("app/dist"), place.join(name));
      }
      return new Builds(place);
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  /** The folder of a build. */
  path(name: keyof typeof TEXTS): string {
    return this.#place.join(name);
  }

  [Symbol.dispose](): void {
    this.#place[Symbol.dispose]();
  }
}

/** Deploys a build with the script of the example. */
export async function deploy(
  build: string,
  releases: string,
  name: string,
): Promise<void> {
  await runIn("/", "sh", `${EXAMPLE}deploy.sh`, build, releases, name);
}
