import { isFullySaved } from "../../domain/listing/saved-mark.ts"
import { type Action, decide } from "../../domain/watch/decide.ts"
import type { WatchNotice } from "../../domain/watch/notice.ts"
import {
  type Note,
  type Notes,
  type SessionSight,
  savingFailed,
  savingNow,
  type WatchSettings,
} from "../../domain/watch/sight.ts"
import type { LookQuery, WatchLook } from "./look.ts"
import type { ToSave, WatchSaved } from "./save.ts"
import { bounded, seenOf, type Telling, type WatchState } from "./state.ts"

/** What is to be done about one session, for all of its reasons. */
export interface Task {
  readonly sight: SessionSight
  readonly actions: readonly Action[]
}

/** A look at every session is this old at most: what a client deletes soon is in no other. */
export const fullLookEveryMs = 86_400_000
/** What was written to while the last look went on is looked at again. */
const overlapMs = 60_000

/** The watcher's memory: takes looks, says what is to be done, and takes down what was done. */
export class Watching {
  readonly #settings: WatchSettings
  #state: WatchState
  #live: readonly SessionSight[] = []
  /** Transcripts of sessions that are looked at again though nobody runs them. */
  readonly #again = new Set<string>()
  /** Reasons of sessions whose user is about to be told. */
  readonly #untold = new Set<string>()

  constructor(state: WatchState, settings: WatchSettings) {
    this.#state = { ...state, notes: withoutCutOff(state.notes as Record<string, Notes>) }
    this.#settings = settings
  }

  get state(): WatchState {
    return this.#state
  }

  /** The state as it is kept: a watcher that is killed before it told something has not told it. */
  get kept(): WatchState {
    const notes = { ...(this.#state.notes as Record<string, Notes>) }
    for (const untold of this.#untold) {
      const [key = "", reason = ""] = untold.split("\n") as [string, Action["reason"]]
      const note = notes[key]?.[reason as Action["reason"]]
      if (note !== undefined) notes[key] = { ...notes[key], [reason]: { ...note, toldMark: null } } // safety: watch-untold
    }
    return { ...this.#state, notes: notes as WatchState["notes"] }
  }

  /** The running sessions of the last look. */
  get live(): readonly SessionSight[] {
    return this.#live
  }

  /** What the next look is about. */
  query(now: number): LookQuery {
    const { lastFullLookAt: full, lastLookAt } = this.#state
    const ran = this.#state.sessions.filter(({ pid }) => pid !== null).flatMap(({ key }) => transcriptIn(key))
    const transcripts = [...ran, ...this.#again]
    // a time in the future: the clock was set back
    const isDue = full === null || full > now || now - full >= fullLookEveryMs
    return { full: isDue, since: Math.min(lastLookAt ?? 0, now) - overlapMs, transcripts }
  }

  hasSlept(at: number): void {
    this.#state = { ...this.#state, awakeSince: at }
  }

  runs(runner: WatchState["runner"]): void {
    const { runner: before, lastLookAt, sessions } = this.#state
    const ran = sessions.filter(({ pid }) => pid !== null).map(({ id, agent }) => ({ id, agent }))
    const wasCutOff = runner !== null && before !== null && lastLookAt !== null && ran.length > 0
    const cutOff = wasCutOff ? { at: lastLookAt, sessions: ran } : this.#state.cutOff
    this.#state = { ...this.#state, runner, cutOff }
  }

  fails(message: string, at: number): void {
    if (this.#state.errors.at(-1)?.message === message) return
    this.#state = bounded({ ...this.#state, errors: [...this.#state.errors, { at, message }] }, at)
  }

  told(telling: Telling, notices: readonly WatchNotice[]): void {
    for (const { sight, reason } of notices) this.#untold.delete(`${sight.key}\n${reason}`)
    this.#state = bounded({ ...this.#state, told: [...this.#state.told, telling] }, telling.at)
  }

  take(look: WatchLook): readonly Task[] {
    const { awakeSince, lastLookAt, lastFullLookAt } = this.#state
    const moment = { now: look.at, awakeSince, lastLookAt }
    const settings = { ...this.#settings, hungAfterMs: look.hungAfterMs }
    const notes = { ...(this.#state.notes as Record<string, Notes>) }
    const tasks: Task[] = []
    const seen = new Map<string, WatchState["sessions"][number]>()
    const times: number[] = []
    for (const sight of look.sessions) {
      const decision = decide(sight, notes[sight.key] ?? {}, { moment, settings })
      const done = decision.actions.map(({ reason, note }) => [reason, note] as const)
      const all = { ...decision.notes, ...Object.fromEntries(done) }
      if (Object.keys(all).length > 0) notes[sight.key] = all
      for (const { reason, tell } of decision.actions) if (tell) this.#untold.add(`${sight.key}\n${reason}`)
      if (decision.actions.length > 0) tasks.push({ sight, actions: decision.actions })
      if (decision.lookAt !== null) times.push(decision.lookAt)
      seen.set(sight.key, seenOf(sight, [...decision.reasons]))
      this.#lookAgain(sight, decision.lookAt !== null)
    }
    this.#live = look.sessions.filter(({ client }) => client !== null)
    const others = look.full
      ? []
      : this.#state.sessions.filter(({ key, pid }) => pid === null && !seen.has(key))
    this.#state = bounded(
      {
        ...this.#state,
        notes: notes as WatchState["notes"],
        sessions: [...seen.values(), ...others],
        lastLookAt: look.at,
        lastFullLookAt: look.full ? look.at : lastFullLookAt,
        nextLookAt: Math.min(look.at + fullLookEveryMs, ...times),
        changes: this.#state.changes + 1,
      },
      look.at,
    )
    return tasks
  }

  /** Takes down what became of a copy; its reasons are told, if they are to be, with that outcome. */
  saved({ sight, actions }: Task, result: WatchSaved, at: number): readonly WatchNotice[] {
    const { outcome, path, bytes, message } = result
    const failed = outcome !== "saved" && outcome !== "partly" && outcome !== "nothing"
    const notices: WatchNotice[] = []
    for (const { reason, save, tell } of actions) {
      const note = (this.#state.notes as Record<string, Notes>)[sight.key]?.[reason]
      if (save && note !== undefined) {
        const done = { savedSize: sight.size, failedMark: null }
        this.#note(sight, reason, {
          ...note,
          ...(failed ? { savedSize: savingFailed, failedMark: note.mark } : done),
        })
        if (failed) this.#lookAgain(sight, true)
      }
      // what could not be saved is told, whatever else is
      if (tell || (save && failed && note?.failedMark !== note?.mark))
        notices.push({ reason, sight, saved: save ? outcome : quietOutcome(sight, reason), path, message })
    }
    const [first] = actions.filter(({ save }) => save)
    const copied = outcome === "saved" || outcome === "partly"
    const done = { at, id: sight.id, reason: first?.reason ?? "context", outcome, path, bytes }
    this.#state = {
      ...this.#state,
      lastExport: copied ? done : this.#state.lastExport,
      sessions: this.#state.sessions.map((each) =>
        each.key === sight.key && outcome === "saved" ? { ...each, saved: "saved" } : each,
      ),
    }
    if (failed || outcome === "partly") this.fails(`${sight.id ?? sight.key}: ${message ?? outcome}`, at)
    return notices
  }

  /** How many bytes the state takes, at most. */
  #note(sight: SessionSight, reason: Action["reason"], note: Note): void {
    const notes = this.#state.notes as Record<string, Notes>
    const changed = { ...notes, [sight.key]: { ...notes[sight.key], [reason]: note } }
    this.#state = { ...this.#state, notes: changed as WatchState["notes"] }
  }

  #lookAgain({ transcript, client }: SessionSight, again: boolean): void {
    if (transcript === null) return
    if (again && client === null) this.#again.add(transcript)
    else this.#again.delete(transcript)
  }
}

/** A watcher that was killed did not finish what it noted as begun: it is begun again. */
function withoutCutOff(notes: Readonly<Record<string, Notes>>): WatchState["notes"] {
  const restart = (note: Note) => (note.savedSize === savingNow ? { ...note, savedAt: null } : note) // safety: watch-cut-off
  const entries = Object.entries(notes).map(([key, of]) => [
    key,
    Object.fromEntries(Object.entries(of).map(([reason, note]) => [reason, restart(note)])),
  ])
  return Object.fromEntries(entries)
}

/** The transcript that a session's key names; none for one without. */
function transcriptIn(key: string): readonly string[] {
  const path = key.split("\0")[2]
  return path?.startsWith("/") ? [path] : []
}

/** The reasons of a task that need no copy. */
export function quietNotices({ sight, actions }: Task): readonly WatchNotice[] {
  return actions.flatMap(({ reason, tell }) =>
    tell ? [{ reason, sight, saved: quietOutcome(sight, reason), path: null, message: null }] : [],
  )
}

function quietOutcome(sight: SessionSight, reason: Action["reason"]): WatchNotice["saved"] {
  if (isFullySaved({ kind: sight.saved, at: null })) return "saved"
  if (reason === "waiting" || reason === "idle") return "not needed"
  return sight.transcript === null ? "nothing" : "older"
}

export function needsSaving({ actions }: Task): boolean {
  return actions.some(({ save }) => save)
}

export function toSave({ sight }: Task): ToSave {
  const { key, agent, home, transcript } = sight
  return { key, agent, home, transcript: transcript ?? "" }
}

/** What is told while a copy is still being made. */
export function beingSaved({ sight, actions }: Task): readonly WatchNotice[] {
  return actions.flatMap(({ reason, tell }) =>
    tell ? [{ reason, sight, saved: "saving", path: null, message: null } as const] : [],
  )
}

/** In place of a result, of a child that gave none. */
export function noAnswer({ sight }: Task): WatchSaved {
  return {
    key: sight.key,
    outcome: "failed",
    path: null,
    bytes: 0,
    replaced: 0,
    message: "the export did not finish",
  }
}
