import type { HelperProcess } from "../../domain/session/background.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { count } from "../terminal/format.ts"

/** One agent's background service in one home, and the processes around it that hold no conversation. */
export interface ServiceView {
  readonly agent: string
  readonly home: string
  /** null: it does not run, and sessions of it do. */
  readonly pid: number | null
  readonly sessions: number
  readonly helpers: readonly HelperProcess[]
}

/** `windows` that show sessions hold none and are no part of a service's own processes. */
export function servicesOf(
  helpers: Iterable<HelperProcess>,
  sessions: readonly ClassifiedSession[],
): readonly ServiceView[] {
  const all = [...helpers]
  const inBackground = sessions.filter(
    ({ process, background }) => process !== null && background?.listed === true,
  )
  const keys = new Map(
    [...all.filter(({ role }) => role !== "other" && role !== "window"), ...inBackground].map(
      ({ agent, home }) => [`${agent}\0${home}`, { agent, home }],
    ),
  )
  return [...keys.values()].map(({ agent, home }) => {
    const here = all.filter((each) => each.agent === agent && each.home === home && each.role !== "other")
    const held = inBackground.filter((each) => each.agent === agent && each.home === home)
    const pid = here.find(({ role }) => role === "service")?.pid ?? null
    return { agent, home, pid, sessions: held.length, helpers: here.filter((each) => each.pid !== pid) }
  })
}

/** `background service (pid 6498): 3 sessions, 5 helpers`. */
export function describeService({ pid, sessions, helpers }: ServiceView): string {
  const windows = helpers.filter(({ role }) => role === "window").length
  const others = helpers.length - windows
  return [
    `background service ${pid === null ? "(does not run)" : `(pid ${pid})`}: ${count(sessions, "session")}`,
    count(others, "helper process", "helper processes"),
    ...(windows > 0 ? [count(windows, "window")] : []),
  ].join(", ")
}

/** Where a session with a process is: its terminal, or that nobody sits at one. */
export function formatTerminal({
  process,
  background,
}: Pick<FoundSession, "process" | "background">): string {
  return background?.listed === true ? "background" : (process?.terminal ?? "no terminal")
}
