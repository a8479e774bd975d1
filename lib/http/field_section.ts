/**
 * The header section of a reply as names and values, before any protocol has
 * made bytes of it (RFC 9110 §5 and §6.3).
 *
 * @module
 */

import { hasControl } from "./ascii.ts";

/** A field line: name and value. */
export type FieldLine = readonly [name: string, value: string];

/** Field lines that are made each time they are needed, always the same, so that they take no memory in between. */
export interface FieldSource {
  readonly lines: readonly FieldLine[];
}

/**
 * Field lines in the order in which they are sent. A section never changes, so
 * one may stand in many replies, and be the base of many others: each protocol
 * keeps the encoded own lines of a section that it sends again and again.
 */
export class FieldSection {
  /** The section whose lines come first; undefined for none. */
  readonly base: FieldSection | undefined;
  /**
   * How often HTTP/1 has sent the section without a block. Only `http1/response.ts` reads and sets this and the block.
   */
  sendings = 0;
  /** The own lines as HTTP/1 sends them, once the section was sent often. */
  http1Block: Uint8Array | undefined = undefined;
  /** The own lines as HTTP/2 sends them, once encoded. Only `http2/response.ts` reads and sets it. */
  http2Block: Uint8Array | undefined = undefined;
  /** Length of the own lines as text, with ": " and a line end in each of them. */
  readonly units: number;
  readonly #own: readonly FieldLine[] | FieldSource;

  /**
   * A section of these lines, behind those of `base`. Throws on a control
   * character: values must be checked where they come from.
   */
  constructor(
    own: readonly FieldLine[] | FieldSource,
    base?: FieldSection,
  ) {
    this.#own = own;
    this.base = base;
    this.units = unitsOf(this.own);
  }

  /** The lines this section adds to {@linkcode FieldSection.base}. */
  get own(): readonly FieldLine[] {
    return "lines" in this.#own ? this.#own.lines : this.#own;
  }

  /** All lines, in order. */
  get lines(): readonly FieldLine[] {
    return this.base === undefined
      ? this.own
      : [...this.base.lines, ...this.own];
  }

  /** Returns this section with more lines at its end. What was encoded of this one is used again. */
  with(more: readonly FieldLine[]): FieldSection {
    return more.length === 0 ? this : new FieldSection(more, this);
  }
}

/** Returns {@linkcode FieldSection.units} of lines. Throws on a control character. */
function unitsOf(lines: readonly FieldLine[]): number {
  let units = 0;
  for (const [name, value] of lines) {
    if (hasControl(name) || hasControl(value)) {
      throw new Error(`Cannot write field "${name}": control character`);
    }
    units += name.length + value.length + ": \r\n".length;
  }
  return units;
}
