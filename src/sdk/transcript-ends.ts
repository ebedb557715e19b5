import { greatest } from "../domain/extremes.ts"
import type { FootprintFile, Session } from "../domain/session/session.ts"
import type { Flag } from "../domain/session/state.ts"
import type { FileReading } from "./long-line.ts"
import type { TranscriptRecord } from "./parse-line.ts"
import { readHead, readTail, type TranscriptSlice } from "./slices.ts"

/** Clock difference allowed for another machine, in milliseconds; later times are ignored. */
export const futureToleranceMs = 60_000

/** Both ends of a transcript: one slice twice where a single read holds all of it. */
export interface TranscriptEnds {
  readonly head: TranscriptSlice
  readonly tail: TranscriptSlice
  /** There is a file to read. */
  readonly isReadable: boolean
}

type Enough = (records: readonly TranscriptRecord[]) => boolean

const nothing: TranscriptSlice = { records: [], damaged: 0, torn: false, whole: true, unreadableEnd: false }

/** Reads backwards from the end until `tail` is true, and forwards until `head` is. `file` is the transcript's in the footprint. */
export function readEnds(
  ctx: FileReading,
  file: FootprintFile | undefined,
  enough: { readonly tail: Enough; readonly head: Enough },
): TranscriptEnds {
  if (file?.kind !== "file") return { head: nothing, tail: nothing, isReadable: false }
  const tail = readTail(ctx, file.path, file.size, ({ records }) => enough.tail(records))
  const head = tail.whole ? tail : readHead(ctx, file.path, file.size, ({ records }) => enough.head(records))
  return { head, tail, isReadable: true }
}

/** What is wrong with the file, as flags. */
export function damageFlags({ head, tail }: TranscriptEnds): Flag[] {
  const isDamaged = head.damaged + (head === tail ? 0 : tail.damaged) > 0
  return [...(tail.torn ? (["torn-tail"] as const) : []), ...(isDamaged ? (["corrupt"] as const) : [])]
}

/** Whether a conversation is there: it may also be in the part that was not read, or cannot be. */
export function conversationIn(
  { head, tail, isReadable }: TranscriptEnds,
  isMessage: (record: TranscriptRecord) => boolean,
): Session["conversation"] {
  if (isReadable && [...head.records, ...tail.records].some(isMessage)) return "whole"
  return isReadable && tail.whole && tail.damaged === 0 && !tail.torn ? "empty" : "unreadable"
}

/** When something was said last; where that is unknown or in the future, the newest write to its files. */
export function lastActivityOf(
  saidAt: number | null,
  footprint: readonly FootprintFile[],
  now: number,
): number | null {
  const until = now + futureToleranceMs
  if (saidAt !== null && saidAt <= until) return Math.min(saidAt, now)
  return greatest(footprint.map(({ modifiedAt }) => modifiedAt).filter((at) => at <= until))
}
