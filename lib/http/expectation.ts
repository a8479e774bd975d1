/**
 * The Expect field (RFC 9110 §10.1.1).
 *
 * @module
 */

import { trimSpace } from "./ascii.ts";

/**
 * Whether every expectation of a request (Expect = #expectation) can be met: the final response itself meets
 * 100-continue, and skiff can meet no other.
 */
export function isExpectationMet(value: string | undefined): boolean {
  return value === undefined || value.split(",").every((each) => {
    const expectation = trimSpace(each).toLowerCase();
    return expectation === "" || expectation === "100-continue";
  });
}
