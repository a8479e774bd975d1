/**
 * Makes encoded variants of files in the background, within bounds, and delays
 * those that were evicted.
 *
 * @module
 */

import type { Coding } from "../../http/coding.ts";
import { isSaving, type SiteFile } from "../content/file.ts";
import { MemoryVariant } from "../content/variant.ts";
import { Compressor } from "./compressor.ts";
import type { Version } from "../content/version.ts";
import { Remakes } from "./remakes.ts";

/** Variants being made or waiting. Each holds a copy of the content. */
export const MAKING_MAX = 16;

/** Makes variants for later requests. */
export class VariantMaker {
  readonly #onMade: (file: SiteFile) => void;
  readonly #compressor = new Compressor();
  readonly #remakes = new Remakes();
  readonly #making = new Set<Promise<void>>();

  /** Makes a maker. It calls `onMade` with each file whose variant is finished, even if the file does not keep it. */
  constructor(onMade: (file: SiteFile) => void) {
    this.#onMade = onMade;
  }

  /** Starts to make a variant, unless it exists, is being made, is impossible, or was evicted a moment ago. */
  make(file: SiteFile, version: Version, coding: Coding): void {
    if (this.#making.size >= MAKING_MAX || !file.canMake(coding)) return;
    const end = this.#remakes.begin(file.path, version, performance.now());
    if (end === undefined) return;
    file.beginMaking(coding);
    const making = this.#make(file, coding)
      .then((took) => end(performance.now(), took))
      .finally(() => this.#making.delete(making));
    this.#making.add(making);
  }

  /** Remembers that the variants of a file's version were evicted. */
  lose(path: string, version: Version): void {
    this.#remakes.lose(path, version);
  }

  /** Resolves once no variant is in progress. */
  async idle(): Promise<void> {
    while (this.#making.size > 0) await Promise.all(this.#making);
  }

  /** Abandons its work. */
  close(): void {
    this.#compressor.close();
  }

  /** Makes a variant. Resolves to the milliseconds of work, without waiting. Never rejects. */
  async #make(file: SiteFile, coding: Coding): Promise<number> {
    const identity = file.identity!;
    let began = performance.now();
    // The next request reports a file that cannot be read.
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
