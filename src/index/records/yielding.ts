/** So many bytes are read before anything else gets its turn. */
const stretch = 4 << 20

/**
 * A file's pieces. Reading does not wait for anything, so that without these turns a Ctrl-C would only be heard when
 * all is done.
 */
export async function* withTurns(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = stretch
  for await (const piece of pieces) {
    if (bytes >= stretch) {
      bytes = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
    bytes += piece.length
    yield piece
  }
}
