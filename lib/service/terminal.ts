/**
 * What the terminal can show, as far as permissions and the environment tell.
 *
 * @module
 */

import type { TERMINAL_VARIABLES } from "../cli/environment.ts";
import type { LineFormat } from "../observe/access_log.ts";
import { isGranted } from "./startup.ts";

/** A stream's terminal. Plain data that can be sent to a worker. */
export interface TerminalLook {
  /** Whether people read the stream at a terminal that can do more than print lines. */
  readonly isScreen: boolean;
  /** Whether it shows colours. */
  readonly isColored: boolean;
  /** Whether it shows characters beyond ASCII. */
  readonly isUnicode: boolean;
  /** Whether it makes links of OSC 8. */
  readonly hasLinks: boolean;
}

/** What a {@linkcode TerminalLook} follows from. */
export interface TerminalFacts {
  /** Whether the stream is a terminal. */
  readonly isTerminal: boolean;
  /** Whether NO_COLOR is set. */
  readonly noColor: boolean;
  readonly isWindows: boolean;
  /** Gets a variable: null without permission to read it, undefined if it is not set. */
  readonly get: (
    name: (typeof TERMINAL_VARIABLES)[number],
  ) => string | null | undefined;
}

/** Programs that make links of OSC 8, by TERM_PROGRAM and TERM. Others may show the sequence as text. */
const LINKING_PROGRAMS =
  /^(?:iTerm\.app|WezTerm|vscode|ghostty|Hyper|Tabby|WarpTerminal|rio|zed)$/;
const LINKING_TERMS =
  /^(?:xterm-(?:kitty|ghostty)|alacritty|foot|wezterm|contour|rio)\b/;

/** The first version of VTE (GNOME Terminal and others) whose links work. */
const LINKING_VTE = 5000;

/**
 * What a terminal can show. What permissions do not let skiff know is what nearly all terminals are: not dumb, and in
 * UTF-8; but links are only for terminals that are known to have them.
 */
export function terminalLook(facts: TerminalFacts): TerminalLook {
  const { isTerminal, noColor, get } = facts;
  const isScreen = isTerminal && get("TERM") !== "dumb";
  const force = get("FORCE_COLOR") ?? "";
  const isForced = force !== "" && force !== "0" && force !== "false";
  return {
    isScreen,
    isColored: !noColor && (isForced || isScreen && force === ""),
    isUnicode: isUnicode(facts),
    hasLinks: isScreen && linksAreKnown(get),
  };
}

/** Whether the locale is in UTF-8: the first variable that is set decides (POSIX.1-2017 §8.2). */
function isUnicode({ isWindows, get }: TerminalFacts): boolean {
  if (isWindows) return true;
  const values = (["LC_ALL", "LC_CTYPE", "LANG"] as const).map(get);
  const first = values.find((value) => value !== undefined && value !== "");
  if (first === undefined) return false;
  return first === null || /utf-?8/i.test(first);
}

function linksAreKnown(get: TerminalFacts["get"]): boolean {
  const force = get("FORCE_HYPERLINK");
  if (force) return force !== "0";
  return LINKING_PROGRAMS.test(get("TERM_PROGRAM") ?? "") ||
    LINKING_TERMS.test(get("TERM") ?? "") ||
    Number(get("VTE_VERSION")) >= LINKING_VTE || Boolean(get("WT_SESSION"));
}

/** Looks at a stream of this process. */
export function lookAt(stream: { isTerminal(): boolean }): TerminalLook {
  return terminalLook({
    isTerminal: stream.isTerminal(),
    noColor: Deno.noColor,
    isWindows: Deno.build.os === "windows",
    get: (variable) =>
      isGranted({ name: "env", variable }) ? Deno.env.get(variable) : null,
  });
}

/** The width of a terminal that does not tell, in columns. */
const COLUMNS_DEFAULT = 80;

/** The width of the terminal now, in columns. Never throws. */
export function terminalColumns(): number {
  try {
    // A pseudo-terminal without a size says 0.
    return Deno.consoleSize().columns || COLUMNS_DEFAULT;
  } catch {
    return COLUMNS_DEFAULT;
  }
}

/** What the log is written for: undefined if its lines are for programs, as they are where standard output is no terminal. */
export function logLook(
  log: string,
  look: TerminalLook,
): TerminalLook | undefined {
  if (log === "terminal") return look;
  return log === "auto" && look.isScreen ? look : undefined;
}

/** Makes the lines of a log that people read; undefined without a look. Lines for a stream that is no terminal have any length. */
export async function openLogFormat(
  look: TerminalLook | undefined,
): Promise<LineFormat | undefined> {
  if (look === undefined) return undefined;
  const { TerminalLog } = await import("../observe/terminal_log.ts");
  const { isScreen, isColored, isUnicode } = look;
  return new TerminalLog({
    isColored,
    isUnicode,
    columns: isScreen ? terminalColumns : () => Infinity,
  });
}
