import { type Background, type Context, isJobOver, type SessionId } from "session-rescue"
import type { Running } from "../processes/running.ts"
import { isJobName, jobStates, type ServiceState } from "../processes/service-roster.ts"
import type { Match } from "./identity.ts"

/** The service's record of a session that has a process; null for a session run by a user or a program. */
export function backgroundOf(
  ctx: Context,
  { client, registry, id }: Match,
  { services, helpers }: Running,
): Background | null {
  const { entry, home, details } = client
  const book = services.get(home)
  const host = helpers.find(({ kind, entry: { pid } }) => kind.is === "host" && pid === entry.parent)?.entry
  const worker =
    book?.workers.find((each) => each.session?.pid === entry.pid) ??
    book?.workers.find((each) => each.id === id)
  if (registry?.kind !== "bg" && host === undefined && worker?.session?.pid !== entry.pid) return null
  const job = id === null ? undefined : jobOf(ctx, home, id)
  const registered = isJobName(registry?.jobId) ? registry.jobId : null
  const name = registered ?? worker?.name ?? job?.name ?? id?.slice(0, 8) ?? null
  if (name === null) return null
  return {
    name,
    program: details.executable,
    host: host?.pid ?? worker?.host?.pid ?? null,
    service: book?.service?.pid ?? null,
    job: job?.state ?? null,
    jobAt: job?.at ?? null,
    listed: true,
    terminal: entry.terminal,
  }
}

/** For a session without a process: the service may be about to restart it, or has ended it. */
export function backgroundOfStored(
  ctx: Context,
  home: string,
  id: SessionId,
  book: ServiceState,
): Background | null {
  const job = jobOf(ctx, home, id)
  const worker = book.workers.find((each) => each.id === id)
  const name = worker?.name ?? job?.name
  if (name === undefined) return null
  return {
    name,
    program: null,
    host: worker?.host?.pid ?? null,
    service: book.service?.pid ?? null,
    job: job?.state ?? null,
    jobAt: job?.at ?? null,
    listed: worker !== undefined && !isJobOver(job?.state ?? null),
    terminal: null,
  }
}

function jobOf(ctx: Context, home: string, id: SessionId) {
  const jobs = jobStates(ctx, home)
  return (
    jobs.find(({ name, ids }) => ids.includes(id) && id.startsWith(name)) ??
    jobs.find(({ ids }) => ids.includes(id))
  )
}
