/**
 * The kinds of options, and a builder for each that adds its parser.
 *
 * @module
 */

import type { OriginKind } from "./origin.ts";
import { parseChoice, parseNumber, parsePath } from "./values.ts";

/** The groups of the help, in order, with their titles. */
export const GROUP_TITLES = {
  files: "Files",
  deploy: "Releases",
  listen: "Addresses and proxies",
  headers: "Headers",
  tls: "TLS",
  log: "Log",
  access: "Access",
  process: "Process",
} as const;

/** A group of the help. */
export type Group = keyof typeof GROUP_TITLES;

/** The groups, in the order of the help. */
export const GROUPS = Object.keys(GROUP_TITLES) as readonly Group[];

/** What every option says about itself. */
export interface OptionDetails {
  /** The group of the help that lists it. */
  readonly group: Group;
  /** What it does, for the help, the schema and the documentation. */
  readonly help: string;
  /** The default in words, where the value alone does not tell. */
  readonly defaultText?: string;
  /** The letter of its short flag: `p` is `-p`. */
  readonly short?: string;
  /** Where it can be given; everywhere if left out. */
  readonly sources?: readonly OriginKind[];
  /** The key of an option without which this one has no effect, and is refused; of several, one is enough. */
  readonly needs?: string | readonly string[];
  /** When a reload cannot apply a new value: always, or only if it turns TLS on or off. */
  readonly restart?: "always" | "tls";
}

/** What an option that takes a value says. */
interface ValueDetails<T> extends OptionDetails {
  /** The name of the value in the help. In brackets it is optional, and needs a "=" before it. */
  readonly value: string;
  /** The value when the option is not given; if left out, undefined or an empty list. */
  readonly default?: T;
}

/** How one value is read and written. */
interface Format<T> {
  /** Parses the text of a value; `name` is what messages call the option. Throws a UsageError for an invalid one. */
  readonly parse: (text: string, name: string) => T;
  /** Writes a value as it stands in the file; needed where that is not the value itself. */
  print?(value: Exclude<T, undefined>): string | boolean;
}

/** An option that is on or off. */
export interface SwitchOption extends OptionDetails {
  readonly type: "switch";
  readonly default: boolean;
  readonly value?: undefined;
}

/** An option with one value. */
export interface ValueOption<T> extends ValueDetails<T>, Format<T> {
  /** The type of the value in the file. */
  readonly type: "text" | "number";
  readonly default: T;
  /** The bounds of a number, both included. */
  readonly range?: readonly [min: number, max: number];
  /** Whether a number may have a fraction. */
  readonly isFractional?: boolean;
  /** The words allowed as a value; for a number, in addition to digits. */
  readonly choices?: readonly string[];
  /** Whether the value is a path, which the file gives relative to its own directory. */
  readonly isPath?: boolean;
}

/** An option with any number of values. */
export interface ListOption<T> extends ValueDetails<T>, Format<unknown> {
  readonly type: "list";
  readonly default: T;
}

/** An option of any kind. */
export type Option =
  | SwitchOption
  | ValueOption<unknown>
  | ListOption<unknown>;

/** An option that is on or off; off by default. */
export function switchOption(
  details: OptionDetails & { readonly default?: boolean },
): SwitchOption {
  return { default: false, ...details, type: "switch" };
}

/** An option whose value is text. If that is optional, `parse` gets "true" for the bare flag and "false" for its negation. */
export function textOption<T, D extends T | undefined = undefined>(
  details: ValueDetails<D> & Format<T> & { readonly isPath?: boolean },
): ValueOption<T | D> {
  return { default: undefined as D, ...details, type: "text" };
}

/** An option whose value is a path on this machine. */
export function pathOption(
  details: OptionDetails & { readonly value?: string },
): ValueOption<string | undefined> {
  return {
    value: "FILE",
    ...details,
    type: "text",
    default: undefined,
    isPath: true,
    parse: parsePath,
  };
}

/** An option whose value is one of a few words. `what` names the value in messages. */
export function choiceOption<const C extends string>(
  what: string,
  choices: readonly C[],
  details: ValueDetails<C> & { readonly default: NoInfer<C> },
): ValueOption<C> {
  const parse = (text: string) => parseChoice(text, what, choices);
  return { ...details, type: "text", choices, parse };
}

/** An option whose value is a number within `range`, or one of `choices`. `what` names the value in messages. */
export function numberOption<
  D extends number | undefined = undefined,
  const C extends string = never,
>(
  what: string,
  range: readonly [min: number, max: number],
  details: ValueDetails<D> & {
    readonly choices?: readonly C[];
    readonly isFractional?: boolean;
  },
): ValueOption<number | D | C> {
  const parse = (text: string) =>
    details.choices?.find((choice) => choice === text) ??
      parseNumber(text, what, range, details);
  const preset = { default: undefined as D, ...details };
  return { ...preset, type: "number", range, parse };
}

/** An option with any number of values. */
export function listOption<T, D extends T[] | undefined = T[]>(
  details: ValueDetails<D> & Format<T>,
): ListOption<T[] | Extract<D, undefined>> {
  const list: ListOption<unknown> = { default: [], ...details, type: "list" };
  return list as ListOption<T[] | Extract<D, undefined>>;
}
