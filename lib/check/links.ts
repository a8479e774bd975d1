/**
 * Checks the addresses in documents: what they lead to, and whether browsers accept the response.
 *
 * @module
 */

import { after } from "../http/after.ts";
import { quote } from "../http/printable.ts";
import { parseTarget } from "../http/target.ts";
import { isInsecure, resolve } from "./address.ts";
import type { Anchors } from "./anchors.ts";
import {
  essenceOf,
  type Fetcher,
  follow,
  type FollowResult,
  isPageType,
} from "./answer.ts";
import type { PolicySet } from "./csp.ts";
import type { FindingCollector, FindingPlace } from "./findings.ts";
import type { SiteNames } from "./names.ts";
import type { Reference, ReferenceKind } from "./reference.ts";
import { scriptKind } from "./html_elements.ts";

/** Most responses to remember: with more, all are forgotten and requested again. */
export const ANSWERS_MAX = 200_000;

/** The document that an address is in. */
export interface LinkSource {
  /** Decoded path of its file. */
  readonly path: string;
  readonly base: URL;
  readonly policies: PolicySet;
  /** An origin that stands for the site in this document. */
  readonly ownOrigin?: string | undefined;
}

/** What a {@linkcode LinkJudge} needs. */
export interface LinkDeps {
  readonly ask: Fetcher;
  readonly names: SiteNames;
  /** Whether a decoded path names something that is not served, such as a link out of the site. */
  readonly isOutside: (path: string) => boolean;
  readonly anchors: Anchors;
  readonly findings: FindingCollector;
  /** Receives addresses of other servers that people or browsers follow. */
  readonly onExternal: (url: URL, place: FindingPlace) => void;
}

/** What clients follow, and do not load with a page. */
const FOLLOWED: ReadonlySet<ReferenceKind> = new Set([
  "link",
  "hint",
  "form",
  "post",
]);

/** What a reference led to, for callers that judge many together. */
export type LinkVerdict = "found" | "dead" | "elsewhere";

/** Judges references. */
export class LinkJudge {
  readonly #deps: LinkDeps;
  readonly #answers = new Map<string, FollowResult>();
  /** The results for paths without a file: a million links may lead to one. */
  readonly #outside = new Map<string, boolean>();

  /** Makes a judge for one site. */
  constructor(deps: LinkDeps) {
    this.#deps = deps;
  }

  /** Judges a reference in a document. Waits only where the site needs time. */
  judge(
    reference: Reference,
    source: LinkSource,
  ): LinkVerdict | Promise<LinkVerdict> {
    const { kind, address, line } = reference;
    const { path, base, policies } = source;
    // A part of the document itself, such as a gradient: nothing is loaded.
    if (kind !== "link" && address.trim().startsWith("#")) return "elsewhere";
    const place = { path, line };
    const destination = resolve(address, base, source.ownOrigin);
    const { findings } = this.#deps;
    switch (destination.kind) {
      case "other":
        return "elsewhere";
      case "invalid":
        findings.add(
          "invalid-address",
          `${quote(address)} is no address`,
          place,
        );
        return "elsewhere";
      case "external":
        this.#external(reference, destination.url, place, policies);
        return "elsewhere";
    }
    this.#checkPolicy(reference, undefined, place, policies);
    const { target, fragment } = destination;
    if (kind === "post") {
      const message = `a form is sent to ${quote(target)} with POST`;
      findings.add("unanswered-form", message, place);
      return "dead";
    }
    const end = this.#follow(target, kind);
    return after(
      end,
      (end) => this.#own(kind, target, fragment, end, place),
    );
  }

  #follow(
    target: string,
    kind: ReferenceKind,
  ): FollowResult | Promise<FollowResult> {
    const asker = kind === "frame" || FOLLOWED.has(kind) ? "document" : "asset";
    const key = `${asker} ${target}`;
    return this.#answers.get(key) ??
      follow(this.#deps.ask, target, asker).then((end) => {
        if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
        this.#answers.set(key, end);
        return end;
      });
  }

  /** Judges the site's response. */
  #own(
    kind: ReferenceKind,
    target: string,
    fragment: string | undefined,
    end: FollowResult,
    place: FindingPlace,
  ): LinkVerdict {
    const { findings } = this.#deps;
    if (end.isLoop) {
      const message = `${quote(target)} is redirected in a circle`;
      findings.add("redirect-loop", message, place);
      return "dead";
    }
    if (end.isExternal) return "found";
    if (end.status >= 400) {
      this.#dead(kind, target, end, place);
      return "dead";
    }
    if (end.count > 0) {
      const message = `${quote(target)} is redirected to ${quote(end.target)}`;
      findings.add("redirected-link", message, place);
    }
    const wanted = wantedType(kind, end.type);
    if (wanted !== undefined) {
      const type = end.type === "" ? "no Content-Type" : end.type;
      const message = `${quote(target)} comes as ${type}, but ${wanted}`;
      findings.add("wrong-type", message, place);
    }
    const isToPage = kind === "link" && isPageType(end.type);
    if (fragment && isToPage && end.file !== undefined) {
      this.#deps.anchors.addLink(end.file, fragment, place);
    }
    return "found";
  }

  #dead(
    kind: ReferenceKind,
    target: string,
    { status, target: last, count }: FollowResult,
    place: FindingPlace,
  ): void {
    const { findings, names } = this.#deps;
    const path = parseTarget("GET", last)?.path;
    if (path === undefined) {
      const message = `${quote(target)} is an address that no server accepts`;
      return findings.add("invalid-address", message, place);
    }
    const similar = status === 404 ? names.similar(path) : undefined;
    if (similar !== undefined && similar !== path) {
      const message = `${quote(target)} is named ${quote(similar)}`;
      return findings.add("wrong-case", message, place);
    }
    if (status === 404 && this.#isOutside(path)) {
      const message = `${
        quote(target)
      } is no file of the site, but a link out of it or to nothing, or a pipe`;
      return findings.add("outside-link", message, place);
    }
    const rule = FOLLOWED.has(kind) ? "dead-link" : "dead-resource";
    const way = count > 0 ? `, after a redirect to ${quote(last)}` : "";
    const message = `${quote(target)} gets ${status}${way}`;
    findings.add(rule, message, place, kind === "hint" ? "warning" : undefined);
  }

  #isOutside(path: string): boolean {
    let isOutside = this.#outside.get(path);
    if (isOutside === undefined) {
      if (this.#outside.size >= ANSWERS_MAX) this.#outside.clear();
      isOutside = this.#deps.isOutside(path);
      this.#outside.set(path, isOutside);
    }
    return isOutside;
  }

  #external(
    reference: Reference,
    url: URL,
    place: FindingPlace,
    policies: PolicySet,
  ): void {
    const { kind, address } = reference;
    const isLoaded = !FOLLOWED.has(kind);
    const isSchemeless = address.trim().startsWith("//");
    if (isLoaded && !isSchemeless && isInsecure(url) && !policies.upgrades) {
      // Images and media are upgraded, or else not shown; everything else is blocked (Mixed Content §4).
      const isUpgraded = kind === "image" || kind === "media";
      const message = `${quote(address)} is loaded over plain HTTP`;
      const severity = isUpgraded ? "warning" : "error";
      this.#deps.findings.add("mixed-content", message, place, severity);
    }
    this.#checkPolicy(reference, url, place, policies);
    if (kind !== "hint" && kind !== "post") this.#deps.onExternal(url, place);
  }

  #checkPolicy(
    reference: Reference,
    url: URL | undefined,
    place: FindingPlace,
    policies: PolicySet,
  ): void {
    if (policies.isEmpty) return;
    const directive = policies.forbids(reference, url);
    if (directive === undefined) return;
    const message = `${quote(reference.address)} is forbidden by ${directive}`;
    this.#deps.findings.add("csp-blocked", message, place);
  }
}

/** What kinds of references need that no page can be. */
const NO_PAGES: Partial<Record<ReferenceKind, string>> = {
  font: "a font needs a font",
  media: "a player needs audio, video or text tracks",
  manifest: "a manifest needs JSON",
};

/** Returns what a kind of reference needs, if browsers refuse this type for it under nosniff; else undefined. */
export function wantedType(
  kind: ReferenceKind,
  type: string,
): string | undefined {
  const essence = essenceOf(type);
  const isPage = isPageType(type);
  switch (kind) {
    case "script":
    case "module":
      return essence !== "" && scriptKind(essence) === "script"
        ? undefined
        : "a script needs text/javascript";
    case "style":
      return essence === "text/css"
        ? undefined
        : "a style sheet needs text/css";
    case "image":
      // Images are recognized by their bytes, but for SVG, which is text.
      return /^text\/|json$/.test(essence) || isPage
        ? "an image needs the type of an image"
        : undefined;
    default:
      return isPage ? NO_PAGES[kind] : undefined;
  }
}
