/**
 * The access log for people: one short line for each exchange, in colour,
 * that fits the terminal. It folds repeated lines.
 *
 * @module
 */

import { columnsOf, fitted } from "../http/columns.ts";
import { formatCount } from "../http/counts.ts";
import { printable } from "../http/printable.ts";
import type { Exchange } from "./exchange.ts";

/** What a terminal can show. */
export interface LogTerminal {
  /** Whether it shows colours. */
  readonly isColored: boolean;
  /** Whether it shows characters beyond ASCII. */
  readonly isUnicode: boolean;
  /** Its width in columns; Infinity if lines may have any length. Called at most once for each second of the log. */
  columns(): number;
}

/**
 * Most lines in a second. Further exchanges are counted in one line: people cannot read faster, and the time goes to
 * clients.
 */
export const TERMINAL_LINES_PER_SECOND_MAX = 200;

/** Longest target that is shown, in characters, however wide the terminal is. */
export const TERMINAL_TARGET_CHARACTERS_MAX = 1000;

/** Fewest columns for a path, however narrow the terminal is. */
const PATH_COLUMNS_MIN = 12;

/** Numbers of SGR colours by the first digit of the status. */
const STATUS_COLORS: readonly number[] = [0, 35, 32, 36, 33, 31];

const NOT_FOUND = 33;
const DIM = 2;
const BOLD = 1;

/**
 * Formats exchanges for a terminal. Keeps what was folded until the next line, or until {@linkcode TerminalLog.rest}.
 */
export class TerminalLog {
  readonly #terminal: LogTerminal;
  readonly #mark: string;
  readonly #arrow: string;
  /** The second of the last exchange, since the epoch. */
  #second = NaN;
  #clock = "";
  #columns = Infinity;
  /** Lines of this second. */
  #lines = 0;
  /** Status 304 in a row that have no line. */
  #notModified = 0;
  #wasNotModified = false;
  /** Exchanges without a line because there were too many, by the first digit of the status. */
  #unlisted: number[] = [];

  /** Nothing is written yet. */
  constructor(terminal: LogTerminal) {
    this.#terminal = terminal;
    this.#mark = terminal.isUnicode ? "…" : "...";
    this.#arrow = terminal.isUnicode ? "←" : "<-";
  }

  /** The lines to write for an exchange: none if it is folded. */
  readonly format = (exchange: Exchange): string => {
    const { status, time } = exchange;
    const second = Math.floor(time / 1000);
    const before = second === this.#second ? "" : this.#turn(second);
    const isNotModified = status === 304;
    if (isNotModified && this.#wasNotModified) {
      this.#notModified++;
      return before;
    }
    if (this.#lines >= TERMINAL_LINES_PER_SECOND_MAX) {
      const digit = Math.floor(status / 100);
      this.#unlisted[digit] = (this.#unlisted[digit] ?? 0) + 1;
      return before;
    }
    this.#lines++;
    const folded = this.#takeNotModified();
    this.#wasNotModified = isNotModified;
    return before + folded + this.#line(exchange);
  };

  /** The lines for what was folded and not written yet; empty if nothing was. */
  rest(): string {
    const text = this.#takeNotModified() + this.#takeUnlisted();
    if (text !== "") this.#wasNotModified = false;
    return text;
  }

  /** Begins another second. Returns the lines for what was left out in the one before. */
  #turn(second: number): string {
    const text = this.#takeUnlisted();
    const isClose = second - this.#second <= 1;
    const folded = isClose ? "" : this.#takeNotModified();
    if (!isClose) this.#wasNotModified = false;
    const date = new Date(second * 1000);
    this.#second = second;
    this.#clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
      .map((number) => `${number}`.padStart(2, "0")).join(":");
    this.#columns = this.#terminal.columns();
    this.#lines = 0;
    return folded + text;
  }

  #takeNotModified(): string {
    const count = this.#notModified;
    if (count === 0) return "";
    this.#notModified = 0;
    return this.#note(`304 and ${formatCount(count)} more`);
  }

  #takeUnlisted(): string {
    const counts = Object.entries(this.#unlisted);
    if (counts.length === 0) return "";
    this.#unlisted = [];
    const parts = counts.map(([digit, count]) =>
      `${formatCount(count)} with ${digit}xx`
    );
    return this.#note(`    and more: ${parts.join(", ")}`);
  }

  #note(text: string): string {
    const cut = fitted(text, this.#columns - this.#clock.length - 1, "");
    return this.#style(DIM, `${this.#clock} ${cut}`) + "\n";
  }

  #line(exchange: Exchange): string {
    const { status, method, bodyBytes, duration, coding } = exchange;
    const name = printable(method === "" ? "?" : fitted(method, 20, ""));
    const left = this.#columns - this.#clock.length - name.length - 6;
    const details = [
      bodyBytes === 0 ? "" : sizeText(bodyBytes),
      durationText(duration),
      coding ?? "",
    ].filter((part) => part !== "").join(" ");
    // Without room for both, the path matters more.
    const hasDetails = left - details.length > PATH_COLUMNS_MIN;
    const room = hasDetails ? left - details.length - 1 : left;
    const paths = this.#paths(exchange, Math.max(PATH_COLUMNS_MIN, room));
    const tail = hasDetails ? ` ${this.#style(DIM, details)}` : "";
    const color = STATUS_COLORS[Math.floor(status / 100)] ?? 0;
    const start = `${this.#style(DIM, this.#clock)} ${
      this.#style(color, `${status}`)
    }`;
    return `${start} ${name} ${paths}${tail}\n`;
  }

  /** The path, and the page of ours that refers to it if it does not exist; both within this many columns. */
  #paths(exchange: Exchange, columns: number): string {
    const path = pathText(exchange.target);
    const page = referringPage(exchange);
    const room = columns - this.#arrow.length - 2;
    if (page === undefined || room < 2 * PATH_COLUMNS_MIN) {
      return this.#style(BOLD, fitted(path, columns, this.#mark));
    }
    // Each gets what the other does not need, but at least half.
    const half = Math.floor(room / 2);
    const pathRoom = Math.max(half, room - columnsOf(page));
    const shown = fitted(path, pathRoom, this.#mark);
    const rest = fitted(page, room - columnsOf(shown), this.#mark);
    return `${this.#style(BOLD, shown)} ${
      this.#style(NOT_FOUND, `${this.#arrow} ${rest}`)
    }`;
  }

  #style(code: number, text: string): string {
    return this.#terminal.isColored ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}

/** The path of the page of this site that caused a 404; undefined for any other exchange. */
function referringPage(
  { status, referer, host }: Exchange,
): string | undefined {
  if (status !== 404 || referer === undefined || host === undefined) {
    return undefined;
  }
  const page = URL.parse(referer);
  const own = URL.parse(`${page?.protocol}//${host}`);
  if (page === null || page.host === "" || page.host !== own?.host) {
    return undefined;
  }
  return pathText(page.pathname + page.search);
}

/** A target as people read it: decoded where that is UTF-8, and harmless to the terminal. */
function pathText(target: string): string {
  const cut = target.slice(0, TERMINAL_TARGET_CHARACTERS_MAX);
  if (!/[%\x80-\xff]|[^ -~]/.test(cut)) return cut === "" ? "-" : cut;
  let text = cut;
  try {
    text = decodeURIComponent(cut);
  } catch {
    // It stays as it was sent.
  }
  return printable(text);
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size with at most one decimal: "812 B", "1.2 kB", "340 MB". */
function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${amount(value, unit === 0)} ${UNITS[unit]}`;
}

/** A duration: "0.3 ms", "12 ms", "3.4 s". */
function durationText(ms: number): string {
  return ms < 999.5
    ? `${amount(ms, false)} ms`
    : `${amount(ms / 1000, false)} s`;
}

function amount(value: number, isWhole: boolean): string {
  return isWhole || value >= 9.95 ? `${Math.round(value)}` : value.toFixed(1);
}
