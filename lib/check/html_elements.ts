/**
 * The elements of HTML that refer to something, and by which attributes.
 *
 * @module
 */

import { entryOf, type Reference, type ReferenceKind } from "./reference.ts";

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
  a: { "href": "link", "xlink:href": "link" },
  area: { href: "link" },
  audio: { src: "media" },
  body: { background: "image" },
  embed: { src: "object" },
  feimage: { "href": "image", "xlink:href": "image" },
  frame: { src: "frame" },
  iframe: { src: "frame" },
  image: { "href": "image", "xlink:href": "image" },
  img: { src: "image" },
  input: { src: "image" },
  object: { data: "object" },
  source: { src: "media" },
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
  "search": "hint",
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
  document: "frame",
  embed: "object",
  fetch: "object",
  object: "object",
  worker: "script",
};

/** Elements whose srcset counts. */
const WITH_SRCSET: ReadonlySet<string> = new Set(["img", "source"]);

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
  if (name === "form") return ofForm(element, "action", "method");
  if (name === "button" || name === "input") {
    const own = ofForm(element, "formaction", "formmethod");
    if (own.length > 0 || name === "button") return own;
  }
  const kinds = entryOf(ADDRESSES, name);
  return attributes.flatMap((attribute) => {
    const { value, line } = attribute;
    if (attribute.name === "srcset" && WITH_SRCSET.has(name)) {
      return imagesOf(attribute);
    }
    const kind = entryOf(kinds, attribute.name);
    if (kind === undefined) return [];
    // Players and images without a source wait for a script.
    if (value.trim() === "" && kind !== "link") return [];
    return [{ kind, address: value, line }];
  });
}

/** Returns an attribute of an element; the first of several counts. */
export function attributeOf(
  { attributes }: Element,
  wanted: string,
): Attribute | undefined {
  return attributes.find(({ name }) => name === wanted);
}

/** Returns the images of a srcset. */
function imagesOf({ value, line }: Attribute): Reference[] {
  return candidates(value).map((address) => ({ kind: "image", address, line }));
}

function ofLink(element: Element): Reference[] {
  const href = attributeOf(element, "href");
  const relations = (attributeOf(element, "rel")?.value ?? "").toLowerCase()
    .split(/\s+/);
  const as = attributeOf(element, "as")?.value.toLowerCase() ?? "";
  const isAlternateSheet = relations.includes("alternate") &&
    relations.includes("stylesheet");
  const kinds = relations.map((relation) =>
    relation === "preload"
      ? entryOf(PRELOADS, as)
      : relation === "alternate" && isAlternateSheet
      ? undefined
      : entryOf(RELATIONS, relation)
  );
  const kind = kinds.find((kind) => kind !== undefined);
  const nonce = attributeOf(element, "nonce")?.value;
  const own: Reference[] = kind === undefined || href === undefined
    ? []
    : [{ kind, address: href.value, line: href.line, nonce }];
  const set = attributeOf(element, "imagesrcset");
  return [...own, ...set === undefined ? [] : imagesOf(set)];
}

function ofScript(element: Element): Reference[] {
  const source = attributeOf(element, "src");
  const kind = scriptKind(attributeOf(element, "type")?.value);
  if (source === undefined || kind === undefined) return [];
  const nonce = attributeOf(element, "nonce")?.value;
  return [{ kind, address: source.value, line: source.line, nonce }];
}

/** Where a form leads, or a button that sends it elsewhere. Without an address, a script takes what it has. */
function ofForm(
  element: Element,
  address: "action" | "formaction",
  method: "method" | "formmethod",
): Reference[] {
  const action = attributeOf(element, address);
  if (action === undefined || /^\s*(?:#|$)/.test(action.value)) return [];
  const sent = attributeOf(element, method)?.value.trim().toLowerCase();
  if (sent === "dialog") return [];
  const kind = sent === "post" ? "post" : "form";
  return [{ kind, address: action.value, line: action.line }];
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
