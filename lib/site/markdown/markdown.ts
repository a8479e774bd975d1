/**
 * Markdown → HTML, for what people read beside their files. Pure.
 *
 * The text is hostile input. Raw HTML in it is escaped, and links lead only
 * where {@linkcode ALLOWED_LINK} says. Links and images stay relative, so that
 * each is a request like any other. No image of another server is loaded: it
 * would learn who reads the text.
 *
 * @module
 */

import { escape } from "@std/html";
import createParser, { type MarkdownIt, type Token } from "markdown-it";

/**
 * Longer texts, in characters, are not rendered. The work is done at once: an ordinary text of this length takes 20 ms,
 * the worst of thirty kinds of hostile ones 200 ms.
 */
export const MARKDOWN_LENGTH_MAX: number = 65_536;

/** Keeps identifiers of a text apart from those of the page around it. */
const ID_PREFIX = "md-";

/** What a link or an image may lead to: a relative reference, the web, mail. Anything else stays text. */
const ALLOWED_LINK = /^(?:(?:https?|mailto):|(?![a-z][a-z0-9+.-]*:))/i;

/** What every link to another server says. */
const FOREIGN_REL = "nofollow noreferrer";

/** A link to another server. */
const FOREIGN_LINK = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i;

/** An image that is not one of the site. */
const FOREIGN_IMAGE = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;

/** The parser; its tables take a while to make, so it is made for the first text. */
let parser: MarkdownIt | undefined;

function getParser(): MarkdownIt {
  if (parser !== undefined) return parser;
  parser = createParser("default", { html: false, linkify: false });
  parser.validateLink = (url) => ALLOWED_LINK.test(url.trim());
  const { rules } = parser.renderer;
  const renderOwn = rules.image!;
  rules.image = (tokens, index, options, env, renderer) => {
    const { meta, children } = tokens[index]!;
    if (meta === null) return renderOwn(tokens, index, options, env, renderer);
    const source = String(meta.source);
    const text = renderer.renderInlineAsText(children ?? [], options, env);
    return foreignImageHtml(source, text || source, meta.isInLink === true);
  };
  return parser;
}

/** Renders an image of another server as a link to it; inside a link, as text. */
function foreignImageHtml(
  source: string,
  text: string,
  isInLink: boolean,
): string {
  return isInLink
    ? escape(text)
    : `<a href="${escape(source)}" rel="${FOREIGN_REL}">${escape(text)}</a>`;
}

/** A text as HTML. */
export interface RenderedMarkdown {
  /** What belongs into the page's body. */
  readonly html: string;
  /** Plain text of the first heading; undefined if there is none. */
  readonly title: string | undefined;
}

/**
 * Renders a text as HTML. Its headings begin at the level `1 + headingShift`, and end at 6. Identifiers of headings
 * are made as on GitHub, with a prefix. Returns undefined for a text longer than {@linkcode MARKDOWN_LENGTH_MAX}.
 */
export function renderMarkdown(
  text: string,
  headingShift: number = 0,
): RenderedMarkdown | undefined {
  if (text.length > MARKDOWN_LENGTH_MAX) return undefined;
  const parser = getParser();
  const tokens = parser.parse(text, {});
  const ids = new Map<string, number>();
  tokens.forEach((token, index) => {
    if (token.type === "heading_open") {
      const id = uniqueId(tokens[index + 1], ids);
      token.attrSet("id", ID_PREFIX + id);
    }
    if (token.type === "heading_open" || token.type === "heading_close") {
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + headingShift)}`;
    }
    alignByAttribute(token);
    let links = 0;
    for (const child of token.children ?? []) {
      if (child.type === "image") adjustImage(child, links > 0);
      else if (child.type.startsWith("link_")) links += child.nesting;
      if (child.type === "link_open") adjustLink(child);
    }
  });
  const first = tokens.findIndex(({ type }) => type === "heading_open");
  return {
    html: parser.renderer.render(tokens, parser.options, {}),
    title: plainText(tokens[first + 1]) || undefined,
  };
}

/** Replaces the style of a cell, which no policy of skiff's pages allows, by the attribute. */
function alignByAttribute(token: Token): void {
  const align = /^text-align:(left|center|right)$/
    .exec(String(token.attrGet("style") ?? ""))?.[1];
  if (align === undefined) return;
  token.attrs = null;
  token.attrSet("align", align);
}

/** Marks an image of another server; the browser loads others when they come into view. */
function adjustImage(image: Token, isInLink: boolean): void {
  const source = String(image.attrGet("src") ?? "");
  if (FOREIGN_IMAGE.test(source)) image.meta = { source, isInLink };
  else image.attrSet("loading", "lazy");
}

/** Adjusts a link to this text's own identifiers, or to another server. */
function adjustLink(link: Token): void {
  const href = String(link.attrGet("href") ?? "");
  if (href.startsWith("#")) {
    link.attrSet("href", `#${ID_PREFIX}${href.slice(1)}`);
  } else if (FOREIGN_LINK.test(href)) {
    link.attrSet("rel", FOREIGN_REL);
  }
}

/** Returns what is read of an inline token, without marks. */
function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map(({ type, content }) =>
      type === "text" || type === "code_inline" || type === "image"
        ? content
        : type === "softbreak" || type === "hardbreak"
        ? " "
        : ""
    ).join("").trim();
}

/** Returns an identifier that no heading before has. */
function uniqueId(
  heading: Token | undefined,
  ids: Map<string, number>,
): string {
  const id = plainText(heading).toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
  const count = ids.get(id) ?? 0;
  ids.set(id, count + 1);
  return count === 0 ? id : `${id}-${count}`;
}
