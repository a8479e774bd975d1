/**
 * Where the key pair for TLS comes from: files that options name, or skiff
 * itself. Keeps a running service up to date with it.
 *
 * @module
 */

import { FINGERPRINT_LABEL } from "../cli/banner.ts";
import type { Options } from "../cli/options.ts";
import type { KeyPair } from "../server/tls/listener.ts";
import { keyPairPaths, readKeyPair } from "./certificates.ts";
import { type Reloader, watchFiles } from "./reload.ts";

/** A key pair, and what keeps it up to date. */
export interface KeySource {
  /** The pair at the start; undefined without TLS. */
  readonly keyPair: KeyPair | undefined;
  /** The fingerprint that people compare; undefined for a pair that skiff has not made. */
  readonly fingerprint: string | undefined;
  /** Problems of the pair, a sentence each. */
  readonly warnings: readonly string[];
  /** What else to print, whole lines each. */
  readonly notes: readonly string[];
  /** Replaces the pair when its files have changed, or it is about to expire. Returns what ends that. */
  watch(reloader: Reloader): Promise<{ close(): void }> | undefined;
}

/**
 * Opens the key pair that options ask for. `say` prints whole lines while skiff runs. Rejects with a StartError if it
 * cannot be used.
 */
export async function openKeySource(
  options: Options,
  say: (text: string) => void,
): Promise<KeySource> {
  if (options.https === undefined) return filesOf(options);
  const { madeKeysFor, watchRenewal } = await import("./made_keys.ts");
  const made = await madeKeysFor(options);
  return {
    ...made,
    warnings: [],
    watch: async (reloader) =>
      await watchRenewal(() => reloader.plan.keyPair, () => {
        reloader.show(async () => {
          const { keyPair, fingerprint } = await madeKeysFor(options);
          if (fingerprint !== made.fingerprint) {
            say(`${FINGERPRINT_LABEL} ${fingerprint}\n`);
          }
          return keyPair;
        });
      }),
  };
}

function filesOf(options: Options): KeySource {
  const { keyPair, warnings } = readKeyPair(options);
  return {
    keyPair,
    fingerprint: undefined,
    warnings,
    notes: [],
    watch: (reloader) =>
      keyPair && watchFiles(
        () => keyPairPaths(reloader.plan.options),
        reloader.renew,
        options,
      ),
  };
}
