/**
 * Writes to standard output without loading `node:fs`, which alone takes half as long as an empty program. false: it
 * could not, and the ordinary way has to be gone, which says why.
 */
export async function tryWriteFast(text: string): Promise<boolean> {
  try {
    return (await Bun.write(Bun.stdout, text)) === Buffer.byteLength(text)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPIPE" // whoever read it has gone away
  }
}
