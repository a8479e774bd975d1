import { assertEquals } from "@std/assert";
import {
  logLook,
  openLogFormat,
  type TerminalFacts,
  type TerminalLook,
  terminalLook,
} from "../../lib/service/terminal.ts";

/** All that a modern terminal with every permission says. */
const MODERN = { TERM: "xterm-kitty", LANG: "de_DE.UTF-8" };

function factsOf(
  variables: Readonly<Record<string, string>> | null,
  rest: Partial<TerminalFacts> = {},
): TerminalFacts {
  return {
    isTerminal: true,
    noColor: false,
    isWindows: false,
    get: (name) => variables === null ? null : variables[name],
    ...rest,
  };
}

const ALL: TerminalLook = {
  isScreen: true,
  isColored: true,
  isUnicode: true,
  hasLinks: true,
};

const LOOKS: readonly (readonly [
  name: string,
  facts: TerminalFacts,
  look: TerminalLook,
])[] = [
  ["a modern terminal", factsOf(MODERN), ALL],
  [
    "a terminal without permission to ask",
    factsOf(null),
    { ...ALL, hasLinks: false },
  ],
  [
    "NO_COLOR",
    factsOf({ ...MODERN, FORCE_COLOR: "1" }, { noColor: true }),
    { ...ALL, isColored: false },
  ],
  [
    "a dumb terminal",
    factsOf({ TERM: "dumb", LANG: "C.UTF-8" }),
    { isScreen: false, isColored: false, isUnicode: true, hasLinks: false },
  ],
  [
    "FORCE_COLOR without a terminal",
    factsOf({ ...MODERN, FORCE_COLOR: "1" }, { isTerminal: false }),
    { ...ALL, isScreen: false, hasLinks: false },
  ],
  [
    "FORCE_COLOR=0",
    factsOf({ ...MODERN, FORCE_COLOR: "0" }),
    { ...ALL, isColored: false },
  ],
  [
    "no terminal",
    factsOf(MODERN, { isTerminal: false }),
    { isScreen: false, isColored: false, isUnicode: true, hasLinks: false },
  ],
  [
    "a locale without UTF-8",
    factsOf({ ...MODERN, LC_ALL: "C" }),
    { ...ALL, isUnicode: false },
  ],
  [
    "an empty LC_ALL, which does not count",
    factsOf({ ...MODERN, LC_ALL: "" }),
    ALL,
  ],
  [
    "no locale at all",
    factsOf({ TERM: "xterm" }),
    { ...ALL, isUnicode: false, hasLinks: false },
  ],
  [
    "no locale on Windows",
    factsOf({ WT_SESSION: "1" }, { isWindows: true }),
    ALL,
  ],
  ["VTE", factsOf({ ...MODERN, TERM: "xterm", VTE_VERSION: "7600" }), ALL],
  [
    "an old VTE",
    factsOf({ ...MODERN, TERM: "xterm", VTE_VERSION: "4600" }),
    { ...ALL, hasLinks: false },
  ],
  [
    "links that are forbidden",
    factsOf({ ...MODERN, FORCE_HYPERLINK: "0" }),
    { ...ALL, hasLinks: false },
  ],
];

for (const [name, facts, look] of LOOKS) {
  Deno.test(`terminalLook() of ${name}`, () => {
    assertEquals(terminalLook(facts), look);
  });
}

Deno.test("logLook() is for people at a terminal, or where they ask for it", () => {
  const none = { ...ALL, isScreen: false };
  assertEquals(logLook("auto", ALL), ALL);
  assertEquals(logLook("auto", none), undefined);
  assertEquals(logLook("terminal", none), none);
  assertEquals(logLook("common", ALL), undefined);
  assertEquals(logLook("off", ALL), undefined);
});

Deno.test("openLogFormat() makes lines only for people", async () => {
  assertEquals(await openLogFormat(undefined), undefined);
  const log = await openLogFormat({ ...ALL, isScreen: false });
  assertEquals(log?.rest?.(), "");
});
