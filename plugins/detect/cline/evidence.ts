/** Why a session is taken for a process's, in words. */
import { ancestorAmong, type Context, type Evidence } from "session-rescue"
import type { Client, Running } from "./running.ts"
import type { SessionFolder } from "./store.ts"

export interface Found {
  readonly folder: SessionFolder
  readonly viewers: readonly Client[]
  readonly writer: Client | null
}

export function evidenceOf(
  { id }: SessionFolder,
  { holder, viewers, writer }: Omit<Found, "folder"> & { readonly holder: Client },
  { clients }: Running,
): readonly Evidence[] {
  const { pid } = holder.entry
  const shown = viewers.map(({ entry, details }) => {
    const how = details.argv.includes(id) ? "--id names it" : "by folder and time"
    return `pid ${entry.pid}${entry.terminal === null ? "" : ` in ${entry.terminal}`} (${how})`
  })
  if (writer === null) {
    const message = `process ${pid} was started with it (--id); its record still names the process that made it`
    const made = `it was made in the folder of process ${pid} soon after that started (by folder and time); the process that its record names is gone`
    const isNamed = holder.details.argv.some((each) => each.includes(id))
    return [{ signal: "identity", message: isNamed ? message : made }]
  }
  const identity = { signal: "identity", message: `its record names process ${pid}` }
  if (writer.role !== "hub") return [identity]
  const open = clients.filter(({ role, home }) => role === "client" && home === holder.home).length
  const where = shown.length === 0 ? "no window was seen for it" : `shown by ${shown.join(", ")}`
  const message = `Cline's hub (pid ${pid}) runs it, and ends every session that it runs when it ends; ${where}; windows of it that are open: ${open}`
  return [identity, { signal: "service", message }]
}

/** Its tools get no variable that names the session (3.0.65, observed). */
export function currentBy(
  ctx: Context,
  { entry: { pid }, role }: Client,
  mayRun: boolean,
  { processes }: Running,
): Evidence | null {
  if (!mayRun || ancestorAmong(ctx.self.pid, processes, new Set([pid])) === null) return null
  const message =
    role === "hub"
      ? `session-rescue runs below the hub that runs it (process ${pid} is an ancestor)`
      : `session-rescue runs inside it (process ${pid} is an ancestor)`
  return { signal: "current", message }
}
