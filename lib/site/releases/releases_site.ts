/**
 * A site over several releases. All is answered from the first; a name with a
 * hash that it lacks, from the next one that has it. Such a name has the same
 * content in each, so that pages of an older release find what they load.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { mayHaveHash } from "../content/hashed_name.ts";
import {
  addStatistics,
  type FileResource,
  OLDER_AGES,
  type Resource,
  type Site,
  type SiteStatistics,
} from "../site.ts";

/** A site that serves until it is closed, of a release or of another root. */
export interface ReleaseSite extends Site {
  /** What of the root is not served: a sentence for each reason. */
  readonly problems?: readonly string[];
  /** How often the disk was read. */
  readonly misses: number;
  /** See {@linkcode RuleFileSource.hasName}. */
  hasName(path: string): boolean;
  /** See {@linkcode RuleFileSource.unpack}. */
  unpack?(file: FileResource, bytesMax: number): Uint8Array | undefined;
  /** Returns of which release or older build a file is, for people; undefined if that goes without saying. */
  originOf?(file: FileResource): string | undefined;
  statistics(): SiteStatistics;
  /** Resolves once no variant is in progress. */
  idle?(): Promise<void>;
  /** Closes files that are kept open only for speed. */
  closeSpareFiles(): void;
  close(): void;
}

/** A release and its site. */
export interface OpenRelease {
  readonly name: string;
  readonly site: ReleaseSite;
}

/** Several releases as one site. */
export class ReleasesSite implements ReleaseSite {
  readonly #served: OpenRelease;
  readonly #others: readonly OpenRelease[];
  /** The releases of files that are not of the first. */
  readonly #owners = new WeakMap<FileResource, OpenRelease>();
  readonly #olderHits = new Array<number>(OLDER_AGES).fill(0);

  /** Makes a site that asks the releases in their order, and closes them. */
  constructor(served: OpenRelease, others: readonly OpenRelease[]) {
    this.#served = served;
    this.#others = others;
  }

  lookup(path: string, now: number): Resource {
    const found = this.#served.site.lookup(path, now);
    return found.kind === "absent" && mayHaveHash(path)
      ? this.#lookupOlder(path, now) ?? found
      : found;
  }

  #lookupOlder(path: string, now: number): FileResource | undefined {
    for (const [index, release] of this.#others.entries()) {
      const found = release.site.lookup(path, now);
      if (found.kind !== "file") continue;
      this.#olderHits[Math.min(index, OLDER_AGES - 1)]!++;
      this.#owners.set(found, release);
      return found;
    }
    return undefined;
  }

  /** Says of which release a file is, and whether that has kept it of an older build. */
  originOf(file: FileResource): string {
    const { name, site } = this.#ownerOf(file);
    const origin = site.originOf?.(file);
    return `release ${name}${origin === undefined ? "" : ` (${origin})`}`;
  }

  #ownerOf(file: FileResource): OpenRelease {
    return this.#owners.get(file) ?? this.#served;
  }

  encode(file: FileResource, coding: Coding): void {
    this.#ownerOf(file).site.encode(file, coding);
  }

  decode(file: FileResource): ReturnType<Site["decode"]> {
    return this.#ownerOf(file).site.decode(file);
  }

  async list(path: string, entriesMax?: number): ReturnType<Site["list"]> {
    const { name: release, site } = this.#served;
    const found = await site.list(path, entriesMax);
    return found.kind === "entries" ? { ...found, release } : found;
  }

  isReadable(path: string, now: number): boolean {
    return this.#served.site.isReadable(path, now) ||
      mayHaveHash(path) &&
        this.#others.some(({ site }) => site.isReadable(path, now));
  }

  /** Rule files are those of the first release. */
  hasName(path: string): boolean {
    return this.#served.site.hasName(path);
  }

  unpack(file: FileResource, bytesMax: number): Uint8Array | undefined {
    return this.#served.site.unpack?.(file, bytesMax);
  }

  get problems(): readonly string[] {
    return this.#served.site.problems ?? [];
  }

  get misses(): number {
    return this.#sites.reduce((sum, { misses }) => sum + misses, 0);
  }

  statistics(): SiteStatistics {
    const all = this.#sites.map((site) => site.statistics());
    // An archive that is served may have kept files of older builds itself.
    const kept = all[0]!.olderHits;
    return {
      ...all.reduce(addStatistics),
      olderHits: this.#olderHits.map((count, age) =>
        count + (kept?.[age] ?? 0)
      ),
    };
  }

  async idle(): Promise<void> {
    await Promise.all(this.#sites.map((site) => site.idle?.()));
  }

  closeSpareFiles(): void {
    for (const site of this.#sites) site.closeSpareFiles();
  }

  close(): void {
    for (const site of this.#sites) site.close();
  }

  get #sites(): ReleaseSite[] {
    return [this.#served, ...this.#others].map(({ site }) => site);
  }
}
