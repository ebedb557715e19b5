import { RescueError } from "../../domain/errors.ts"

/** What long work reports to and is stopped by. */
export interface Pace {
  readonly signal: AbortSignal
  /** Bytes dealt with since the last call. */
  progress(bytes: number): void
}

const breathEvery = 16 << 20

/**
 * Copying and comparing are synchronous, in steps of at most 16 MiB with the event loop between them, so that
 * progress is shown and Ctrl-C is heard.
 */
export function breather(pace: Pace): (bytes: number) => Promise<void> | undefined {
  let since = 0
  return (bytes) => {
    pace.progress(bytes)
    since += bytes
    if (since < breathEvery) return undefined
    since = 0
    return breathe(pace)
  }
}

export async function breathe(pace: Pace): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
  if (pace.signal.aborted) {
    throw new RescueError(
      "INTERRUPTED",
      "interrupted",
      "exports finished so far are complete; run it again for the rest",
    )
  }
}
