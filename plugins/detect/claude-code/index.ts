import { type Context, definePlugin, type Pid, type ProcessEntry, type SessionId } from "session-rescue"
import { ancestorAmong, type Client, findCandidates, homeOf, whyNoClient } from "./clients.ts"
import { placeHere } from "./containers.ts"
import { conversations } from "./conversations.ts"
import { findCurrent } from "./current.ts"
import { examine } from "./examine.ts"
import { isOfSession } from "./footprint.ts"
import { liveSession, storedSession } from "./found.ts"
import { matchAll } from "./identity.ts"
import { readParts } from "./parts.ts"
import { retention } from "./purge.ts"
import { type RegistryEntry, readRegistry } from "./registry.ts"
import { eachTranscript } from "./transcripts.ts"

export default definePlugin({
  name: "claude-code",
  stage: "detect",
  agent: "claude-code",
  async detect(ctx) {
    const { list, processes, registries, clients, homes } = await lookAround(ctx)
    const stored = homes.flatMap((home) => [...eachTranscript(ctx, home)].flat())
    const registryOf = (client: Client) => registries.get(client.home) ?? []
    const matches = matchAll(ctx, clients, registryOf, stored)
    const currentBy = findCurrent(ctx, matches, processes)
    const keeps = new Map(homes.map((home) => [home, retention(ctx, home)]))
    const writers = Map.groupBy(matches, (match) =>
      match.id === null ? "" : `${match.client.home}\0${match.id}`,
    )
    const live = matches.map((match) => {
      const duplicate =
        match.id !== null && (writers.get(`${match.client.home}\0${match.id}`)?.length ?? 0) > 1
      return liveSession(ctx, match, { list, current: currentBy(match), keeps, duplicate })
    })
    const claimed = new Set(matches.flatMap((match) => match.candidates))
    const stale = staleEntries(registries)
    const rest = stored.filter((session) => !claimed.has(session))
    return [
      ...live,
      ...rest.map((session) => storedSession(ctx, session, stale(session.home, session.id), keeps)),
    ]
  },
  async *stored(ctx) {
    const { homes } = await lookAround(ctx)
    for (const home of homes) {
      for (const batch of eachTranscript(ctx, home)) {
        yield batch.map((session) => storedSession(ctx, session, null, new Map()))
      }
    }
  },
  examine,
  homes: namedHomes,
  mayHold: isOfSession,
  parts: readParts,
  conversations,
})

/** The clients that run, and all the homes that are looked into: our own, and those that clients work in. */
async function lookAround(ctx: Context) {
  const list = await ctx.processes.list()
  const processes = new Map<number, ProcessEntry>(list.map((entry) => [entry.pid, entry]))
  const ownHomes = knownHomes(ctx)
  const registries = new Map(ownHomes.map((home) => [home, readRegistry(ctx, home, processes)]))
  const clients = await findClients(ctx, list, processes, registries)
  const homes = [...new Set([...ownHomes, ...clients.map((client) => client.home)])]
  return { list, processes, registries, clients, homes }
}

/** Our own homes and those of the config, whether they are there or not. */
function namedHomes(ctx: Context): string[] {
  const own = ctx.self.environment.CLAUDE_CONFIG_DIR
  const absolute = !own || own.startsWith("/") ? own : ctx.files.real(own)
  const named = [...(absolute ? [absolute] : []), `${ctx.paths.home}/.claude`, ...ctx.homes]
  return named.map((path) => path.replace(/\/+$/, ""))
}

/** Those that are there; links to one and the same folder count once. */
function knownHomes(ctx: Context): string[] {
  const seen = new Map<string, string>()
  for (const home of namedHomes(ctx)) {
    const real = ctx.files.real(home)
    if (real !== null && !seen.has(real)) seen.set(real, home)
  }
  return [...seen.values()]
}

/** Reads the registries of further homes too, once a client is seen to work there. */
async function findClients(
  ctx: Context,
  list: readonly ProcessEntry[],
  processes: ReadonlyMap<number, ProcessEntry>,
  registries: Map<string, readonly RegistryEntry[]>,
): Promise<Client[]> {
  const homes = new Map([...registries.keys()].map((home) => [ctx.files.real(home) ?? home, home]))
  const known = livePids(registries)
  const { seen, others } = await findCandidates(ctx, list, known, homes)
  if (others > 0)
    ctx.warn(`${others} client${others === 1 ? "" : "s"} of other users seen and not looked into`)
  const candidates = seen.flatMap(({ entry, details }) => {
    const named = homeOf(details, ctx)
    const isClient = whyNoClient(details, entry) === null
    const sure = !isClient || known.has(entry.pid) // a registry of ours names it
    const place = sure ? { entry, home: named } : placeHere(ctx, entry, named, [...registries.keys()])
    if (place === null) {
      ctx.warn(
        `process ${entry.pid} is a client in a container: its ${named} is not the one here, so what it holds can only ` +
          "be seen and saved by a session-rescue that runs in there",
      )
      return []
    }
    const real = ctx.files.real(place.home) ?? place.home
    const home = homes.get(real) ?? place.home
    if (!registries.has(home) && isClient) {
      homes.set(real, home)
      registries.set(home, readRegistry(ctx, home, processes))
    }
    return [{ entry: place.entry, details, home }]
  })
  const registered = livePids(registries)
  const clients = candidates.filter(({ entry, details }) => {
    const why = registered.has(entry.pid) ? null : whyNoClient(details, entry)
    if (why !== null && /claude/.test(`${entry.name} ${details.executable} ${details.argv[0]}`)) {
      ctx.rejected(entry.pid, why)
    }
    return why === null
  })
  const pids = new Set<Pid>(clients.map((client) => client.entry.pid))
  const sessions = clients.filter(({ entry }) => {
    const parent = registered.has(entry.pid) ? null : ancestorAmong(entry.pid, processes, pids)
    if (parent !== null)
      ctx.rejected(entry.pid, `a child of the client ${parent}, without a registry file of its own`)
    return parent === null
  })
  return sessions.map((client) => ({ ...client, home: homeByRegistry(client, registries) }))
}

/** The home that names the process in its registry, where the one its environment names (if readable) does not. */
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
  return new Set([...registries.values()].flat().flatMap((entry) => (entry.live ? [entry.pid] : [])))
}

/** The entry a session's client left behind when it died. */
function staleEntries(registries: ReadonlyMap<string, readonly RegistryEntry[]>) {
  const stale = new Map<string, RegistryEntry>()
  for (const [home, entries] of registries) {
    for (const entry of entries) if (!entry.live) stale.set(`${home}\0${entry.id}`, entry)
  }
  if (stale.size === 0) return () => null
  return (home: string, id: SessionId) => stale.get(`${home}\0${id}`) ?? null
}
