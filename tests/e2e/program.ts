/**
 * skiff as people start it: a program of its own.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { within } from "../helpers.ts";

const MAIN = fromFileUrl(new URL("../../main.ts", import.meta.url));

/** A running skiff. It is stopped when it goes out of scope. */
export interface Program extends AsyncDisposable {
  /** The address of its site. */
  readonly url: string;
}

/** Starts main.ts with these arguments on a free port, and with the permissions that people are told to give. */
export async function startProgram(args: readonly string[]): Promise<Program> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", "--allow-read", MAIN, "--port=0", ...args],
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const stop = async () => {
    child.kill();
    await child.status;
  };
  try {
    const url = await within(announcedUrl(child.stderr), "it listens");
    return { url, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address in the line that ends what skiff says at its start. */
async function announcedUrl(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let text = "";
  for await (const piece of stderr.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const url = /Listening on (\S+)\n/.exec(text);
    if (url !== null) return url[1]!;
  }
  throw new Error(`It has ended: ${text}`);
}
