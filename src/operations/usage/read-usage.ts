/** Token usage: read from the transcripts of all sessions, added up by day, model, project and session. */
import { interrupted } from "../../domain/errors.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { DocumentReader } from "../../index/records/whole-file.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { eachMarkedLine } from "./marked-lines.ts"
import type { UsageFile, UsageSession } from "./usage-sources.ts"
import { type UsageBucket, UsageTally } from "./usage-tally.ts"

export interface CountedSession extends UsageSession {
  /** The folder that its first answer names. */
  readonly cwd: string | null
}

export interface UsageReading {
  readonly buckets: readonly UsageBucket[]
  /** The sessions that were read, by the number in `UsageBucket.session`. */
  readonly sessions: readonly CountedSession[]
  readonly unread: readonly { readonly path: string; readonly why: string }[]
  /** Lines that should have a count and could not be parsed: torn, damaged or too long. */
  readonly damagedLines: number
}

export interface ReadUsageOptions {
  readonly since: number | null
  dayOf(time: number): string
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
}

type Counting = { -readonly [key in keyof CountedSession]: CountedSession[key] }

/** Reads the files one after another; memory grows only with the number of answers. */
export async function readUsage(
  files: readonly UsageFile[],
  options: ReadUsageOptions,
): Promise<UsageReading> {
  const { since, reporter, signal } = options
  const tally = new UsageTally(options.dayOf)
  const sessions: Counting[] = []
  const numbers = new Map<string, number>()
  const unread: { path: string; why: string }[] = []
  let damagedLines = 0
  const numberOf = ({ session }: UsageFile) => {
    const key = `${session.agent}\0${session.id ?? session.found?.process?.pid}`
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, sessions.length)
    return sessions.push({ ...session, cwd: null }) - 1
  }
  const pause = checkpoints({ signal, advance: (bytes) => reporter.advance(bytes) })
  async function* watched(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    for await (const chunk of chunks) {
      await pause(chunk.length)
      yield chunk
    }
  }
  for (const file of files) {
    const number = numberOf(file)
    const take = (line: Uint8Array) => {
      const record = parseRecord(line)
      if (record === null) {
        damagedLines++
        return
      }
      const usage = file.reader.read(record)
      if (usage === null) return
      const session = sessions[number]
      if (session !== undefined) session.cwd ??= usage.cwd
      if (since === null || (usage.time !== null && usage.time >= since)) tally.add(number, usage)
    }
    try {
      const chunks = watched(file.open())
      if (file.isDocument) await eachListedRecord(chunks, take)
      else {
        const tooLong = await eachMarkedLine(chunks, Buffer.from(file.reader.mark), take)
        damagedLines += tooLong // `take` counts, too
      }
    } catch (error) {
      if (signal.aborted) throw interrupted("the usage was not added up")
      unread.push({ path: file.path, why: error instanceof Error ? error.message : String(error) })
    }
  }
  return { buckets: tally.buckets(), sessions, unread, damagedLines }
}

/** A document is collected: what its client writes whole, it also reads whole. */
async function eachListedRecord(
  chunks: AsyncIterable<Uint8Array>,
  take: (record: Uint8Array) => void,
): Promise<void> {
  const document = new DocumentReader("list")
  for await (const chunk of chunks) document.split(chunk)
  for (const { bytes } of document.rest()) take(bytes)
}

function parseRecord(line: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(line).toString("utf8"))
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}
