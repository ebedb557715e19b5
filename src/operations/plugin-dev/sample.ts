import { tmpdir } from "node:os"
import type { Exported } from "../../domain/export/export.ts"
import { silentReporter } from "../../domain/progress.ts"
import type { LiveProcess, Session } from "../../domain/session/session.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import { version } from "../../domain/version.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { detectAll, examine } from "../../pipeline/detect.ts"
import { exportAll } from "../../pipeline/export-sessions.ts"
import { openMachine } from "../../pipeline/machine.ts"
import { exportedOf } from "../../pipeline/plugin-view.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { exportFolders, type Paths } from "../../system/config/paths.ts"
import { closeFile, createFile, discard, makeFolders, writeAll } from "../../system/fs/durable.ts"

/** A temporary home with one short conversation and a verified export of it, to try plugins on. */
export interface Sample {
  readonly paths: Paths
  readonly ctx: RunContext
  readonly session: ClassifiedSession
  /** The same session in every situation that a classifier has to handle. */
  readonly situations: readonly { readonly message: string; readonly session: Session }[]
  readonly exported: Exported
  remove(): void
}

export async function makeSample(signal: AbortSignal, warnings: string[]): Promise<Sample> {
  const root = `${tmpdir()}/session-rescue-sample-${crypto.randomUUID()}`
  const data = `${root}/data`
  const paths: Paths = {
    home: `${root}/home`,
    config: `${root}/config`,
    data,
    ...exportFolders(data),
  }
  try {
    writeConversation(`${paths.home}/.claude/projects/-sample-project`)
    const config = { homes: [], hungAfterMs: null }
    const { ctx } = await openMachine(paths, config, { hungAfterMs: null, signal, warnings })
    const found = (await detectAll(ctx, "claude-code")).find((each) => each.id === parseSessionId(sampleId))
    if (found === undefined) throw new Error("the sample session was not found")
    const session = await tryClassify(found, ctx)
    const reporter = silentReporter
    const { failures } = await exportAll([session], ctx, {
      paths,
      md5: false,
      unchanged: "read",
      version,
      reporter,
    })
    if (failures[0] !== undefined) throw failures[0].error
    const [saved] = readEverySaved(paths).of(found.id as never)
    if (saved === undefined) throw new Error("the sample was not exported")
    const situations = await situationsOf(await examine(found, ctx), ctx)
    return { paths, ctx, session, situations, exported: exportedOf(saved), remove: () => discard(root) }
  } catch (error) {
    discard(root)
    throw error
  }
}

/** The session as it is, and as if it had a live process (this program's own process is used). */
async function situationsOf(session: Session, ctx: RunContext): Promise<Sample["situations"]> {
  const own = (await ctx.processes.list()).find((entry) => entry.pid === ctx.self.pid)
  const midTurn = { ...session.turn, phase: "mid-turn" as const, message: "a tool was called" }
  const ended = [
    { message: "ended", session },
    { message: "cut off in the middle of a turn", session: { ...session, turn: midTurn } },
  ]
  if (own === undefined) return ended
  const { pid, terminal, letter, startedAt, startMark, cpuMs, foreground } = own
  const process: LiveProcess = {
    pid,
    terminal,
    letter,
    startedAt,
    startMark,
    cpuMs,
    foreground,
    children: [],
  }
  return [
    ...ended,
    { message: "waiting for its user", session: { ...session, process } },
    { message: "working", session: { ...session, process, turn: midTurn } },
    {
      message: "without a transcript yet",
      session: {
        ...session,
        process,
        transcript: null,
        transcriptSize: 0,
        footprint: [],
        sizeBytes: 0,
        conversation: "none",
      },
    },
  ]
}

/** Id of the sample session. */
const sampleId = "5a3b1e00-0000-4000-8000-000000000001"

const folder = "/sample/project"

/** A question and its answer in the client's record format. */
function writeConversation(project: string): void {
  const base = {
    isSidechain: false,
    userType: "external",
    cwd: folder,
    sessionId: sampleId,
    version: "2.1.0",
    gitBranch: "main",
  }
  const asked = { ...base, type: "user", uuid: "u1", parentUuid: null, timestamp: "2026-01-31T12:00:00.000Z" }
  const answered = {
    ...base,
    type: "assistant",
    uuid: "a1",
    parentUuid: "u1",
    timestamp: "2026-01-31T12:00:05.000Z",
  }
  const content = [{ type: "text", text: "This is a sample, made to try plugins on." }]
  const records = [
    { ...asked, message: { role: "user", content: "Say what this is" } },
    { ...answered, message: { role: "assistant", model: "sample", content, stop_reason: "end_turn" } },
  ]
  makeFolders(project, false)
  const fd = createFile(`${project}/${sampleId}.jsonl`)
  writeAll(fd, Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join("")), 0)
  closeFile(fd)
}
