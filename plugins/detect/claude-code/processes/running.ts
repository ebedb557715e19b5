/** Running clients: their processes, command lines and registry files. */
import {
  ancestorAmong,
  type Context,
  listProcesses,
  type Pid,
  type ProcessDetails,
  type ProcessEntry,
  parseUuid,
} from "session-rescue"
import { type Client, findCandidates, homeOf, sessionVariable } from "./clients.ts"
import { locateHere } from "./containers.ts"
import { type ProcessKind, readCommandLine } from "./process-kind.ts"
import { type RegistryEntry, readRegistry } from "./registry.ts"
import { readServiceState, type ServiceState } from "./service-roster.ts"

/** A client process that holds no conversation. */
export interface Helper {
  readonly entry: ProcessEntry
  readonly home: string
  readonly kind: Exclude<ProcessKind, { is: "client" | "foreign" }>
}

/** The running clients, and the records of their homes. */
export interface Running {
  readonly list: readonly ProcessEntry[]
  readonly processes: ReadonlyMap<number, ProcessEntry>
  readonly registries: ReadonlyMap<string, readonly RegistryEntry[]>
  readonly services: ReadonlyMap<string, ServiceState>
  readonly clients: readonly Client[]
  readonly helpers: readonly Helper[]
}

type Candidate = Client & { readonly kind: ProcessKind }

/** Also reads the registries of further homes once a client is found to work there. */
export async function findRunning(ctx: Context, ownHomes: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const processes = new Map<number, ProcessEntry>(list.map((entry) => [entry.pid, entry]))
  const registries = new Map(ownHomes.map((home) => [home, readRegistry(ctx, home, processes)]))
  const candidates = await locateCandidates(ctx, list, processes, registries)
  const homes = new Set([...registries.keys(), ...candidates.map(({ home }) => home)])
  const services = new Map([...homes].map((home) => [home, readServiceState(ctx, home, processes)]))
  const registered = livePids(registries)
  const claimed = new Set(
    [...services.values()].flatMap(({ workers }) => workers.map(({ session }) => session?.pid)),
  )
  const clients: Client[] = []
  const helpers: Helper[] = []
  for (const { kind, ...client } of candidates) {
    const { pid } = client.entry
    if (
      kind.is === "client" ||
      (registered.has(pid) && mayHoldConversation(kind)) ||
      (kind.is === "spare" && claimed.has(pid))
    )
      clients.push({ ...client, home: homeByRegistry(client, registries) })
    else if (kind.is === "foreign") reject(ctx, client, kind.message)
    else {
      ctx.reject(pid, kind.message)
      helpers.push({ entry: client.entry, home: client.home, kind })
    }
  }
  const sessions = withoutForks(ctx, clients, processes, registered)
  const told = await Promise.all(
    sessions.map(async (client) =>
      registered.has(client.entry.pid)
        ? client
        : { ...client, namingChild: await findNamingChild(ctx, client, list) },
    ),
  )
  return { list, processes, registries, services, clients: told, helpers }
}

/** A registry file outweighs arguments, except for these two kinds, which never hold a conversation. */
function mayHoldConversation(kind: ProcessKind): boolean {
  return kind.is !== "service" && kind.is !== "host"
}

function reject(ctx: Context, { entry, details }: Client, why: string): void {
  if (/claude/.test(`${entry.name} ${details.executable} ${details.argv[0]}`)) ctx.reject(entry.pid, why)
}

/** Candidate clients, with the path of their home as seen from here. */
async function locateCandidates(
  ctx: Context,
  list: readonly ProcessEntry[],
  processes: ReadonlyMap<number, ProcessEntry>,
  registries: Map<string, readonly RegistryEntry[]>,
): Promise<readonly Candidate[]> {
  const homes = new Map([...registries.keys()].map((home) => [ctx.files.real(home) ?? home, home]))
  const known = livePids(registries)
  const { seen, others } = await findCandidates(ctx, list, known, homes)
  if (others > 0) ctx.warn(`${others} client${others === 1 ? "" : "s"} of other users seen but not examined`)
  return seen.flatMap(({ entry, details }) => {
    const { kind, arguments: given } = readCommandLine(details, entry)
    const named = homeOf(details, ctx)
    const isOurs = kind.is !== "foreign"
    const sure = !isOurs || known.has(entry.pid) // one of our registries names it
    const place = sure ? { entry, home: named } : locateHere(ctx, entry, named, [...registries.keys()])
    if (place === null) {
      if (kind.is === "client") warnOfContainer(ctx, entry, named)
      return []
    }
    const real = ctx.files.real(place.home) ?? place.home
    const home = homes.get(real) ?? place.home
    if (!registries.has(home) && isOurs) {
      homes.set(real, home)
      registries.set(home, readRegistry(ctx, home, processes))
    }
    return [{ entry: place.entry, details, arguments: given, home, kind }]
  })
}

function warnOfContainer(ctx: Context, { pid }: ProcessEntry, home: string): void {
  ctx.warn(
    `process ${pid} is a client in a container: its ${home} is not the one here, so what it holds can only ` +
      "be seen and saved by a session-rescue that runs in there",
  )
}

/**
 * Drops short-lived forks of a client; a session that one of its tools runs counts as a session of its own.
 */
function withoutForks(
  ctx: Context,
  clients: readonly Client[],
  processes: ReadonlyMap<number, ProcessEntry>,
  registered: ReadonlySet<number>,
): readonly Client[] {
  const details = new Map<number, ProcessDetails>(clients.map((client) => [client.entry.pid, client.details]))
  const pids = new Set<Pid>(clients.map((client) => client.entry.pid))
  return clients.filter(({ entry, details: own }) => {
    if (registered.has(entry.pid)) return true
    const above = ancestorAmong(entry.pid, processes, pids)
    if (above === null || (above !== entry.parent && !sameArguments(own, details.get(above)))) return true
    ctx.reject(entry.pid, `a child of the client ${above}, without a registry file of its own`)
    return false
  })
}

function sameArguments(one: ProcessDetails, other: ProcessDetails | undefined): boolean {
  return one.argv.join("\0") === other?.argv.join("\0")
}

/**
 * MCP servers and tools' shells carry the id of their session (2.1.197 to 2.1.332, observed); the newest
 * child counts, because the client may have continued in another session since.
 */
async function findNamingChild(
  ctx: Context,
  { entry: { pid }, details: own }: Client,
  list: readonly ProcessEntry[],
): Promise<NonNullable<Client["namingChild"]> | null> {
  const children = list.filter(({ parent }) => parent === pid).toSorted((a, b) => b.startedAt - a.startedAt)
  const details = await ctx.processes.details(
    children.map((child) => child.pid),
    [sessionVariable],
  )
  for (const child of children) {
    const id = parseUuid(details.get(child.pid)?.environment[sessionVariable])
    // an id equal to the client's own was inherited, from a session whose tool started this client
    if (id !== null && id !== own.environment[sessionVariable]) return { id, child }
  }
  return null
}

/** The home whose registry names the process, unless the home from its environment (if readable) does. */
function homeByRegistry(
  { entry, home }: Client,
  registries: ReadonlyMap<string, readonly RegistryEntry[]>,
): string {
  const naming = [...registries].flatMap(([each, entries]) =>
    entries.some(({ live, pid }) => live && pid === entry.pid) ? [each] : [],
  )
  return naming.includes(home) ? home : (naming[0] ?? home)
}

function livePids(registries: ReadonlyMap<string, readonly RegistryEntry[]>): ReadonlySet<number> {
  const entries = [...registries.values()].flat()
  return new Set(entries.flatMap(({ live, kind, pid }) => (live && kind !== "daemon" ? [pid] : [])))
}
