import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  FAILURES,
  type Login,
  LoginLimits,
  loginMemory,
  NETWORK_FAILURE_MS,
  NETWORK_FAILURES_MAX,
  PROOF_MS,
} from "../../lib/access/login_limits.ts";

const NOW = Date.UTC(2030, 0, 1);
const ANN: Login = {
  subject: "2001:db8:1:1::/64",
  network: "2001:db8:1::/48",
  name: "ann",
};
const NEIGHBOUR: Login = { ...ANN, subject: "2001:db8:1:2::/64" };
const STRANGER: Login = {
  subject: "192.0.2.1",
  network: "192.0.2/24",
  name: "ann",
};

Deno.test("LoginLimits takes a place, and gives it back when nothing was wrong", () => {
  const memory = loginMemory();
  const here = new LoginLimits(memory);
  const there = new LoginLimits(structuredClone(memory));
  const begin = () =>
    [here, there, here, there, here, there].map((limits) =>
      limits.begin(ANN, NOW) === 0
    );
  const taken = Array.from({ length: 6 }, (_, i) => i < FAILURES.burst);
  assertEquals(begin(), taken);
  // What is being checked is no failure yet.
  assertStrictEquals(here.pause(ANN.subject, NOW), 0);
  for (const limits of [here, there, here, there]) limits.succeed(ANN, NOW);
  there.cancel(ANN, NOW);
  assertEquals(begin(), taken);
  for (let i = 0; i < FAILURES.burst; i++) there.fail(ANN, NOW);
  assertStrictEquals(here.pause(ANN.subject, NOW), 2);
  assertStrictEquals(here.begin(ANN, NOW), 2);
  assertStrictEquals(here.begin(ANN, NOW + 2000), 0);
  assertStrictEquals(there.begin(ANN, NOW + 2000), 2);
  assertStrictEquals(there.begin(NEIGHBOUR, NOW), 0);
});

Deno.test("LoginLimits puts a network back by its failures", () => {
  const limits = new LoginLimits();
  assertStrictEquals(limits.turn(ANN, NOW), 0);
  for (let i = 0; i < 3; i++) limits.fail(NEIGHBOUR, NOW);
  assertStrictEquals(limits.turn(ANN, NOW), 3);
  assertStrictEquals(limits.turn(STRANGER, NOW), 0);
  assertStrictEquals(limits.turn(ANN, NOW + NETWORK_FAILURE_MS), 2);
  assertStrictEquals(limits.turn(ANN, NOW + 3 * NETWORK_FAILURE_MS), 0);
  for (let i = 0; i < NETWORK_FAILURES_MAX + 9; i++) limits.fail(ANN, NOW);
  assertStrictEquals(limits.turn(ANN, NOW), NETWORK_FAILURES_MAX);
});

Deno.test("LoginLimits lets a name go first where it has logged in before", () => {
  const memory = loginMemory();
  const limits = new LoginLimits(memory);
  limits.begin(ANN, NOW);
  limits.succeed(ANN, NOW);
  for (let i = 0; i < 3; i++) limits.fail(NEIGHBOUR, NOW);
  const turns = (logins: readonly Login[], now = NOW) =>
    logins.map((login) => new LoginLimits(memory).turn(login, now));
  const others = [NEIGHBOUR, STRANGER, { ...ANN, name: "bob" }];
  assertEquals(turns([ANN, ...others]), [-1, 3, 0, 3]);
  assertEquals(turns([ANN], NOW + PROOF_MS - 1), [-1]);
  assertEquals(turns([ANN], NOW + PROOF_MS), [0]);
});
