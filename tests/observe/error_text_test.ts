import { assert, assertEquals } from "@std/assert";
import { errorDetails, errorMessage } from "../../lib/observe/error_text.ts";

Deno.test("errorMessage() takes the message of an error, and any other value as text", () => {
  assertEquals(errorMessage(new TypeError("no")), "no");
  assertEquals(errorMessage("text"), "text");
  assertEquals(errorMessage(undefined), "undefined");
});

Deno.test("errorDetails() takes the stack of an error", () => {
  const error = new Error("here");
  assertEquals(errorDetails(error), error.stack!);
  assert(errorDetails(error).includes("error_text_test.ts"));
});

Deno.test("errorDetails() makes something of an error without a stack, and of what is no error", () => {
  const error = new Error("here");
  Object.defineProperty(error, "stack", { value: undefined });
  assertEquals(errorDetails(error), "here");
  assertEquals(errorDetails("text"), "text");
  assertEquals(errorDetails(Object.create(null)), "an unknown error");
});
