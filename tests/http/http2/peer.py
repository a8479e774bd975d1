"""Encodes and decodes header blocks with python3-hpack: a JSON value a line in, one out."""

import json
import sys

from hpack import Decoder, Encoder

encoder = Encoder()
decoder = Decoder()
for line in sys.stdin:
    job = json.loads(line)
    if "resize" in job:
        encoder.header_table_size = job["resize"]
    if "lines" in job:
        lines = [
            (name.encode("latin1"), value.encode("latin1"), kind == "never")
            for name, value, kind in job["lines"]
        ]
        print(json.dumps(encoder.encode(lines, huffman=job["huffman"]).hex()))
    else:
        fields = decoder.decode(bytes.fromhex(job["block"]), raw=True)
        print(json.dumps([
            [name.decode("latin1"), value.decode("latin1")]
            for name, value in fields
        ]))
    sys.stdout.flush()
