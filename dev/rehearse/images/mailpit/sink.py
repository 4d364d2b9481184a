"""A server that says yes to every letter."""

import asyncio


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One SMTP conversation."""
    letter = False
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        word = line.strip().upper()
        if letter:
            letter = word != b"."
            answer = b"" if letter else b"250 kept nowhere\r\n"
        else:
            letter = word == b"DATA"
            answer = b"354 go on\r\n" if letter else b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n"
        writer.write(answer)
        if word == b"QUIT":
            break
    writer.close()


async def main() -> None:
    """Until killed."""
    server = await asyncio.start_server(talk, "0.0.0.0", 1025)  # noqa: S104 - inside its container
    await server.serve_forever()


asyncio.run(main())
