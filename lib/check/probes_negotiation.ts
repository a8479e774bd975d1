/**
 * Probes of content negotiation by Accept-Encoding (RFC 9110 §12).
 *
 * @module
 */

import {
  expectStatus,
  first,
  type Probe,
  probe,
  type ProbeFile,
  type ProbeVerdict,
  request,
  shown,
  skip,
} from "./probe.ts";
import type { ProbeExchange, ProbeResponse } from "./responses.ts";

const group = "negotiation";

/** How bytes with a coding begin; brotli has no magic number. */
const MAGIC: Readonly<Record<string, string>> = {
  "gzip": "\x1f\x8b",
  "x-gzip": "\x1f\x8b",
  "zstd": "\x28\xb5\x2f\xfd",
};

function codingOf(response: ProbeResponse | undefined): string {
  return response?.fields.get("content-encoding")?.toLowerCase() ?? "identity";
}

/** Values of Accept-Encoding, and the codings that may answer them. */
const VALUES:
  readonly (readonly [value: string, codings: readonly string[]])[] = [
    ["", ["identity"]],
    ["identity", ["identity"]],
    ["skiff-unknown", ["identity"]],
    ["gzip", ["gzip", "identity"]],
    ["GZIP", ["gzip", "identity"]],
    ["x-gzip", ["gzip", "x-gzip", "identity"]],
    ["gzip;q=0", ["identity"]],
    ["gzip; q=0.000", ["identity"]],
    ["gzip;q=0, br;q=0, zstd;q=0, deflate;q=0", ["identity"]],
    ["*;q=0, identity", ["identity"]],
    ["gzip;q=0.5, identity;q=1", ["identity", "gzip"]],
    ["gzip;q=0, *", ["br", "zstd", "deflate", "identity"]],
    ["br", ["br", "identity"]],
    ["br;q=0, gzip", ["gzip", "identity"]],
    ["zstd", ["zstd", "identity"]],
    ["deflate", ["deflate", "identity"]],
    ["gzip, deflate, br, zstd", ["gzip", "deflate", "br", "zstd", "identity"]],
    ["gzipx", ["identity"]],
    ["notgzip", ["identity"]],
  ];

function judgeCoding(codings: readonly string[]) {
  return (exchange: ProbeExchange, file: ProbeFile): ProbeVerdict => {
    const response = exchange.responses[0];
    const verdict = expectStatus(200)(exchange);
    if (verdict !== undefined) return verdict;
    const coding = codingOf(response);
    if (!codings.includes(coding)) return `Content-Encoding: ${coding}`;
    const magic = MAGIC[coding];
    if (magic !== undefined && !response!.body.startsWith(magic)) {
      return `the content is not ${coding}`;
    }
    return coding !== "identity" || response!.body === file.body
      ? undefined
      : "the content is another";
  };
}

/** Asks for gzip; whether the server sends it, only the response tells. */
function encoded(
  section: string,
  title: string,
  judge: (
    response: ProbeResponse,
    file: ProbeFile,
    exchange: ProbeExchange,
  ) => ProbeVerdict,
  parts: Partial<Probe> = {},
): Probe {
  const method = parts.methods?.[0] ?? "GET";
  return probe({
    group,
    section: `RFC 9110 §${section}`,
    title,
    send: (file) => request(file, { method, lines: ["Accept-Encoding: gzip"] }),
    judge: (exchange, file) => {
      const response = first(exchange, 200);
      if (typeof response === "string") return response;
      return codingOf(response) === "identity"
        ? skip("the server does not encode the file")
        : judge(response, file, exchange);
    },
    ...parts,
  });
}

/** Judges two responses on one connection with 200. */
function judgePair(
  judge: (one: ProbeResponse, two: ProbeResponse) => ProbeVerdict,
): (exchange: ProbeExchange) => ProbeVerdict {
  return (exchange) => {
    const one = first(exchange, 200);
    if (typeof one === "string") return one;
    const [, two] = exchange.responses;
    if (two?.status === 200) return judge(one, two);
    return two === undefined && exchange.rest === "" && exchange.isClosed
      ? skip("the server closes after a response")
      : `the second response is ${shown(exchange, 1)}`;
  };
}

function variesByEncoding(response: ProbeResponse): boolean {
  return (response.fields.get("vary") ?? "").split(",")
    .some((name) => /^(?:accept-encoding|\*)$/i.test(name.trim()));
}

/** All probes of negotiation. */
export const NEGOTIATION_PROBES: readonly Probe[] = [
  ...VALUES.map(([value, codings]) =>
    probe({
      group,
      section: "RFC 9110 §12.5.3",
      title: `Accept-Encoding "${value}" gets ${
        codings.length === 1 ? codings[0] : `one of ${codings.join(", ")}`
      }`,
      send: (file) => request(file, { lines: [`Accept-Encoding: ${value}`] }),
      judge: judgeCoding(codings),
    })
  ),
  ...["*;q=0", "identity;q=0"].map((value) =>
    probe({
      group,
      section: "RFC 9110 §12.5.3",
      title: `Accept-Encoding "${value}" gets a response that is whole`,
      send: (file) => request(file, { lines: [`Accept-Encoding: ${value}`] }),
      judge: expectStatus(200, 406, 415),
    })
  ),
  ...["text/html", "application/x-skiff", "*/*;q=0", "not a type", ""].map((
    value,
  ) =>
    probe({
      group,
      section: "RFC 9110 §12.5.1",
      title: `Accept "${value}" is no error`,
      send: (file) => request(file, { lines: [`Accept: ${value}`] }),
      judge: expectStatus(200, 406),
    })
  ),
  encoded(
    "12.5.5",
    "an encoded response varies by Accept-Encoding",
    (response) =>
      variesByEncoding(response)
        ? undefined
        : `Vary: ${response.fields.get("vary") ?? "none"}`,
    { level: "should" },
  ),
  probe({
    group,
    section: "RFC 9110 §12.5.5",
    title:
      "the response without a coding varies by Accept-Encoding, if there is one with a coding",
    level: "should",
    methods: ["GET", "GET"],
    send: (file) =>
      request(file, { lines: ["Accept-Encoding: gzip"] }) + request(file),
    judge: judgePair((one, two) =>
      codingOf(one) === "identity"
        ? skip("the server does not encode the file")
        : variesByEncoding(two)
        ? undefined
        : `Vary: ${two.fields.get("vary") ?? "none"}`
    ),
  }),
  encoded(
    "8.8.3.3",
    "an encoded response has a strong ETag of its own, or a weak one",
    (response, { etag }) => {
      const own = response.fields.get("etag");
      return own === undefined || own.startsWith("W/") || own !== etag
        ? undefined
        : "both have the same strong ETag";
    },
  ),
  encoded(
    "8.6",
    "Content-Length is that of the encoded content",
    (response, _, { rest }) => {
      const length = response.fields.get("content-length");
      return rest === "" &&
          (length === undefined || Number(length) === response.body.length)
        ? undefined
        : `Content-Length: ${length}`;
    },
  ),
  encoded(
    "8.3",
    "an encoded response has the Content-Type of the file",
    (response, { fields }) =>
      response.fields.get("content-type") === fields.get("content-type")
        ? undefined
        : `Content-Type: ${response.fields.get("content-type")}`,
  ),
  probe({
    group,
    section: "RFC 9110 §9.3.2",
    title: "HEAD has the Content-Encoding of GET",
    level: "should",
    methods: ["HEAD", "GET"],
    send: (file) =>
      ["HEAD", "GET"].map((method) =>
        request(file, { method, lines: ["Accept-Encoding: gzip"] })
      ).join(""),
    judge: judgePair((one, two) => {
      const [head, get] = [codingOf(one), codingOf(two)];
      if (head !== get) return `${head} in place of ${get}`;
      return get === "identity"
        ? skip("the server does not encode the file")
        : undefined;
    }),
  }),
];
