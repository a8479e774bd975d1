/**
 * The examples of RFC 7541, Appendix C.3 to C.6.
 *
 * @module
 */

import type { Line } from "../../hpack_encoder.ts";

/** Blocks on one connection, one after the other. */
export interface Example {
  readonly name: string;
  /** Whether the texts are Huffman codes. */
  readonly isHuffman: boolean;
  /** The size of the dynamic table; undefined for that of the beginning. */
  readonly tableBytes: number | undefined;
  readonly blocks: readonly {
    readonly hex: string;
    readonly lines: readonly Line[];
    /** Bytes in the dynamic table behind the block. */
    readonly size: number;
  }[];
}

const REQUESTS: readonly (readonly Line[])[] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];
const REQUEST_SIZES = [57, 110, 164];

const COMMON: readonly Line[] = [
  ["cache-control", "private"],
  ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
  ["location", "https://www.example.com"],
];
const RESPONSES: readonly (readonly Line[])[] = [
  [[":status", "302"], ...COMMON],
  [[":status", "307"], ...COMMON],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    [
      "set-cookie",
      "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ],
  ],
];
const RESPONSE_SIZES = [222, 222, 215];

function example(
  name: string,
  isHuffman: boolean,
  hexes: readonly string[],
  isResponse: boolean,
): Example {
  const lines = isResponse ? RESPONSES : REQUESTS;
  const sizes = isResponse ? RESPONSE_SIZES : REQUEST_SIZES;
  const blocks = hexes.map((hex, at) => ({
    hex,
    lines: lines[at]!,
    size: sizes[at]!,
  }));
  return { name, isHuffman, tableBytes: isResponse ? 256 : undefined, blocks };
}

/** The examples. */
export const EXAMPLES: readonly Example[] = [
  example("C.3, requests without Huffman codes", false, [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
  ], false),
  example("C.4, requests with Huffman codes", true, [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
  ], false),
  example("C.5, responses without Huffman codes", false, [
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    "4803333037c1c0bf",
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
  ], true),
  example("C.6, responses with Huffman codes", true, [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
  ], true),
];
