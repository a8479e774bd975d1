/**
 * Checks a site: every file of it as the server would send it, what its
 * documents refer to, and the rules.
 *
 * @module
 */

import { type Coding, CODINGS } from "../http/coding.ts";
import { quote } from "../http/printable.ts";
import { encodePath } from "../http/target.ts";
import { canHaveSiblings, COMPRESS_BYTES_MAX } from "../site/content/file.ts";
import { isCompressible } from "../site/content/media_type.ts";
import type { Problem } from "../site/rules/texts.ts";
import { Anchors } from "./anchors.ts";
import { type Asker, type Fetcher, headersOf } from "./answer.ts";
import { cachingProblem } from "./caching.ts";
import { DocumentJudge, type OpenedAnswer } from "./documents.ts";
import { exposureOf, KEY_BYTES_MAX } from "./exposed.ts";
import type { RuleId } from "./finding_rules.ts";
import type { FindingCollector, FindingPlace } from "./findings.ts";
import { LinkJudge } from "./links.ts";
import { SiteNames } from "./names.ts";
import { checkRules, placeOf, type RuledSite } from "./rule_checks.ts";

/** Bytes from which a file should be compressed even where compression is off. */
const WORTH_BYTES = 64 * 1024;

/** Most different addresses of other servers that are kept. */
export const EXTERNALS_MAX = 10_000;

/** What a precompressed file is to its file: "equal" also if they cannot be compared. */
export type SiblingState = "equal" | "different" | "damaged" | "older";

/** A site to check. */
export interface CheckedSite extends RuledSite {
  /** Paths that no client can ask for, one of each directory that has some. */
  readonly unnamed: readonly string[];
  /** Whether there are more than are in the lists. */
  readonly isCut: boolean;
  /** Rules that cannot be used. */
  readonly problems: readonly Problem[];
  /** Rules that lead to nothing. */
  readonly deadEnds: readonly Problem[];
  /** The name of index files. */
  readonly index: string;
  /** Whether the server compresses by itself. */
  readonly compresses: boolean;
  /** Whether a decoded path names something that is not served: a link out of the site or to nothing, a pipe. */
  isOutside(path: string): boolean;
  /** Asks for a target. */
  open(target: string, asker: Asker): OpenedAnswer | Promise<OpenedAnswer>;
  /** Whether clients need a password for a decoded path. */
  isProtected(path: string): boolean;
  /** Compares a precompressed file with its file. */
  compare(path: string, coding: Coding): Promise<SiblingState>;
}

/** What a check went through. */
export interface CheckSummary {
  readonly files: number;
  readonly documents: number;
  readonly references: number;
  /** Addresses of other servers, with the first place that names each. */
  readonly externals: ReadonlyMap<string, FindingPlace>;
}

/** Receives how far a check is. */
export type ProgressCallback = (done: number, total: number) => void;

/** Checks a site. Reports to the collector. */
export async function checkSite(
  site: CheckedSite,
  findings: FindingCollector,
  onProgress: ProgressCallback = () => {},
): Promise<CheckSummary> {
  const names = new SiteNames(site.files, site.index);
  const externals = new Map<string, FindingPlace>();
  const anchors = new Anchors(findings);
  const ask: Fetcher = (target, asker) => site.open(target, asker);
  const judge = new LinkJudge({
    ask,
    names,
    isOutside: (path) => site.isOutside(path),
    anchors,
    findings,
    onExternal: (url, place) => {
      const key = url.href.replace(/#.*$/s, "");
      if (externals.size < EXTERNALS_MAX && !externals.has(key)) {
        externals.set(key, place);
      }
    },
  });
  const documents = new DocumentJudge({ findings, anchors, judge });
  const deps = { site, names, findings, documents };
  for (const [index, path] of site.files.entries()) {
    onProgress(index, site.files.length);
    await checkFile(path, deps);
  }
  await documents.judgeManifests((target) => site.open(target, "asset"));
  onProgress(site.files.length, site.files.length);
  await checkWhole(site, findings);
  const { rules, files, directories } = site;
  await checkRules({ rules, files, directories, ask, findings });
  return {
    files: site.files.length,
    documents: documents.documents,
    references: documents.references,
    externals,
  };
}

/** Checks what concerns no single file. */
async function checkWhole(
  site: CheckedSite,
  findings: FindingCollector,
): Promise<void> {
  for (const path of site.unnamed) {
    const message = "no client can ask for a file with such a name";
    findings.add("unservable-name", message, { path });
  }
  if (site.files.length === 0) {
    findings.add("empty-site", "there is no file in the site", { path: "/" });
    return;
  }
  if (site.isCut) {
    const message = `only ${site.files.length} files were checked`;
    findings.add("too-many-files", message, { path: "/" });
  }
  for (const { where, text } of site.problems) {
    findings.add("rule-invalid", text, placeOf(where));
  }
  for (const { where, text } of site.deadEnds) {
    findings.add("rule-dead-end", text, placeOf(where));
  }
  // A shell or a rule may answer for every path.
  const missing = await site.open("/skiff-check-no-such-page", "document");
  if (missing.status === 404 && missing.file === undefined) {
    const message = "pages that do not exist get the built-in error page";
    findings.add("missing-404", message, { path: "/404.html" });
  }
}

/** What checks of single files need. */
interface FileDeps {
  readonly site: CheckedSite;
  readonly names: SiteNames;
  readonly findings: FindingCollector;
  readonly documents: DocumentJudge;
}

/** Checks a single file. */
async function checkFile(path: string, deps: FileDeps): Promise<void> {
  const { site, findings, documents } = deps;
  const target = encodePath(path);
  // Request pages by the address that people use, because its headers may differ.
  const address = path.endsWith(`/${site.index}`)
    ? target.slice(0, -encodePath(site.index).length)
    : target;
  let opened = await site.open(address, "document");
  if (opened.file !== path && address !== target) {
    opened = await site.open(target, "document");
  }
  if (opened.status === 403 && opened.rule === undefined) {
    findings.add("unreadable-file", "the file gets 403", { path });
  }
  if (opened.status !== 200 || opened.file !== path) return;
  const exposure = site.isProtected(path)
    ? undefined
    : exposureOf(path, opened, () => opened.read(KEY_BYTES_MAX));
  const cacheControl = headersOf(opened, "cache-control").join(", ");
  const caching = cachingProblem(path, cacheControl, opened.type);
  for (const problem of [exposure, caching]) {
    if (problem !== undefined) {
      findings.add(problem.rule, problem.message, { path });
    }
  }
  await checkEncoding(path, opened, deps);
  await documents.judge(path, address, opened);
}

/** Checks the precompressed files of a file; without any, whether the server compresses it. */
async function checkEncoding(
  path: string,
  { type, length }: OpenedAnswer,
  { site, names, findings }: FileDeps,
): Promise<void> {
  if (!canHaveSiblings(path)) return;
  const codings = CODINGS.filter(({ suffix }) => names.has(path + suffix));
  for (const coding of codings) {
    const state = await site.compare(path, coding);
    if (state === "equal") continue;
    const [rule, message] = SIBLING_PROBLEMS[state];
    const place = { path: path + coding.suffix };
    findings.add(rule, message(quote(path)), place);
  }
  if (codings.length > 0 || !isCompressible(type)) return;
  if (site.compresses && length > COMPRESS_BYTES_MAX) {
    const message = "the file is too large to be compressed while it is served";
    findings.add("not-compressed", message, { path });
  } else if (!site.compresses && length > WORTH_BYTES) {
    const message =
      "the file is never compressed, because --no-compression is given";
    findings.add("not-compressed", message, { path }, "note");
  }
}

/** What is wrong with a precompressed file, by its state. */
const SIBLING_PROBLEMS = {
  different: ["stale-sibling", (file) => `the file does not decode to ${file}`],
  damaged: [
    "stale-sibling",
    () => "the file cannot be decoded, or is too large for it",
  ],
  older: ["unused-sibling", (file) => `the file is older than ${file}`],
} satisfies Readonly<
  Record<
    Exclude<SiblingState, "equal">,
    readonly [rule: RuleId, message: (file: string) => string]
  >
>;
