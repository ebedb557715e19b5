/** Sessions: folders matched to the process that runs each, and to the windows that show it. */
import { type Context, existingHomes, type FoundSession, liveProcessOf } from "session-rescue"
import { currentBy, evidenceOf, type Found } from "./evidence.ts"
import { isInteractive } from "./program.ts"
import { type Client, findRunning, matchWindows, type Running, writerOf } from "./running.ts"
import { knownHomes, readFolders, type SessionFolder, type SessionRecord } from "./store.ts"

/** Data of `detect` that `examine` needs again. */
export interface ClineData {
  readonly relative: string | null
  readonly record: SessionRecord | null
  readonly recordedAt: number | null
  readonly isDamaged: boolean
  /** The window has it open, and nothing of it was written since. */
  readonly isOnlyShown: boolean
}

export async function findSessions(ctx: Context): Promise<readonly FoundSession[]> {
  const own = knownHomes(ctx)
  const running = await findRunning(ctx, own)
  const homes = existingHomes(ctx, [...own, ...running.clients.map(({ home }) => home)]) // also where a client works
  const folders = homes.flatMap((home) => readFolders(ctx, home))
  const windows = matchWindows(running, folders)
  const held = new Map<SessionFolder, FoundSession>()
  for (const folder of folders) {
    const viewers = [...windows].flatMap(([window, shown]) => (shown === folder ? window : []))
    const session = heldSession(ctx, running, { folder, viewers, writer: writerOf(folder, running) })
    if (session !== null) held.set(folder, await withOwnChildren(ctx, session, folder))
  }
  reportHubs(ctx, running, held)
  const unclear = running.clients
    .filter((each) => each.role === "client" && !windows.has(each) && isInteractive(each.details.argv))
    .map((window) => unclearSession(ctx, running, window, folders))
  return [
    ...held.values(),
    ...unclear,
    ...folders.filter((each) => !held.has(each)).map((each) => storedSession(each)),
  ]
}

/** null for a session that a hub has made and nobody works in. */
function heldSession(
  ctx: Context,
  running: Running,
  { folder, viewers, writer }: Found,
): FoundSession | null {
  const [window] = viewers
  const inHub = writer?.role === "hub"
  const holder = writer ?? window ?? null
  const isRunning = folder.record.status === "running"
  if (holder === null || (inHub && window === undefined && !isRunning)) return null
  const { list } = running
  const isOnlyShown = writer === null && (folder.recordedAt ?? 0) < holder.entry.startedAt
  return {
    ...storedSession(folder, isOnlyShown),
    process: liveProcessOf(holder.entry, list, inHub ? (window?.entry ?? null) : holder.entry),
    current: currentBy(ctx, holder, isRunning || !inHub, running),
    mode: window === undefined && inHub ? "background" : modeOf(window ?? holder),
    identity: evidenceOf(folder, { holder, viewers, writer }, running),
    flags: viewers.length > 1 ? ["duplicate-writer"] : [],
  }
}

function modeOf({ details }: Client) {
  return isInteractive(details.argv) ? "interactive" : "headless"
}

function unclearSession(
  ctx: Context,
  running: Running,
  window: Client,
  folders: readonly SessionFolder[],
): FoundSession {
  const { entry, home, details } = window
  const fits = folders.filter(
    (each) =>
      each.home === home &&
      each.record.cwd === details.cwd &&
      Math.max(each.recordedAt ?? 0, each.messages?.stat.modifiedAt ?? 0) >= entry.startedAt,
  )
  const message =
    fits.length === 0
      ? "no session of its folder was written since it started"
      : `it shows one of these ${fits.length === 1 ? "or a new one" : fits.length}: ${fits.map(({ id }) => id).join(", ")}`
  return {
    ...{ agent: "cline", id: null, home, transcript: null, transcriptSize: 0, modifiedAt: null },
    process: liveProcessOf(entry, running.list, entry),
    candidates: fits.map((each) => storedSession(each)),
    current: currentBy(ctx, window, true, running),
    reported: null,
    mode: "interactive",
    purgeAt: null,
    ...(details.cwd === null ? {} : { names: [{ kind: "folder", value: details.cwd }] }),
    identity: [{ signal: "identity", message }],
    flags: fits.length === 0 ? [] : ["ambiguous"],
    detectData: {
      ...{ relative: null, record: null, recordedAt: null, isDamaged: false, isOnlyShown: false },
      cwd: details.cwd,
    },
  }
}

export function storedSession(folder: SessionFolder, isOnlyShown = false): FoundSession {
  const { id, home, relative, messages, record, recordedAt, isDamaged } = folder
  return {
    ...{ agent: "cline", id, home },
    transcript: messages?.path ?? null,
    transcriptSize: messages?.stat.size ?? 0,
    transcriptStat: messages?.stat ?? null,
    modifiedAt: messages?.stat.modifiedAt ?? null,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null, // no deletion by age is known (3.0.65)
    ...(record.cwd === null ? {} : { names: [{ kind: "folder", value: record.cwd }] }),
    identity: [],
    flags: [],
    detectData: { relative, record, recordedAt, isDamaged, isOnlyShown } satisfies ClineData,
  }
}

/** The hub has the tools of all its sessions as children: a session's own run in its folder. */
async function withOwnChildren(
  ctx: Context,
  session: FoundSession,
  { record }: SessionFolder,
): Promise<FoundSession> {
  const { process } = session
  if (process === null || record.cwd === null || process.children.length === 0) return session
  const details = await ctx.processes.details(
    process.children.map(({ pid }) => pid),
    [],
  )
  const children = process.children.filter(({ pid }) => {
    const its = details.get(pid)
    return [record.cwd, undefined, null].includes(its?.cwd) && !its?.argv.includes("--cline-hub-daemon")
  })
  return { ...session, process: { ...process, children } }
}

function reportHubs(
  ctx: Context,
  { clients }: Running,
  held: ReadonlyMap<SessionFolder, FoundSession>,
): void {
  for (const { entry, home, role } of clients) {
    if (role !== "hub") continue
    const its = [...held.values()].filter(({ process }) => process?.pid === entry.pid)
    ctx.reportHelper({
      ...{ agent: "cline", home, pid: entry.pid, terminal: entry.terminal, role: "service", hint: null },
      message: `Cline's hub, which runs the sessions of its windows (${its.length} now)`,
      sessions: its.flatMap(({ id }) => id ?? []),
    })
  }
}
