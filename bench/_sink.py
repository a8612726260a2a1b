"""A mail sink as fast as a relay written in C feels to a sender: speaks just enough SMTP, keeps nothing, counts."""

import asyncio
import sys


class Sink(asyncio.Protocol):
    """One connection. Lines until DATA, then bytes until the lone dot."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.out: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = b""
        self.in_data = False
        self.out.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = self.buffer.find(b"\r\n.\r\n" if self.in_data else b"\r\n")
            if end < 0:
                return
            if self.in_data:
                self.buffer, self.in_data = self.buffer[end + 5 :], False
                self.out.write(b"250 OK\r\n")
            else:
                line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
                self.answer(line[:4].upper())

    def answer(self, verb: bytes) -> None:
        if verb == b"EHLO":
            self.out.write(b"250-sink\r\n250 PIPELINING\r\n")
        elif verb == b"DATA":
            self.in_data = True
            self.out.write(b"354 go\r\n")
        elif verb == b"QUIT":
            self.out.write(b"221 bye\r\n")
            self.out.close()
        else:
            self.out.write(b"250 OK\r\n")


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()))
