/**
 * A Markdown file as a page of its own.
 *
 * @module
 */

import { escape } from "@std/html";
import type { FieldLine } from "../../http/field_section.ts";
import { SiteFile } from "../content/file.ts";
import { MemoryVariant } from "../content/variant.ts";
import type { FileResource, Resource } from "../site.ts";
import { MARKDOWN_LENGTH_MAX, renderMarkdown } from "./markdown.ts";
import PAGE from "./page.html" with { type: "text" };

/** The page has its style in it, shows images of the site, and runs nothing. */
const PAGE_POLICY: FieldLine = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'",
];

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

/** Whether a path names a Markdown file. */
export function isMarkdown(path: string): boolean {
  return /\.(?:md|markdown)$/i.test(path);
}

/** The pages that were made, by their files. */
const pages = new WeakMap<FileResource, FileResource>();

/** Returns the page of a Markdown file; the file itself if it is too large to be rendered or to be in memory. */
export function markdownPage(file: FileResource): FileResource {
  let page = pages.get(file);
  if (page === undefined) pages.set(file, page = makePage(file));
  return page;
}

function makePage(file: FileResource): FileResource {
  const { identity, path, awaitWriter } = file;
  // A character takes three bytes at most, or two of them four.
  if (!identity || identity.length > 3 * MARKDOWN_LENGTH_MAX) return file;
  const bytes = identity.slice(0, identity.length);
  if (!(bytes instanceof Uint8Array)) return file;
  const rendered = renderMarkdown(DECODER.decode(bytes));
  if (rendered === undefined) return file;
  const { html, title = path.slice(path.lastIndexOf("/") + 1) } = rendered;
  // In this order: a title may read "{body}", and the first "{title}" is the page's own, whatever is in the body.
  const text = PAGE.replace("{body}", () => html)
    .replace("{title}", () => escape(title));
  const content = new MemoryVariant(ENCODER.encode(text));
  const page = new SiteFile(path, content, undefined, false, {
    realPath: file.realPath,
    contentType: "text/html; charset=UTF-8",
    fields: [PAGE_POLICY],
  });
  page.awaitWriter = awaitWriter &&
    ((now) => awaitWriter(now).then(pageOf));
  return page;
}

function pageOf(resource: Resource): Resource {
  return resource.kind === "file" ? markdownPage(resource) : resource;
}
