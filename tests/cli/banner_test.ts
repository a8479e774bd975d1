import { assertEquals } from "@std/assert";
import {
  failureText,
  siteUrl,
  type StartSummary,
  startText,
} from "../../lib/cli/banner.ts";

const START: StartSummary = {
  root: "site",
  hostname: "127.0.0.1",
  port: 8000,
  takenPort: undefined,
  missingWorkers: false,
  isTls: false,
  others: [],
};

const STARTS: readonly (readonly [
  name: string,
  changes: Partial<StartSummary>,
  text: string,
])[] = [
  [
    "a directory",
    {},
    "Serving site (Ctrl-C to stop)\nListening on http://127.0.0.1:8000/\n",
  ],
  [
    "the built-in site",
    { root: undefined },
    "Serving the built-in site (Ctrl-C to stop)\n" +
    "Listening on http://127.0.0.1:8000/\n",
  ],
  [
    "another port than was wished for",
    { takenPort: 8000, port: 8003 },
    "Port 8000 is taken, using 8003 instead\n" +
    "Serving site (Ctrl-C to stop)\nListening on http://127.0.0.1:8003/\n",
  ],
  [
    "fewer workers than were wished for",
    { missingWorkers: true },
    "This system cannot share a port between workers: using one\n" +
    "Serving site (Ctrl-C to stop)\nListening on http://127.0.0.1:8000/\n",
  ],
  [
    "an IPv6 address",
    { hostname: "::1" },
    "Serving site (Ctrl-C to stop)\nListening on http://[::1]:8000/\n",
  ],
  [
    "a name that would act on a terminal",
    { root: "a\x1b[2J\nListening on \x9b\x7f\u202e" },
    "Serving a\\u001b[2J\\u000aListening on \\u009b\\u007f\\u202e (Ctrl-C to stop)\n" +
    "Listening on http://127.0.0.1:8000/\n",
  ],
];

for (const [name, changes, text] of STARTS) {
  Deno.test(`startText() tells of ${name}`, () => {
    assertEquals(startText({ ...START, ...changes }, false), text);
  });

  Deno.test(`startText() tells of ${name} in colour`, () => {
    const colored = startText({ ...START, ...changes }, true);
    // NO_COLOR is stronger.
    assertEquals(colored.includes("\x1b["), !Deno.noColor);
    // deno-lint-ignore no-control-regex
    assertEquals(colored.replaceAll(/\x1b\[\d+m/g, ""), text);
  });
}

const URLS: readonly (readonly [string, number, string])[] = [
  ["127.0.0.1", 80, "http://127.0.0.1:80/"],
  ["0.0.0.0", 8000, "http://0.0.0.0:8000/"],
  ["localhost", 1, "http://localhost:1/"],
  ["::", 8000, "http://[::]:8000/"],
  ["2001:db8::7", 8000, "http://[2001:db8::7]:8000/"],
];

for (const [hostname, port, url] of URLS) {
  Deno.test(`siteUrl() of ${hostname}`, () => {
    assertEquals(siteUrl(hostname, port), url);
    assertEquals(new URL(url).pathname, "/");
  });
}

Deno.test("failureText() is one line, whatever the message is", () => {
  assertEquals(failureText("Cannot do it"), "skiff: Cannot do it\n");
  assertEquals(
    failureText("a\nb\x1b[31m\u200e"),
    "skiff: a\\u000ab\\u001b[31m\\u200e\n",
  );
});
