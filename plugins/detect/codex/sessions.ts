/** Sessions: threads matched to the processes that run them, and to the windows that show them. */
import {
  ancestorAmong,
  type Context,
  type Evidence,
  type Flag,
  type FoundSession,
  formatDuration,
  liveProcessOf,
  type ProcessEntry,
  readTail,
  type SessionId,
} from "session-rescue"
import type { Rollout, Thread } from "./records/rollouts.ts"
import { holdsTurn, readTurn } from "./records/turn.ts"
import type { Holder, Running } from "./running.ts"
import { matchWindows } from "./windows.ts"

/** Data of `detect` that `examine` needs again. */
export interface CodexData {
  readonly cwd: string | null
  readonly subagents: readonly Rollout[]
}

export interface HeldSession {
  readonly session: FoundSession
  readonly thread: Thread | null
}

/** The threads that a process runs. One that a service keeps loaded though nobody works in it is not among them. */
export async function heldSessions(
  ctx: Context,
  running: Running,
  threads: readonly Thread[],
): Promise<readonly HeldSession[]> {
  const subagents = new Set(threads.flatMap((thread) => thread.subagents.map(({ id }) => id)))
  const windows = running.holders.filter(({ role, threads: its }) => role === "client" && its.size === 0)
  const writers = Map.groupBy(
    running.holders.flatMap((holder) => [...holder.threads].map((id) => ({ holder, id }))),
    ({ holder, id }) => `${holder.home}\0${id}`,
  )
  const held = [...writers.values()].flat().filter(({ id }) => !subagents.has(id))
  const threadOf = ({ holder, id }: { holder: Holder; id: SessionId }) =>
    threads.find((each) => each.id === id && each.home === holder.home) ?? null
  const served = held.filter(({ holder }) => holder.role === "service")
  const shown = matchWindows(
    windows,
    served.map((each) => ({ id: each.id, home: each.holder.home, cwd: threadOf(each)?.cwd ?? null })),
  )
  const sessions = held.flatMap(({ holder, id }): HeldSession[] => {
    const thread = threadOf({ holder, id })
    const viewers = holder.role === "service" ? (shown.get(id) ?? []) : []
    if (holder.role === "service" && viewers.length === 0 && !isMidTurn(ctx, thread)) return []
    const flags: Flag[] = (writers.get(`${holder.home}\0${id}`)?.length ?? 0) > 1 ? ["duplicate-writer"] : []
    return [{ thread, session: heldSession(ctx, running, { holder, id, thread, viewers, flags }) }]
  })
  reportWindows(ctx, windows, running)
  return Promise.all(
    sessions.map(async (each) => ({ ...each, session: await withOwnChildren(ctx, each.session) })),
  )
}

function isMidTurn(ctx: Context, thread: Thread | null): boolean {
  if (thread === null) return false
  const tail = readTail(ctx, thread.path, thread.stat.size, ({ records }) => holdsTurn(records))
  return readTurn(tail.records).phase === "mid-turn"
}

interface Found {
  readonly holder: Holder
  readonly id: SessionId
  readonly thread: Thread | null
  readonly viewers: readonly Holder[]
  readonly flags: readonly Flag[]
}

function heldSession(
  ctx: Context,
  { list }: Running,
  { holder, id, thread, viewers, flags }: Found,
): FoundSession {
  const [window] = viewers
  const inService = holder.role === "service"
  const cwd = thread?.cwd ?? window?.details.cwd ?? (inService ? null : holder.details.cwd)
  const evidence: Evidence[] = [
    { signal: "identity", message: `process ${holder.entry.pid} has its rollout or its lock open` },
    ...(inService ? [{ signal: "service", message: describeService(holder, viewers) }] : []),
  ]
  return {
    ...placeOf(thread),
    agent: "codex",
    id,
    home: holder.home,
    process: liveProcessOf(holder.entry, list, inService ? (window?.entry ?? null) : holder.entry),
    candidates: [],
    current: currentBy(ctx, holder, id, list),
    reported: null,
    mode:
      holder.role === "exec" ? "headless" : inService && window === undefined ? "background" : "interactive",
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: evidence,
    flags,
    detectData: { cwd, subagents: thread?.subagents ?? [] } satisfies CodexData,
  }
}

function describeService({ entry, threads }: Holder, viewers: readonly Holder[]): string {
  const others = threads.size - 1
  const shown = viewers.map(
    ({ entry }) => `pid ${entry.pid}${entry.terminal === null ? "" : ` in ${entry.terminal}`}`,
  )
  const where = shown.length === 0 ? "no window was opened for it" : `opened by ${shown.join(", ")}`
  const more = others === 0 ? "" : `, which has ${others} more loaded and would end them, too`
  return `Codex's service (pid ${entry.pid}) runs it${more}; ${where}`
}

/** The windows of homes in which no service runs, by the thread that each shows: they wait for a new one in vain. */
export function stranded(
  running: Running,
  threads: readonly Thread[],
): ReadonlyMap<SessionId, readonly Holder[]> {
  const windows = running.holders.filter(
    ({ role, threads: its, home }) => role === "client" && its.size === 0 && !isServed(home, running),
  )
  return windows.length === 0 ? new Map() : matchWindows(windows, threads)
}

function isServed(home: string, { holders }: Running): boolean {
  return holders.some((each) => each.role === "service" && each.home === home)
}

export function storedSession(ctx: Context, thread: Thread, windows: readonly Holder[] = []): FoundSession {
  return {
    ...placeOf(thread),
    agent: "codex",
    id: thread.id,
    home: thread.home,
    process: null,
    candidates: [],
    current: ctx.self.environment.CODEX_THREAD_ID === thread.id ? namedByVariable : null,
    reported: null,
    ...(thread.cwd === null ? {} : { names: [{ kind: "folder", value: thread.cwd }] }),
    identity: [
      ...(thread.archived ? [{ signal: "archive", message: "archived in Codex (codex archive)" }] : []),
      ...windows.map(({ entry }) => ({ signal: "window", message: describeStranded(entry) })),
    ],
    flags: [],
    detectData: { cwd: thread.cwd, subagents: thread.subagents } satisfies CodexData,
  }
}

function describeStranded({ pid, terminal }: ProcessEntry): string {
  return `its window (pid ${pid}${terminal === null ? "" : ` in ${terminal}`}) waits for Codex's service, which does not run: leave it with Ctrl-C, then resume`
}

function placeOf(thread: Thread | null) {
  return {
    transcript: thread?.path ?? null,
    transcriptSize: thread?.stat.size ?? 0,
    transcriptStat: thread?.stat ?? null,
    modifiedAt: thread?.stat.modifiedAt ?? null,
    purgeAt: null, // no deletion by age was seen
  }
}

/** A service has the tools of all its threads as children: a thread's own run in its folder. */
async function withOwnChildren(ctx: Context, session: FoundSession): Promise<FoundSession> {
  const { process } = session
  const { cwd } = session.detectData as unknown as CodexData
  if (process === null || cwd === null || process.children.length === 0) return session
  const details = await ctx.processes.details(
    process.children.map(({ pid }) => pid),
    [],
  )
  const children = process.children.filter(({ pid }) =>
    [cwd, undefined, null].includes(details.get(pid)?.cwd),
  )
  return { ...session, process: { ...process, children } }
}

const namedByVariable: Evidence = { signal: "current", message: "CODEX_THREAD_ID names it" }

function currentBy(
  ctx: Context,
  { entry }: Holder,
  id: SessionId,
  list: readonly ProcessEntry[],
): Evidence | null {
  if (ctx.self.environment.CODEX_THREAD_ID === id) return namedByVariable
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  const above = ancestorAmong(ctx.self.pid, processes, new Set([entry.pid]))
  if (above !== null)
    return { signal: "current", message: `session-rescue runs inside it (process ${above} is an ancestor)` }
  return null
}

function reportWindows(ctx: Context, windows: readonly Holder[], running: Running): void {
  for (const { entry, home } of windows) {
    const { pid, terminal } = entry
    const age = formatDuration(ctx.now - entry.startedAt)
    const rest = isServed(home, running)
      ? "the thread it shows runs on without it"
      : "the service does not run, so nothing goes on in it"
    ctx.reportHelper({
      agent: "codex",
      home,
      pid,
      terminal,
      role: "window",
      message: `a window of Codex's service, ${age} old; ${rest}`,
      sessions: [],
      hint: `to close the window alone: kill ${pid}`,
    })
  }
}
