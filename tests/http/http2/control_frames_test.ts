import { assertEquals } from "@std/assert";
import * as frames from "../../../lib/http/http2/control_frames.ts";
import {
  Http2Setting,
  PeerSettings,
} from "../../../lib/http/http2/control_frames.ts";
import { ErrorCode } from "../../../lib/http/http2/frames.ts";

const DATA = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);

const FRAMES: readonly (readonly [
  name: string,
  frame: Uint8Array,
  want: string,
])[] = [
  [
    "SETTINGS",
    frames.settingsFrame([
      [Http2Setting.MaxConcurrentStreams, 100],
      [Http2Setting.MaxHeaderListSize, 0xffff_fffe],
    ]),
    "00000c040000000000" + "000300000064" + "0006fffffffe",
  ],
  ["an acknowledgement", frames.SETTINGS_ACK, "000000040100000000"],
  [
    "PING",
    frames.pingFrame(DATA, false),
    "0000080600000000000102030405060708",
  ],
  [
    "the answer to PING",
    frames.pingFrame(DATA, true),
    "0000080601000000000102030405060708",
  ],
  [
    "RST_STREAM",
    frames.resetStreamFrame(5, ErrorCode.Cancel),
    "00000403000000000500000008",
  ],
  [
    "WINDOW_UPDATE",
    frames.windowUpdateFrame(0, 0x7fff_ffff),
    "0000040800000000007fffffff",
  ],
  [
    "GOAWAY",
    frames.goAwayFrame(0x7fff_ffff, ErrorCode.EnhanceYourCalm),
    "0000080700000000007fffffff0000000b",
  ],
];

for (const [name, frame, want] of FRAMES) {
  Deno.test(`${name} is made as RFC 9113 §6 says`, () => {
    assertEquals(frame.toHex(), want);
  });
}

const { FlowControlError, NoError, ProtocolError } = ErrorCode;

/** Settings of a client, the error they are, and the window of streams behind them. */
const SETTINGS: readonly (readonly [
  name: string,
  values: readonly frames.SettingValue[],
  error: ErrorCode,
  window: number,
])[] = [
  ["none", [], NoError, 65_535],
  ["a window", [[4, 1000]], NoError, 1000],
  ["two windows", [[4, 1000], [4, 0]], NoError, 0],
  ["the largest window", [[4, 0x7fff_ffff]], NoError, 0x7fff_ffff],
  ["a larger window", [[4, 0x8000_0000]], FlowControlError, 65_535],
  ["no push", [[2, 0]], NoError, 65_535],
  ["push", [[2, 1]], NoError, 65_535],
  ["ENABLE_PUSH of 2", [[2, 2]], ProtocolError, 65_535],
  ["the least frame size", [[5, 16_384]], NoError, 65_535],
  ["the greatest frame size", [[5, 0xff_ffff]], NoError, 65_535],
  ["too small a frame size", [[5, 16_383]], ProtocolError, 65_535],
  ["too large a frame size", [[5, 0x100_0000]], ProtocolError, 65_535],
  ["no priorities of RFC 7540", [[9, 1]], NoError, 65_535],
  ["NO_RFC7540_PRIORITIES of 2", [[9, 2]], ProtocolError, 65_535],
  ["a table of any size", [[1, 0xffff_ffff]], NoError, 65_535],
  ["a setting that nobody knows", [[0xaaaa, 0xffff_ffff]], NoError, 65_535],
];

for (const [name, values, error, window] of SETTINGS) {
  Deno.test(`PeerSettings read ${name}`, () => {
    const bytes = frames.settingsFrame(values);
    const settings = new PeerSettings();
    assertEquals(settings.read(bytes, 9, bytes.length), error);
    assertEquals(settings.initialWindowBytes, window);
  });
}
