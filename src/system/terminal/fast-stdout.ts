/**
 * Writes to standard output without loading `node:fs`, which alone takes half as long as an empty program. false when
 * that failed: the caller must then use `writeStdout`, which reports the error.
 */
export async function tryWriteFast(text: string): Promise<boolean> {
  try {
    return (await Bun.write(Bun.stdout, text)) === Buffer.byteLength(text)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPIPE" // the reader has gone away
  }
}
