/**
 * Exchange → a line of the access log, in one of three formats. Whatever a
 * client sends, a line stays one line and cannot control a terminal.
 *
 * @module
 */

import { printable } from "../http/printable.ts";
import type { Exchange } from "./exchange.ts";

/** Formats an exchange as a line with its line feed. `worker` is the index of its isolate, if there are several. */
export type LogFormatter = (exchange: Exchange, worker?: number) => string;

/** All formats, by the name that `--log` has for them. */
export const LOG_FORMATS: Readonly<
  Record<"common" | "combined" | "json", LogFormatter>
> = {
  // Common Log Format: host ident authuser [date] "request-line" status bytes.
  common: (exchange) => `${commonFields(exchange)}\n`,
  // The same, then "referer" "user-agent".
  combined: (exchange) => {
    const referer = quoted(exchange.referer);
    const agent = quoted(exchange.agent);
    return `${commonFields(exchange)} ${referer} ${agent}\n`;
  },
  // One JSON object (RFC 8259), always with the same keys in the same order.
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

/** All but printable ASCII, quotes and backslashes. */
const UNSAFE = /[^ !#-[\]-~]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, "g");

/** Escapes what could end the field or the line, or reach a terminal as a control sequence. */
function escaped(text: string): string {
  // Nearly every text is safe, and a failing search is faster than a replacement.
  if (!UNSAFE.test(text)) return text;
  return text.replace(EVERY_UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Written by hand, because JSON.stringify of an object takes twice as long. */
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

/** The ends of times, ".000Z" to ".999Z". */
const MILLISECONDS = Array.from(
  { length: 1000 },
  (_, ms) => `.${String(ms).padStart(3, "0")}Z`,
);

/** The second of the last line and its texts, because thousands of lines share a second. */
let lastSecond = NaN;
let logText = "";
let isoText = "";

/** 20/Nov/2026:07:12:55 +0000. Always UTC, so that the lines of several machines can be sorted. */
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
