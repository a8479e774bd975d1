/**
 * Exchange → a line of the access log, in one of three forms. Whatever a client
 * sends, a line is one line, and nothing in it acts on a terminal.
 *
 * @module
 */

import { printable } from "../http/printable.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Makes the line of one exchange, with its line feed. `worker` is the index of the isolate that
 * served it; undefined when one isolate serves alone.
 */
export type LogFormatter = (exchange: Exchange, worker?: number) => string;

/** The forms of a line, by the names they are asked for with. */
export interface LogFormats {
  /** Common Log Format: host ident authuser [date] "request-line" status bytes. */
  readonly common: LogFormatter;
  /** The same, then "referer" "user-agent". */
  readonly combined: LogFormatter;
  /** One JSON object (RFC 8259) a line, always with the same keys in the same order. */
  readonly json: LogFormatter;
}

/** All forms. */
export const LOG_FORMATS: LogFormats = {
  common: (exchange) => `${commonFields(exchange)}\n`,
  combined: (exchange) => {
    const referer = quoted(exchange.referer);
    const agent = quoted(exchange.agent);
    return `${commonFields(exchange)} ${referer} ${agent}\n`;
  },
  json: jsonLine,
};

function commonFields(exchange: Exchange): string {
  const { remote, time, requestLine, status, bodyBytes } = exchange;
  const bytes = bodyBytes === 0 ? "-" : bodyBytes;
  return `${escaped(remote)} - - [${logDate(time)}] ${quoted(requestLine)} ` +
    `${status} ${bytes}`;
}

function quoted(text: string | undefined): string {
  return text === undefined ? '"-"' : `"${escaped(text)}"`;
}

/** All but printable ASCII, and what would end a quoted text or begin an escape in it. */
const UNSAFE = /[^ !#-[\]-~]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, "g");

/** What a client sends must not end the field or the line it stands in, nor reach a terminal as a control sequence. */
function escaped(text: string): string {
  // Nearly every text is safe, and a search that finds nothing is quicker than a replacement.
  if (!UNSAFE.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Put together by hand: JSON.stringify of an object takes twice as long. */
function jsonLine(exchange: Exchange, worker?: number): string {
  const { method, target, version, coding, id } = exchange;
  return `{"time":"${isoTime(exchange.time)}"` +
    `,"remote":${jsonText(exchange.remote)}` +
    `,"method":${jsonText(method === "" ? undefined : method)}` +
    `,"target":${jsonText(target === "" ? undefined : target)}` +
    `,"version":${jsonText(version)}` +
    `,"status":${exchange.status}` +
    `,"bytes":${exchange.bodyBytes}` +
    `,"duration_us":${Math.round(exchange.duration * 1000)}` +
    `,"encoding":${jsonText(coding)}` +
    `,"cache":${exchange.isCached ? '"hit"' : '"miss"'}` +
    `,"referer":${jsonText(exchange.referer)}` +
    `,"agent":${jsonText(exchange.agent)}` +
    `,"tls":${exchange.isTls}` +
    `,"worker":${worker ?? null}` +
    `,"id":${jsonText(id)}}\n`;
}

function jsonText(text: string | undefined): string {
  if (text === undefined) return "null";
  if (!UNSAFE.test(text)) return `"${text}"`;
  return printable(JSON.stringify(text));
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The ends of times: ".000Z" to ".999Z". */
const MILLISECONDS = Array.from(
  { length: 1000 },
  (_, ms) => `.${String(ms).padStart(3, "0")}Z`,
);

/** The second of the last line and its texts: lines come in thousands a second. */
let lastSecond = NaN;
let logText = "";
let isoText = "";

/** 20/Nov/2026:07:12:55 +0000: always UTC, so that lines of several machines sort. */
function logDate(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) keepSecond(second);
  return logText;
}

/** 2026-11-20T07:12:55.123Z (RFC 3339). */
function isoTime(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastSecond) keepSecond(second);
  return isoText + MILLISECONDS[Math.floor(time - second * 1000)];
}

function keepSecond(second: number): void {
  const iso = new Date(second * 1000).toISOString();
  const month = MONTHS[Number(iso.slice(5, 7)) - 1];
  const clock = iso.slice(11, 19);
  logText = `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${clock} +0000`;
  isoText = iso.slice(0, 19);
  lastSecond = second;
}
