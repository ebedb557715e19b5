import { type Context, type HelperProcess, type SessionId, shortId } from "session-rescue"
import type { Helper, Running } from "../processes/running.ts"
import { jobStates, type ServiceWorker } from "../processes/service-roster.ts"
import type { Match } from "./identity.ts"

/**
 * Reports the processes without a conversation, each with the sessions that depend on it and advice for the
 * user.
 */
export function reportHelpers(
  ctx: Context,
  { helpers, services, processes }: Running,
  matches: readonly Match[],
): void {
  for (const helper of helpers) {
    const workers = services.get(helper.home)?.workers ?? []
    const below = matches.filter(({ client }) => processes.get(client.entry.pid)?.parent === helper.entry.pid)
    const holds = new Set([
      ...below.flatMap(({ id }) => id ?? []),
      ...workers.filter((worker) => dependsOn(worker, helper)).map(({ id }) => id),
      ...sessionsShownBy(ctx, helper, workers),
    ])
    ctx.reportHelper(toHelperProcess(helper, [...holds], workers))
  }
}

function dependsOn(worker: ServiceWorker, { entry, kind }: Helper): boolean {
  if (kind.is === "service") return worker.host !== null || worker.session !== null
  return kind.is === "host" && worker.host?.pid === entry.pid
}

/** A window, or a host that has just been started, names the session by its short name or its id. */
function sessionsShownBy(
  ctx: Context,
  { kind, home }: Helper,
  workers: readonly ServiceWorker[],
): readonly SessionId[] {
  const named = kind.shows
  if (named === null) return []
  const worker = workers.find(({ name, id }) => name === named || named.includes(id))
  if (worker !== undefined) return [worker.id]
  return (
    jobStates(ctx, home)
      .find(({ name }) => name === named)
      ?.ids.slice(0, 1) ?? []
  )
}

function toHelperProcess(
  { entry, home, kind }: Helper,
  sessions: readonly SessionId[],
  workers: readonly ServiceWorker[],
): HelperProcess {
  const { pid, terminal } = entry
  const role = kind.is === "host" && sessions.length === 0 ? "spare" : kind.is
  const message =
    role === "spare" && kind.is === "host"
      ? "the terminal of a spare of the background service"
      : kind.message
  return {
    agent: "claude-code",
    home,
    pid,
    terminal,
    role,
    message,
    sessions,
    hint: hintFor(role, pid, sessions, workers),
  }
}

function hintFor(
  role: HelperProcess["role"],
  pid: number,
  holds: readonly SessionId[],
  workers: readonly ServiceWorker[],
): string | null {
  const [first] = holds
  const name = workers.find(({ id }) => id === first)?.name ?? shortId(first)
  switch (role) {
    case "service":
      return first === undefined
        ? "it leaves by itself when it has nothing to do"
        : `end its sessions, each saved first: session-rescue --kill ${holds.map((id) => shortId(id)).join(" ")}   (it leaves by itself when none is left)`
    case "host":
      return `end the session, saved first: session-rescue --kill ${shortId(first)}`
    case "window":
      return name === undefined
        ? `the sessions it shows run on without it: close it, or from another terminal: kill ${pid}`
        : `the session runs on without it: close it, or from another terminal: kill ${pid}; open it again: claude attach ${name}`
    case "spare":
      return "it holds nothing; the background service takes it along when it leaves"
    case "other":
      return null
  }
}
