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
  type Reader,
} from "./measure_special.ts";
import { measureChanges } from "./measure_changes.ts";
import {
  type H2loadManner,
  measureH2load,
  measureH2loadBytes,
  measureHandshakes,
  measureIdleHttp2,
} from "./measure_tls.ts";
import { CANNED_LOOP } from "./peers.ts";
import type { TlsProtocol } from "./tls_client.ts";

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
  /** Whether the servers serve TLS. */
  readonly isTls?: boolean;
  /** Programs that it needs beside wrk. */
  readonly programs?: readonly string[];
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

function streams(
  name: string,
  title: string,
  count: number,
  reader: Reader,
  programs: readonly string[],
): Workload {
  return {
    name,
    title,
    files: ["large"],
    company: "rivals",
    programs,
    measure: measureStreams(count, reader),
    figures: [
      more("megabytes", "MB/s", 0),
      less("cpu", "CPU s / GiB", 3),
      worst(less("memory", "MiB above idle", 1)),
    ],
    bars: [
      cpuBar("h2o", 1),
      { figure: "memory", atMost: 64 },
    ],
  };
}

/** Requests over TLS by h2load. Bars are multiples of a peer's CPU time. */
function secure(
  name: string,
  title: string,
  manner: H2loadManner,
  company: Company,
  bars: readonly Bar[],
): Workload {
  return {
    name,
    title,
    files: [manner.target === TARGETS.small ? "small" : "medium"],
    company,
    isTls: true,
    programs: ["h2load"],
    measure: measureH2load(manner),
    figures: [RATE, CPU],
    bars,
  };
}

/** A manner of h2load. */
function asking(
  protocol: TlsProtocol,
  target: string,
  connections: number,
  streams: number,
  windowBits?: number,
): H2loadManner {
  return { protocol, target, connections, streams, windowBits };
}

/** TLS and HTTP/2, in the order of the table. */
const SECURE_WORKLOADS: readonly Workload[] = [
  secure(
    "h2small",
    "HTTP/2: 1 KiB, 16 × 32 streams",
    asking("h2", TARGETS.small, 16, 32),
    "everyone",
    [cpuBar("nginx", 0.45), cpuBar("h2o", 2)],
  ),
  secure(
    "h2medium",
    "HTTP/2: 100 KiB, 16 × 32 streams",
    asking("h2", TARGETS.medium, 16, 32),
    "everyone",
    [cpuBar("nginx", 1.11)],
  ),
  secure(
    "h2windows",
    "HTTP/2: 100 KiB, windows of 64 KiB",
    asking("h2", TARGETS.medium, 16, 32, 16),
    "rivals",
    [cpuBar("nginx", 1.05)],
  ),
  secure(
    "h2single",
    "HTTP/2: 1 KiB, 64 × 1 stream",
    asking("h2", TARGETS.small, 64, 1),
    "rivals",
    [cpuBar("nginx", 1.33)],
  ),
  {
    name: "h2large",
    title: "HTTP/2: 256 MiB",
    files: ["download"],
    company: "rivals",
    isTls: true,
    programs: ["h2load"],
    measure: measureH2loadBytes(asking("h2", TARGETS.download, 1, 1)),
    figures: [more("megabytes", "MB/s", 0), less("cpu", "CPU s / GiB", 3)],
    bars: [cpuBar("nginx", 1.05)],
  },
  {
    name: "h2idle",
    title: "HTTP/2: idle connections",
    files: ["small"],
    company: "rivals",
    isTls: true,
    measure: measureIdleHttp2,
    figures: [less("connection", "KiB per idle connection", 1)],
    bars: [{ figure: "connection", atMost: 48 }],
  },
  secure(
    "tlssmall",
    "TLS: 1 KiB, 64 connections",
    asking("https1", TARGETS.small, 64, 1),
    "rivals",
    [cpuBar("nginx", 1.33)],
  ),
  secure(
    "tlsmedium64",
    "TLS: 100 KiB, 64 connections",
    asking("https1", TARGETS.medium, 64, 1),
    "rivals",
    [cpuBar("nginx", 1.05)],
  ),
  secure(
    "tlsmedium16",
    "TLS: 100 KiB, 16 connections",
    asking("https1", TARGETS.medium, 16, 1),
    "rivals",
    [cpuBar("nginx", 0.83)],
  ),
  {
    name: "handshakes",
    title: "TLS: full handshakes",
    files: ["small"],
    company: "rivals",
    isTls: true,
    programs: ["openssl"],
    measure: measureHandshakes,
    figures: [RATE, CPU],
    bars: [cpuBar("nginx", 1.33)],
  },
];

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
    company: "rivals",
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
  streams("large1", "1 GiB to curl", 1, "curl", ["curl"]),
  streams("discard", "1 GiB, copied by no reader", 1, "discard", ["python3"]),
  streams("large4", "1 GiB, four streams", 4, "client", []),
  {
    name: "gzip",
    title: "100 KiB of text with gzip",
    files: ["text"],
    company: "rivals",
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
  {
    name: "changes",
    title: "a file that changes, 20 times",
    files: ["changing", "small"],
    company: "skiff",
    measure: measureChanges,
    figures: [
      less("middle", "ms until it is seen", 1),
      worst(less("seen", "ms, the longest of all", 1)),
    ],
    bars: [{ figure: "seen", atMost: 10 }],
  },
  ...SECURE_WORKLOADS,
];
