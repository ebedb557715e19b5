import { MiB } from "../../domain/bytes.ts"
import { parsePid } from "../../domain/session/pid.ts"
import { parseUuid, type SessionId } from "../../domain/session/session-id.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import { isSavedUnchanged } from "../../pipeline/copies/saved-mark.ts"
import { builtInList } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { advice, broken, countNoun, type Finding, ok } from "./finding.ts"

/** The first version that keeps a registry of its sessions. */
const firstWithRegistry = [2, 1]

/** The clients' homes, the versions that wrote there, and the registries in them. */
export async function inspectClients(
  homes: readonly string[],
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): Promise<readonly Finding[]> {
  if (homes.length === 0 && sessions.length === 0) {
    const none = `no client home: neither ${ctx.paths.home}/.claude nor CLAUDE_CONFIG_DIR`
    return [advice("clients", none, "give another: CLAUDE_CONFIG_DIR=/path session-rescue doctor")]
  }
  const pids = new Set<number>((await ctx.processes.list()).map((entry) => entry.pid))
  const seen = [...new Set([...homes, ...sessions.map((session) => session.home)])]
  return seen.flatMap((home) => {
    const here = sessions.filter((session) => session.home === home)
    if (ctx.files.stat(ctx.files.real(home) ?? home)?.kind !== "folder") return [unreachableHome(home, homes)]
    return [inspectHome(home, here), ...inspectRegistry(home, pids, here, ctx)]
  })
}

/** A home that only a running client names may be one that is nowhere but where that client runs. */
function unreachableHome(home: string, own: readonly string[]): Finding {
  if (own.includes(home))
    return broken("clients", `${home} cannot be read`, `check its owner: ls -ld ${singleQuote(home)}`)
  const says = `${home}, the home of a running client, is not visible from here (it may run in a container)`
  return advice("clients", says, "run session-rescue where that client runs")
}

function inspectHome(home: string, sessions: readonly ClassifiedSession[]): Finding {
  const live = sessions.filter((session) => session.process !== null)
  const versions = [...new Set(sessions.flatMap((session) => session.version ?? []))].toSorted(byVersion)
  const says = `${home}: ${countNoun(sessions.length, "session")}, ${live.length} running${formatVersions(versions, sessions)}`
  const ours = live.filter(({ agent }) => agent === "claude-code")
  const old = ours.flatMap((session) => session.version ?? []).find((version) => isOld(version))
  return old === undefined
    ? ok("clients", says)
    : advice("clients", `${says}; ${old} keeps no registry, so less is known`, "update the client")
}

/** Beside those this program was tried with, so that nobody has to look up which they are. */
function formatVersions(versions: readonly string[], [first]: readonly ClassifiedSession[]): string {
  if (versions.length === 0) return ""
  const seen = `, written by ${versions.slice(-5).join(", ")}`
  const tried = testedVersions(first?.agent ?? "").toSorted(byVersion)
  const newest = tried.at(-1)
  if (newest === undefined) return seen
  const newer = versions.filter((version) => byVersion(version, newest) > 0)
  const more = newer.length === 0 ? "" : `; ${newer.slice(-5).join(", ")}: newer than all of these`
  return `${seen} (tried with ${tried.join(", ")}${more})`
}

function testedVersions(agent: string): readonly string[] {
  return builtInList.flatMap((plugin) =>
    plugin.stage === "detect" && plugin.agent === agent ? (plugin.testedVersions ?? []) : [],
  )
}

function inspectRegistry(
  home: string,
  pids: ReadonlySet<number>,
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): readonly Finding[] {
  const names = ctx.files
    .names(`${home}/sessions`)
    .filter((name) => typeof name === "string" && name.endsWith(".json"))
  if (names.length === 0) return []
  const unreadable = names.filter((name) => !isObject(ctx.files.text(`${home}/sessions/${name}`, MiB)))
  const stale = names.filter((name) => {
    const pid = parsePid(String(name).slice(0, -5))
    return pid !== null && !pids.has(pid)
  })
  const says = `${home}: ${countNoun(names.length, "entry").replace("entrys", "entries")}, ${stale.length} left by clients that did not exit cleanly`
  if (unreadable.length > 0) {
    const what = `${home}: ${unreadable.length} of ${names.length} entries cannot be read`
    return [
      advice(
        "registry",
        what,
        "the client rewrites them; their sessions are found through their transcripts",
      ),
    ]
  }
  if (stale.length === 0) return [ok("registry", says)]
  const left = new Set(stale.map((name) => idIn(ctx.files.text(`${home}/sessions/${name}`, MiB))))
  const lost = sessions.filter(({ id, process }) => process === null && id !== null && left.has(id))
  return lost.every((session) => isSavedUnchanged(session, ctx))
    ? [ok("registry", `${says}; what they left is saved`)]
    : [advice("registry", says, "save what they left: session-rescue --export")]
}

function idIn(entry: string | null): SessionId | null {
  return isObject(entry) ? parseUuid(JSON.parse(entry ?? "{}")?.sessionId) : null
}

function isObject(text: string | null): boolean {
  try {
    return text !== null && typeof JSON.parse(text) === "object"
  } catch {
    return false
  }
}

const numbers = (version: string) => version.split(".").map(Number)

function byVersion(a: string, b: string): number {
  const [one, other] = [numbers(a), numbers(b)]
  const at = one.findIndex((number, index) => number !== other[index])
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

function isOld(version: string): boolean {
  const [major = 0, minor = 0] = numbers(version)
  const [first = 0, second = 0] = firstWithRegistry
  return major < first || (major === first && minor < second)
}
