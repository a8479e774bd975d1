import { TARGET_PROBES } from "../../lib/check/probes_target.ts";
import { testVerdicts } from "./probe_verdicts.ts";

testVerdicts(TARGET_PROBES, [
  [
    "HTTP/1.1 421 No\r\nContent-Length: 0\r\n\r\n",
    'the Host "a b" is refused',
    undefined,
  ],
  [
    "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 0\r\n\r\n",
    "dates are written as the standard prefers",
    "date: today",
  ],
]);
