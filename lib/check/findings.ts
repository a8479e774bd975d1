/**
 * Collects findings: merges equal ones into one with several places, only counts ignored ones, and bounds memory
 * however bad a site is.
 *
 * @module
 */

import type { Pattern } from "../site/rules/pattern.ts";
import {
  FINDING_RULES,
  RULE_IDS,
  type RuleId,
  SEVERITIES,
  type Severity,
} from "./finding_rules.ts";

/**
 * Most findings of one rule that differ in their message: one bad document must not hide what other rules find. Beyond:
 * only counted.
 */
export const FINDINGS_MAX = 2_000;

/** Most places of one finding. Beyond: only counted. */
export const PLACES_MAX = 100;

/** Most places of all findings together: each holds a path. Beyond: only counted. */
export const ALL_PLACES_MAX = 100_000;

/** Where a finding is. */
export interface FindingPlace {
  /** Decoded path of the file in the site with its slash, or the name of another file, as in "skiff.json". */
  readonly path: string;
  /** From 1; undefined for the file as a whole. */
  readonly line?: number | undefined;
}

/** Something to fix. */
export interface FindingGroup {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** What is wrong, without the place. */
  readonly message: string;
  /** The first places, at most {@linkcode PLACES_MAX}. */
  readonly places: readonly FindingPlace[];
  /** How many places there are. */
  readonly count: number;
}

/** How many findings a rule has. */
export interface RuleCount {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly count: number;
}

/** What not to report: a rule, everywhere or for the paths of a pattern. */
export interface IgnoreRule {
  readonly rule: RuleId;
  readonly pattern?: Pattern | undefined;
}

/** What was found. */
export interface Findings {
  /** By severity, then by rule, then in the order in which they were found. */
  readonly groups: readonly FindingGroup[];
  /** How many findings each severity has, those beyond the bounds too. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** How many findings each rule has with each severity, in the order of the groups. */
  readonly rules: readonly RuleCount[];
  readonly ignored: number;
  /** Findings beyond {@linkcode FINDINGS_MAX}. */
  readonly dropped: number;
}

interface Group extends FindingGroup {
  readonly places: FindingPlace[];
  count: number;
}

/** Collects findings. */
export class FindingCollector {
  readonly #ignored: readonly IgnoreRule[];
  /** By rule, then by severity and message. */
  readonly #groups = new Map<RuleId, Map<string, Group>>();
  /** By severity and rule. */
  readonly #counts = new Map<string, number>();
  #ignoredCount = 0;
  #dropped = 0;
  #places = 0;
  /** Findings that wait for a decision; undefined if they are added at once. */
  #held: Parameters<FindingCollector["add"]>[] | undefined;

  /** Makes a collector that leaves some findings out. */
  constructor(ignored: readonly IgnoreRule[] = []) {
    this.#ignored = ignored;
  }

  /** Adds a finding. Its severity is that of the rule, unless it is known to matter less. */
  add(
    rule: RuleId,
    message: string,
    place: FindingPlace,
    severity: Severity = FINDING_RULES[rule].severity,
  ): void {
    if (this.#held !== undefined) {
      this.#held.push([rule, message, place, severity]);
      return;
    }
    if (this.#isIgnored(rule, place)) {
      this.#ignoredCount++;
      return;
    }
    const key = `${severity} ${rule}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    const group = this.#groupOf(rule, severity, message);
    if (group === undefined) {
      this.#dropped++;
      return;
    }
    group.count++;
    const hasRoom = group.places.length === 0 ||
      group.places.length < PLACES_MAX && this.#places < ALL_PLACES_MAX;
    if (!hasRoom) return;
    this.#places++;
    group.places.push(place);
  }

  /** Returns the group of a finding, a new one for the first; undefined beyond {@linkcode FINDINGS_MAX}. */
  #groupOf(
    rule: RuleId,
    severity: Severity,
    message: string,
  ): Group | undefined {
    let groups = this.#groups.get(rule);
    if (groups === undefined) this.#groups.set(rule, groups = new Map());
    const key = `${severity} ${message}`;
    let group = groups.get(key);
    if (group === undefined && groups.size < FINDINGS_MAX) {
      group = { rule, severity, message, places: [], count: 0 };
      groups.set(key, group);
    }
    return group;
  }

  /** Holds findings back until it is decided whether they count: those of one document, which REFERENCES_MAX bounds. */
  hold(): { readonly release: () => void; readonly discard: () => void } {
    const held: Parameters<FindingCollector["add"]>[] = [];
    this.#held = held;
    return {
      release: () => {
        this.#held = undefined;
        for (const each of held) this.add(...each);
      },
      discard: () => {
        this.#held = undefined;
      },
    };
  }

  #isIgnored(rule: RuleId, { path }: FindingPlace): boolean {
    return this.#ignored.some((each) =>
      each.rule === rule &&
      (each.pattern === undefined || each.pattern.matches(path))
    );
  }

  /** Returns what was found so far. */
  result(): Findings {
    const rules = SEVERITIES.flatMap((severity) =>
      RULE_IDS.flatMap((rule) => {
        const count = this.#counts.get(`${severity} ${rule}`);
        return count === undefined ? [] : [{ rule, severity, count }];
      })
    );
    const countOf = (severity: Severity) =>
      rules.filter((row) => row.severity === severity)
        .reduce((sum, { count }) => sum + count, 0);
    return {
      groups: rules.flatMap(({ severity, rule }) =>
        [...this.#groups.get(rule)!.values()]
          .filter((group) => group.severity === severity)
      ),
      counts: {
        error: countOf("error"),
        warning: countOf("warning"),
        note: countOf("note"),
      },
      rules,
      ignored: this.#ignoredCount,
      dropped: this.#dropped,
    };
  }
}
