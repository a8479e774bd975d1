/**
 * Counts the requests of a log by their paths.
 *
 * @module
 */

import { parseTarget } from "../http/target.ts";
import { parseLogLine } from "./log_line.ts";

/** Most different paths that are counted: scanners ask for millions. Requests for further ones are only counted together. */
export const PATHS_MAX = 1_000_000;

/** Longest line that is read, in characters. */
export const LOG_LINE_CHARACTERS_MAX: number = 64 * 1024;

/** What a log says of a path. */
export interface PathTally {
  /** Requests with GET and HEAD. */
  hits: number;
  /** Of these, how many were answered with a file or its freshness: 2xx and 304. */
  found: number;
  /** Of these, how many were redirected. */
  redirected: number;
  /** Of these, how many got 304. */
  fresh: number;
  /** Most bytes of a 200; 0 if there was none. */
  bytes: number;
}

/** Counts requests. */
export class LogTally {
  /** By decoded path. */
  readonly paths: Map<string, PathTally> = new Map();
  /** Lines that are no requests. */
  unread = 0;
  /** Requests with other methods, and for targets that are no paths. */
  others = 0;
  /** Requests for paths beyond {@linkcode PATHS_MAX}. */
  beyond = 0;
  /** Requests that count. */
  requests = 0;

  /** Counts a line. */
  add(line: string): void {
    if (line.trim() === "") return;
    const request = line.length <= LOG_LINE_CHARACTERS_MAX
      ? parseLogLine(line)
      : undefined;
    if (request === undefined) {
      this.unread++;
      return;
    }
    const { method, target, status, bytes = 0 } = request;
    const path = method === "GET" || method === "HEAD"
      ? parseTarget(method, target)?.path
      : undefined;
    if (path === undefined) {
      this.others++;
      return;
    }
    let tally = this.paths.get(path);
    if (tally === undefined) {
      if (this.paths.size >= PATHS_MAX) {
        this.beyond++;
        return;
      }
      tally = { hits: 0, found: 0, redirected: 0, fresh: 0, bytes: 0 };
      this.paths.set(path, tally);
    }
    this.requests++;
    tally.hits++;
    if (status >= 200 && status < 300 || status === 304) tally.found++;
    else if (status >= 300 && status < 400) tally.redirected++;
    if (status === 304) tally.fresh++;
    if (status === 200 && bytes > tally.bytes) tally.bytes = bytes;
  }
}
