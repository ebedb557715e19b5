import { randomUUID } from "node:crypto"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { SessionRecord } from "../../domain/export/manifest.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { compose } from "../../domain/transcript/compose.ts"
import { shrinkEvidence } from "../../pipeline/copies/shrink-alarm.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { writeDerived } from "../../rescue/derive/derived-export.ts"
import { spool } from "../../rescue/repair/spool.ts"
import type { Paths } from "../../system/config/paths.ts"
import { examineSource } from "../repair/examine.ts"
import { pluginFor, type RecoveryRules, recordFrom, recordOf } from "./known.ts"
import { judgeLoss, type Loss, type LossEvidence } from "./loss.ts"
import { linesOf, type Merged, mergeRemnants } from "./merge.ts"
import { findRemnants } from "./remnants.ts"
import { bytesOf, findSides, type Sides } from "./sides.ts"

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
  readonly loss: Loss
  /** null for a dry run, where nothing is lost, and where an export has everything that survives. */
  readonly saved: SavedExport | null
  readonly confirmed: boolean
}

export interface RecoverOptions {
  readonly paths: Paths
  readonly version: string
  readonly dryRun: boolean
  readonly at: Date
}

/** Puts a session together from what survives, as an export of its own that says so. */
export async function recoverSession(
  id: SessionId,
  ctx: RunContext,
  options: RecoverOptions,
): Promise<RecoverReport> {
  const { paths, dryRun } = options
  const found = (await detectAll(ctx, null)).filter((each) => each.id === id)
  const known = recordOf(id, found, paths)
  const { plugin, rules } = pluginFor(known?.agent ?? "claude-code", id)
  const home = known?.home ?? plugin.homes?.(ctx)[0] ?? ""
  const where = { id, home, projects: projectsOf(id, home, known, ctx), found }
  const remnants = await findRemnants(where, { paths, ctx })
  const sides = await findSides({ id, home, inPlace: remnants.inPlace }, { paths, ctx })
  try {
    const merged = mergeRemnants(remnants, id, rules)
    const transcript = remnants.records.find(({ kind }) => kind === "transcript")?.path ?? null
    const session = known ?? recordFrom({ id, agent: plugin.agent, home, transcript })
    const isShrunk = found.some((each) => shrinkEvidence(each, ctx) !== null)
    const report = describe(id, session, { remnants, sides, isShrunk }, merged)
    if (merged.messages + merged.texts + sides.files.length === 0)
      throw new RescueError(
        "NOTHING_FOUND",
        `nothing of ${id} survives that can be read: no export, record, side file, index entry or prompt`,
        "see which sessions there are: session-rescue list, session-rescue --status --all",
      )
    if (dryRun || report.loss.kind !== "pieces") return { ...report, saved: null, confirmed: true }
    return { ...report, ...(await writeRecovered(report, session, { merged, rules, sides }, options)) }
  } finally {
    sides.close()
    for (const { file } of remnants.records) file.close()
  }
}

type Described = Omit<RecoverReport, "saved" | "confirmed">

function describe(id: SessionId, session: SessionRecord, evidence: LossEvidence, merged: Merged): Described {
  const { given, messages, texts } = merged
  const { remnants, sides } = evidence
  const files = remnants.records.map((each) => ({
    kind: each.kind,
    path: each.path,
    gave: given.get(each) ?? 0,
  }))
  const words = (["index", "history.jsonl"] as const).flatMap((kind) => {
    const gave = given.get(kind)
    return gave === undefined ? [] : [{ kind, path: kind, gave }]
  })
  const beside = [...Map.groupBy(sides.files, ({ kind }) => kind)].map(([kind, own]) => {
    const [first] = own
    const inHome = own.every(({ path }) => path !== first?.path || remnants.inPlace.includes(first.relative))
    return { kind, path: inHome ? session.home : (first?.path ?? kind), gave: own.length }
  })
  const loss = judgeLoss(evidence, merged)
  return {
    ...{ id, title: session.title, remnants: [...files, ...words, ...beside], inPlace: remnants.inPlace },
    ...{ messages, texts, missing: missingOf(loss, evidence, merged), loss },
  }
}

function missingOf(loss: Loss, { sides }: LossEvidence, { messages, texts }: Merged): readonly string[] {
  if (loss.kind === "nothing") return []
  return [
    ...(messages === 0 && texts > 0 ? ["no record of the conversation survives, only words"] : []),
    ...(messages + texts === 0 ? ["no word of the main conversation survives, only files beside it"] : []),
    ...(sides.unread > 0 ? [`${sides.unread} files beside it that an export names could not be read`] : []),
    ...(texts > 0
      ? [`${texts} messages are known by their words only: their tool calls and results are missing`]
      : []),
    ...(loss.kind === "pieces"
      ? ["what was said and is in none of these is not known, nor how much it was"]
      : []),
    // safety: recover-after
    ...(loss.kind === "saved" && loss.knownUntil !== null
      ? [`what was said after ${loss.knownUntil}, when the export was made, is not known`]
      : []),
  ]
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

interface Writing {
  readonly merged: Merged
  readonly rules: RecoveryRules
  readonly sides: Sides
}

async function writeRecovered(
  report: Described,
  session: SessionRecord,
  { merged, rules, sides }: Writing,
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
      : rules.recoveredPlace(id)
    return await writeDerived({
      folder: `${paths.data}/recovered`,
      id,
      session: { ...session, title: `PARTIAL: ${session.title ?? "a recovered conversation"}` },
      files: [
        { role: "transcript", source: "what survived", relative, bytes: lines },
        ...sides.files.map((side) => ({
          ...{ role: "footprint" as const, source: side.path, relative: side.relative },
          bytes: () => bytesOf(side),
        })),
      ],
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
