/** Sessions matched to the processes that run them. OpenCode keeps no registry: each match says what it rests on. */
import {
  ancestorAmong,
  type Context,
  type Evidence,
  type FoundSession,
  formatDuration,
  liveProcessOf,
  type ProcessEntry,
  parsePid,
} from "session-rescue"
import { placeOf, type StoredSession } from "./database.ts"
import type { TreeSession } from "./legacy.ts"
import { type LogRun, readRuns, runOf } from "./log.ts"
import { sessionInArguments } from "./program.ts"
import type { Client, Running } from "./running.ts"

/** Data of `detect` that `examine` needs again. */
export interface OpencodeData {
  readonly cwd: string | null
  readonly title: string | null
  readonly version: string | null
  readonly startedAt: number | null
  readonly children: readonly string[]
  /** Set for a session in files, of a version before there was a database. */
  readonly tree: TreeSession | null
}

interface Match {
  readonly session: StoredSession | null
  readonly evidence: Evidence
  /** Those it may be instead, when more than one fits as well. */
  readonly candidates: readonly StoredSession[]
}

export interface HeldSession {
  readonly found: FoundSession
  readonly sessions: readonly StoredSession[]
}

export function heldSessions(
  ctx: Context,
  running: Running,
  sessions: readonly StoredSession[],
): readonly HeldSession[] {
  const runs = new Map<string, readonly LogRun[]>()
  const runsOf = (home: string) => {
    const known = runs.get(home) ?? readRuns(ctx, home)
    runs.set(home, known)
    return known
  }
  const clients = running.clients.filter(({ role }) => role === "client" || role === "run")
  const named = clients.map((client) => ({
    client,
    match: namedSession(client, sessions, runsOf(client.home)),
  }))
  const taken = new Set(named.flatMap(({ match }) => match?.session ?? []))
  return named.map(({ client, match }) => {
    const { session, evidence, candidates } = match ?? guessedSession(client, clients, sessions, taken)
    const found = heldSession(ctx, running, client, { session, evidence, candidates })
    return { found, sessions: session === null ? candidates : [session] }
  })
}

/** By its arguments, or by the log: the last session that it wrote of. */
function namedSession(
  client: Client,
  sessions: readonly StoredSession[],
  runs: readonly LogRun[],
): Match | null {
  const id = sessionInArguments(client.details.argv)
  const run = runOf(runs, { startedAt: client.entry.startedAt, cwd: client.details.cwd })
  for (const [key, message] of [
    [run?.session ?? null, "the log's last line of it names the session"],
    [id, "its arguments name the session"],
  ] as const) {
    const session = key === null ? undefined : sessionOf(client, sessions, key)
    if (session === undefined) continue
    const evidence = { signal: "identity", message: `process ${client.entry.pid}: ${message}` }
    return { session, evidence, candidates: [] }
  }
  return null
}

/** A child's id stands for the session that it belongs to. */
function sessionOf(
  client: Client,
  sessions: readonly StoredSession[],
  id: string,
): StoredSession | undefined {
  return sessions.find((each) => isIn(client, each) && (each.id === id || each.children.includes(id)))
}

function isIn({ home, database }: Client, session: StoredSession): boolean {
  return session.home === home && (database === null || session.database === database)
}

const startToleranceMs = 1000

/** The session of its folder that was written last since it was started; another client there makes that uncertain. */
function guessedSession(
  client: Client,
  clients: readonly Client[],
  sessions: readonly StoredSession[],
  taken: ReadonlySet<StoredSession>,
): Match {
  const { entry, details } = client
  const fits = sessions
    .filter((each) => isIn(client, each) && each.cwd === details.cwd && !taken.has(each))
    .filter(({ updatedAt }) => (updatedAt ?? 0) >= entry.startedAt - startToleranceMs)
    .toSorted((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0))
  const rivals = clients.filter((each) => each.home === client.home && each.details.cwd === details.cwd)
  const [newest] = fits
  const identity = (message: string): Evidence => ({
    signal: "identity",
    message: `process ${entry.pid}: ${message}`,
  })
  if (newest === undefined)
    return {
      session: null,
      candidates: [],
      evidence: identity("nothing was written in its folder since it was started"),
    }
  if (rivals.length > 1 && fits.length > 1) {
    const message = `its folder has ${rivals.length} clients and ${fits.length} sessions written since: it holds one of these`
    return { session: null, candidates: fits, evidence: identity(message) }
  }
  const message = "no argument and no log names its session; this one is in its folder, and was written last"
  return { session: newest, candidates: [], evidence: identity(message) }
}

function heldSession(ctx: Context, { list }: Running, client: Client, match: Match): FoundSession {
  const { entry, details, role, home } = client
  const { session, candidates, evidence } = match
  const stored = session === null ? null : storedSession(session)
  const cwd = session?.cwd ?? details.cwd
  return {
    ...(stored ?? nowhere),
    agent: "opencode",
    id: session?.id ?? null,
    home,
    process: liveProcessOf(entry, list, entry),
    candidates: candidates.map(storedSession),
    current: currentBy(ctx, entry, list),
    reported: null,
    mode: role === "run" ? "headless" : "interactive",
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: [evidence],
    flags: candidates.length > 0 ? ["ambiguous"] : [],
    detectData: ((stored?.detectData as unknown as OpencodeData | undefined) ?? {
      ...{ cwd: details.cwd, title: null, version: null, startedAt: null, children: [], tree: null },
    }) as unknown as FoundSession["detectData"],
  }
}

const nowhere = { transcript: null, transcriptSize: 0, transcriptStat: null, modifiedAt: null, purgeAt: null }

export function storedSession(session: StoredSession): FoundSession {
  const { cwd, title, version, startedAt, children } = session
  return {
    transcript: placeOf(session),
    transcriptSize: 0, // what is in the rows is counted when it is examined
    transcriptStat: null,
    modifiedAt: session.updatedAt,
    rows: session.rows,
    agent: "opencode",
    id: session.id,
    home: session.home,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null, // no deletion by age was seen
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: session.archived ? [{ signal: "archive", message: "archived in OpenCode" }] : [],
    flags: [],
    detectData: { cwd, title, version, startedAt, children, tree: null } satisfies OpencodeData,
  }
}

export function treeSession(ctx: Context, tree: TreeSession): FoundSession {
  const { cwd, title, version, startedAt, children } = tree
  const path = `${tree.home}/${tree.relative}`
  const stat = ctx.files.stat(path)
  return {
    transcript: path,
    transcriptSize: stat?.size ?? 0,
    transcriptStat: stat,
    modifiedAt: tree.updatedAt ?? stat?.modifiedAt ?? null,
    agent: "opencode",
    id: tree.id,
    home: tree.home,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null,
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: [{ signal: "store", message: "in files, as versions before 1.2 had it; no database has it" }],
    flags: [],
    detectData: { cwd, title, version, startedAt, children, tree } as unknown as FoundSession["detectData"],
  }
}

/** `OPENCODE_PID` names the client of a tool's shell, also of one that it left behind (1.18.33, observed). */
function currentBy(ctx: Context, { pid }: ProcessEntry, list: readonly ProcessEntry[]): Evidence | null {
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  const above = ancestorAmong(ctx.self.pid, processes, new Set([pid]))
  if (above !== null)
    return { signal: "current", message: `session-rescue runs inside it (process ${above} is an ancestor)` }
  return parsePid(ctx.self.environment.OPENCODE_PID ?? "") === pid
    ? { signal: "current", message: "OPENCODE_PID names its client" }
    : null
}

export function reportOthers(ctx: Context, { clients }: Running): void {
  for (const { entry, home, role } of clients) {
    if (role === "client" || role === "run") continue
    const { pid, terminal } = entry
    const age = formatDuration(ctx.now - entry.startedAt)
    const message =
      role === "viewer"
        ? `a window of an OpenCode server, ${age} old; the sessions it shows run on without it`
        : `an OpenCode server, ${age} old; which sessions it runs is recorded nowhere, so ending it may cut some off`
    const hint =
      role === "viewer" ? `to close the window alone: kill ${pid}` : "save first: session-rescue export --all"
    const kind = role === "viewer" ? "window" : "service"
    ctx.reportHelper({ agent: "opencode", home, pid, terminal, role: kind, message, sessions: [], hint })
  }
}
