/**
 * Plan: all that an isolate needs to know to serve, as plain data that can be
 * sent to it, and sent anew when something has changed.
 *
 * @module
 */

import type { LimitMemory } from "../access/limits.ts";
import type { LoginMemory } from "../access/login_limits.ts";
import { OPTION_TABLE, type OptionKey, type Options } from "../cli/options.ts";
import { uriHost } from "../http/host.ts";
import type { KeyPair } from "../server/tls/listener.ts";

/** Memory that all isolates share, so that limits and metrics are the process's. */
export interface SharedMemory {
  /** For requests per second. */
  readonly requests: LimitMemory;
  /** For logins. */
  readonly logins: LoginMemory;
  /** For connections per address. */
  readonly connections: LimitMemory;
  /** For metrics: see `metric_layout.ts`. */
  readonly metrics: SharedArrayBuffer;
}

/** What is to be served, and how. */
export interface Plan {
  /** The values of all options. */
  readonly options: Options;
  /** Absolute path of the directory, or of the archive inside the executable. */
  readonly root: string;
  /** Whether the root is that archive. */
  readonly isArchive: boolean;
  /** How many isolates serve. */
  readonly isolates: number;
  /** Text of the file with names and passwords; undefined when there is none. */
  readonly credentials: string | undefined;
  /** The key pair for TLS; undefined for a plain port. */
  readonly keyPair: KeyPair | undefined;
  /** Memory that all isolates share. */
  readonly memory: SharedMemory;
}

/** Something in a plan that cannot be followed. Its message is for the person whose plan it is. */
export class PlanError extends Error {
  /** Its name. */
  override name = "PlanError";
}

/**
 * The options to serve with after a reload. Those that only a restart can change keep their value; the keys of those
 * that were to change are in `restartOnly`.
 */
export function reloadableOptions(
  before: Options,
  requested: Options,
): { options: Options; restartOnly: readonly OptionKey[] } {
  const hasTls = ({ tlsCert }: Options) => tlsCert !== undefined;
  const turnsTls = hasTls(before) !== hasTls(requested);
  const restartOnly = OPTION_TABLE
    .filter(({ restart }) =>
      restart === "always" || restart === "tls" && turnsTls
    )
    .map(({ key }) => key)
    .filter((key) =>
      JSON.stringify(before[key]) !== JSON.stringify(requested[key])
    );
  const kept = restartOnly.map((key) => [key, before[key]]);
  return {
    options: { ...requested, ...Object.fromEntries(kept) },
    restartOnly,
  };
}

/** Whether an address or name that is listened on can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  // However it is written: "127.1" and "0:0:0:0:0:0:0:1" are loopback addresses too.
  const name = URL.parse(`http://${uriHost(host)}`)?.hostname ?? host;
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/i
    .test(name);
}
