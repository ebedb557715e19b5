import { writeSync } from "node:fs"
import { MiB } from "../../domain/bytes.ts"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { collectGarbage } from "../runtime/gc.ts"

const standardOutput = 1
const retryMs = 5

const collectEveryBytes = 4 * MiB
let sinceCollected = 0

let closed = false

/**
 * Writes everything to standard output before it returns: a failed write (disk full) must not end with success. A
 * reader that has gone away (`| head`) is not an error; nothing more is written then.
 */
export function writeStdout(text: string): void {
  const bytes = Buffer.from(text)
  sinceCollected += bytes.length
  if (sinceCollected > collectEveryBytes) {
    collectGarbage() // a long list leaves more behind than it needs
    sinceCollected = 0
  }
  for (let written = 0; written < bytes.length && !closed; ) {
    try {
      written += writeSync(standardOutput, bytes, written)
    } catch (error) {
      const code = errnoOf(error)
      if (code === "EPIPE") closed = true
      else if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs)
      else throw unwritten(code || String(error)) // safety: answer-lost
    }
  }
}

/** Whether standard output was closed: further output would not be read by anyone. */
export function isStdoutClosed(): boolean {
  return closed
}

function unwritten(code: string): RescueError {
  closed = true // further output there would be lost as well
  return new RescueError(
    "ANSWER_LOST",
    `the answer could not be written to standard output (${code})`,
    "what was done is done: look with session-rescue --status",
  )
}
