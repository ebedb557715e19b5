/** The processes of Codex, and the threads that each has open. */
import {
  type Context,
  homeIn,
  listProcesses,
  type ProcessDetails,
  type ProcessEntry,
  parseUuid,
  type SessionId,
} from "session-rescue"
import { codexHome } from "./homes.ts"
import { type CodexRole, roleOf } from "./program.ts"
import { threadIdIn } from "./records/rollouts.ts"

/** A process that runs threads. */
export interface Holder {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
  readonly role: Exclude<CodexRole, null>
  /** The threads it has open for writing, subagents' included. */
  readonly threads: ReadonlySet<SessionId>
}

export interface Running {
  readonly homes: readonly string[]
  readonly holders: readonly Holder[]
  readonly list: readonly ProcessEntry[]
}

/** The kernel's names of the client, and of a copy that the daemon made of itself. */
const kernelNames = /^codex/

/** Also the homes in which a client works that is found here. */
export async function findRunning(ctx: Context, own: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => kernelNames.test(name) && [uid, 0].includes(ctx.self.uid))
  const pids = named.map(({ pid }) => pid)
  const details = await ctx.processes.details(pids, ["CODEX_HOME", "HOME"])
  const clients = named.flatMap((entry) => {
    const found = details.get(entry.pid)
    const role = found === undefined ? null : roleOf(found)
    return found === undefined || role === null ? [] : [{ entry, details: found, role }]
  })
  const open = await ctx.processes.openFiles(clients.map(({ entry }) => entry.pid))
  const homes = new Map(own.map((home) => [ctx.files.real(home) ?? home, home]))
  const holders = clients.map((client) => {
    const named = homeIn(client.details.environment, codexHome, ctx.paths.home)
    const real = ctx.files.real(named) ?? named
    const home = homes.get(real) ?? named
    if (ctx.files.real(named) !== null) homes.set(real, home)
    return { ...client, home, threads: threadsAmong(open.get(client.entry.pid) ?? [], real) }
  })
  return { homes: [...homes.values()], holders, list }
}

/**
 * A process that runs a thread keeps its rollout open, and the file `thread-writer-locks/ID.lock`, which it locks. A thread
 * in which nothing was said yet has only the latter (0.171.0, observed).
 */
function threadsAmong(open: readonly string[], home: string): ReadonlySet<SessionId> {
  const ids = open.flatMap((path) => {
    if (!path.startsWith(`${home}/`)) return []
    const name = path.slice(path.lastIndexOf("/") + 1)
    const lock = path === `${home}/thread-writer-locks/${name}` ? name.replace(/\.lock$/, "") : null
    return (lock === null ? threadIdIn(name) : parseUuid(lock)) ?? []
  })
  return new Set(ids)
}
