/** Sessions: chats, and the processes that were matched to them. */
import {
  ancestorAmong,
  type Context,
  type Evidence,
  type Flag,
  type FoundSession,
  type LiveProcess,
  liveProcessOf,
  type ProcessEntry,
} from "session-rescue"
import { type Chat, type ChatFile, isDocument } from "./chats.ts"
import type { Match } from "./matching.ts"
import { type Retention, retention } from "./retention.ts"
import type { Running } from "./running.ts"

/** Data of `detect` that `examine` needs again. */
export interface GeminiData {
  readonly cwd: string | null
  readonly slug: string
  readonly files: readonly ChatFile[]
  readonly subagents: readonly ChatFile[]
}

export function dataOf(found: FoundSession): GeminiData {
  return found.detectData as unknown as GeminiData
}

export function liveSession(
  ctx: Context,
  { list }: Running,
  match: Match,
  facts: { readonly isDuplicate: boolean; readonly purges: Purges },
): FoundSession {
  const { client, chat, candidates } = match
  const flags: Flag[] = [
    ...(candidates.length > 0 ? (["ambiguous"] as const) : []),
    ...(facts.isDuplicate ? (["duplicate-writer"] as const) : []),
  ]
  const { cwd } = client.details
  return {
    ...placeOf(chat, facts.purges),
    agent: "gemini",
    id: match.id,
    home: client.home,
    process: withTools(liveProcessOf(client.entry, list, client.entry)),
    candidates: candidates.map((each) => storedSession(each, facts.purges)),
    current: currentBy(ctx, client.entry, list),
    reported: null,
    mode: client.arguments.mode,
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: [...match.evidence, ...(chat === null ? [] : evidenceOf(chat))],
    flags,
    detectData: detectDataOf(chat, cwd),
  }
}

/** A tool's shell has a terminal of its own, at which no person is (0.61.0, observed). */
function withTools(process: LiveProcess): LiveProcess {
  const children = process.children.map((child) =>
    child.terminal === process.terminal ? child : { ...child, terminal: null },
  )
  return { ...process, children }
}

export function storedSession(chat: Chat, purges: Purges): FoundSession {
  const { cwd } = chat.project
  return {
    ...placeOf(chat, purges),
    agent: "gemini",
    id: chat.id,
    home: chat.home,
    process: null,
    candidates: [],
    current: null,
    reported: null,
    ...(cwd === null ? {} : { names: [{ kind: "folder", value: cwd }] }),
    identity: evidenceOf(chat),
    flags: [],
    detectData: detectDataOf(chat, null),
  }
}

function detectDataOf(chat: Chat | null, cwd: string | null) {
  return {
    cwd: chat?.project.cwd ?? cwd,
    slug: chat?.project.slug ?? "",
    files: chat?.files ?? [],
    subagents: chat?.subagents ?? [],
  } satisfies GeminiData
}

function evidenceOf({ files, isNamed }: Chat): readonly Evidence[] {
  const evidence: Evidence[] = []
  const say = (message: string) => evidence.push({ signal: "files", message })
  if (files.length > 1)
    say(`${files.length} files have its id: its client deletes one at one of its next starts`)
  if (!isNamed) say("no file of it names its whole id: only its first digits are known")
  if (files[0]?.isSubagent === true) say("it is a subagent's; nothing names its session")
  return evidence
}

/** Whether the beginning is gone: its client deleted the file, and another wrote on without it (0.61.0, observed). */
export function isBeheaded({ path, headId, stat }: ChatFile): boolean {
  return headId === null && stat.size > 0 && stat.kind === "file" && !isDocument(path)
}

/** When the client deletes a session of a home: milliseconds since 1970, null if never. */
export type Purges = (chat: Chat) => number | null

/** A file that does not say whose it is counts as damaged, and goes at the client's next start [public]. */
export function purgesOf(ctx: Context, chats: readonly Chat[]): Purges {
  const rules = new Map<string, Retention>(chats.map(({ home }) => [home, retention(ctx, home)]))
  const left = new Set(
    [...Map.groupBy(chats, ({ home, project }) => `${home}\0${project.slug}`).values()].flatMap((folder) => {
      const most = rules.get(folder[0]?.home ?? "")?.maxCount ?? null
      return most === null ? [] : folder.toSorted((a, b) => modifiedAt(b) - modifiedAt(a)).slice(most)
    }),
  )
  return (chat) => {
    const { maxAgeMs = null } = rules.get(chat.home) ?? {}
    const [main] = chat.files
    if (main === undefined) return null
    if (left.has(chat) || isBeheaded(main)) return ctx.now
    return maxAgeMs === null ? null : modifiedAt(chat) + maxAgeMs
  }
}

function modifiedAt({ files }: Chat): number {
  return Math.max(0, ...files.map(({ stat }) => stat.modifiedAt))
}

function placeOf(chat: Chat | null, purges: Purges) {
  const main = chat?.files[0]
  return {
    transcript: main?.path ?? null,
    transcriptSize: main?.stat.size ?? 0,
    transcriptStat: main?.stat ?? null,
    modifiedAt: main?.stat.modifiedAt ?? null,
    purgeAt: chat === null ? null : purges(chat),
  }
}

function currentBy({ self }: Context, entry: ProcessEntry, list: readonly ProcessEntry[]): Evidence | null {
  const processes = new Map<number, ProcessEntry>(list.map((each) => [each.pid, each]))
  const above = ancestorAmong(self.pid, processes, new Set([entry.pid]))
  return above === null
    ? null
    : { signal: "current", message: `session-rescue runs inside it (process ${above} is an ancestor)` }
}
