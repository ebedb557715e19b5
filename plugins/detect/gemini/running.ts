/** The processes of Gemini CLI that hold a session. */
import { type Context, listProcesses, type ProcessDetails, type ProcessEntry } from "session-rescue"
import { homeBelow } from "./homes.ts"
import { type Arguments, argumentsOf, isGeminiProgram } from "./program.ts"

export interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
  readonly arguments: Arguments
}

export interface Running {
  readonly homes: readonly string[]
  readonly clients: readonly Client[]
  readonly list: readonly ProcessEntry[]
}

const kernelNames = /^(node|nodejs|bun|deno|MainThread|gemini)$/

/** Also the homes in which a client works that is found here. */
export async function findRunning(ctx: Context, own: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => kernelNames.test(name) && [uid, 0].includes(ctx.self.uid))
  const pids = named.map(({ pid }) => pid)
  const details = await ctx.processes.details(pids, ["GEMINI_CLI_HOME", "HOME", "GEMINI_CLI"])
  const homes = new Map(own.map((home) => [ctx.files.real(home) ?? home, home]))
  const found = named.flatMap((entry) => {
    const its = details.get(entry.pid)
    return its !== undefined && isGeminiProgram(its) ? [{ entry, details: its }] : []
  })
  const clients = found.flatMap((each): Client[] => {
    const given = argumentsOf(each.details)
    if (given.isHelper || found.some((other) => isLauncherOf(each, other))) return []
    const wanted = homeOf(each.details, ctx)
    const real = ctx.files.real(wanted) ?? wanted
    const home = homes.get(real) ?? wanted
    if (ctx.files.real(wanted) !== null) homes.set(real, home)
    return [{ ...each, home, arguments: given }]
  })
  return { homes: [...homes.values()], clients, list }
}

type Found = Pick<Client, "entry" | "details">

/**
 * The client starts itself again with more memory and waits (0.61.0, observed). A client that a tool starts is below its
 * client as well, but has the tool's terminal and the variable of its environment.
 */
function isLauncherOf(launcher: Found, { entry, details }: Found): boolean {
  return (
    entry.parent === launcher.entry.pid &&
    entry.terminal === launcher.entry.terminal &&
    details.environment.GEMINI_CLI === launcher.details.environment.GEMINI_CLI
  )
}

function homeOf({ environment: { GEMINI_CLI_HOME: above, HOME } }: ProcessDetails, ctx: Context): string {
  return homeBelow(above?.startsWith("/") ? above : (HOME ?? ctx.paths.home))
}
