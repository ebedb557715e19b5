/** How full a session's context is: its tokens, its model and the model's window. */
import {
  type DiskPath,
  type FileReading,
  greatest,
  readTail,
  type Session,
  type TranscriptRecord,
  type TranscriptSlice,
} from "session-rescue"
import { objectOf, textIn } from "../home/json.ts"
import { isMessage, timeOf } from "../records/records.ts"
import { noModel, tokenCounts } from "../records/token-usage.ts"
import { longWindow, standardWindow, windowKind } from "./model-windows.ts"
import type { WindowSettings } from "./window-settings.ts"

type ContextUse = Pick<Session, "contextTokens"> &
  Required<Pick<Session, "model" | "contextInputTokens" | "contextWindow" | "compactsAt" | "compactedAt">>

/** An answer of the model in the main conversation. */
interface Answer {
  readonly model: string | null
  /** The model as the user chose it, with its `[1m]` (2.1.332, observed; not in 2.1.280): null if not recorded. */
  readonly requested: string | null
  readonly input: number
  readonly output: number
}

/** Where the search behind large tool results begins, in bytes; it ends at 32 MiB, or at a longer line. */
const firstSearchBytes = 512 << 10
const maxLongLineBytes = 0
const longSuffix = /\[1m\]/i

/** The last answer. */
export interface LastAnswer extends Answer {
  /** No compaction came after it. */
  readonly isCurrent: boolean
  /** The most tokens that an answer of this model had in its context. */
  readonly most: number
  /** When the context was compacted last, as far as was read: milliseconds since 1970. */
  readonly compactedAt: number | null
  /** Tokens in the context when the client compacted it by itself, the last time it did. */
  readonly compactedWith: number | null
}

/** Reads the last answer's usage, from `tail` or, if there is none in it, from further back. */
export function readLastAnswer(
  ctx: FileReading,
  { path, size }: { readonly path: DiskPath; readonly size: number },
  tail: TranscriptSlice,
): LastAnswer | null {
  const { records } = holdsUse(tail) || tail.whole ? tail : readBack(ctx, path, size)
  const boundary = records.findLastIndex(isBoundary)
  const answers = records.flatMap((record, index) => {
    const answer = answerOf(record)
    return answer === null ? [] : [{ ...answer, isCurrent: index > boundary }]
  })
  const last = answers.at(-1)
  if (last === undefined) return null
  const counted = answers
    .filter((answer) => answer.model === last.model)
    .map((answer) => answer.input + answer.output)
  const boundaries = records.filter(isBoundary)
  const latest = boundaries.at(-1)
  return {
    ...last,
    most: greatest(counted) ?? 0,
    compactedAt: latest === undefined ? null : timeOf(latest),
    compactedWith: boundaries.flatMap((record) => tokensBefore(record) ?? []).at(-1) ?? null,
  }
}

/** What made the client compact by itself; null where its user asked for it. */
function tokensBefore(record: TranscriptRecord): number | null {
  const { trigger, preTokens } = objectOf(record.compactMetadata) ?? {}
  return trigger === "auto" && typeof preTokens === "number" && preTokens > 0 ? preTokens : null
}

/** `settings`: of its running client, else null. */
export function contextUseOf(last: LastAnswer | null, settings: WindowSettings | null): ContextUse {
  if (last === null)
    return {
      ...{ model: null, contextTokens: null, contextInputTokens: null, contextWindow: null },
      ...{ compactsAt: null, compactedAt: null },
    }
  const { isCurrent, input, output, model, most, compactedAt } = last
  return {
    model: model !== null && isLong(last) && !longSuffix.test(model) ? `${model}[1m]` : model,
    // what was counted before a compaction is not in the context any more
    contextTokens: isCurrent ? input + output : null,
    contextInputTokens: isCurrent ? input : null,
    contextWindow: windowOf(last, most, settings),
    compactsAt: compactsAt(last, settings),
    compactedAt,
  }
}

/**
 * Room that the client keeps within its compaction window: 20,000 tokens for the summary and 13,000 more. With a window
 * of 150,000 it compacted before the first prompt above 117,000, and above 65,000 with CLAUDE_AUTOCOMPACT_PCT_OVERRIDE=50
 * (2.1.332, observed); without a window, whatever the share, only when the API refuses.
 */
const summaryReserve = 20_000
const compactReserve = summaryReserve + 13_000

function compactsWithin({ compactWindow: window, compactShare: share }: WindowSettings): number | null {
  if (window === null || window <= compactReserve) return null
  const shared = share === null ? window : Math.floor((window - summaryReserve) * share)
  return Math.min(shared, window - compactReserve)
}

function compactsAt(last: LastAnswer, settings: WindowSettings | null): number | null {
  const { isCurrent, input, output, compactedWith } = last
  const set = settings === null ? null : compactsWithin(settings)
  // a context that has grown beyond what it was compacted with disproves that limit, as another model does
  const isDisproved = isCurrent && input + output > (compactedWith ?? 0)
  const seen = isDisproved ? null : compactedWith
  return set === null || seen === null ? (set ?? seen) : Math.min(set, seen)
}

function holdsUse({ records }: TranscriptSlice): boolean {
  return records.some((record) => answerOf(record) !== null)
}

function readBack(ctx: FileReading, path: DiskPath, size: number): TranscriptSlice {
  return readTail(ctx, path, size, holdsUse, firstSearchBytes, maxLongLineBytes)
}

function isBoundary({ type, subtype }: TranscriptRecord): boolean {
  return type === "system" && subtype === "compact_boundary"
}

/** Records that the client wrote in place of an answer (an API error, an interruption) name no real model. */
export function answerOf(record: TranscriptRecord): Answer | null {
  if (!isMessage(record) || record.type !== "assistant" || record.isApiErrorMessage === true) return null
  const message = objectOf(record.message)
  const usage = objectOf(message?.usage)
  const model = textIn(message?.model)
  if (usage === null || model === noModel) return null
  const { input, cacheWrite, cacheRead, output } = tokenCounts(usage)
  return { model, requested: textIn(record.requestedModel), input: input + cacheWrite + cacheRead, output }
}

function isLong({ model, requested }: Answer): boolean {
  return longSuffix.test(requested ?? "") || longSuffix.test(model ?? "")
}

/** `most`: the most tokens an answer of this model had in its context; more than a window holds disproves it. */
function windowOf(answer: Answer, most: number, settings: WindowSettings | null): number | null {
  const kind = windowKind((answer.model ?? "").replace(longSuffix, ""))
  const window = configuredWindow(kind !== null, settings) ?? windowByTable(answer, kind)
  if (window !== null && most <= window) return window
  return kind === "optional" && most > standardWindow ? longWindow : null
}

function configuredWindow(known: boolean, settings: WindowSettings | null): number | null {
  if (settings === null) return null
  if (settings.maxTokens !== null && (settings.maxForAll || !known)) return settings.maxTokens
  return settings.noLongWindow && known ? standardWindow : null
}

function windowByTable(answer: Answer, kind: ReturnType<typeof windowKind>): number | null {
  if (kind === null) return null
  if (kind === "long" || isLong(answer)) return longWindow
  // a client that does not record what the user chose does not tell which of the two it is
  return kind === "standard" || answer.requested !== null ? standardWindow : null
}
