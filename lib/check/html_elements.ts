/**
 * The elements of HTML that refer to something, and by which attributes.
 *
 * @module
 */

import type { Reference, ReferenceKind } from "./reference.ts";

/** An attribute, with its line in the file. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** A start tag. */
export interface Element {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly line: number;
}

/** Attributes with one address, by element. */
const ADDRESSES: Readonly<
  Record<string, Readonly<Record<string, ReferenceKind>>>
> = {
  a: { href: "link" },
  area: { href: "link" },
  audio: { src: "media" },
  embed: { src: "object" },
  frame: { src: "frame" },
  iframe: { src: "frame" },
  image: { "href": "image", "xlink:href": "image" },
  img: { src: "image" },
  input: { src: "image" },
  object: { data: "object" },
  track: { src: "media" },
  use: { "href": "image", "xlink:href": "image" },
  video: { src: "media", poster: "image" },
};

/** What a `<link>` loads, by relation (HTML standard §4.6.7). Other relations name servers, vocabularies or feeds. */
const RELATIONS: Readonly<Record<string, ReferenceKind>> = {
  "stylesheet": "style",
  "icon": "image",
  "apple-touch-icon": "image",
  "apple-touch-icon-precomposed": "image",
  "mask-icon": "image",
  "manifest": "manifest",
  "modulepreload": "module",
  "alternate": "hint",
  "canonical": "hint",
  "next": "hint",
  "prev": "hint",
  "prefetch": "hint",
  "help": "hint",
  "license": "hint",
  "author": "hint",
};

/** What `<link rel=preload>` loads, by its `as`. */
const PRELOADS: Readonly<Record<string, ReferenceKind>> = {
  script: "script",
  style: "style",
  image: "image",
  font: "font",
  video: "media",
  audio: "media",
  track: "media",
};

/** Types of scripts that browsers run (WHATWG MIME Sniffing §4.6). */
const SCRIPT_TYPE =
  /^(?:(?:text|application)\/(?:javascript|ecmascript|x-javascript|x-ecmascript)|text\/(?:jscript|livescript|javascript1\.[0-5]))$/i;

/** Whether browsers run a script of a type as a classic script or a module; undefined for a data block. */
export function scriptKind(
  type: string | undefined,
): "script" | "module" | undefined {
  const [essence = ""] = (type ?? "").split(";").map((part) => part.trim());
  if (essence === "" || SCRIPT_TYPE.test(essence)) return "script";
  return essence.toLowerCase() === "module" ? "module" : undefined;
}

/** Returns what an element refers to. */
export function addressesOf(element: Element): Reference[] {
  const { name, attributes } = element;
  if (name === "link") return ofLink(element);
  if (name === "script") return ofScript(element);
  if (name === "source") return ofSource(element);
  const kinds = ADDRESSES[name];
  return attributes.flatMap(({ name: attribute, value, line }) => {
    if (attribute === "srcset" && name === "img") {
      return candidates(value).map((address): Reference => ({
        kind: "image",
        address,
        line,
      }));
    }
    const kind = kinds !== undefined && Object.hasOwn(kinds, attribute)
      ? kinds[attribute]
      : undefined;
    if (kind === undefined) return [];
    // Players and images without a source wait for a script.
    if (value.trim() === "" && kind !== "link") return [];
    return [{ kind, address: value, line }];
  });
}

function valueOf(element: Element, wanted: string): Attribute | undefined {
  return element.attributes.find(({ name }) => name === wanted);
}

function ofLink(element: Element): Reference[] {
  const href = valueOf(element, "href");
  const relations = (valueOf(element, "rel")?.value ?? "").toLowerCase()
    .split(/\s+/);
  const as = valueOf(element, "as")?.value.toLowerCase() ?? "";
  const isAlternateSheet = relations.includes("alternate") &&
    relations.includes("stylesheet");
  const kinds = relations.map((relation) =>
    relation === "preload"
      ? Object.hasOwn(PRELOADS, as) ? PRELOADS[as] : undefined
      : relation === "alternate" && isAlternateSheet
      ? undefined
      : Object.hasOwn(RELATIONS, relation)
      ? RELATIONS[relation]
      : undefined
  );
  const kind = kinds.find((kind) => kind !== undefined);
  const nonce = valueOf(element, "nonce")?.value;
  const own: Reference[] = kind === undefined || href === undefined
    ? []
    : [{ kind, address: href.value, line: href.line, nonce }];
  const set = valueOf(element, "imagesrcset");
  const images = set === undefined
    ? []
    : candidates(set.value).map((address): Reference => ({
      kind: "image",
      address,
      line: set.line,
    }));
  return [...own, ...images];
}

function ofScript(element: Element): Reference[] {
  const source = valueOf(element, "src");
  const kind = scriptKind(valueOf(element, "type")?.value);
  if (source === undefined || kind === undefined) return [];
  const nonce = valueOf(element, "nonce")?.value;
  return [{ kind, address: source.value, line: source.line, nonce }];
}

function ofSource(element: Element): Reference[] {
  return element.attributes.flatMap(({ name, value, line }): Reference[] => {
    if (name === "src" && value.trim() !== "") {
      return [{ kind: "media", address: value, line }];
    }
    if (name !== "srcset") return [];
    return candidates(value).map((address) => ({
      kind: "image",
      address,
      line,
    }));
  });
}

/** Returns the addresses of a srcset (HTML standard §4.8.4.2.1): each may be followed by a width or density. */
export function candidates(text: string): string[] {
  const addresses: string[] = [];
  let at = 0;
  while (at < text.length) {
    // Commas before an address count as space; those at its end separate it from the next.
    while (at < text.length && /[\s,]/.test(text[at]!)) at++;
    const start = at;
    while (at < text.length && !/\s/.test(text[at]!)) at++;
    const address = text.slice(start, at);
    // A pattern for the end would be tried at each comma of a long row.
    let end = address.length;
    while (address[end - 1] === ",") end--;
    const bare = address.slice(0, end);
    if (bare !== "") addresses.push(bare);
    if (bare !== address) continue;
    let depth = 0;
    while (at < text.length && (text[at] !== "," || depth > 0)) {
      if (text[at] === "(") depth++;
      else if (text[at] === ")") depth = Math.max(0, depth - 1);
      at++;
    }
  }
  return addresses;
}

/** Whether the size of an image is known before it arrives, as far as the page itself says. */
export function hasSize(element: Element): boolean {
  return element.attributes.some(({ name, value }) =>
    name === "width" || name === "height" ||
    name === "style" &&
      /(?:^|[;\s-])(?:width|height|aspect-ratio)\s*:/i.test(value)
  );
}
