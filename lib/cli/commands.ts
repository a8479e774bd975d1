/**
 * The table of commands. The command line, the help, the manual and the
 * completions follow from it, as they follow from the table of options.
 *
 * @module
 */

import { quote } from "../http/printable.ts";
import { parseChoice, parseField, UsageError } from "./values.ts";

/** The shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = typeof SHELLS[number];

/** The formats of reports. */
const REPORT_FORMATS = ["text", "json", "sarif"] as const;

/** An argument of a command, which precedes ROOT. */
export interface Operand {
  /** Its name in the help: "/PATH". */
  readonly value: string;
  /** Whether it can be left out. */
  readonly isOptional?: boolean;
  /** The words that it may be; any if left out. */
  readonly choices?: readonly string[];
  /** Throws a UsageError for an invalid one; undefined if it was left out. */
  readonly check: (text: string | undefined) => void;
}

/** A flag that only one command has. It hides an option of the same name. */
export interface CommandFlag {
  /** Its name without the dashes. */
  readonly name: string;
  /** What it does, as in the table of options. */
  readonly help: string;
  /** The name of its value in the help; without one it is a switch. */
  readonly value?: string;
  /** The words that its value may be. */
  readonly choices?: readonly string[];
  /** Whether its value is a path on this machine. */
  readonly isPath?: boolean;
  /** Whether skiff then connects to any server. */
  readonly connects?: boolean;
  /** Whether the command then needs no site, so that nothing is read for it. */
  readonly needsNoSite?: boolean;
  /** Throws a UsageError for an invalid value; `name` is what messages call the flag. */
  readonly check?: (text: string, name: string) => void;
}

/** What a command says about itself. */
export interface CommandDetails {
  /** What it does, in one sentence without a full stop. */
  readonly summary: string;
  /** Its argument; none if left out. */
  readonly operand?: Operand;
  /** Its own flags, in the order of the help. */
  readonly flags?: readonly CommandFlag[];
  /** Whether it takes ROOT and the options of the server; otherwise --help only. */
  readonly takesOptions: boolean;
  /** Whether it opens the ports of the server. */
  readonly listens?: boolean;
  /** Switches that it turns on; flags can turn them off again. */
  readonly implies?: readonly string[];
}

/** Whether a command with these flags needs ROOT and the options of the server. */
export function needsSite(
  command: string,
  flags: readonly (readonly [name: string, value: string])[],
): boolean {
  const row = commandNamed(command);
  if (row?.takesOptions === false) return false;
  return !flags.some(([given]) =>
    row?.flags?.some(({ name, needsNoSite }) => name === given && needsNoSite)
  );
}

/** All commands by their names, in the order of the help. */
const ROWS = {
  dev: {
    summary: "Serve ROOT while you work on it: pages reload, nothing is cached",
    takesOptions: true,
    listens: true,
    implies: ["live"],
  },
  explain: {
    summary: "Show the response to a request, and why",
    takesOptions: true,
    operand: {
      value: "/PATH",
      check: (text) => {
        if (text?.startsWith("/")) return;
        throw new UsageError(
          `Cannot explain ${
            text === undefined ? "nothing" : quote(text)
          }: expected a path that begins with "/"`,
        );
      },
    },
    flags: [{
      name: "header",
      value: "'NAME: VALUE'",
      help: "Header of the request",
      check: parseField,
    }],
  },
  check: {
    summary: "Check a site with the code that will serve it",
    takesOptions: true,
    flags: [
      {
        name: "format",
        value: "FORMAT",
        choices: REPORT_FORMATS,
        help: "Format of the report: text, json or sarif",
        check: (text) => void parseChoice(text, "a format", REPORT_FORMATS),
      },
      {
        name: "ignore",
        value: "RULE[:PATH]",
        help:
          "Leave out findings of RULE, everywhere or in paths that match PATH",
      },
      {
        name: "log",
        value: "FILE",
        isPath: true,
        help: "Check ROOT against the requests in an access log",
      },
      {
        name: "server",
        value: "URL",
        connects: true,
        needsNoSite: true,
        help: "Probe a running server instead, with the file at URL",
      },
      {
        name: "ca",
        value: "FILE",
        isPath: true,
        help: "Trust the authority in FILE (PEM) for --server; may repeat",
      },
      {
        name: "external",
        connects: true,
        help: "Check links to other servers too",
      },
    ],
  },
  "hash-password": {
    summary: "Make a line for --auth-file from a password",
    takesOptions: false,
    operand: { value: "NAME", isOptional: true, check: () => {} },
  },
  completions: {
    summary: "Print the completion script for a shell",
    takesOptions: false,
    operand: {
      value: SHELLS.join("|"),
      choices: SHELLS,
      check: (text = "") => void parseChoice(text, "a shell", SHELLS),
    },
  },
} as const satisfies Readonly<Record<string, CommandDetails>>;

/** The name of a command. */
export type CommandName = keyof typeof ROWS;

/** What skiff does: one of the commands, or "serve" if none is named. */
export type Command = CommandName | "serve";

/** One row of the table. */
export type CommandRow = CommandDetails & { readonly name: CommandName };

/** All commands, in the order of the help. */
export const COMMAND_TABLE: readonly CommandRow[] = Object.entries(ROWS)
  .map(([name, row]) => ({ ...row, name: name as CommandName }));

/** The command that a word names; undefined for any other word. */
export function commandNamed(word: string | undefined): CommandRow | undefined {
  return COMMAND_TABLE.find(({ name }) => name === word);
}

/** Whether a command opens the ports of the server. */
export function isServing(command: Command): boolean {
  return command === "serve" || commandNamed(command)?.listens === true;
}

/** A flag of a command in the help: `--header 'NAME: VALUE'`. */
export function shownCommandFlag({ name, value }: CommandFlag): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** How to call a command: `explain /PATH [--header 'NAME: VALUE'] [ROOT] [OPTIONS]`. */
export function usageOf(
  { name, operand, flags, takesOptions }: CommandRow,
): string {
  return [
    name,
    operand?.isOptional ? `[${operand.value}]` : operand?.value,
    ...flags?.map((flag) => `[${shownCommandFlag(flag)}]`) ?? [],
    takesOptions ? "[ROOT] [OPTIONS]" : undefined,
  ].filter((word) => word !== undefined).join(" ");
}
