/** An answer that is longer than what is asked for can be. */
export class TooLong extends Error {
  constructor(readonly mostBytes: number) {
    super(`the answer has more than ${mostBytes < 1024 * 1024 ? `${String(mostBytes / 1024)} KiB` : `${String(mostBytes / 1024 / 1024)} MiB`}`);
  }
}

/**
 * The text of an answer, which is given up as soon as it is too long. Counted as it is unpacked: a megabyte may have been
 * a kilobyte on the wire.
 *
 * @throws TooLong
 */
export async function answerText(response: Response, mostBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += (piece as Uint8Array).length;
    if (length > mostBytes) throw new TooLong(mostBytes); // leaving the loop ends the answer
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces).toString('utf8');
}
