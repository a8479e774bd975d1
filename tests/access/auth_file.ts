/**
 * An auth file for tests, whose hash is made with little work.
 *
 * @module
 */

import type {
  Credentials,
  PasswordVerdict,
} from "../../lib/access/credentials.ts";

/** A hash of "secret". */
export const HASH_OF_SECRET =
  "$scrypt$ln=10,r=8,p=1$TmFDbE5hQ2xOYUNs$HUcaDXaOdVCl4WAhWMl3W6mp+YPODWocEtr71CsK2bQ";

/** A hash of "secret" that takes an eighth of the work: the least that is accepted. */
export const CHEAP_HASH_OF_SECRET =
  "$scrypt$ln=10,r=1,p=1$c2tpZmYtdGVzdHMtc2FsdA$6ouFM3rXcmtOFTKvvibyiUUKpThi15tLeqpWdiZII74";

/** The line that lets ann in with "secret". */
export const ANN_LINE: string = `ann:${HASH_OF_SECRET}`;

/** Whether a name and a password go together, asked for by a client that nobody has to wait behind. */
export function check(
  credentials: Credentials,
  name: string,
  password: string,
): true | Promise<PasswordVerdict> {
  return credentials.recall(name, password) ??
    credentials.verify(name, password, { network: name + password, turn: 0 });
}
