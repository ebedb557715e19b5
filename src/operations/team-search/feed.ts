import type { RescueError } from "../../domain/errors.ts"
import { type IndexedPart, isQuestion, wordsOf } from "../../index/index.ts"
import type { SinkPart } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type IndexReader, openIndex } from "../search/search.ts"
import { leavingRule } from "../team/candidates.ts"
import { isStoreError } from "../team/store-errors.ts"
import { withoutSecrets } from "./redact.ts"
import { readSentMark, writeSentMark } from "./sent-mark.ts"
import type { TeamIndex } from "./sink.ts"

export interface FeedReport {
  readonly place: string
  /** Parts that the index has taken, or had before. */
  readonly sent: number
  /** What looked like a secret, and was left out of them. */
  readonly redacted: number
  /** Parts of folders that are not in `projects`, or are kept here. */
  readonly kept: number
  /** Why it stopped before the end. */
  readonly stopped: RescueError | null
  readonly interrupted: boolean
}

/** A request ends at this size, whatever the number of its parts. */
const maxBatchBytes = 4 << 20
/** The rest of a longer text stays in the archive. */
const maxTextChars = 1 << 16

/**
 * Sends what the local index has and the team's does not have yet. The mark of how far it came is written after the
 * answer: one that is lost means that parts are sent again, and a part that is there is left out by its id.
 */
export async function feedSink(
  sink: TeamIndex,
  options: { readonly paths: Paths; readonly signal: AbortSignal },
): Promise<FeedReport> {
  const { paths, signal } = options
  const index = openIndex(paths)
  const counts = { sent: 0, redacted: 0, kept: 0 }
  let stopped: RescueError | null = null
  try {
    await sink.prepare()
    await send(sink, index, { ...options, counts, identity: await sink.identity() })
  } catch (error) {
    if (!isStoreError(error)) throw error
    stopped = error
  } finally {
    index.close()
  }
  return { place: sink.place, ...counts, stopped, interrupted: signal.aborted }
}

async function send(
  sink: TeamIndex,
  index: IndexReader,
  {
    paths,
    signal,
    counts,
    identity,
  }: {
    readonly paths: Paths
    readonly signal: AbortSignal
    readonly identity: string | null
    readonly counts: { sent: number; redacted: number; kept: number }
  },
): Promise<void> {
  const mayLeave = sessionRule(index, leavingRule(paths, sink.settings))
  let batch: SinkPart[] = []
  let bytes = 0
  let last: IndexedPart | null = null
  const flush = async () => {
    if (batch.length > 0) await sink.add(batch)
    counts.sent += batch.length
    // safety: sink-mark-after
    if (last !== null)
      await writeSentMark(paths, sink.key, { part: last.part, id: idOf(sink, last), identity })
    batch = []
    bytes = 0
  }
  for (const part of index.partsAfter(startOf(sink, index, { paths, identity }))) {
    if (signal.aborted) return
    last = part
    if (isQuestion(part.text, part.kind === "tool_use")) continue
    // safety: sink-opted-in
    if (!mayLeave(part.session)) {
      counts.kept++
      continue
    }
    const made = sinkPart(sink, part)
    counts.redacted += made.redacted
    batch.push(made.part)
    bytes += 2 * made.part.text.length + 500
    if (bytes > maxBatchBytes) await flush()
  }
  await flush()
}

/** After the last part that was sent; 0 where the index of this machine, or the team's, is another one since. */
function startOf(
  sink: TeamIndex,
  index: IndexReader,
  { paths, identity }: { readonly paths: Paths; readonly identity: string | null },
): number {
  const mark = readSentMark(paths, sink.key)
  // safety: sink-same-index
  if (mark === null || mark.identity !== identity) return 0
  const known = index.part(mark.part)
  return known !== null && idOf(sink, known) === mark.id ? mark.part : 0
}

/** By the folder in which a session began, as `push` has it: not by those into which it went later. */
function sessionRule(
  index: IndexReader,
  reasonFor: ReturnType<typeof leavingRule>,
): (session: string) => boolean {
  const known = new Map<string, boolean>()
  return (session) => {
    const may = known.get(session) ?? reasonFor(session, index.startFolder(session)) === null
    known.set(session, may)
    return may
  }
}

function sinkPart(
  sink: TeamIndex,
  part: IndexedPart,
): { readonly part: SinkPart; readonly redacted: number } {
  const { agent, session, project, role, kind, tool, isError, time } = part
  const { text, bare, found } = shareableText(part)
  const id = partId(sink.owner, part, text)
  const title = part.title === null ? null : withoutSecrets(part.title).text
  const words = Array.from(wordsOf(bare), ({ word }) => word)
  return {
    redacted: found,
    part: {
      ...{ id, owner: sink.owner, machine: sink.machine, agent, session, title },
      ...{ project, role, kind, tool, isError, time, text, words },
    },
  }
}

function shareableText({ text }: IndexedPart) {
  // safety: sink-redacted
  return withoutSecrets(text.slice(0, maxTextChars))
}

function idOf({ owner }: TeamIndex, part: IndexedPart): string {
  return partId(owner, part, shareableText(part).text)
}

/** From what every index of the same session has of the part. `text`: without the secrets in it. */
function partId(owner: string, part: IndexedPart, text: string): string {
  const { agent, session, role, kind, tool, time } = part
  const identity = JSON.stringify([owner, agent, session, role, kind, tool, time, text])
  return new Bun.CryptoHasher("sha256").update(identity).digest("hex").slice(0, 32)
}
