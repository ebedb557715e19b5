/** The processes of Copilot, and what each has open. */
import {
  type Context,
  homeIn,
  listProcesses,
  type Pid,
  type ProcessDetails,
  type ProcessEntry,
  type RunMode,
} from "session-rescue"
import { copilotHome, sessionsFolder } from "../store/homes.ts"
import { isCopilotProgram, kernelNames, modeOf } from "./program.ts"
import { type Shown, shownBy } from "./shown.ts"

export interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
  readonly mode: RunMode
  /** Ids of the sessions of which it has a file open; null where that cannot be seen. */
  readonly open: ReadonlySet<string> | null
  /** The session that it shows without having it open: one that was resumed, and not spoken to yet. */
  readonly shows: Shown | null
}

export interface Running {
  readonly list: readonly ProcessEntry[]
  readonly clients: ReadonlyMap<Pid, Client>
  /** Also the homes in which a client works that is found here. */
  readonly homes: readonly string[]
}

export async function findRunning(ctx: Context, own: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => kernelNames.test(name) && [uid, 0].includes(ctx.self.uid))
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    [copilotHome.homeVariable, "HOME"],
  )
  const found = named.flatMap((entry) => {
    const its = details.get(entry.pid)
    const mode = its !== undefined && isCopilotProgram(its) ? modeOf(its) : null
    return its === undefined || mode === null ? [] : [{ entry, details: its, mode }]
  })
  const open = await ctx.processes.openFiles(found.map(({ entry }) => entry.pid))
  const homes = new Map(own.map((home) => [ctx.files.real(home) ?? home, home]))
  const clients = found.map((client): Client => {
    const named = homeIn(client.details.environment, copilotHome, ctx.paths.home)
    const real = ctx.files.real(named)
    const home = homes.get(real ?? named) ?? named
    if (real !== null) homes.set(real, home)
    const files = open.get(client.entry.pid)
    const sessions = files === undefined ? null : sessionsAmong(files)
    const shows = (sessions?.size ?? 0) > 0 ? null : shownBy(ctx, client, files ?? [])
    return { ...client, home, open: sessions, shows }
  })
  return {
    list,
    clients: new Map(clients.map((client) => [client.entry.pid, client])),
    homes: [...homes.values()],
  }
}

/** By the end of the path: in a container the home has another beginning. */
function sessionsAmong(files: readonly string[]): ReadonlySet<string> {
  const inSession = new RegExp(`/${sessionsFolder}/([^/]+)/`)
  return new Set(files.flatMap((path) => inSession.exec(path)?.[1] ?? []))
}
