/**
 * The built-in site in a package: its commands work where there is no code.
 *
 * @module
 */

/** How the site says that skiff is started from its code. */
const FROM_CODE =
  "<span>deno run</span> <span>--allow-net</span> <span>--allow-read</span> <span>main.ts</span>";

/** Copies the site into a directory, with a command that starts skiff there. Keeps the times of its files. */
export function copyWelcome(from: string, to: string, command: string): void {
  for (const { name } of Deno.readDirSync(from)) {
    const { mtime } = Deno.statSync(`${from}/${name}`);
    const copy = `${to}/${name}`;
    if (name === "index.html") {
      const text = Deno.readTextFileSync(`${from}/${name}`);
      Deno.writeTextFileSync(
        copy,
        text.replaceAll(FROM_CODE, `<span>${command}</span>`),
      );
    } else Deno.copyFileSync(`${from}/${name}`, copy);
    if (mtime !== null) Deno.utimeSync(copy, mtime, mtime);
  }
}
