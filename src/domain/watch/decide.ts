import { isFullySaved } from "../listing/saved-mark.ts"
import { contextFill, thresholdReached } from "./context-fill.ts"
import {
  type Note,
  type Notes,
  type SessionSight,
  savingFailed,
  savingNow,
  type WatchReason,
  type WatchSettings,
} from "./sight.ts"

/** The moment of a look. */
export interface Moment {
  readonly now: number
  /** Before it the machine slept: nothing hangs because of time that it slept through. */
  readonly awakeSince: number | null
  /** The look before this one; null without one. */
  readonly lastLookAt: number | null
}

/** What is to be done about a session, for one reason. */
export interface Action {
  readonly reason: WatchReason
  readonly save: boolean
  readonly tell: boolean
  readonly note: Note
}

export interface Decision {
  readonly actions: readonly Action[]
  /** What is kept of earlier ones; those of the actions are added once they are done. */
  readonly notes: Notes
  /** The reasons that hold now, whether or not something is to be done. */
  readonly reasons: readonly WatchReason[]
  /** When another look is needed though nothing may change until then. */
  readonly lookAt: number | null
}

interface Occasion {
  readonly reason: WatchReason
  readonly mark: string
  readonly level: number
  readonly saves: boolean
  readonly tells: boolean
}

/** Nobody needs to be woken for what crashed before. */
const crashNewsMs = 86_400_000
/** A silent turn is looked at again after this. */
const silentLookMs = 60_000

/** What to do about a session: its own facts, what was done before, and the moment decide, and nothing else. */
export function decide(
  sight: SessionSight,
  notes: Notes,
  { moment, settings }: { readonly moment: Moment; readonly settings: WatchSettings },
): Decision {
  const occasions = occasionsOf(sight, notes, { moment, settings })
  const kept: Partial<Record<WatchReason, Note>> = {}
  for (const [reason, note] of Object.entries(notes) as [WatchReason, Note][]) {
    // a reason that has gone is told again when it comes back; the time of its copy still counts
    kept[reason] = occasions.some((each) => each.reason === reason) ? note : { ...note, toldMark: null }
  }
  const actions = occasions.flatMap(
    (occasion) => actionFor(occasion, sight, notes, { moment, settings }) ?? [],
  )
  const blocked = occasions.flatMap(({ reason, saves }) => {
    const until = (notes[reason]?.savedAt ?? 0) + settings.coolDownMs
    return saves && !isFullySaved({ kind: sight.saved, at: null }) && until > moment.now ? [until] : []
  })
  return {
    actions,
    notes: kept,
    reasons: occasions.map(({ reason }) => reason),
    lookAt: earliest([...blocked, nextChange(sight, { moment, settings })]),
  }
}

type Facts = { readonly moment: Moment; readonly settings: WatchSettings }

function occasionsOf(sight: SessionSight, notes: Notes, { moment, settings }: Facts): readonly Occasion[] {
  const { now } = moment
  const found: Occasion[] = []
  const add = (reason: WatchReason, mark: string | number, rest: Partial<Occasion> = {}) =>
    found.push({ reason, mark: String(mark), level: 0, saves: true, tells: true, ...rest })
  const context = contextOccasion(sight, notes, moment, settings)
  if (context !== null) add("context", context.mark, context)
  if (sight.need === "crashed")
    add("crashed", sight.lastActivity ?? 0, { tells: now - (sight.lastActivity ?? 0) < crashNewsMs })
  if (hangs(sight, { moment, settings })) add("hung", sight.lastActivity ?? 0)
  if (sight.need === "unsaved") add("purge", sight.purgeAt ?? 0)
  const waits = sight.waitingSince === null ? null : now - sight.waitingSince
  if (sight.need === "asking" && waits !== null && waits >= settings.waitingAfterMs)
    add("waiting", sight.waitingSince ?? 0, { saves: false })
  if (sight.need === "waiting" && waits !== null && waits >= settings.idleAfterMs)
    add("idle", sight.waitingSince ?? 0, { saves: false })
  return found
}

/** Of a running client only: the context of what nobody writes to does not fill up. */
function contextOccasion(
  sight: SessionSight,
  notes: Notes,
  { lastLookAt }: Moment,
  { at }: WatchSettings,
): { readonly mark: string; readonly level: number } | null {
  if (sight.client === null) return null
  const level = thresholdReached(contextFill(sight), at)
  const { compactedAt, savedAt } = sight
  if (level !== null) return { mark: `${level} ${compactedAt ?? 0}`, level }
  // it was compacted between two looks, and nobody saved it in the meantime
  const wasSaved = savedAt !== null && lastLookAt !== null && savedAt >= lastLookAt
  const isNew = compactedAt !== null && lastLookAt !== null && compactedAt > lastLookAt && !wasSaved
  const mark = `compacted ${compactedAt}`
  return isNew || notes.context?.mark === mark ? { mark, level: 0 } : null
}

/** The verdict of `status`, except that nothing hangs because of time in which the machine slept. */
function hangs(sight: SessionSight, { moment, settings }: Facts): boolean {
  if (sight.state !== "HUNG") return false
  if (moment.awakeSince === null || sight.client?.stopped === true) return true
  return moment.now - Math.max(sight.lastActivity ?? 0, moment.awakeSince) >= settings.hungAfterMs
}

function actionFor(occasion: Occasion, sight: SessionSight, notes: Notes, facts: Facts): Action | null {
  const { reason, mark, level, saves, tells } = occasion
  const { moment, settings } = facts
  const note = notes[reason]
  const save = saves && sight.transcript !== null && needsCopy(occasion, sight, note, facts)
  const isRise = reason !== "context" || level === 0 || level > (note?.toldMark ? note.level : 0)
  const tell = tells && settings.notify.includes(reason) && note?.toldMark !== mark && isRise
  if (!save && !tell) return null
  return {
    reason,
    save,
    tell,
    note: {
      mark,
      level,
      savedAt: save ? moment.now : (note?.savedAt ?? null),
      savedSize: save ? savingNow : (note?.savedSize ?? savingFailed),
      toldMark: tell ? mark : (note?.toldMark ?? null),
      failedMark: note?.failedMark ?? null,
      at: moment.now,
    },
  }
}

function needsCopy(
  { mark, level }: Occasion,
  { saved, size }: SessionSight,
  note: Note | undefined,
  { moment: { now }, settings }: Facts,
): boolean {
  if (isFullySaved({ kind: saved, at: null })) return false
  if (note?.savedAt == null) return true
  if (note.savedSize === savingNow) return false
  if (level > note.level) return true // the next threshold
  // a time in the future: the clock was set back
  const hasCooled = note.savedAt > now || now - note.savedAt >= settings.coolDownMs
  return hasCooled && (note.mark !== mark || note.savedSize < 0 || size - note.savedSize > settings.minGrowth)
}

/** When time alone will change what is decided about a live session. */
function nextChange(sight: SessionSight, { moment, settings }: Facts): number | null {
  const { now, awakeSince } = moment
  if (sight.client === null) return null
  const since = sight.waitingSince
  const after = (start: number, wait: number) => (start + wait > now ? start + wait : now + silentLookMs)
  if (sight.need === "asking" && since !== null)
    return now - since < settings.waitingAfterMs ? since + settings.waitingAfterMs : null
  if (sight.need === "waiting" && since !== null && settings.notify.includes("idle"))
    return now - since < settings.idleAfterMs ? since + settings.idleAfterMs : null
  const silentSince = Math.min(now, Math.max(sight.lastActivity ?? 0, awakeSince ?? 0))
  if (sight.need === "working" || (sight.need === "hung" && !hangs(sight, { moment, settings })))
    return after(silentSince, settings.hungAfterMs)
  return null
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.flatMap((time) => time ?? [])
  return known.length === 0 ? null : Math.min(...known)
}
