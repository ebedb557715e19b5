/** Detects the chat histories of Aider: one file in each folder that it is used in. Layout of 0.86: public. */
import {
  type Context,
  definePlugin,
  type FileStat,
  type FoundSession,
  listProcesses,
  parseSessionId,
  type Session,
  sha256Of,
  type TranscriptRecord,
} from "session-rescue"

export default definePlugin({
  name: "aider",
  stage: "detect",
  agent: "aider",
  testedVersions: ["0.86"],
  async detect(ctx) {
    return findHistories(ctx, await foldersOfClients(ctx))
  },
  async *storedSessions(ctx) {
    yield findHistories(ctx, [])
  },
  examine,
  // it has no records: its history is indexed as the text that it is
  readRecord: (_record: TranscriptRecord, _document: string) => null,
})

const history = ".aider.chat.history.md"
const prompts = ".aider.input.history"

/** It keeps its history at the root of the repository that it is started in, or in the folder itself (public). */
function findHistories(ctx: Context, folders: readonly string[]): readonly FoundSession[] {
  const { PWD } = ctx.self.environment
  const named = [...withParents(PWD), ...folders.flatMap(withParents), ctx.paths.home, ...ctx.homes]
  const real = named.flatMap((folder) => ctx.files.real(folder) ?? [])
  return [...new Set(real)].flatMap((folder) => {
    const stat = ctx.files.quiet.stat(`${folder}/${history}`)
    return stat?.kind === "file" ? [foundHistory(folder, stat)] : []
  })
}

function withParents(folder: string | null | undefined): readonly string[] {
  if (!folder?.startsWith("/")) return []
  const names = folder.split("/").filter((name) => name !== "")
  return names.map((_, index) => `/${names.slice(0, names.length - index).join("/")}`)
}

/** Only to find folders: which history a process writes is not known. */
async function foldersOfClients(ctx: Context): Promise<readonly string[]> {
  const list = await listProcesses(ctx)
  const named = list.filter(({ name, uid }) => name === "aider" && uid === ctx.self.uid)
  const details = await ctx.processes.details(
    named.map(({ pid }) => pid),
    [],
  )
  return [...details.values()].flatMap(({ cwd }) => cwd ?? [])
}

function foundHistory(folder: string, stat: FileStat): FoundSession {
  const path = `${folder}/${history}`
  return {
    agent: "aider",
    id: parseSessionId(`aider_${sha256Of(Buffer.from(path)).slice(0, 16)}`),
    home: folder,
    transcript: path,
    transcriptSize: stat.size,
    transcriptStat: stat,
    modifiedAt: stat.modifiedAt,
    process: null,
    livenessUnknown: "Aider leaves nothing that tells whether a process writes it",
    candidates: [],
    current: null,
    reported: null,
    purgeAt: null, // it only appends (public)
    names: [{ kind: "folder", value: folder }],
    identity: [],
    flags: [],
    detectData: {},
  }
}

const headBytes = 1 << 16

async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const footprint = [history, prompts].flatMap((relative) => {
    const path = `${found.home}/${relative}`
    const stat = ctx.files.stat(path)
    if (stat?.kind !== "file") return []
    return [{ path, relative, kind: "file" as const, size: stat.size, modifiedAt: stat.modifiedAt }]
  })
  const [main] = footprint
  if (main?.relative !== history) throw new Error("its history no longer exists")
  const head = Buffer.from(ctx.files.read(main.path, 0, headBytes) ?? []).toString("utf8")
  const startedAt = Date.parse(/^# aider chat started at (.+)$/m.exec(head)?.[1]?.replace(" ", "T") ?? "")
  return {
    ...found,
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: main.modifiedAt,
    turn: { phase: "unknown", openCalls: [], lastRecordAt: null, message: "its history tells no turns" },
    conversation: main.size === 0 ? "empty" : "whole",
    exitedCleanly: null,
    title: /^#### (.+?) *$/m.exec(head)?.[1] ?? null,
    cwd: found.home,
    gitBranch: null,
    version: null,
    startedAt: Number.isNaN(startedAt) ? null : startedAt,
    contextTokens: null,
    resumeWay: null, // `aider --restore-chat-history` reads it again in its folder (public)
  }
}
