/**
 * The site of a plan as `skiff check` sees it: the real SiteHandler with the
 * operator's rules, asked without a socket and without what guards it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { headersOf } from "../check/answer.ts";
import type { CheckedSite, SiblingState } from "../check/checker.ts";
import type { OpenedAnswer } from "../check/documents.ts";
import { after } from "../http/after.ts";
import type { Coding } from "../http/coding.ts";
import { bodyLength, type Reply } from "../http/reply.ts";
import { beginningOfSegment } from "../site/read_content.ts";
import { Compressor } from "../site/disk/compressor.ts";
import { DECODED_BYTES_MAX } from "../site/disk/decoder.ts";
import { hasHiddenSegment, isRuleFile } from "../site/hidden.ts";
import type { FileResource, Site } from "../site/site.ts";
import { Access } from "./access.ts";
import type { OpenedSite } from "./open_site.ts";
import type { Plan } from "./plan.ts";
import { localClient, requestHead } from "./request_head.ts";
import { SiteHandler } from "./site_handler.ts";
import type { Step } from "./trace.ts";

/** Most files of a site that are checked. */
export const FILES_MAX = 1_000_000;

/** Most directories that are read, those that links lead to again not counted. */
export const DIRECTORIES_MAX = 200_000;

/** Headers by which servers tell what asks. */
const ASKER_LINES = {
  document: [["Accept", "text/html,*/*;q=0.8"], ["Sec-Fetch-Dest", "document"]],
  asset: [["Accept", "*/*"], ["Sec-Fetch-Dest", "image"]],
} as const;

/** An open site to check. The caller must dispose of it. */
export type OpenSite = CheckedSite & Disposable;

/** Opens the site of a plan. Throws like SiteHandler. */
export async function openCheckedSite(plan: Plan): Promise<OpenSite> {
  const { isProtected = () => false } = new Access(plan);
  let steps: Step[] = [];
  const handler = new SiteHandler(withoutGuards(plan), {
    onRefusal: () => {},
    onWarning: () => {},
    onStep: (step) => steps.push(step),
  });
  const { site, rules, problems } = handler;
  try {
    const found = await walk(site);
    const compressor = new Compressor();
    return {
      ...found,
      rules,
      problems: problems.invalid,
      deadEnds: problems.deadEnds,
      index: plan.options.index,
      compresses: plan.options.compression,
      isOutside: (path) => isOutside(site, path),
      open(target, asker) {
        const head = requestHead(target, ASKER_LINES[asker]);
        if (typeof head === "number") return { ...NOTHING, status: head };
        const taken: Step[] = steps = [];
        const reply = handler.respond(head, Date.now(), localClient());
        return after(reply, (reply) => openedOf(reply, taken));
      },
      isProtected,
      compare: (path, coding) => compareSibling(site, compressor, path, coding),
      [Symbol.dispose]() {
        compressor.close();
        handler.close();
      },
    };
  } catch (error) {
    handler.close();
    throw error;
  }
}

/** Whether a path that could be public names something that the site does not serve. */
function isOutside(site: OpenedSite, path: string): boolean {
  const bare = path.replace(/(?<=[^/])\/+$/, "");
  return !hasHiddenSegment(bare) && !isRuleFile(bare) &&
    site.lookup(bare, Date.now()).kind === "absent" && site.hasName(bare);
}

/** Passwords, limits and the like are for clients; a check sees everything, and makes no variants. */
function withoutGuards(plan: Plan): Plan {
  return {
    ...plan,
    credentials: undefined,
    isolates: 1,
    options: {
      ...plan.options,
      authFile: undefined,
      allow: [],
      deny: [],
      allowedHosts: ["*"],
      requestsPerSecond: undefined,
      compression: false,
      earlyHints: false,
      watch: false,
    },
  };
}

/** The answer to a request that the parser rejects, without its status. */
const NOTHING: Omit<OpenedAnswer, "status"> = {
  location: undefined,
  type: "",
  length: 0,
  file: undefined,
  rule: undefined,
  lines: [],
  read: () => new Uint8Array(),
};

function openedOf(reply: Reply, steps: readonly Step[]): OpenedAnswer {
  return {
    status: reply.status,
    location: headersOf(reply.fields, "location")[0],
    type: headersOf(reply.fields, "content-type")[0] ?? "",
    length: bodyLength(reply),
    file: fileOf(steps),
    rule: ruleOf(steps),
    lines: reply.fields.lines,
    read: (bytesMax) => bytesOf(reply, bytesMax),
  };
}

/** The file that was found last, which is the one that is sent. */
function fileOf(steps: readonly Step[]): string | undefined {
  return steps.filter((step) => step.kind === "lookup")
    .map(({ resource }) => resource)
    .findLast((resource) => resource.kind === "file")?.path;
}

function ruleOf(steps: readonly Step[]): string | undefined {
  return steps.filter((step) => step.kind === "rules")
    .find(({ outcome }) => outcome !== undefined)?.outcome?.where;
}

/** Reads a body from its beginning; returns nothing if it changes in the meantime. */
function bytesOf({ body }: Reply, bytesMax: number): Uint8Array {
  const [segment] = body;
  const bytes = segment && beginningOfSegment(segment, bytesMax);
  return bytes ?? new Uint8Array();
}

/** Finds all files of a site. A directory that links lead to is read once, by the first of its names. */
async function walk(site: Site) {
  const files: string[] = [];
  const directories: string[] = [];
  const unnamed: string[] = [];
  const seen = new Set<string>();
  const left = ["/"];
  let isCut = false;
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (files.length >= FILES_MAX || directories.length >= DIRECTORIES_MAX) {
      isCut = true;
      break;
    }
    const found = await site.list(path, FILES_MAX - files.length);
    if (found.kind !== "entries" || seen.has(found.realPath)) continue;
    seen.add(found.realPath);
    directories.push(path);
    if (found.unnamed !== undefined) unnamed.push(path + found.unnamed);
    if (found.isCut) isCut = true;
    const below: string[] = [];
    for (const { name, kind } of found.entries) {
      if (kind === "directory") below.push(`${path}${name}/`);
      else if (!isRuleFile(path + name)) files.push(path + name);
    }
    // One by one: a directory may have more than a call takes arguments.
    for (const path of below.sort().reverse()) left.push(path);
  }
  return { files: files.sort(), directories, unnamed, isCut };
}

/** Compares a precompressed file with its file. */
async function compareSibling(
  site: Site,
  compressor: Compressor,
  path: string,
  coding: Coding,
): Promise<SiblingState> {
  const sibling = await fileAt(site, path + coding.suffix);
  const file = await fileAt(site, path);
  // Without a file there is nothing to compare: the sibling stands for it.
  if (!sibling?.identity || !file?.identity) return "equal";
  const isUsed = file.encoded.some((variant) => variant.coding === coding);
  if (!isUsed) {
    // A time that is no validator yet is a moment ago.
    const [own = Infinity, its = Infinity] = [file.modified, sibling.modified];
    return its < own ? "older" : "equal";
  }
  const isLarge = file.identity.length > DECODED_BYTES_MAX ||
    sibling.identity.length > DECODED_BYTES_MAX;
  if (isLarge) return "equal";
  const encoded = await sibling.identity.copy();
  const expected = await file.identity.copy();
  if (encoded === undefined || expected === undefined) return "equal";
  const decoded = await compressor.decompress(
    encoded,
    coding,
    DECODED_BYTES_MAX,
  );
  if (decoded === undefined) return "damaged";
  return Buffer.compare(decoded, expected) === 0 ? "equal" : "different";
}

/** Returns a file once its writer has paused. */
async function fileAt(
  site: Site,
  path: string,
): Promise<FileResource | undefined> {
  const found = site.lookup(path, Date.now());
  if (found.kind !== "file") return undefined;
  if (found.awaitWriter === undefined) return found;
  const resource = await found.awaitWriter(Date.now());
  return resource.kind === "file" ? resource : undefined;
}
