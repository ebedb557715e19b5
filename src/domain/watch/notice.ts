import type { SessionSight, WatchReason } from "./sight.ts"

/** When a hook could not save a session: its client compacts it, or has ended it. */
export type HookReason = "compacting" | "ended"

/** Something that a user is told about one session. */
export interface WatchNotice<Reason extends WatchReason | HookReason = WatchReason> {
  readonly reason: Reason
  readonly sight: SessionSight
  /**
   * `saved`: a copy holds all of it. `partly`: not everything could be copied. `saving`: the copy is being made. `no space`,
   * `limit`: nothing was copied. `older`: a copy of a few minutes ago is there, and the next one follows. `not needed`:
   * nothing is copied for this reason.
   */
  readonly saved:
    | "saved"
    | "partly"
    | "saving"
    | "older"
    | "no space"
    | "limit"
    | "failed"
    | "nothing"
    | "not needed"
  readonly path: string | null
  readonly message: string | null
}

/** Title and text of one notification. */
export interface NoticeText {
  readonly title: string
  readonly text: string
}

type AnyNotice = WatchNotice<WatchReason | HookReason>

/** Most urgent first. */
const order: readonly AnyNotice["reason"][] = [
  ...(["hung", "crashed", "compacting", "context", "waiting", "purge", "ended", "idle"] as const),
]
const maxLines = 4

/** One notification of one or more notices; no text of a conversation is in it, for other users may read it. */
export function noticeText(notices: readonly AnyNotice[]): NoticeText {
  const sorted = notices.toSorted((a, b) => order.indexOf(a.reason) - order.indexOf(b.reason))
  const lines = sorted.slice(0, maxLines).map(describeNotice)
  const rest = sorted.length - lines.length
  const [first] = lines
  const unsaved = notices.filter(({ saved }) => unsavedOutcomes.includes(saved)).length
  const title =
    sorted.length === 1
      ? `session-rescue: ${headline(sorted[0]?.reason)}`
      : `session-rescue: ${sorted.length} sessions${unsaved > 0 ? `, ${unsaved} NOT SAVED` : ""}`
  return {
    title,
    text:
      sorted.length === 1 ? (first ?? "") : [...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n"),
  }
}

const unsavedOutcomes: readonly WatchNotice["saved"][] = ["no space", "limit", "failed"]

function headline(reason: AnyNotice["reason"] | undefined): string {
  switch (reason) {
    case "hung":
      return "a session hangs"
    case "crashed":
      return "a session crashed"
    case "context":
      return "a context is nearly full"
    case "waiting":
      return "a session waits for you"
    case "purge":
      return "a session is about to be deleted"
    case "compacting":
    case "ended":
      return "a session is NOT SAVED"
    default:
      return "a session is idle"
  }
}

/** One line: what happened to which session, whether it is saved, and what to type next. */
export function describeNotice(notice: AnyNotice): string {
  const { sight } = notice
  const id = sight.id?.slice(0, 8) ?? (sight.client === null ? "" : `pid ${sight.client.pid}`)
  const name = [sight.project, id].filter(Boolean).join(" ")
  return `${name}: ${happened(notice)}; ${describeOutcome(notice)}${nextWords(notice)}`
}

function happened({ reason, sight }: AnyNotice): string {
  switch (reason) {
    case "hung":
      return `hangs (${sight.detail})`
    case "crashed":
      return sight.detail === "crashed" ? "its client crashed" : sight.detail
    case "waiting":
      return "waits for your answer"
    case "idle":
      return "has been idle for long"
    case "purge":
      return "its client deletes it within seven days"
    case "compacting":
      return "its client compacts it"
    case "ended":
      return "has ended"
    case "context":
      return contextWords(sight)
  }
}

function contextWords({ tokens, percent, window, compactsAt }: SessionSight): string {
  if (tokens === null) return "its context was compacted"
  const size = (number: number) => (number >= 1e6 ? `${number / 1e6}M` : `${Math.round(number / 1000)}k`)
  const share =
    percent === null || window === null ? `${size(tokens)} tokens` : `${percent}% of ${size(window)}`
  const limit =
    compactsAt !== null && (window === null || compactsAt < window) ? `, compacts at ${size(compactsAt)}` : ""
  return `context ${share}${limit}`
}

/** What became of the copy. */
export function describeOutcome({ saved, message }: Pick<WatchNotice, "saved" | "message">): string {
  switch (saved) {
    case "saved":
      return "saved"
    case "partly":
      return `saved in part (${message})`
    case "saving":
      return "being saved"
    case "older":
      return "saved a few minutes ago, and again in ten"
    case "no space":
      return "NOT SAVED: the disk is nearly full"
    case "limit":
      return "NOT SAVED: unprocessed copies take all of watch.max_bytes"
    case "failed":
      return `NOT SAVED: ${message ?? "see session-rescue watch --status"}`
    case "nothing":
      return "nothing on disk yet"
    case "not needed":
      return "nothing needs to be saved"
  }
}

function nextWords({ reason, saved, sight }: AnyNotice): string {
  const id = sight.id?.slice(0, 8)
  if (saved === "no space" || saved === "limit")
    return ". Next: session-rescue cx, then session-rescue export"
  if (id === undefined) return ""
  if (reason === "hung") return `. Next: session-rescue kill ${id}`
  return reason === "crashed" ? `. Next: session-rescue resume ${id}` : ""
}
