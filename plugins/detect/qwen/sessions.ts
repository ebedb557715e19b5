/** Sessions: chats matched to clients by the registry, or by what their processes say. */
import {
  ancestorAmong,
  type ClientStatus,
  type Context,
  type Evidence,
  existingHomes,
  type FoundSession,
  homeIn,
  listProcesses,
  liveProcessOf,
  type Pid,
  type ProcessDetails,
  type ProcessEntry,
  parseSessionId,
  type SessionId,
} from "session-rescue"
import { isQwenProgram, modeOf } from "./program.ts"
import { type Chat, knownHomes, qwenHome, type Registered, readChats, readRegistry } from "./store.ts"

export const sessionVariable = "QWEN_CODE_SESSION_ID"

interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
}

export async function findSessions(ctx: Context): Promise<readonly FoundSession[]> {
  const list = await listProcesses(ctx)
  const clients = await findClients(ctx, list)
  const homes = existingHomes(ctx, [...knownHomes(ctx), ...homesOf(ctx, clients)])
  const entries = homes.flatMap((home) => readRegistry(ctx, home))
  const held = new Map<Pid, Registered>()
  for (const entry of entries) if (staleBecause(entry, list, clients) === null) held.set(entry.pid, entry)
  const chats = homes.flatMap((home) => readChats(ctx, home))
  const open = await ctx.processes.openFiles([...clients.keys()])
  const seen = { chats, list }
  const running = [...clients.values()].flatMap((client) =>
    isInnermost(client, clients)
      ? [
          runningSession(ctx, client, {
            ...seen,
            registered: held.get(client.entry.pid),
            open: open.get(client.entry.pid) ?? [],
          }),
        ]
      : [],
  )
  const twice = new Set(
    running.filter(
      ({ id }, at) => id !== null && running.some((each, other) => other !== at && each.id === id),
    ),
  )
  const taken = new Set(running.flatMap(({ transcript }) => transcript ?? []))
  const rest = chats.filter(({ path }) => !taken.has(path))
  return [
    ...running.map(
      (each): FoundSession => (twice.has(each) ? { ...each, flags: ["duplicate-writer"] } : each),
    ),
    ...rest.map((chat) => storedSession(ctx, chat, leftBehind(chat, entries, list, clients))),
  ]
}

/** The homes in which clients work that were found here. */
function homesOf(ctx: Context, clients: ReadonlyMap<Pid, Client>): readonly string[] {
  return [...clients.values()].flatMap(({ details: { environment } }) => [
    homeIn(environment, qwenHome, ctx.paths.home),
    ...(environment.QWEN_RUNTIME_DIR?.startsWith("/") ? [environment.QWEN_RUNTIME_DIR] : []),
  ])
}

async function findClients(ctx: Context, list: readonly ProcessEntry[]): Promise<ReadonlyMap<Pid, Client>> {
  const named = list.filter(
    ({ name, uid }) => /^(node|MainThread|qwen)/.test(name) && [uid, 0].includes(ctx.self.uid),
  )
  const variables = [qwenHome.homeVariable, "QWEN_RUNTIME_DIR", "HOME"]
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    variables,
  )
  return new Map(
    named.flatMap((entry) => {
      const its = details.get(entry.pid)
      return its !== undefined && isQwenProgram(its) ? [[entry.pid, { entry, details: its }] as const] : []
    }),
  )
}

/** The launchers wait for the client below them. */
function isInnermost({ entry }: Client, clients: ReadonlyMap<Pid, Client>): boolean {
  return ![...clients.values()].some((other) => other.entry.parent === entry.pid)
}

/** Why an entry of the registry is not that of a running client; null when it is. */
function staleBecause(
  { pid, procStart }: Registered,
  list: readonly ProcessEntry[],
  clients: ReadonlyMap<Pid, Client>,
): string | null {
  const entry = list.find((each) => each.pid === pid)
  if (entry === undefined) return `process ${pid} does not exist (it was killed, or runs on another machine)`
  if (!clients.has(pid)) return `process ${pid} is another program now (${entry.name})`
  const tick = procStart?.split(":").at(-1)
  if (tick !== undefined && /^\d+$/.test(tick) && /^\d+$/.test(entry.startMark) && tick !== entry.startMark)
    return `process ${pid} is another Qwen Code, started since`
  return null
}

interface Seen {
  readonly registered: Registered | undefined
  /** Paths that the client has open. */
  readonly open: readonly string[]
  readonly chats: readonly Chat[]
  readonly list: readonly ProcessEntry[]
}

/** The chat that it has open (0.24.4, observed); before its first record the registry, or its arguments, name it. */
function runningSession(
  ctx: Context,
  { entry, details }: Client,
  { registered, open, chats, list }: Seen,
): FoundSession {
  const { pid } = entry
  const held = chats.find(({ path }) => open.includes(ctx.files.real(path) ?? path))
  const named = held?.id ?? registered?.id ?? resumedId(details)
  const home = held?.home ?? registered?.home ?? homeIn(details.environment, qwenHome, ctx.paths.home)
  const chat = held ?? chats.find((each) => each.id === named && each.home === home) ?? null
  const message = describeMatch(pid, { registered, named, held })
  return {
    ...placeOf(chat),
    agent: "qwen",
    id: named,
    home,
    process: liveProcessOf(entry, list, entry),
    candidates: [],
    current: currentBy(ctx, named, pid, list),
    reported: null,
    mode: modeOf(details),
    ...folderName(registered?.cwd ?? details.cwd),
    identity: [{ signal: "identity", message }],
    flags: [],
    detectData: { cwd: registered?.cwd ?? details.cwd, relative: chat?.relative ?? null },
  }
}

function describeMatch(
  pid: Pid,
  {
    registered,
    named,
    held,
  }: { registered: Registered | undefined; named: SessionId | null; held?: Chat | undefined },
): string {
  const entry = `sessions/${pid}.json`
  if (held !== undefined) {
    const agrees = registered?.id === held.id ? `, and the registry (${entry}) names it` : ""
    return `process ${pid} has its chat open${agrees}`
  }
  if (registered !== undefined) return `the registry (${entry}) names it; its chat is not open`
  return named === null
    ? `process ${pid} has no chat open, and the registry no entry for it`
    : `its arguments name it; the registry has no entry for process ${pid}`
}

function resumedId({ argv }: ProcessDetails): SessionId | null {
  const at = argv.findIndex((each) => /^(--resume|-r|--session-id)(=|$)/.test(each))
  return at === -1 ? null : parseSessionId(argv[at]?.split("=")[1] ?? argv[at + 1])
}

/** What a registry entry proves that its client left behind: a client removes its own when it exits, on TERM too. */
function leftBehind(
  { id, home }: Chat,
  entries: readonly Registered[],
  list: readonly ProcessEntry[],
  clients: ReadonlyMap<Pid, Client>,
): readonly Evidence[] {
  return entries.flatMap((entry) => {
    const why = entry.id === id && entry.home === home ? staleBecause(entry, list, clients) : null
    if (why === null) return []
    return [{ signal: "registry", message: `sessions/${entry.pid}.json is left behind: ${why}` }]
  })
}

export function storedSession(ctx: Context, chat: Chat, left: readonly Evidence[]): FoundSession {
  const isCurrent = ctx.self.environment[sessionVariable] === chat.id
  return {
    ...placeOf(chat),
    agent: "qwen",
    id: chat.id,
    home: chat.home,
    process: null,
    candidates: [],
    current: isCurrent ? namedByVariable : null,
    reported: left.length === 0 ? null : killed,
    identity: left,
    flags: [],
    detectData: { cwd: null, relative: chat.relative },
  }
}

const killed: ClientStatus = {
  ...{ status: null, waitingFor: null, since: null, stale: true, headless: false, foreign: false },
}

function placeOf(chat: Chat | null) {
  return {
    transcript: chat?.path ?? null,
    transcriptSize: chat?.stat.size ?? 0,
    transcriptStat: chat?.stat ?? null,
    modifiedAt: chat?.stat.modifiedAt ?? null,
    purgeAt: null, // no deletion by age is known (0.24.4)
  }
}

function folderName(cwd: string | null) {
  return cwd === null ? {} : { names: [{ kind: "folder" as const, value: cwd }] }
}

const namedByVariable: Evidence = { signal: "current", message: `${sessionVariable} names it` }

function currentBy(
  ctx: Context,
  id: SessionId | null,
  pid: Pid,
  list: readonly ProcessEntry[],
): Evidence | null {
  if (id !== null && ctx.self.environment[sessionVariable] === id) return namedByVariable
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  const above = ancestorAmong(ctx.self.pid, processes, new Set([pid]))
  if (above === null) return null
  return { signal: "current", message: `session-rescue runs inside it (process ${above} is an ancestor)` }
}
