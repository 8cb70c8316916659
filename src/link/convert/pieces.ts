/** Far below the 4 MB that a message may have. */
const MAX_PIECE_BYTES = 1024 * 1024;

/** Bytes as messages of a stream. */
export async function* bytePieces(source: AsyncIterable<Uint8Array>): AsyncIterable<{ readonly bytes: Buffer }> {
  for await (const bytes of source) {
    for (let from = 0; from < bytes.length; from += MAX_PIECE_BYTES) yield { bytes: Buffer.from(bytes.subarray(from, from + MAX_PIECE_BYTES)) };
  }
}
