import type { Context, ProcessDetails, ProcessEntry, SessionId } from "session-rescue"
import { windowVariables } from "../context/window-settings.ts"
import type { ClientArguments } from "./arguments.ts"

/** A process that is a Claude Code client, with the home it works in. */
export interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly arguments: ClientArguments
  readonly home: string
  /** The session that a child process names in its environment; looked up only without a registry file. */
  readonly namingChild?: { readonly id: SessionId; readonly child: ProcessEntry } | null
}

type Candidate = Pick<Client, "entry" | "details">

export interface Candidates {
  /** Processes that may be clients: those of this user, and those that work in one of the homes searched. */
  readonly seen: readonly Candidate[]
  /**
   * Number of other users' processes with the client's name that work elsewhere, as far as can be determined.
   */
  readonly others: number
}

/** Set by the client for its child processes: the id of its session. */
export const sessionVariable = "CLAUDE_CODE_SESSION_ID"
/** Kernel names of client processes: the file's name, the title a 1.x client sets, Node's main thread. */
const kernelNamePattern = /^(\.?claude.*|\d+\.\d+\.\d+.*|node|nodejs|bun|deno|MainThread)$/

/**
 * `registered`: pids that some registry names, whatever their program is called. `homes`: those searched,
 * links resolved.
 */
export async function findCandidates(
  ctx: Context,
  list: readonly ProcessEntry[],
  registered: ReadonlySet<number>,
  homes: ReadonlyMap<string, string>,
): Promise<Candidates> {
  const named = list.filter((entry) => kernelNamePattern.test(entry.name) || registered.has(entry.pid))
  // only root can read another user's environment
  const asked = named.filter(({ pid, uid }) => [uid, 0].includes(ctx.self.uid) || registered.has(pid))
  const details = await ctx.processes.details(
    asked.map((entry) => entry.pid),
    ["CLAUDE_CONFIG_DIR", "HOME", sessionVariable, ...windowVariables],
  )
  const isHere = (entry: ProcessEntry, found: ProcessDetails) =>
    entry.uid === ctx.self.uid || registered.has(entry.pid) || worksIn(homes, found, ctx)
  const seen = named.flatMap((entry) => {
    const found = details.get(entry.pid)
    return found !== undefined && isHere(entry, found) ? [{ entry, details: found }] : []
  })
  const pids = new Set(seen.map(({ entry }) => entry.pid))
  const foreign = named.filter(({ pid, uid }) => uid !== ctx.self.uid && !pids.has(pid))
  return { seen, others: foreign.filter(({ name }) => /^\.?claude/.test(name)).length }
}

/**
 * For root and on a shared home: another user's process counts only if its own environment can be read and
 * names the home.
 */
function worksIn(homes: ReadonlyMap<string, string>, details: ProcessDetails, ctx: Context): boolean {
  const { HOME, CLAUDE_CONFIG_DIR } = details.environment
  if (HOME === undefined && CLAUDE_CONFIG_DIR === undefined) return false
  const home = homeOf(details, ctx)
  return homes.has(ctx.files.real(home) ?? home)
}

/**
 * The client's home according to its environment; ours when that cannot be read. A relative path, including
 * an empty one, is resolved against its working directory (1.0.100, 2.0.60 and 2.1.197 alike).
 */
export function homeOf(details: ProcessDetails, ctx: Context): string {
  return namedHome(details, ctx).replace(/\/+$/, "")
}

function namedHome({ cwd, environment }: ProcessDetails, ctx: Context): string {
  const { CLAUDE_CONFIG_DIR: config, HOME: home } = environment
  if (config?.startsWith("/")) return config
  if (config === undefined || cwd === null) return `${home?.startsWith("/") ? home : ctx.paths.home}/.claude`
  return ctx.files.real(`${cwd}/${config}`) ?? `${cwd}/${config}`
}
