"""A distance between client and server: what is sent arrives half a round trip later.

On the level of TCP, so that connecting and TLS's handshake take their round
trips too: the first bytes of a client wait for the round trip that opening the
connection would have taken.
"""

from __future__ import annotations

import asyncio
import threading

LOOPBACK = "127.0.0.1"


class Distance:
    """Listens on loopback and passes everything on to a port of it, later."""

    def __init__(self, port: int, round_trip: float) -> None:
        self._target = port
        self._round_trip = round_trip
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        threading.Thread(target=self._run, args=(listening,), daemon=True).start()
        listening.wait()

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        # What is under way when the benchmark ends is nobody's trouble.
        self._loop.set_exception_handler(lambda *_: None)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, LOOPBACK, 0))
        self.port: int = server.sockets[0].getsockname()[1]
        listening.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = self._loop.time() + self._round_trip
        there, back = await asyncio.open_connection(LOOPBACK, self._target)
        try:
            await asyncio.gather(self._carry(reader, back, connected), self._carry(there, writer, 0))
        except OSError:
            pass  # one of the two has hung up
        finally:
            back.close()
            writer.close()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, not_before: float) -> None:
        """Carries bytes one way until its end, each piece after half a round trip."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.ensure_future(self._deliver(under_way, sink))
        piece = b"more"
        while piece:
            try:
                piece = await source.read(65536)
            except OSError:
                piece = b""
            sent = max(self._loop.time(), not_before)
            under_way.put_nowait((sent + self._round_trip / 2, piece))
        await delivery

    async def _deliver(self, under_way: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0.0, due - self._loop.time()))
            if not piece:
                if sink.can_write_eof():
                    sink.write_eof()
                return
            sink.write(piece)
            await sink.drain()
