/**
 * Makes encoded variants of files in the background: how many at a time, and
 * how soon one that was lost may be made again.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { isSaving, type SiteFile } from "../content/file.ts";
import { MemoryVariant } from "../content/variant.ts";
import { Compressor } from "./compressor.ts";
import type { Version } from "../content/version.ts";
import { Remakes } from "./remakes.ts";

/** Most variants that are being made, or wait for it: each holds a copy of the content. */
export const MAKING_MAX = 16;

/** Makes variants, for the next requests to find. */
export class VariantMaker {
  readonly #onMade: (file: SiteFile) => void;
  readonly #compressor = new Compressor();
  readonly #remakes = new Remakes();
  readonly #making = new Set<Promise<void>>();

  /** A maker that calls `onMade` with each file that it has finished a variant of, whether the file keeps it or not. */
  constructor(onMade: (file: SiteFile) => void) {
    this.#onMade = onMade;
  }

  /** Begins to make a variant of a version of a file, unless that is done, under way, impossible or too soon. */
  make(file: SiteFile, version: Version, coding: Coding): void {
    if (this.#making.size >= MAKING_MAX || !file.canMake(coding)) return;
    const end = this.#remakes.begin(file.path, version, performance.now());
    if (end === undefined || !file.beginMaking(coding)) return;
    const making = this.#make(file, coding)
      .then((took) => end(performance.now(), took))
      .finally(() => this.#making.delete(making));
    this.#making.add(making);
  }

  /** Remembers that the variants of a version of the file at a path were lost. */
  lose(path: string, version: Version): void {
    this.#remakes.lose(path, version);
  }

  /** Resolves when no variant is being made. */
  async idle(): Promise<void> {
    while (this.#making.size > 0) await Promise.all(this.#making);
  }

  /** Gives up what is being made. */
  close(): void {
    this.#compressor.close();
  }

  /** Makes a variant; resolves to the milliseconds of work, without those of waiting for it. Never rejects. */
  async #make(file: SiteFile, coding: Coding): Promise<number> {
    const identity = file.identity!;
    let began = performance.now();
    // A file that cannot be read any more is for the next request to report.
    const bytes = await identity.copy().catch(() => undefined);
    const reading = performance.now() - began;
    const output = bytes === undefined
      ? undefined
      : await this.#compressor.compress(
        bytes,
        coding,
        () => began = performance.now(),
      );
    const took = reading + performance.now() - began;
    const isWorthIt = output !== undefined &&
      isSaving(output.length, identity.length);
    file.endMaking(
      coding,
      isWorthIt ? new MemoryVariant(output, coding) : undefined,
    );
    this.#onMade(file);
    return took;
  }
}
