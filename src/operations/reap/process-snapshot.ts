import { type ClientRole, clientRole, markedHome, markVariables } from "../../domain/session/client-marks.ts"
import type { Pid } from "../../domain/session/pid.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ProcessDetails, ProcessEntry } from "../../system/process/processes.ts"

/** The processes of this machine at one moment, and what of them is in use. */
export interface ProcessSnapshot {
  readonly list: readonly ProcessEntry[]
  readonly of: ReadonlyMap<number, ProcessEntry>
  readonly children: ReadonlyMap<number, readonly ProcessEntry[]>
  /** Of this user's processes. */
  readonly details: ReadonlyMap<Pid, ProcessDetails>
  /** Clients that live, the background service among them. */
  readonly clients: ReadonlySet<number>
  /** The clients, the terminals of background sessions that live, and everything below them. */
  readonly inUse: ReadonlySet<number>
  /** When the client started that holds a session; the first of several. */
  readonly heldSince: ReadonlyMap<SessionId, number>
  /** Clients of which nobody can tell what they hold. */
  readonly unidentified: readonly ProcessEntry[]
  /** The homes in which a background service runs. */
  readonly servedHomes: ReadonlySet<string>
  readonly roles: ReadonlyMap<number, ClientRole>
}

export async function takeProcessSnapshot(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<ProcessSnapshot> {
  const list = await ctx.processes.list()
  const of = new Map<number, ProcessEntry>(list.map((entry) => [entry.pid, entry]))
  const children = Map.groupBy(list, (entry) => entry.parent)
  const own = list.filter((entry) => entry.uid === ctx.self.uid)
  const details = await ctx.processes.details(
    own.map((entry) => entry.pid),
    markVariables,
  )
  const roles = new Map<number, ClientRole>()
  for (const [pid, each] of details) roles.set(pid, clientRole(each, of.get(pid)?.name ?? ""))
  const heldSince = new Map<SessionId, number>()
  const known = new Set<number>()
  for (const { process, id } of found) {
    const role = process === null ? undefined : roles.get(process.pid)
    if (process === null || role === "host" || role === "service" || (role === "spare" && id === null))
      continue
    roles.set(process.pid, "client") // a spare that was given a session, and another agent's client, too
    if (id === null) continue
    known.add(process.pid)
    heldSince.set(id, Math.min(process.startedAt, heldSince.get(id) ?? Number.POSITIVE_INFINITY))
  }
  const withRole = (role: ClientRole) => [...roles].flatMap(([pid, each]) => (each === role ? pid : []))
  const services = withRole("service")
  const clients = new Set([...withRole("client"), ...services]) // safety: living-clients
  const hosts = found.flatMap(({ process, background }) => (process === null ? [] : (background?.host ?? [])))
  const homeOf = (pid: number) => markedHome(details.get(pid as Pid)?.environment ?? {})
  return {
    ...{ list, of, children, details, clients, heldSince, roles },
    inUse: withAllBelow([...clients, ...hosts], children),
    unidentified: withRole("client").flatMap((pid) => (known.has(pid) ? [] : (of.get(pid) ?? []))),
    servedHomes: new Set(services.map(homeOf)),
  }
}

function withAllBelow(
  tops: Iterable<number>,
  children: ReadonlyMap<number, readonly ProcessEntry[]>,
): ReadonlySet<number> {
  const found = new Set(tops) // what is added while it is walked through is walked through too
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid)
  return found
}
