/** The processes of OpenCode, and the databases that they work in. */
import { type Context, listProcesses, type ProcessDetails, type ProcessEntry } from "session-rescue"
import { type OpencodeRole, roleOf } from "./program.ts"

export interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
  /** The database that it has open; null when that cannot be seen. */
  readonly database: string | null
  readonly role: Exclude<OpencodeRole, null>
}

export interface Running {
  readonly homes: readonly string[]
  readonly clients: readonly Client[]
  readonly list: readonly ProcessEntry[]
}

/** The kernel's name of the client: `opencode`, or `opencode.exe` (npm). */
const kernelNames = /^\.?opencode/

/** Also the homes in which a client works that is found here. */
export async function findRunning(ctx: Context, own: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => kernelNames.test(name) && [uid, 0].includes(ctx.self.uid))
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    ["XDG_DATA_HOME", "HOME"],
  )
  const seen = named.flatMap((entry) => {
    const found = details.get(entry.pid)
    const role = found === undefined ? null : roleOf(found)
    return found === undefined || role === null ? [] : [{ entry, details: found, role }]
  })
  const open = await ctx.processes.openFiles(seen.map(({ entry }) => entry.pid))
  const homes = new Map(own.map((home) => [ctx.files.real(home) ?? home, home]))
  const clients = seen.map((client) => {
    const named = homeOf(client.details, ctx)
    const real = ctx.files.real(named) ?? named
    const home = homes.get(real) ?? named
    if (ctx.files.real(named) !== null) homes.set(real, home)
    const files = open.get(client.entry.pid) ?? []
    const held = files.find((path) => path.startsWith(`${real}/opencode`) && path.endsWith(".db"))
    return { ...client, home, database: held === undefined ? null : `${home}${held.slice(real.length)}` }
  })
  return { homes: [...homes.values()], clients, list }
}

function homeOf({ environment: { XDG_DATA_HOME: data, HOME } }: ProcessDetails, ctx: Context): string {
  const above = data?.startsWith("/") ? data : `${HOME ?? ctx.paths.home}/.local/share`
  return `${above.replace(/\/+$/, "")}/opencode`
}
