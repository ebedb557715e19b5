import { writeSync } from "node:fs"
import { KiB, MiB } from "../../domain/bytes.ts"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { collectGarbage } from "../runtime/gc.ts"

const standardOutput = 1
const retryMs = 5

const collectEveryBytes = 16 * MiB
let sinceCollected = 0
/** Texts are encoded into one buffer: those of a long list would be garbage outside the collector's heap. */
const encoder = new TextEncoder()
let buffer = new Uint8Array(0)
const minBufferBytes = 64 * KiB
const maxBufferBytes = MiB

let closed = false

/**
 * Writes everything to standard output before it returns: a failed write (disk full) must not end with success. A
 * reader that has gone away (`| head`) is not an error; nothing more is written then.
 */
export function writeStdout(text: string): void {
  const bytes = encode(text)
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

/** UTF-8, valid until the next text. */
function encode(text: string): Uint8Array {
  const most = 3 * text.length
  if (most > maxBufferBytes) return Buffer.from(text)
  if (most > buffer.length) buffer = new Uint8Array(Math.max(most, minBufferBytes))
  return buffer.subarray(0, encoder.encodeInto(text, buffer).written)
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
