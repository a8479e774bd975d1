"""Fetches a large file again and again and throws its bytes away unseen.

Usage: discard.py PORT REQUEST BYTES COUNT, where BYTES are those of an answer's
body. The kernel frees what has come without a copy (MSG_TRUNC of recv), so that
the server's own work sets the pace. Prints the number of bytes of the bodies.
"""

import socket
import sys

PIECE = 1 << 20

port, request, length, count = sys.argv[1:]
connection = socket.create_connection(("127.0.0.1", int(port)))
buffer = bytearray(PIECE)
total = 0
for _ in range(int(count)):
    connection.sendall(request.encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            sys.exit("the connection ended in a head")
        head += piece
    if not head.startswith(b"HTTP/1.1 200 "):
        sys.exit("another status than 200")
    left = int(length) - (len(head) - head.index(b"\r\n\r\n") - 4)
    while left > 0:
        got = connection.recv_into(buffer, min(left, PIECE), socket.MSG_TRUNC)
        if got == 0:
            sys.exit("the connection ended in a body")
        left -= got
    total += int(length)
print(total)
