/**
 * Previews of releases: parses and prints the values of --preview.
 *
 * @module
 */

import { isToken } from "../http/ascii.ts";
import { unusable } from "./values.ts";

/** Stands for every release, each under a host name of its own. */
export const EVERY_RELEASE = "*";

/** Begins the word of a cookie, where otherwise a host name stands. No host begins like this: its port is a number. */
const COOKIE_START = "cookie:";

/** A way to see a release that is not served. */
export interface Preview {
  /** The name of the release, or {@linkcode EVERY_RELEASE}. */
  readonly release: string;
  /** Whether requests name it by their host, or by a cookie. */
  readonly by: "host" | "cookie";
  /** The host name, which begins with `*.` for every release; or the value of the cookie. */
  readonly key: string;
}

/** Parses `NAME=HOST`, `*=*.HOST` or `NAME=cookie:WORD`. Does not check the form of a host; the site does. */
export function parsePreview(text: string): Preview {
  const refuse = (expected: string): never => {
    throw unusable(text, "as a preview", expected);
  };
  // Names of releases can have an equals sign; hosts and words cannot.
  const end = text.lastIndexOf("=");
  const [release, written] = [text.slice(0, end), text.slice(end + 1)];
  if (end < 1 || written === "") {
    refuse("NAME=HOST or NAME=cookie:WORD, such as v12=next.example.com");
  }
  if (release === "current") {
    refuse("the name of a release: current only selects the one to serve");
  }
  const isEvery = release === EVERY_RELEASE;
  if (!isEvery && !isVisibleName(release)) {
    refuse("the name of a folder or archive before the equals sign");
  }
  if (written.startsWith(COOKIE_START)) {
    const key = written.slice(COOKIE_START.length);
    if (isEvery) refuse("one release for a cookie");
    if (!isToken(key)) refuse("a word of letters and digits after cookie:");
    return { release, by: "cookie", key };
  }
  if (isEvery !== written.startsWith("*.")) {
    refuse("*=*.HOST for every release, or NAME=HOST for one");
  }
  return { release, by: "host", key: written };
}

/** Writes a preview as {@linkcode parsePreview} reads it. */
export function printPreview({ release, by, key }: Preview): string {
  return `${release}=${by === "cookie" ? COOKIE_START : ""}${key}`;
}

/** Whether a name can be that of something visible in the folder of releases itself. */
function isVisibleName(name: string): boolean {
  return !name.startsWith(".") && !/[/\\\p{Cc}]/u.test(name);
}
