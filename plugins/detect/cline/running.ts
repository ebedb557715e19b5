/** The processes of Cline, and the sessions that they run or show. */
import { type Context, homeIn, listProcesses, type ProcessDetails, type ProcessEntry } from "session-rescue"
import { type ClineRole, roleOf, sessionInArguments } from "./program.ts"
import { clineHome, type SessionFolder } from "./store.ts"

export interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
  readonly role: Exclude<ClineRole, null>
}

export interface Running {
  readonly clients: readonly Client[]
  readonly list: readonly ProcessEntry[]
  /** The same by pid. */
  readonly processes: ReadonlyMap<number, ProcessEntry>
}

export async function findRunning(ctx: Context, homes: readonly string[]): Promise<Running> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => name.startsWith("cline") && [uid, 0].includes(ctx.self.uid))
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    [clineHome.homeVariable, "CLINE_DIR", "HOME"],
  )
  const clients = named.flatMap((entry): Client[] => {
    const its = details.get(entry.pid)
    const role = its === undefined ? null : roleOf(its)
    if (its === undefined || role === null) return []
    const home = homeOf(ctx, its)
    const real = ctx.files.real(home)
    return [{ entry, details: its, role, home: homes.find((each) => ctx.files.real(each) === real) ?? home }]
  })
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  // its hub may be its child
  return { clients: clients.filter((each) => !isLauncher(each, clients)), list, processes }
}

function isLauncher({ entry, role }: Client, clients: readonly Client[]): boolean {
  return clients.some((each) => each.role === role && each.entry.parent === entry.pid)
}

function homeOf(ctx: Context, { argv, environment }: ProcessDetails): string {
  const at = argv.indexOf("--data-dir")
  const given = argv[at + 1]
  if (at > 0 && given?.startsWith("/")) return given.replace(/\/+$/, "")
  const { CLINE_DIR: above } = environment
  if (environment[clineHome.homeVariable] === undefined && above?.startsWith("/"))
    return `${above.replace(/\/+$/, "")}/data`
  return homeIn(environment, clineHome, ctx.paths.home)
}

/** The start of a process is known to a tenth of a second or so. */
const toleranceMs = 1_000
const openedWithinMs = 60_000

/**
 * The process that a session's record names, if it is still that one: a pid may have come to mean another Cline, which was
 * started after the record was written.
 */
export function writerOf(folder: SessionFolder, { clients }: Running): Client | null {
  const writer = clients.find(({ entry, home }) => entry.pid === folder.record.pid && home === folder.home)
  if (writer === undefined) return null
  return writer.entry.startedAt <= (folder.recordedAt ?? 0) + toleranceMs ? writer : null
}

/**
 * Which window shows which session. `--id` names it; else the session is made in the window's folder soon after its start, and
 * each window gets the one that fits best.
 */
export function matchWindows(
  { clients }: Running,
  folders: readonly SessionFolder[],
): ReadonlyMap<Client, SessionFolder> {
  const found = new Map<Client, SessionFolder>()
  const windows = clients.filter(({ role }) => role === "client")
  for (const window of windows) {
    const named = sessionInArguments(window.details.argv)
    const folder = folders.find(({ id, home }) => id === named && home === window.home)
    if (folder !== undefined) found.set(window, folder)
  }
  const fits = windows
    .filter(({ details }) => sessionInArguments(details.argv) === null)
    .flatMap((window) => folders.map((folder) => ({ window, folder, after: delay(window, folder) })))
    .filter((fit): fit is typeof fit & { after: number } => fit.after !== null)
    .toSorted((a, b) => Math.abs(a.after) - Math.abs(b.after))
  const taken = new Set<SessionFolder>()
  for (const { window, folder } of fits) {
    if (found.has(window) || taken.has(folder)) continue
    taken.add(folder)
    found.set(window, folder)
  }
  return found
}

/** Milliseconds from the window's start to the session's; null when the session is not one that it has made. */
function delay({ entry, details, home }: Client, { record, ...folder }: SessionFolder): number | null {
  if (home !== folder.home || record.cwd !== details.cwd || record.startedAt === null) return null
  const after = record.startedAt - entry.startedAt
  return after > -toleranceMs && after < openedWithinMs ? after : null
}
