/**
 * The start at a terminal: a box with a boat, what is served, and where. For
 * terminals of any width, with and without colours and characters beyond ASCII.
 *
 * @module
 */

import { columnsOf, fitted } from "../http/columns.ts";
import { isLoopback } from "../http/host.ts";
import { printable } from "../http/printable.ts";
import {
  browserUrl,
  FINGERPRINT_LABEL,
  type SiteAddress,
  siteUrl,
} from "./banner.ts";
import { listensToAll } from "./permissions.ts";

/** What the terminal shows. */
export interface Screen {
  /** Its width. */
  readonly columns: number;
  readonly isColored: boolean;
  /** Whether it shows characters beyond ASCII. */
  readonly isUnicode: boolean;
  /** Whether it makes links of OSC 8. */
  readonly hasLinks: boolean;
}

/** A name and the URL that it stands for. */
export interface NamedUrl {
  readonly name: "Local" | "Network";
  readonly url: string;
}

/** What the box says. */
export interface StartDetails {
  readonly version: string;
  /** The absolute path of the directory; undefined for the built-in site. */
  readonly root: string | undefined;
  /** What is on, a word or two each: "listing", "live". */
  readonly features: readonly string[];
  readonly urls: readonly NamedUrl[];
  /** Sentences about other ports, and about what is missing. */
  readonly notes: readonly string[];
  /** The fingerprint of a certificate that skiff has made: bytes in hexadecimal with colons; undefined for none. */
  readonly fingerprint: string | undefined;
  /** Whether skiff reads keys. */
  readonly hasKeys: boolean;
}

/** SGR codes. */
const BOLD = 1;
const DIM = 2;
const CYAN = 36;
const BLUE = 34;

/** A piece of a line with its style. */
interface Piece {
  readonly text: string;
  readonly code?: number;
  readonly link?: string;
}

type Line = readonly Piece[];

/** The narrowest box, and the widest, in columns. */
const BOX_COLUMNS_MIN = 40;
const BOX_COLUMNS_MAX = 100;

const BOAT = ["      |\\", "      | \\", "      |__\\", "  \\___|____/"];
const UNICODE_BOAT = ["      │╲", "      │ ╲", "      │▁▁╲", "  ╲▁▁▁│▁▁▁▁╱"];
const BOAT_COLUMNS = 14;

/** The URLs of a site that listens on an address. `addresses` are those of this machine in its networks. */
export function siteUrls(
  site: SiteAddress,
  addresses: readonly string[],
): NamedUrl[] {
  const { hostname, port, isTls } = site;
  const local: NamedUrl = { name: "Local", url: browserUrl(site) };
  const network = (host: string): NamedUrl => ({
    name: "Network",
    url: siteUrl(host, port, isTls),
  });
  if (isLoopback(hostname)) return [local];
  if (!listensToAll(hostname)) return [network(hostname)];
  const reachable = addresses.filter((address) =>
    hostname === "::" || !address.includes(":")
  );
  return [local, ...reachable.map(network)];
}

/** The text to print at a terminal once skiff accepts connections. */
export function startScreen(details: StartDetails, screen: Screen): string {
  const columns = Math.min(screen.columns, BOX_COLUMNS_MAX) - 4;
  const urlColumns = Math.max(...details.urls.map(({ url }) => url.length));
  const isBoxed = screen.columns >= BOX_COLUMNS_MIN &&
    urlColumns + 11 <= columns;
  const lines = [
    ...headLines(details, screen, columns),
    [],
    ...details.urls.map((url) => urlLine(url, screen)),
    ...fingerprintLines(details, columns),
    ...details.notes.flatMap((note) => wrapped(printable(note), columns)),
  ];
  const shown = isBoxed
    ? boxed(lines, screen)
    : lines.map((line) => written(line, screen));
  if (details.hasKeys) {
    const help = [
      { text: "  Press " },
      { text: "h", code: BOLD },
      { text: " for help, q to quit" },
    ];
    shown.push(written(help, screen));
  }
  return `${shown.join("\n")}\n`;
}

/** The boat, and beside it what is served; without the boat where that needs the room. */
function headLines(
  { version, root, features }: StartDetails,
  { isUnicode }: Screen,
  columns: number,
): Line[] {
  const hasBoat = columns - BOAT_COLUMNS >= 30;
  const room = hasBoat ? columns - BOAT_COLUMNS : columns;
  const mark = isUnicode ? "…" : "...";
  const what = root === undefined ? "the built-in site" : printable(root);
  const on = features.map((text) => printable(text)).join(
    isUnicode ? " · " : ", ",
  );
  const texts: Line[] = [
    [{ text: "skiff", code: BOLD }, { text: ` ${version}`, code: DIM }],
    [{ text: fitted(what, Math.max(room, 10), mark) }],
    [{ text: fitted(on, Math.max(room, 10), mark), code: DIM }],
  ];
  if (!hasBoat) return texts;
  const boat = isUnicode ? UNICODE_BOAT : BOAT;
  return boat.map((text, at) => [
    { text: text.padEnd(BOAT_COLUMNS), code: BLUE },
    ...texts[at - 1] ?? [],
  ]);
}

function urlLine({ name, url }: NamedUrl, { isUnicode }: Screen): Line {
  const arrow = isUnicode ? "➜" : ">";
  return [
    { text: `${arrow} `, code: CYAN },
    { text: `${name}:`.padEnd(9), code: BOLD },
    { text: url, code: CYAN, link: url },
  ];
}

/** The fingerprint in lines that fit, each of whole bytes. */
function fingerprintLines(
  { fingerprint }: StartDetails,
  columns: number,
): Line[] {
  if (fingerprint === undefined) return [];
  const bytes = fingerprint.split(":");
  const each = columns >= 50 ? 16 : 8;
  const lines: Line[] = [[], [{ text: FINGERPRINT_LABEL, code: DIM }]];
  for (let at = 0; at < bytes.length; at += each) {
    const part = bytes.slice(at, at + each).join(":");
    lines.push([{ text: `  ${part}`, code: DIM }]);
  }
  return lines;
}

/** A sentence in lines that fit; words that are too long stay whole. */
function wrapped(text: string, columns: number): Line[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (columnsOf(line) + 1 + columnsOf(word) <= columns) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => [{ text: line, code: DIM }]);
}

function boxed(lines: readonly Line[], screen: Screen): string[] {
  const { isUnicode } = screen;
  const [side, top, bottom] = isUnicode
    ? ["│", "╭─╮", "╰─╯"]
    : ["|", "+-+", "+-+"];
  const widths = lines.map((line) =>
    columnsOf(line.map(({ text }) => text).join(""))
  );
  const most = screen.columns - 4;
  const width = Math.min(most, Math.max(...widths));
  const edge = (text: string) =>
    written([{
      text: text[0]! + text[1]!.repeat(width + 2) + text[2]!,
      code: DIM,
    }], screen);
  const border = { text: side!, code: DIM };
  return [
    edge(top!),
    ...lines.map((line, at) => {
      const fill = { text: " ".repeat(Math.max(0, width - widths[at]!) + 1) };
      return written([border, { text: " " }, ...line, fill, border], screen);
    }),
    edge(bottom!),
  ];
}

/** A line as the terminal gets it. */
function written(line: Line, { isColored, hasLinks }: Screen): string {
  return line.map(({ text, code, link }) => {
    const styled = isColored && code !== undefined
      ? `\x1b[${code}m${text}\x1b[0m`
      : text;
    return hasLinks && link !== undefined
      ? `\x1b]8;;${link}\x1b\\${styled}\x1b]8;;\x1b\\`
      : styled;
  }).join("");
}

/** The keys, as `h` lists them: with `r` if pages can be reloaded. */
export function keysText({ reload }: { readonly reload: boolean }): string {
  const keys = [
    ["o", "open the site in a browser"],
    ...reload ? [["r", "reload all pages"]] : [],
    ["l", "turn the log off or on"],
    ["q", "quit, as does Ctrl-C"],
    ["h", "show this list"],
  ];
  return keys.map(([key, text]) => `  ${key}  ${text}\n`).join("");
}
