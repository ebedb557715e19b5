import { MiB } from "../../domain/bytes.ts"
import { RescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"

const yieldEveryBytes = 16 * MiB
const yieldEveryReadBytes = 4 * MiB

/** Lets timers, signals and drawing run: file operations are synchronous and would block them. */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Yields to the event loop, then throws `INTERRUPTED` if the work was cancelled. */
export async function checkpoint({ signal }: Progress): Promise<void> {
  await yieldToEvents()
  if (signal.aborted) {
    throw new RescueError(
      "INTERRUPTED",
      "interrupted",
      "exports finished so far are complete; run it again for the rest",
    )
  }
}

/** Reports bytes as processed, with a checkpoint every 16 MiB. */
export function checkpoints(progress: Progress): (bytes: number) => Promise<void> | undefined {
  let since = 0
  return (bytes) => {
    progress.advance(bytes)
    since += bytes
    if (since < yieldEveryBytes) return undefined
    since = 0
    return checkpoint(progress)
  }
}

/** A file's chunks, with a yield before the first and every 4 MiB: otherwise Ctrl-C is noticed only at the end. */
export async function* withYields(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = yieldEveryReadBytes
  for await (const chunk of chunks) {
    if (bytes >= yieldEveryReadBytes) {
      bytes = 0
      await yieldToEvents()
    }
    bytes += chunk.length
    yield chunk
  }
}
