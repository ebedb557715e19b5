import { MiB } from "../../domain/bytes.ts"
import {
  isHookShell,
  isToolShell,
  markedClient,
  markedHome,
  markedOpencode,
  markedSession,
} from "../../domain/session/client-marks.ts"
import { type ProcessEnds, processEnds } from "../../system/process/process-ends.ts"
import type { ProcessDetails, ProcessEntry } from "../../system/process/processes.ts"
import { describeOrphaning, markedSessionOf } from "./is-leftover.ts"
import type { Leftover, LeftoverKind } from "./leftover.ts"
import { type AssessContext, reasonKept } from "./reason-kept.ts"

/** What a leftover is, and whether anything may still need it. */
export async function assessLeftover(
  top: ProcessEntry,
  below: readonly ProcessEntry[],
  about: AssessContext,
): Promise<Leftover> {
  const { scene } = about
  const commandOf = (each: ProcessEntry) => scene.details.get(each.pid)?.argv.join(" ") || each.name
  const ends = new Map<ProcessEntry, ProcessEnds | null>()
  for (const each of [top, ...below]) ends.set(each, await processEnds(each.pid))
  const kind = kindOf(top, ends.get(top) ?? null, about)
  const kept = reasonKept(top, below, about) ?? reasonOccupied(top, below, kind, about)
  const unsure = kept === null ? reasonUnsure(top, kind, ends, about) : null
  return {
    process: top,
    kind,
    command: commandOf(top),
    session: markedSessionOf(top, scene),
    below: below.map((process) => ({ process, command: commandOf(process) })),
    why: reasonLeftOver(top, kind, about),
    standing: kept !== null ? "kept" : unsure !== null ? "unsure" : "certain",
    but: kept ?? unsure,
  }
}

function reasonLeftOver(top: ProcessEntry, kind: LeftoverKind, { scene }: AssessContext): string {
  if (kind === "host" || kind === "spare")
    return "its background service has exited, and nothing indicates that it holds a session"
  const cutOff = kind === "server" || kind === "hook"
  return `${describeOrphaning(top, scene)}${cutOff ? ", and no process is at the other end of its input and output" : ""}`
}

function kindOf({ pid }: ProcessEntry, ends: ProcessEnds | null, { scene }: AssessContext): LeftoverKind {
  const role = scene.roles.get(pid)
  const details = scene.details.get(pid)
  if (role === "host" || role === "spare") return role
  if (details === undefined) return "other"
  if (isOfOpencode(details)) return "other" // its tool's shell and what that has started look the same
  // safety: tool-itself
  if (isToolShell(details)) return ends?.leads === true ? "tool" : "other" // what it has forked off looks the same
  if (ends?.input !== "nobody" || ends.output !== "nobody") return "other" // safety: cut-off
  return isHookShell(details, details.environment) ? "hook" : "server"
}

function isOfOpencode({ environment }: ProcessDetails): boolean {
  return markedSession(environment) === null && markedOpencode(environment) !== null
}

/** An MCP server has its client's terminal for life, and does not use it; anything else at a terminal may be in use. */
function reasonOccupied(
  top: ProcessEntry,
  below: readonly ProcessEntry[],
  kind: LeftoverKind,
  { scene, ctx }: AssessContext,
): string | null {
  if (kind !== "host" && kind !== "spare") {
    const used = top.terminal !== null && kind !== "server" && kind !== "hook"
    return used ? `it is attached to a terminal that may be in use: ${top.terminal}` : null // safety: at-terminal
  }
  const spares = [top, ...below].filter(({ pid }) => scene.roles.get(pid) === "spare")
  if (spares.length === 0 && below.length === 0) return null
  // one that was given a session and lost its registry file looks like a spare to the last letter
  const home = markedHome(scene.details.get(top.pid)?.environment ?? {})
  const workers = readWorkers(ctx.files.text(`${home}/daemon/roster.json`, MiB))
  const idle = spares.every(({ pid, terminal }) => terminal === null && !scene.children.has(pid))
  // safety: spare-or-session
  const known = [top, ...below].some(({ pid }) => workers?.has(pid) ?? true)
  if (idle && !known && [top, ...below].every((each) => each === top || spares.includes(each))) return null
  return "it may hold a session that no file records"
}

/** The pty hosts and sessions that the background service knew; null where its list cannot be read. */
function readWorkers(json: string | null): ReadonlySet<unknown> | null {
  try {
    const { workers } = JSON.parse(json ?? "") as {
      workers?: Readonly<Record<string, { pid?: unknown; replPid?: unknown }>>
    }
    return new Set(Object.values(workers ?? {}).flatMap(({ pid, replPid }) => [pid, replPid]))
  } catch {
    return null
  }
}

function reasonUnsure(
  top: ProcessEntry,
  kind: LeftoverKind,
  ends: ReadonlyMap<ProcessEntry, ProcessEnds | null>,
  { scene }: AssessContext,
): string | null {
  if ([...ends.values()].includes(null)) return "cannot determine on this system what uses it"
  if (kind === "host" || kind === "spare") return null
  const ports = [...ends.values()].flatMap((each) => each?.ports ?? [])
  const listens = `it listens on port ${ports.join(", ")}, which may be in use`
  if (ports.length > 0) return listens // safety: in-service
  if (kind === "other") return "it may be in use, for example as a server, build or editor"
  const may = mayHold(top, { scene })
  // safety: unknown-holder
  return may === undefined
    ? null
    : `it may belong to the client with pid ${may.pid}, whose session is unknown`
}

/** A client that was there before it, of which nobody can tell what it holds. One that marks what it starts is known. */
function mayHold(top: ProcessEntry, { scene }: Pick<AssessContext, "scene">): ProcessEntry | undefined {
  if (markedClient(scene.details.get(top.pid)?.environment ?? {}) !== null) return undefined
  const clients =
    markedSessionOf(top, scene) === null
      ? scene.list.filter(({ pid }) => scene.clients.has(pid))
      : scene.unidentified
  return clients.find(({ startedAt }) => startedAt <= top.startedAt)
}
