/**
 * Sessions: folders matched to processes. A client of Kimi Code has no file open, no lock and no registry, and overwrites its
 * arguments (2.1.0, observed): what is left is its folder and the time.
 */
import {
  ancestorAmong,
  type Context,
  type Evidence,
  existingHomes,
  type FoundSession,
  homeIn,
  isScriptHost,
  listProcesses,
  liveProcessOf,
  type ProcessDetails,
  type ProcessEntry,
} from "session-rescue"
import { kimiHome, knownHomes, readFolders, type SessionFolder } from "./store.ts"

interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

export function isKimiProgram({ executable, argv }: Program): boolean {
  if (/(^|\/)kimi(-code)?$/.test(executable ?? "")) return true
  const isNamed = argv[0] === "kimi-code" || argv.slice(1, 4).some((each) => script.test(each))
  return isScriptHost({ executable, argv }) && isNamed
}

const script = /@moonshot-ai\/kimi-code\/.*\.m?js$|\/bin\/kimi$/

/** Data of `detect` that `examine` needs again. */
export interface KimiData {
  readonly relative: string | null
  readonly cwd: string | null
  readonly title: string | null
}

interface Client {
  readonly entry: ProcessEntry
  readonly details: ProcessDetails
  readonly home: string
}

export async function findSessions(ctx: Context): Promise<readonly FoundSession[]> {
  const list = await listProcesses(ctx)
  const own = knownHomes(ctx)
  const clients = await findClients(ctx, list, own)
  const homes = existingHomes(ctx, [...own, ...clients.map(({ home }) => home)]) // also where a client works
  const folders = homes.flatMap((home) => readFolders(ctx, home))
  const taken = new Set<SessionFolder>()
  const running = clients.map((client) => {
    const rivals = clients.filter(
      (each) => each.home === client.home && each.details.cwd === client.details.cwd,
    )
    const fits = fitting(client, folders)
    const [only] = fits
    if (only !== undefined && fits.length === 1 && rivals.length === 1) {
      taken.add(only)
      return certainSession(ctx, client, only, list)
    }
    return unclearSession(ctx, client, fits, { list, rivals: rivals.length - 1 })
  })
  return [...running, ...folders.filter((each) => !taken.has(each)).map(storedSession)]
}

async function findClients(
  ctx: Context,
  list: readonly ProcessEntry[],
  homes: readonly string[],
): Promise<readonly Client[]> {
  const named = list.filter(
    ({ name, uid }) => /^(kimi|node|MainThread)/.test(name) && [uid, 0].includes(ctx.self.uid),
  )
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    [kimiHome.homeVariable, "HOME"],
  )
  const clients = named.flatMap((entry): Client[] => {
    const its = details.get(entry.pid)
    if (its === undefined || !isKimiProgram(its)) return []
    const home = homeIn(its.environment, kimiHome, ctx.paths.home)
    return [
      {
        entry,
        details: its,
        home: homes.find((each) => ctx.files.real(each) === ctx.files.real(home)) ?? home,
      },
    ]
  })
  return clients.filter(({ entry }) => !clients.some((other) => other.entry.parent === entry.pid)) // a launcher waits
}

/** The start of a process is known to a tenth of a second or so. */
const toleranceMs = 1_000

/** Sessions of its folder that were written since it started: any of them may be the one that it has. */
function fitting(
  { entry, details, home }: Client,
  folders: readonly SessionFolder[],
): readonly SessionFolder[] {
  return folders.filter(
    ({ cwd, wire, ...folder }) =>
      folder.home === home &&
      cwd === details.cwd &&
      (wire?.stat.modifiedAt ?? 0) >= entry.startedAt - toleranceMs,
  )
}

function certainSession(
  ctx: Context,
  { entry }: Client,
  folder: SessionFolder,
  list: readonly ProcessEntry[],
): FoundSession {
  const message = `process ${entry.pid} is the only Kimi Code in its folder, and this the only session written there since it started (by folder and time alone)`
  return {
    ...storedSession(folder),
    process: liveProcessOf(entry, list, entry),
    current: currentBy(ctx, entry, list),
    mode: "interactive",
    identity: [{ signal: "identity", message }],
  }
}

function unclearSession(
  ctx: Context,
  { entry, details, home }: Client,
  fits: readonly SessionFolder[],
  { list, rivals }: { readonly list: readonly ProcessEntry[]; readonly rivals: number },
): FoundSession {
  const { cwd } = details
  const others = rivals === 0 ? "" : `; ${rivals} more Kimi Code in this folder`
  const message =
    fits.length === 0
      ? "nothing was said in it yet, or it was resumed and not spoken to: no session of its folder was written since it started"
      : `it has one of these ${fits.length === 1 ? "or a new one" : fits.length}: ${fits.map(({ id }) => id).join(", ")}${others}`
  return {
    agent: "kimi",
    id: null,
    home,
    transcript: null,
    transcriptSize: 0,
    modifiedAt: null,
    process: liveProcessOf(entry, list, entry),
    candidates: fits.map(storedSession),
    current: currentBy(ctx, entry, list),
    reported: null,
    mode: "interactive",
    purgeAt: null,
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: [{ signal: "identity", message }],
    flags: fits.length === 0 ? [] : ["ambiguous"],
    detectData: { relative: null, cwd, title: null } satisfies KimiData,
  }
}

export function storedSession({ id, home, relative, wire, cwd, title }: SessionFolder): FoundSession {
  return {
    agent: "kimi",
    id,
    home,
    transcript: wire?.path ?? null,
    transcriptSize: wire?.stat.size ?? 0,
    transcriptStat: wire?.stat ?? null,
    modifiedAt: wire?.stat.modifiedAt ?? null,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null, // no deletion by age is known (2.1.0)
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: [],
    flags: [],
    detectData: { relative, cwd, title } satisfies KimiData,
  }
}

/** Its tools get no variable (2.1.0, observed). */
function currentBy(ctx: Context, { pid }: ProcessEntry, list: readonly ProcessEntry[]): Evidence | null {
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  if (ancestorAmong(ctx.self.pid, processes, new Set([pid])) === null) return null
  return { signal: "current", message: `session-rescue runs inside it (process ${pid} is an ancestor)` }
}
