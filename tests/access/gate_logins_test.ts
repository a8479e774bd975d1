import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Credentials } from "../../lib/access/credentials.ts";
import type { Gate } from "../../lib/access/gate.ts";
import {
  NAME_WAITING_MAX,
  NETWORK_WAITING_MAX,
  RUNNING_MAX,
  WAITING_MAX,
} from "../../lib/access/hash_queue.ts";
import { LoginLimits, loginMemory } from "../../lib/access/login_limits.ts";
import { ANN_LINE } from "./auth_file.ts";
import { ANN, ask, basic, headWith, locked, NOW } from "./gate.ts";

Deno.test("Gates of several isolates count guesses that are made at once together", async () => {
  const memory = loginMemory();
  const gates = Array.from(
    { length: 4 },
    () => locked({ logins: new LoginLimits(structuredClone(memory)) }),
  );
  const guess = (now: number) =>
    Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        ask(gates[i % 4]!, headWith(basic("ann", `guess ${now} ${i}`)), {
          now,
        })),
    );
  const wrongOf = async (now: number) =>
    (await guess(now)).filter((answer) => answer === "401 unauthenticated")
      .length;
  assertStrictEquals(await wrongOf(NOW), 5);
  assertStrictEquals(await wrongOf(NOW + 1_990), 0);
  assertStrictEquals(await wrongOf(NOW + 2_000), 1);
  for (const gate of gates) {
    assertStrictEquals(
      await ask(gate, ANN, { now: NOW + 2_000 }),
      "429 paused",
    );
  }
});

Deno.test("Gate gives the place of a right password back", async () => {
  const logins = new LoginLimits();
  const line = (i: number) => ANN_LINE.replace("ann", `ann${i}`);
  const text = Array.from({ length: 40 }, (_, i) => line(i)).join("\n");
  const gate = locked({ credentials: new Credentials(text), logins });
  const right = (i: number) => ask(gate, headWith(basic(`ann${i}`, "secret")));
  for (let round = 0; round < 40; round += 5) {
    const answers = await Promise.all(
      [0, 1, 2, 3, 4].map((i) => right(round + i)),
    );
    assertEquals(new Set(answers), new Set([undefined]));
  }
  // What is being checked pauses nobody who is known already.
  const checking = [0, 1, 2, 3, 4].map((i) =>
    ask(gate, headWith(basic("ann1", `guess ${i}`)))
  );
  assertStrictEquals(await right(0), undefined);
  await Promise.all(checking);
  assertStrictEquals(await right(0), "429 paused");
});

Deno.test("Gate gives the place of a password back that it could not check", async () => {
  const gate = locked();
  const fill = Array.from(
    { length: RUNNING_MAX + WAITING_MAX },
    (_, i) =>
      ask(gate, headWith(basic(`name ${i % 8}`, `guess ${i}`)), {
        address: `10.0.${i}.1`,
      }),
  );
  const guess = () =>
    Promise.all(
      [0, 1, 2, 3, 4].map((i) =>
        ask(gate, headWith(basic("ann", `guess ${i}`)))
      ),
    );
  assertEquals(new Set(await guess()), new Set(["503 busy"]));
  await Promise.all(fill);
  assertEquals(new Set(await guess()), new Set(["401 unauthenticated"]));
  assertStrictEquals(await ask(gate, ANN), "429 paused");
});

/** The numbers of answers to guesses that are made at once. */
async function countGuesses(
  gate: Gate,
  count: number,
  guess: (i: number) => { address: string; name: string },
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => {
    const { address, name } = guess(i);
    return ask(gate, headWith(basic(name, `guess ${i}`)), { address });
  }));
  for (const answer of answers) {
    const key = String(answer);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Who may wait: how many of 200 guesses that are made at once are checked. */
const CROWDS: readonly [
  name: string,
  guess: (i: number) => { address: string; name: string },
  checked: number,
][] = [
  [
    "too many passwords are being checked",
    (i) => ({ address: `10.0.${i}.1`, name: `name ${i}` }),
    RUNNING_MAX + WAITING_MAX,
  ],
  [
    "one network asks for too many",
    (i) => ({ address: `2001:db8:0:${i.toString(16)}::1`, name: `name ${i}` }),
    RUNNING_MAX + NETWORK_WAITING_MAX,
  ],
  [
    "one network of IPv4 asks for too many",
    (i) => ({ address: `10.0.0.${i}`, name: `name ${i}` }),
    RUNNING_MAX + NETWORK_WAITING_MAX,
  ],
  [
    "one name is asked for too often",
    (i) => ({ address: `10.0.${i}.1`, name: "ann" }),
    RUNNING_MAX + NAME_WAITING_MAX,
  ],
];

for (const [name, guess, checked] of CROWDS) {
  Deno.test(`Gate says so when ${name}`, async () => {
    const gate = locked();
    const counts = await countGuesses(gate, 200, guess);
    assertEquals(counts, {
      "401 unauthenticated": checked,
      "503 busy": 200 - checked,
    });
    const address = "198.51.100.1";
    assertStrictEquals(await ask(gate, ANN, { address }), undefined);
  });
}

Deno.test("Gate lets in whoever does not fail while many networks do", async () => {
  const gate = locked();
  const guess = (i: number) => ({
    address: `2001:db8:${i.toString(16)}::1`,
    name: i % 2 === 0 ? "ann" : `name ${i}`,
  });
  // Each network has failed once, some of them several times at once.
  for (let i = 0; i < 200; i++) {
    const { address, name } = guess(i);
    await ask(gate, headWith(basic(name, "a guess")), { address });
  }
  const crowd = countGuesses(gate, 200, guess);
  assertStrictEquals(await ask(gate, ANN), undefined);
  const counts = await crowd;
  // One had to make room.
  const checked = counts["401 unauthenticated"]!;
  assert(checked >= RUNNING_MAX + NAME_WAITING_MAX - 1, `${checked}`);
  assertStrictEquals(checked + counts["503 busy"]!, 200);
});

Deno.test("Gate lets those go first who have logged in from there before, after a reload too", async () => {
  const logins = new LoginLimits();
  const home = { address: "2001:db8:0:99::1" };
  assertStrictEquals(await ask(locked({ logins }), ANN, home), undefined);
  // A crowd in the same network that has not failed yet.
  const gate = locked({ logins });
  const crowd = countGuesses(gate, 200, (i) => ({
    address: `2001:db8:0:${i.toString(16)}::1`,
    name: "ann",
  }));
  const stranger = { address: "2001:db8:0:999::1" };
  const [known, unknown] = await Promise.all([
    ask(gate, ANN, home),
    ask(locked({ logins }), ANN, stranger),
  ]);
  assertStrictEquals(known, undefined);
  assertStrictEquals(unknown, undefined);
  await crowd;
});
