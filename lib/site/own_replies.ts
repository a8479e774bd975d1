/**
 * Replies that need no file, with the fields that a policy adds: built-in error
 * pages, and the reply to OPTIONS.
 *
 * @module
 */

import type { FieldLine } from "../http/field_section.ts";
import {
  detailedErrorReply,
  errorReply,
  OPTIONS_REPLY,
  type Reply,
  withFields,
} from "../http/reply.ts";
import {
  DEFAULT_PATH_POLICY,
  override,
  type PathPolicy,
  type Policy,
} from "./policy.ts";

/** Makes each reply that is the same for all requests once for each set of lines. */
export class OwnReplies {
  readonly #policy: Policy;
  /** Built-in error pages, by the lines that rules add and by status. */
  readonly #errors = new WeakMap<readonly FieldLine[], Map<number, Reply>>();
  /** Replies to OPTIONS, by the lines that rules add. */
  readonly #options = new WeakMap<readonly FieldLine[], Reply>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Returns the built-in page for an error. */
  error(
    status: number,
    { errorLines }: PathPolicy = DEFAULT_PATH_POLICY,
  ): Reply {
    let errors = this.#errors.get(errorLines);
    if (errors === undefined) this.#errors.set(errorLines, errors = new Map());
    let reply = errors.get(status);
    if (reply === undefined) {
      errors.set(status, reply = this.#finish(errorReply(status), errorLines));
    }
    return reply;
  }

  /** Makes the built-in page for an error with more to read, for one request: safe HTML. */
  errorWith(
    status: number,
    details: string,
    { errorLines }: PathPolicy = DEFAULT_PATH_POLICY,
  ): Reply {
    return this.#finish(detailedErrorReply(status, details), errorLines);
  }

  #finish(page: Reply, errorLines: readonly FieldLine[]): Reply {
    const { pages } = this.#policy.options;
    const edited = pages === undefined ? page : pages.editReply(page);
    return withFields(edited, override(this.#policy.common, errorLines));
  }

  /**
   * Returns the reply to OPTIONS for a path, which is also the reply to a preflight (Fetch standard, CORS-preflight
   * fetch).
   */
  options(path: string): Reply {
    const { corsLines } = this.#policy.pathPolicy(path);
    let reply = this.#options.get(corsLines);
    if (reply === undefined) {
      const { preflight, common } = this.#policy;
      const lines = override(override(preflight, common), corsLines);
      this.#options.set(corsLines, reply = withFields(OPTIONS_REPLY, lines));
    }
    return reply;
  }
}
