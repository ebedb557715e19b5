/** What a transcript's own bytes tell of its session: nothing here depends on other files, processes or the clock. */
import {
  type DiskPath,
  type FileReading,
  least,
  readHead,
  readTail,
  type Session,
  type TranscriptRecord,
  type TranscriptSlice,
  type Turn,
} from "session-rescue"
import { type LastAnswer, readLastAnswer } from "../context/context-use.ts"
import { slugOf } from "../home/slug.ts"
import { type ExitSign, exitSignOf } from "../records/clean-exit.ts"
import { lastConversationTime, unansweredSince } from "../records/last-message.ts"
import { isMessage, timeOf } from "../records/records.ts"
import { readTitle } from "../records/title.ts"
import { holdsLastStep, readTurn } from "../records/turn.ts"
import { nameBefore, nameIn } from "./given-name.ts"
import { skimBeginning, skimEnd, skimWhole } from "./skim.ts"

/** Plain data: it is kept in the index. Increase `factsFormat` when the meaning of anything in it changes. */
export interface TranscriptFacts {
  readonly turn: Turn
  readonly saidAt: number | null
  readonly unanswered: readonly number[]
  readonly unreadableEnd: boolean
  readonly torn: boolean
  readonly damaged: boolean
  readonly conversation: Session["conversation"]
  readonly exit: ExitSign
  /** The name that the user gave it, if it is near the end. */
  readonly givenName: string | null
  /** The same from anywhere else; undefined when it was not searched for. */
  readonly olderName?: string | null
  readonly title: string | null
  /** The folder that its first record names, and the one among all that the project folder is named after. */
  readonly recordedFolder: string | null
  readonly ownFolder: string | null
  readonly gitBranch: string | null
  readonly version: string | null
  readonly startedAt: number | null
  readonly answer: LastAnswer | null
}

export const factsFormat = 2

interface Wanted {
  readonly path: DiskPath
  readonly size: number
  /** The name of its project folder; null when unknown. */
  readonly slug: string | null
  /** Times after it are ignored, in milliseconds since 1970. */
  readonly until: number
  /** Search the whole file for a name. */
  readonly olderName: boolean
}

export function readFacts(ctx: FileReading, wanted: Wanted): TranscriptFacts {
  const { path, size, slug, until } = wanted
  const once = readingOnce(ctx, size)
  const { head, tail } = readEnds(once, path, size, slug)
  const saidAt = lastConversationTime(tail.records, until)
  const all = head === tail ? tail.records : [...head.records, ...tail.records]
  const folders = all.flatMap(({ cwd }) => (typeof cwd === "string" && cwd !== "" ? [cwd] : []))
  const givenName = nameIn(tail.records)
  return {
    turn: readTurn(tail.records),
    saidAt,
    unanswered: unansweredSince(tail.records, saidAt),
    unreadableEnd: tail.unreadableEnd,
    torn: tail.torn,
    damaged: head.damaged + tail.damaged > 0,
    conversation: conversationOf(all, tail),
    exit: exitSignOf(tail.records),
    givenName,
    ...(wanted.olderName || givenName !== null || tail.whole
      ? {
          olderName:
            givenName !== null || tail.whole ? null : (nameBefore(once, path, size) ?? nameIn(head.records)),
        }
      : {}),
    title: readTitle(head.records, tail.records),
    recordedFolder: folders[0] ?? null,
    ownFolder: folders.find((folder) => slugOf(folder) === slug) ?? null,
    gitBranch: lastText(tail.records, "gitBranch"),
    version: lastText(tail.records, "version"),
    startedAt: firstTime(head.records),
    answer: readLastAnswer(once, wanted, tail),
  }
}

/** Whether nothing of it would change at a later time: no record is from the future. */
export function isLasting({ saidAt, turn }: TranscriptFacts, until: number): boolean {
  return (saidAt ?? 0) <= until && (turn.lastRecordAt ?? 0) <= until
}

const windowBytes = 64 * 1024
/** Smaller files are read at once. */
const maxWholeBytes = 1 << 20

/** Both ends and the search for a name read the same bytes: of most files, all. */
function readingOnce(ctx: FileReading, size: number): FileReading {
  if (size > maxWholeBytes) return ctx
  let bytes: Uint8Array | null | undefined
  const read: FileReading["files"]["read"] = (path, offset, length) => {
    if (bytes === undefined) bytes = ctx.files.read(path, 0, size)
    return bytes?.subarray(offset, offset + length) ?? null
  }
  return { files: { read } }
}

interface Ends {
  readonly head: TranscriptSlice
  readonly tail: TranscriptSlice
}

function readEnds(ctx: FileReading, path: DiskPath, size: number, slug: string | null): Ends {
  const skimmed = skimEnds(ctx, path, size)
  // a folder that does not fit may be followed by one that does
  const fits = (slice: TranscriptSlice) =>
    slug === null || slice.records.some(({ cwd }) => typeof cwd === "string" && slugOf(cwd) === slug)
  return skimmed !== null && (fits(skimmed.head) || fits(skimmed.tail)) ? skimmed : parseEnds(ctx, path, size)
}

function skimEnds(ctx: FileReading, path: DiskPath, size: number): Ends | null {
  const bytesAt = (offset: number) =>
    bufferOf(ctx.files.read(path, offset, Math.min(size, windowBytes)) ?? new Uint8Array())
  if (size <= windowBytes) {
    const bytes = bytesAt(0)
    return bytes.length === size ? skimWhole(bytes) : null
  }
  const tail = skimEnd(bytesAt(size - windowBytes))
  const head = tail === null ? null : skimBeginning(bytesAt(0))
  return tail === null || head === null ? null : { head, tail }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Parses every line, from as far as is needed. */
function parseEnds(ctx: FileReading, path: DiskPath, size: number): Ends {
  const tail = readTail(ctx, path, size, ({ records }) => holdsLastStep(records))
  if (tail.whole) return { head: tail, tail }
  const head = readHead(
    ctx,
    path,
    size,
    ({ records }) =>
      records.some((record) => typeof record.cwd === "string") &&
      records.some((record) => record.type === "user"),
  )
  return { head, tail }
}

function conversationOf(
  records: readonly TranscriptRecord[],
  tail: TranscriptSlice,
): Session["conversation"] {
  if (records.some(isMessage)) return "whole"
  // the unread or unreadable part may hold messages
  return tail.whole && tail.damaged === 0 && !tail.torn ? "empty" : "unreadable"
}

function lastText(records: readonly TranscriptRecord[], key: string): string | null {
  const value = records.findLast((record) => typeof record[key] === "string" && record[key] !== "")?.[key]
  return typeof value === "string" ? value : null
}

function firstTime(records: readonly TranscriptRecord[]): number | null {
  return least(records.flatMap((record) => timeOf(record) ?? []))
}
