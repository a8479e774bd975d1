import { assertRejects } from "@std/assert";
import { Interrupted } from "../../tools/interruption.ts";
import { type Expectation, tryExecutable } from "../../tools/trial.ts";
import { PackError } from "../../tools/walk.ts";
import {
  type Files,
  TemporaryDirectory,
  testWith,
  within,
} from "../helpers.ts";
import { IMAGES } from "./images.ts";
import { CAN_RUN } from "./yard.ts";

const GOING_ON: Expectation = {
  version: "1.2.3",
  signal: new AbortController().signal,
};

/** Tries a program. */
async function trial(
  content: Files[string],
  expectation: Partial<Expectation> = {},
  mode = 0o755,
): Promise<void> {
  using folder = new TemporaryDirectory({ "program": content });
  Deno.chmodSync(folder.join("program"), mode);
  const all = { ...GOING_ON, ...expectation };
  await within(tryExecutable(folder.join("program"), all), "the trial");
}

const GOOD =
  "#!/bin/sh\n[ $# = 1 ] && [ $1 = --version ] && echo skiff 1.2.3\n";

testWith(
  CAN_RUN,
  "tryExecutable() takes one that tells its version",
  () => trial(GOOD),
);

testWith(
  CAN_RUN,
  "tryExecutable() starts one whose target is named",
  () => trial(GOOD, { target: Deno.build.target }),
);

testWith(
  CAN_RUN && Deno.build.target in IMAGES,
  "tryExecutable() looks at one that it may not start",
  () => trial(IMAGES[Deno.build.target]!, {}, 0o644),
);

for (const [target, image] of Object.entries(IMAGES)) {
  if (target === Deno.build.target) continue;
  testWith(
    CAN_RUN,
    `tryExecutable() takes one for ${target}, and does not start it`,
    () => trial(image, { target }),
  );
}

const FAULTS: readonly {
  name: string;
  content: Files[string];
  expectation?: Partial<Expectation>;
  mode?: number;
  message: string;
}[] = [
  {
    name: "of another version",
    content: "#!/bin/sh\necho skiff 1.2.30\n",
    message: 'ends with 0 and says "skiff 1.2.30"',
  },
  {
    name: "that fails",
    content: "#!/bin/sh\necho skiff 1.2.3; exit 3\n",
    message: "ends with 3",
  },
  {
    name: "that says why it fails",
    content: "#!/bin/sh\necho 'no archive' >&2; exit 1\n",
    message: 'ends with 1 and says "no archive"',
  },
  {
    name: "that crashes",
    content: "#!/bin/sh\nkill -SEGV $$\n",
    message: "ends with SIGSEGV",
  },
  {
    name: "that says nothing",
    content: "#!/bin/sh\n",
    message: 'ends with 0 and says ""',
  },
  {
    name: "that takes too long",
    content: "#!/bin/sh\ntrap '' TERM\nexec sleep 30\n",
    expectation: { answerMs: 100 },
    message: "does not tell its version within 100 ms",
  },
  {
    name: "that may not be started, and is none",
    content: GOOD,
    mode: 0o644,
    message: `it is no executable for ${Deno.build.target}`,
  },
  {
    name: "that is for another target",
    content: IMAGES["aarch64-apple-darwin"]!,
    expectation: { target: "x86_64-pc-windows-msvc" },
    message: "it is no executable for x86_64-pc-windows-msvc",
  },
  {
    name: "that is a script for this machine and should be for another",
    content: GOOD,
    expectation: { target: "x86_64-pc-windows-msvc" },
    message: "it is no executable for x86_64-pc-windows-msvc",
  },
];

for (const { name, content, expectation, mode, message } of FAULTS) {
  testWith(CAN_RUN, `tryExecutable() refuses one ${name}`, async () => {
    const error = await assertRejects(
      () => trial(content, expectation, mode),
      PackError,
      message,
    );
    const target = expectation?.target ?? Deno.build.target;
    for (const word of ["DENORT_BIN", "DENO_COMPILER", target]) {
      if (!error.message.includes(word)) throw error;
    }
  });
}

testWith(
  CAN_RUN,
  "tryExecutable() ends at once when it is interrupted",
  async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const trying = assertRejects(
      () => trial("#!/bin/sh\ntrap '' TERM\nexec sleep 30\n", { signal }),
      Interrupted,
    );
    controller.abort();
    await trying;
  },
);

testWith(
  CAN_RUN,
  "tryExecutable() is interrupted when a terminal interrupts what it tries",
  async () => {
    await assertRejects(
      () => trial("#!/bin/sh\nkill -INT $$; sleep 10\n"),
      Interrupted,
    );
  },
);
