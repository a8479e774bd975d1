/**
 * The workloads: which files each needs, who takes part, what is read off, and
 * the bars that skiff is to reach. How they are measured stands in
 * `measure_requests.ts` and `measure_special.ts`.
 *
 * @module
 */

import { type FileSet, TARGETS } from "./files.ts";
import {
  absent,
  crowdFiles,
  file,
  gzipped,
  lastOfConnection,
  manyFiles,
  type Measure,
  measureRequests,
  notModified,
  pipelined,
  someRanges,
  unseenFiles,
} from "./measure_requests.ts";
import {
  measureBrowserHead,
  measureConnections,
  measureDisturbed,
  measureLog,
  measureStart,
  measureStreams,
} from "./measure_special.ts";
import { CANNED_LOOP } from "./peers.ts";

/** A number that is read off. */
export interface Figure {
  /** Its name in the measures. */
  readonly name: string;
  /** How the table calls it, with its unit. */
  readonly title: string;
  /** Digits after the point. */
  readonly digits: number;
  /** Whether more is better. */
  readonly isMoreBetter: boolean;
  /** Of all rounds, the middle one counts, or the worst. */
  readonly take: "median" | "worst";
  /** Whether the peers' figures are compared with skiff's: some are a share already, or often 0. */
  readonly isCompared: boolean;
}

/** What skiff is to reach. */
export interface Bar {
  /** The figure's name. */
  readonly figure: string;
  /** The peer whose figure the bar is a multiple of; undefined for a number on its own. */
  readonly against?: string;
  /** The least that will do. */
  readonly atLeast?: number;
  /** The most that will do. */
  readonly atMost?: number;
}

/** Who takes part when nobody is named: every peer, the rivals, or skiff alone. */
export type Company = "everyone" | "rivals" | "skiff";

/** One workload. */
export interface Workload {
  /** Its name on the command line. */
  readonly name: string;
  /** Its name in the table. */
  readonly title: string;
  readonly files: readonly FileSet[];
  readonly company: Company;
  /** Whether a server with one answer for everything can take part. */
  readonly isForCanned?: boolean;
  readonly measure: Measure;
  readonly figures: readonly Figure[];
  readonly bars: readonly Bar[];
}

function more(name: string, title: string, digits: number): Figure {
  const isMoreBetter = true;
  return {
    name,
    title,
    digits,
    isMoreBetter,
    take: "median",
    isCompared: true,
  };
}

function less(name: string, title: string, digits: number): Figure {
  const isMoreBetter = false;
  return {
    name,
    title,
    digits,
    isMoreBetter,
    take: "median",
    isCompared: true,
  };
}

/** A figure on its own, of which the worst round counts. */
function worst(figure: Figure): Figure {
  return { ...figure, take: "worst", isCompared: false };
}

const RATE = more("rate", "req/s", 0);

/** What the server's core spends on it, whoever sets the pace. */
const CPU = less("cpu", "CPU s / 10,000", 3);
const MEMORY = less("memory", "MiB after it", 0);
const KEPT: Figure = {
  ...more("kept", "share kept", 2),
  isCompared: false,
};

const AS_NGINX: Bar = { figure: "rate", against: "nginx", atLeast: 1 };

/** The processor time is at most so many times that of a peer. */
function cpuBar(against: string, atMost: number): Bar {
  return { figure: "cpu", against, atMost };
}

/** Little more than reading, and writing as many bytes, takes in this runtime. */
const AS_CANNED: Bar = cpuBar(CANNED_LOOP, 1.2);

const CONNECTION_FIGURES: readonly Figure[] = [
  RATE,
  CPU,
  less("p50", "p50 ms", 2),
  less("p99", "p99 ms", 2),
  worst(less("timeouts", "time-outs", 0)),
  worst(more("fairness", "slowest / mean", 2)),
];

const NO_TIMEOUTS: Bar = { figure: "timeouts", atMost: 0 };

/** Bars of many connections: as fast and nearly as even as nginx, and nobody starves. */
const CONNECTION_BARS: readonly Bar[] = [
  AS_NGINX,
  { figure: "p99", against: "nginx", atMost: 1.5 },
  NO_TIMEOUTS,
  { figure: "fairness", atLeast: 0.5 },
];

function connections(count: number, bars: readonly Bar[]): Workload {
  return {
    name: `conns${count}`,
    title: `1 KiB, ${count.toLocaleString("en")} connections`,
    files: ["small"],
    company: "rivals",
    isForCanned: true,
    measure: measureConnections(count),
    figures: CONNECTION_FIGURES,
    bars,
  };
}

function streams(count: number, title: string, company: Company): Workload {
  return {
    name: `large${count}`,
    title,
    files: ["large"],
    company,
    measure: measureStreams(count),
    figures: [
      more("megabytes", "MB/s", 0),
      less("cpu", "CPU s / GiB", 3),
      worst(less("memory", "MiB above idle", 1)),
    ],
    bars: [
      { ...AS_NGINX, figure: "megabytes" },
      cpuBar("h2o", 1),
      { figure: "memory", atMost: 64 },
    ],
  };
}

/** All workloads, in the order of the table. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: "small",
    title: "1 KiB, 64 connections",
    files: ["small"],
    company: "everyone",
    isForCanned: true,
    measure: measureRequests({
      connections: 64,
      subject: file(TARGETS.small),
    }),
    figures: [RATE, CPU, less("p99", "p99 ms", 2)],
    bars: [
      AS_CANNED,
      { ...AS_NGINX, atLeast: 1.15 },
      { figure: "rate", against: CANNED_LOOP, atLeast: 0.85 },
    ],
  },
  {
    name: "many",
    title: "10,000 files of 4 KiB at random",
    files: ["many"],
    company: "rivals",
    isForCanned: true,
    measure: measureRequests({ connections: 64, subject: manyFiles }),
    figures: [RATE, CPU, MEMORY],
    bars: [AS_NGINX, AS_CANNED],
  },
  {
    name: "unseen",
    title: "10,000 files of 4 KiB at random, from a cold server on",
    files: ["many"],
    company: "rivals",
    measure: measureRequests({
      connections: 64,
      isCold: true,
      isRandom: true,
      subject: unseenFiles,
    }),
    figures: [RATE, CPU, MEMORY],
    bars: [cpuBar("nginx", 1.3)],
  },
  {
    name: "crowd",
    title: "100,000 files of 1 KiB at random",
    files: ["crowd"],
    company: "rivals",
    measure: measureRequests({
      connections: 64,
      isRandom: true,
      subject: crowdFiles,
    }),
    figures: [RATE, CPU, MEMORY],
    bars: [cpuBar("nginx", 1.3)],
  },
  {
    name: "medium",
    title: "100 KiB, 64 connections",
    files: ["medium"],
    company: "everyone",
    measure: measureRequests({
      connections: 64,
      subject: file(TARGETS.medium),
    }),
    figures: [RATE, CPU],
    bars: [cpuBar("nginx", 1.15), cpuBar("h2o", 1)],
  },
  {
    name: "notmodified",
    title: "304 by ETag",
    files: ["small"],
    company: "everyone",
    isForCanned: true,
    measure: measureRequests({ connections: 64, subject: notModified }),
    figures: [RATE, CPU],
    bars: [AS_NGINX, AS_CANNED],
  },
  {
    name: "missing",
    title: "1,000 missing names at random",
    files: ["small"],
    company: "rivals",
    isForCanned: true,
    measure: measureRequests({ connections: 64, subject: absent }),
    figures: [RATE, CPU],
    bars: [AS_NGINX, AS_CANNED],
  },
  {
    name: "ranges",
    title: "4 KiB ranges out of 100 MiB",
    files: ["ranges"],
    company: "rivals",
    measure: measureRequests({ connections: 64, subject: someRanges }),
    figures: [RATE, CPU],
    bars: [cpuBar("nginx", 1.3)],
  },
  {
    name: "pipelined",
    title: "1 KiB, pipelined 16 deep",
    files: ["small"],
    company: "rivals",
    measure: measureRequests({
      connections: 64,
      depth: 16,
      subject: pipelined(TARGETS.small, 16),
    }),
    figures: [RATE],
    bars: [
      { ...AS_NGINX, atLeast: 3 },
      { figure: "rate", against: "lighttpd", atLeast: 2 },
    ],
  },
  streams(1, "1 GiB, one stream", "everyone"),
  streams(4, "1 GiB, four streams", "rivals"),
  {
    name: "gzip",
    title: "100 KiB of text with gzip",
    files: ["text"],
    company: "everyone",
    measure: measureRequests({ connections: 64, subject: gzipped }),
    figures: [RATE, CPU, less("answerBytes", "bytes per answer", 0)],
    bars: [cpuBar("nginx", 1.15)],
  },
  connections(256, CONNECTION_BARS),
  connections(1000, CONNECTION_BARS),
  connections(4000, [NO_TIMEOUTS]),
  {
    name: "disturbed",
    title: "64 connections beside slow, stuck and idle ones",
    files: ["small", "large"],
    company: "rivals",
    measure: measureDisturbed,
    figures: [RATE, KEPT],
    bars: [{ figure: "kept", atLeast: 0.9 }],
  },
  {
    name: "newconn",
    title: "a new connection per request",
    files: ["small"],
    company: "rivals",
    measure: measureRequests({
      connections: 64,
      subject: lastOfConnection(TARGETS.small),
    }),
    figures: [RATE, CPU, less("p99", "p99 ms", 2)],
    bars: [
      cpuBar("nginx", 1.4),
      { figure: "p99", against: "nginx", atMost: 2 },
    ],
  },
  {
    name: "browserhead",
    title: "a head of 700 bytes and 15 fields",
    files: ["small"],
    company: "skiff",
    measure: measureBrowserHead,
    figures: [RATE, KEPT],
    bars: [{ figure: "kept", atLeast: 0.85 }],
  },
  {
    name: "start",
    title: "start and idling",
    files: ["small"],
    company: "rivals",
    isForCanned: true,
    measure: measureStart,
    figures: [
      less("start", "ms to first answer", 0),
      less("resident", "MiB when idle", 1),
      less("connection", "KiB per idle connection", 1),
    ],
    bars: [
      { figure: "start", atMost: 60 },
      { figure: "resident", atMost: 48 },
      { figure: "connection", atMost: 12 },
    ],
  },
  {
    name: "log",
    title: "access log to a file",
    files: ["small"],
    company: "skiff",
    measure: measureLog,
    figures: [RATE, KEPT],
    bars: [{ figure: "kept", atLeast: 0.8 }],
  },
];
