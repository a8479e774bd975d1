/**
 * What the tests of the gate share.
 *
 * @module
 */

import { Credentials } from "../../lib/access/credentials.ts";
import { Gate, type GateOptions } from "../../lib/access/gate.ts";
import type { RequestHead } from "../../lib/http/head.ts";
import { utf8 } from "../helpers.ts";
import { ANN_LINE } from "./auth_file.ts";
import { headOf } from "./head.ts";

/** Any time, in ms since the epoch. */
export const NOW: number = Date.UTC(2030, 0, 1);
/** An address of a client. */
export const ADDRESS = "192.0.2.1";

/** An Authorization field. */
export function basic(name: string, password: string): string {
  return `Basic ${utf8(`${name}:${password}`).toBase64()}`;
}

/** A request's head. */
export function headWith(
  authorization?: string,
  method: string = "GET",
): RequestHead {
  const line = authorization === undefined
    ? ""
    : `Authorization: ${authorization}\r\n`;
  return headOf(`${method} / HTTP/1.1\r\nHost: a.example\r\n${line}\r\n`);
}

/** A request with the right password. */
export const ANN: RequestHead = headWith(basic("ann", "secret"));
/** With a wrong one. */
export const WRONG: RequestHead = headWith(basic("ann", "wrong"));
/** With none. */
export const NOBODY: RequestHead = headWith();

/** The status that a request is refused with, and why; undefined when it passes. */
export async function ask(
  gate: Gate,
  head: RequestHead = NOBODY,
  { address = ADDRESS, path = "/", now = NOW }: {
    address?: string;
    path?: string | undefined;
    now?: number;
  } = {},
): Promise<string | undefined> {
  const refusal = await gate.check(head, address, () => path, now);
  return refusal === undefined
    ? undefined
    : `${refusal.status} ${refusal.cause}`;
}

/** A gate that lets ann in with "secret". */
export function locked(options: GateOptions = {}): Gate {
  return new Gate({ credentials: new Credentials(ANN_LINE), ...options });
}
