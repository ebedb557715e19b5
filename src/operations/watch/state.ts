import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import { parsePid } from "../../domain/session/pid.ts"
import { type Notes, type SessionSight, watchReasons } from "../../domain/watch/sight.ts"
import { type Paths, watchFolder } from "../../system/config/paths.ts"
import { replaceDocument } from "../../system/fs/config-files.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import type { Files } from "../../system/fs/files.ts"
import { systemProcesses } from "../../system/process/system-processes.ts"

const maxStateBytes = 8 * MiB
/** What is kept of sessions, of what was told, and of errors. */
export const maxNotedSessions = 2000
const maxTold = 50
const maxErrors = 20
const noteMaxAgeMs = 30 * 86_400_000

const reason = v.picklist(watchReasons)
const time = v.number()
const optionalTime = v.nullable(time)

const note = v.object({
  mark: v.string(),
  level: v.number(),
  savedAt: optionalTime,
  savedSize: v.number(),
  toldMark: v.nullable(v.string()),
  failedMark: v.nullable(v.string()),
  at: time,
})
const seen = v.object({
  key: v.string(),
  id: v.nullable(v.string()),
  agent: v.string(),
  project: v.nullable(v.string()),
  pid: v.nullable(v.number()),
  state: v.string(),
  detail: v.string(),
  tokens: v.nullable(v.number()),
  percent: v.nullable(v.number()),
  window: v.nullable(v.number()),
  compactsAt: v.nullable(v.number()),
  saved: v.string(),
  reasons: v.array(reason),
})
const telling = v.object({
  at: time,
  text: v.string(),
  /** `desktop`, `command`, `terminal`; empty when nothing could show it. */
  by: v.array(v.string()),
  sessions: v.array(v.object({ id: v.nullable(v.string()), reason, saved: v.string() })),
})
const exported = v.object({
  at: time,
  id: v.nullable(v.string()),
  reason,
  outcome: v.string(),
  path: v.nullable(v.string()),
  bytes: v.number(),
})
const runner = v.object({
  pid: v.number(),
  startMark: v.string(),
  version: v.string(),
  startedAt: time,
})
/** What ran at its last look, of a watcher that did not end by itself: the machine went down, or it was killed. */
const cutOff = v.object({
  at: time,
  sessions: v.array(v.object({ id: v.nullable(v.string()), agent: v.string() })),
})
const schema = v.object({
  version: v.literal(1),
  /** null once it has ended by itself. */
  runner: v.nullable(runner),
  lastLookAt: optionalTime,
  nextLookAt: optionalTime,
  /** When it last looked at every session, also for those that their client deletes soon. */
  lastFullLookAt: optionalTime,
  awakeSince: optionalTime,
  cutOff: v.optional(v.nullable(cutOff), null),
  /** Grows with every change that it saw: the live list looks when it does. */
  changes: v.number(),
  sessions: v.array(seen),
  notes: v.record(v.string(), v.record(v.string(), note)),
  lastExport: v.nullable(exported),
  told: v.array(telling),
  errors: v.array(v.object({ at: time, message: v.string() })),
})

export type WatchState = v.InferOutput<typeof schema>
export type SeenSession = WatchState["sessions"][number]
export type Telling = WatchState["told"][number]

export function stateFile(paths: Pick<Paths, "data">): string {
  return `${watchFolder(paths)}/state.json`
}

export function emptyState(): WatchState {
  return {
    version: 1,
    runner: null,
    lastLookAt: null,
    nextLookAt: null,
    lastFullLookAt: null,
    awakeSince: null,
    cutOff: null,
    changes: 0,
    sessions: [],
    notes: {},
    lastExport: null,
    told: [],
    errors: [],
  }
}

/** null when there is none. A damaged one is as good as none: something is told or compared once more. */
export function readWatchState(paths: Pick<Paths, "data">, files: Files): WatchState | null {
  const text = files.quiet.text(stateFile(paths), maxStateBytes)
  if (text === null) return null
  try {
    const read = v.safeParse(schema, JSON.parse(text))
    return read.success ? read.output : null
  } catch {
    return null
  }
}

/** Replaces the file as a whole; throws the system's own error. */
export async function writeWatchState(paths: Pick<Paths, "data">, state: WatchState): Promise<void> {
  makeFolders(watchFolder(paths), false)
  await replaceDocument(stateFile(paths), `${JSON.stringify(state, null, 1)}\n`, { flush: false })
}

/** The watcher that wrote the state, if it still runs. */
export async function runningWatcher(state: WatchState | null): Promise<WatchState["runner"]> {
  const pid = parsePid(state?.runner?.pid ?? 0)
  if (state?.runner == null || pid === null) return null
  const pulse = await (await systemProcesses()).probe(pid).catch(() => null)
  return pulse?.startMark === state.runner.startMark ? state.runner : null
}

export function seenOf(sight: SessionSight, reasons: SeenSession["reasons"]): SeenSession {
  const { key, id, agent, project, client, state, detail, tokens, percent, window, compactsAt, saved } = sight
  return {
    ...{ key, id, agent, project, pid: client?.pid ?? null, state, detail },
    ...{ tokens, percent, window, compactsAt, saved, reasons },
  }
}

/** Without what is old, and without what is too much. */
export function bounded(state: WatchState, now: number): WatchState {
  const latest = (notes: Notes) => Math.max(...Object.values(notes).map(({ at }) => at))
  const kept = Object.entries(state.notes as Record<string, Notes>)
    .filter(([, notes]) => Object.keys(notes).length > 0 && now - latest(notes) < noteMaxAgeMs)
    .toSorted(([, a], [, b]) => latest(b) - latest(a))
    .slice(0, maxNotedSessions)
  return {
    ...state,
    notes: Object.fromEntries(kept) as WatchState["notes"],
    told: state.told.slice(-maxTold),
    errors: state.errors.slice(-maxErrors),
  }
}
