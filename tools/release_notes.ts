/**
 * `tools/release_notes.ts VERSION`: prints the changes of a version, as
 * CHANGELOG.md has them, for its release.
 *
 * @module
 */

/** The section of a version in a change log, without its heading. Throws if there is none, or it is empty. */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => {
    const [, name] = /^\[?([^\s\]]+)/.exec(text) ?? [];
    return name === version;
  });
  const notes = section?.replace(/^.*\n/, "").trim();
  if (notes === undefined || notes === "") {
    throw new Error(`CHANGELOG.md has no changes for version "${version}"`);
  }
  return `${notes}\n`;
}

if (import.meta.main) {
  const [version = ""] = Deno.args;
  const notes = releaseNotes(Deno.readTextFileSync("CHANGELOG.md"), version);
  Deno.stdout.writeSync(new TextEncoder().encode(notes));
}
