import {
  type Context,
  type FoundSession,
  greatest,
  parseUuid,
  remembered,
  type SessionId,
  type TranscriptRecord,
} from "session-rescue"
import { isMessage, timeOf } from "./records.ts"

/** The first version in which the exit record was observed. */
const firstVersion = [2, 1, 197]
/**
 * From this version on the same record follows every turn (observed in 2.1.280 and 2.1.332), and proves
 * nothing alone.
 */
const everyTurnVersion = [2, 1, 280]
/** Commands that leave a session; most do not end the client, and so leave no exit record. */
const exitCommands = /^\/(clear|reset|new|resume|continue|branch|fork|exit|quit)\b/

/** What the end of a transcript has of an exit: see `leftCleanly`. */
export type ExitSign = "cost" | "prompt" | "perhaps" | "none"

export function exitSignOf(records: readonly TranscriptRecord[]): ExitSign {
  if (hasCostRecord(records)) return "cost"
  if (records.at(-1)?.type === "last-prompt") return "prompt"
  return mayBeExitRecord(records) ? "perhaps" : "none"
}

/**
 * Whether the client left this session on its own: 2.1.197 then appends `last-prompt` as its last record, at
 * /exit, TERM and HUP alike, and not when it is killed (observed). null when that cannot be determined.
 */
export function leftCleanly(
  ctx: Context,
  found: FoundSession,
  sign: ExitSign,
  version: string | null,
): boolean | null {
  if (found.process !== null || found.id === null || !isFrom(firstVersion, version)) return null
  if (sign === "cost") return true
  if (sign === "prompt") return isFrom(everyTurnVersion, version) ? null : true
  if (sign === "perhaps") return null
  return exitCommands.test(typedIn(ctx, found.home).last.get(found.id) ?? "") ? null : false
}

/**
 * From 2.1.280 (not in 2.1.231) `cost-state` follows that record at TERM, HUP and /exit, and is never in a
 * session that was killed (observed in 2.1.280 and 2.1.332). A record from before the newest message belongs
 * to an earlier exit.
 */
function hasCostRecord(records: readonly TranscriptRecord[]): boolean {
  return records.slice(records.findLastIndex(isMessage) + 1).some(({ type }) => type === "cost-state")
}

/**
 * Records written together may be reordered (observed), so a record that names the newest message may be the
 * exit record without being the last one. The one that comes with a first turn precedes all messages.
 */
function mayBeExitRecord(records: readonly TranscriptRecord[]): boolean {
  const at = records.findLastIndex((record) => record.type === "last-prompt")
  const leaf = records[at]?.leafUuid
  const newest = greatest(records.map((record) => timeOf(record) ?? 0))
  return (
    typeof leaf === "string" &&
    records.slice(0, at).some(isMessage) &&
    records.some((record) => record.uuid === leaf && timeOf(record) === newest)
  )
}

function isFrom(first: readonly number[], version: string | null): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? "")
    ?.slice(1)
    .map(Number)
  if (numbers === undefined) return false
  const differs = numbers.findIndex((number, index) => number !== first[index])
  return differs === -1 || (numbers[differs] ?? 0) > (first[differs] ?? 0)
}

const typedKey = Symbol("what was typed last, by home")
const newest = 4 << 20

interface Typed {
  /** The last input of each session. */
  readonly last: ReadonlyMap<SessionId, string>
  /** Sessions that were prompted; a command of the client alone makes no transcript. */
  readonly prompted: ReadonlySet<SessionId>
}

/** Whether a prompt for it is in the newest part of the home's history. */
export function wasPrompted(ctx: Context, home: string, id: SessionId): boolean {
  return typedIn(ctx, home).prompted.has(id)
}

/** From the newest part of the home's history; read once per run. */
function typedIn(ctx: Context, home: string): Typed {
  const homes = remembered(ctx, typedKey, () => new Map<string, Typed>())
  const typed = homes.get(home) ?? readHistory(ctx, `${home}/history.jsonl`)
  homes.set(home, typed)
  return typed
}

function readHistory(ctx: Context, path: string): Typed {
  const size = ctx.files.stat(path)?.size ?? 0
  const bytes = ctx.files.read(path, Math.max(0, size - newest), newest)
  const last = new Map<SessionId, string>()
  const prompted = new Set<SessionId>()
  for (const line of Buffer.from(bytes ?? [])
    .toString("utf8")
    .split("\n")) {
    try {
      const entry = JSON.parse(line) as { sessionId?: unknown; display?: unknown }
      const id = parseUuid(entry.sessionId)
      if (id === null) continue
      last.set(id, String(entry.display))
      if (!/^\s*[/#!]/.test(String(entry.display))) prompted.add(id)
    } catch {
      // the truncated first line, or a damaged line
    }
  }
  return { last, prompted }
}
