/** Sessions: folders matched to the processes that have them open. */
import {
  ancestorAmong,
  type ClientStatus,
  type Context,
  type Evidence,
  type FoundSession,
  liveProcessOf,
  type SessionId,
} from "session-rescue"
import { readLocks } from "./processes/locks.ts"
import type { Client, Running } from "./processes/running.ts"
import type { SessionFolder } from "./store/folders.ts"

/** Data of `detect` that `examine` needs again. */
export interface CopilotData {
  readonly cwd: string | null
  readonly branch: string | null
  readonly title: string | null
  /** Its client has resumed it, and nothing was said since. */
  readonly unspoken: boolean
}

/** A session for each process that has the folder open, else one without. */
export function sessionsOf(ctx: Context, folder: SessionFolder, running: Running): readonly FoundSession[] {
  const { holders, stale, unclear } = readLocks(ctx, folder, running)
  const current = (clients: readonly Client[]) => currentBy(ctx, folder.id, clients, running)
  if (holders.length === 0)
    return [storedSession(folder, [...stale, ...unclear], stale.length > 0, current([]))]
  return holders.map(({ client, evidence, unspoken }) => ({
    ...storedSession(folder, [evidence, ...stale, ...unclear], false, current([client]), unspoken),
    process: liveProcessOf(client.entry, running.list, client.entry),
    mode: client.mode,
    flags: holders.length > 1 ? ["duplicate-writer"] : [],
  }))
}

export function storedSession(
  { id, home, transcript, workspace }: SessionFolder,
  identity: readonly Evidence[],
  killed: boolean,
  current: Evidence | null,
  unspoken = false,
): FoundSession {
  const { cwd, branch, title } = workspace
  return {
    agent: "copilot",
    id,
    home,
    transcript: transcript?.path ?? null,
    transcriptSize: transcript?.stat.size ?? 0,
    transcriptStat: transcript?.stat ?? null,
    modifiedAt: transcript?.stat.modifiedAt ?? null,
    process: null,
    candidates: [],
    current,
    reported: killed ? { ...noStatus, stale: true } : null,
    purgeAt: null, // no deletion by age is known (1.0.102)
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity,
    flags: [],
    detectData: { cwd, branch, title, unspoken } satisfies CopilotData,
  }
}

/** Copilot reports no status of itself: what its events say is filled in when they are read. */
export const noStatus: ClientStatus = {
  status: null,
  waitingFor: null,
  since: null,
  stale: false,
  headless: false,
  foreign: false,
}

/** Clients that have no session yet: nothing was said, or a question is on the screen. */
export function emptyClients(ctx: Context, running: Running, taken: ReadonlySet<number>): FoundSession[] {
  return [...running.clients.values()].flatMap((client): FoundSession[] => {
    const { entry, details, home, mode } = client
    if (taken.has(entry.pid) || mode === "program") return []
    return [
      {
        agent: "copilot",
        id: null,
        home,
        transcript: null,
        transcriptSize: 0,
        modifiedAt: null,
        process: liveProcessOf(entry, running.list, entry),
        candidates: [],
        current: currentBy(ctx, null, [client], running),
        reported: null,
        mode,
        purgeAt: null,
        ...(details.cwd === null ? {} : { names: [{ kind: "folder", value: details.cwd }] }),
        identity: [{ signal: "identity", message: "it has no session open yet" }],
        flags: [],
        detectData: { cwd: details.cwd, branch: null, title: null, unspoken: false } satisfies CopilotData,
      },
    ]
  })
}

export const sessionVariable = "COPILOT_AGENT_SESSION_ID"

function currentBy(
  ctx: Context,
  id: SessionId | null,
  clients: readonly Client[],
  { list }: Running,
): Evidence | null {
  if (id !== null && ctx.self.environment[sessionVariable] === id)
    return { signal: "current", message: `${sessionVariable} names it` }
  const processes = new Map<number, (typeof list)[number]>(list.map((each) => [each.pid, each]))
  const above = ancestorAmong(ctx.self.pid, processes, new Set(clients.map(({ entry }) => entry.pid)))
  if (above === null) return null
  return { signal: "current", message: `session-rescue runs inside it (process ${above} is an ancestor)` }
}
