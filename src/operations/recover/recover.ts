import { randomUUID } from "node:crypto"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { SessionRecord } from "../../domain/export/manifest.ts"
import { type SessionId, shortId } from "../../domain/session/session-id.ts"
import { compose } from "../../domain/transcript/compose.ts"
import type { TranscriptRules } from "../../domain/transcript/rules.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { writeDerived } from "../../rescue/derive/derived-export.ts"
import { spool } from "../../rescue/repair/spool.ts"
import type { Paths } from "../../system/config/paths.ts"
import { examineSource } from "../repair/examine.ts"
import { linesOf, type Merged, mergeRemnants } from "./merge.ts"
import { findRemnants, type Remnants } from "./remnants.ts"

export interface RecoverReport {
  readonly id: SessionId
  readonly title: string | null
  /** What survives, best first, with what each gave. */
  readonly remnants: readonly { readonly kind: string; readonly path: string; readonly gave: number }[]
  readonly inPlace: readonly string[]
  /** Messages with their records, and messages of which only the words are known. */
  readonly messages: number
  readonly texts: number
  /** What is missing or unknown, one sentence each. */
  readonly missing: readonly string[]
  /** An export that has everything: it is to be restored instead. */
  readonly whole: string | null
  /** null for a dry run, and where an export has everything. */
  readonly saved: SavedExport | null
  readonly confirmed: boolean
}

export interface RecoverOptions {
  readonly paths: Paths
  readonly version: string
  readonly dryRun: boolean
  readonly at: Date
}

/** Puts a session of Claude Code together from what survives, as an export of its own that says so. */
export async function recoverSession(
  id: SessionId,
  ctx: RunContext,
  options: RecoverOptions,
): Promise<RecoverReport> {
  const { paths, dryRun } = options
  const plugin = builtInDetectPlugins().find(({ transcriptRules }) => transcriptRules?.spoken !== undefined)
  const rules = plugin?.transcriptRules
  if (plugin === undefined || rules === undefined) throw new Error("no agent can be recovered")
  const known = readEverySaved(paths).of(id)[0]?.manifest.session ?? null
  if (known !== null && known.agent !== plugin.agent)
    throw new RescueError(
      "REFUSED",
      `sessions of "${known.agent}" cannot be put together from pieces`,
      `restore an export: session-rescue restore ${shortId(id)}`,
    )
  const home = known?.home ?? plugin.homes?.(ctx)[0] ?? ""
  const remnants = await findRemnants(
    { id, home, projects: projectsOf(id, home, known, ctx) },
    { paths, ctx },
  )
  try {
    const merged = mergeRemnants(remnants, id, rules)
    const session = known ?? unknownSession(id, plugin.agent, home, remnants)
    const report = describe(id, session, remnants, merged)
    if (merged.messages + merged.texts === 0)
      throw new RescueError(
        "NOTHING_FOUND",
        `nothing of ${id} survives that can be read: no export, record, index entry or prompt`,
        "see which sessions there are: session-rescue list, session-rescue --status --all",
      )
    if (dryRun || report.whole !== null) return { ...report, saved: null, confirmed: true }
    return { ...report, ...(await writeRecovered(report, session, { merged, rules }, options)) }
  } finally {
    for (const { file } of remnants.records) file.close()
  }
}

type Described = Omit<RecoverReport, "saved" | "confirmed">

function describe(id: SessionId, session: SessionRecord, remnants: Remnants, merged: Merged): Described {
  const { given, messages, texts } = merged
  const files = remnants.records.map((each) => ({
    kind: each.kind,
    path: each.path,
    gave: given.get(each) ?? 0,
  }))
  const words = (["index", "history.jsonl"] as const).flatMap((kind) => {
    const gave = given.get(kind)
    return gave === undefined ? [] : [{ kind, path: kind, gave }]
  })
  const useful = [...files, ...words].filter(({ gave }) => gave > 0)
  const [only, other] = useful
  const isWhole = only?.kind === "export" && other === undefined
  const missing = [
    ...(messages === 0 ? ["no record of the conversation survives, only words"] : []),
    ...(texts > 0
      ? [`${texts} messages are known by their words only: their tool calls and results are missing`]
      : []),
    ...(isWhole ? [] : ["what was said and is in none of these is not known, nor how much it was"]),
  ]
  const remnantsList = [...files, ...words]
  const { title } = session
  const whole = isWhole ? (only?.path ?? null) : null
  return { id, title, remnants: remnantsList, inPlace: remnants.inPlace, messages, texts, missing, whole }
}

/** Where its files may be: where they were, and every project folder with one that carries its id. */
function projectsOf(
  id: SessionId,
  home: string,
  known: SessionRecord | null,
  { files }: RunContext,
): string[] {
  const recorded = known?.transcript?.startsWith(`${home}/`)
    ? known.transcript.slice(home.length + 1).replace(/\/[^/]*$/, "")
    : null
  const named = files.quiet.names(`${home}/projects`).flatMap((name) => {
    const project = `projects/${String(name)}`
    const isThere =
      files.quiet.stat(`${home}/${project}/${id}`) ?? files.quiet.stat(`${home}/${project}/${id}.jsonl`)
    return typeof name === "string" && isThere !== null ? [project] : []
  })
  return [...new Set([...(recorded === null ? [] : [recorded]), ...named])]
}

function unknownSession(id: SessionId, agent: string, home: string, { records }: Remnants): SessionRecord {
  const transcript = records.find(({ kind }) => kind === "transcript")?.path ?? null
  const facts = { state: "COMPLETED", detail: "recovered", flags: [], lastRecordAt: null }
  return { id, agent, home, transcript, cwd: null, title: null, ...facts }
}

async function writeRecovered(
  report: Described,
  session: SessionRecord,
  { merged, rules }: { readonly merged: Merged; readonly rules: TranscriptRules },
  { paths, version, at }: RecoverOptions,
): Promise<Pick<RecoverReport, "saved" | "confirmed">> {
  const { id, missing, remnants } = report
  const used = remnants.filter(({ gave }) => gave > 0)
  const notice = [
    `[session-rescue] PARTIAL: this conversation was put together on ${at.toISOString().slice(0, 10)} from what survived:`,
    ...used.map(({ kind, path, gave }) => `- ${gave} from ${kind}: ${path}`),
    ...missing.map((each) => `- ${each}`),
  ].join("\n")
  const identity = { id, cwd: session.cwd }
  const raw = await spool(linesOf(merged, notice, { rules, session: identity }), paths.data, {
    path: "recovered",
    modifiedAt: at,
  })
  try {
    const analysis = examineSource(raw, rules, [])
    const { lines } = compose(raw, analysis, { rules, session: identity, newId: randomUUID })
    const relative = session.transcript?.startsWith(`${session.home}/`)
      ? session.transcript.slice(session.home.length + 1)
      : `projects/-recovered/${id}.jsonl`
    return await writeDerived({
      folder: `${paths.data}/recovered`,
      id,
      session: { ...session, title: `PARTIAL: ${session.title ?? "a recovered conversation"}` },
      files: [{ role: "transcript", source: "what survived", relative, bytes: lines }],
      derivation: {
        kind: "recovered",
        from: used.map(({ kind, path, gave }) => ({ path, what: `${gave} from ${kind}` })),
        notes: ["partial", ...missing],
      },
      version,
      at,
    })
  } finally {
    raw.close()
  }
}
