/** Resolves when the client has closed standard input, or when the signal ends this program. */
export function clientEnds(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener("abort", () => resolve(), { once: true })
    for (const event of ["end", "close", "error"]) process.stdin.once(event, () => resolve())
    process.stdout.once("error", () => resolve()) // the reader of the answers is gone
  })
}
