/** The views of what was saved: list, verify, restore, prune, archive, queue; each with one text everywhere. */
import { RescueError } from "../../../src/domain/errors.ts"
import type { PruneResult } from "../../../src/operations/exports/prune.ts"
import type { VerifiedEntry, VerifyReport } from "../../../src/operations/exports/verify.ts"
import type { RestoreReport } from "../../../src/operations/restore/report.ts"
import type { QueueEntry } from "../../../src/pipeline/queue/entries.ts"
import type { ProcessingReport } from "../../../src/pipeline/queue/processing.ts"
import { exportListDocument, showExportList } from "../../../src/view/exports/list.ts"
import { pruneDocument, showPrune } from "../../../src/view/exports/prune.ts"
import { showVerify, verifyDocument } from "../../../src/view/exports/verify.ts"
import { showArchive } from "../../../src/view/process/archive.ts"
import { processingDocument, queueDocument, showQueue } from "../../../src/view/process/queue.ts"
import { restoreDocument, showRestore } from "../../../src/view/restore/restore.ts"
import {
  type RestoresReport,
  restoresDocument,
  showRestores,
} from "../../../src/view/restore/restore-many.ts"
import { classified, exported } from "../../fixtures/classified.ts"
import { now } from "../../fixtures/session.ts"
import { catalog, data, exportEntry, failure, home, idOf, nameOf, savedExport } from "./saved.ts"
import type { View } from "./views.ts"

const pending = `${data}/pending`
const narrowed = (text: string) => ({
  ...{ typed: `--project ${text} --since 2d`, limit: 2, found: 312, leftOff: 3 },
})
const listed = { home, now, narrowed: { ...narrowed(""), typed: "", limit: null, leftOff: 0, found: 0 } }

function verified(text: string): VerifyReport {
  const sums = [
    { path: text, sha256: "ab".repeat(32), md5: "cd".repeat(16) },
    { path: text, sha256: "ab".repeat(32), md5: null },
  ]
  const [whole, archived, foreign, broken] = catalog(text) as [
    VerifiedEntry["entry"],
    ...VerifiedEntry["entry"][],
  ]
  const nothing = { problems: [], bytes: 0, files: 0, sums: [] }
  const read = { ...nothing, bytes: 117_440_512, files: 2, sums }
  const problems = (["missing", "damaged", "outside", "unreadable", "foreign"] as const).map((kind) => ({
    ...{ kind, path: `${pending}/${text}`, message: `not what the manifest says: ${text}` },
  }))
  return {
    verified: [
      { ...read, entry: whole, state: "whole" },
      { ...read, entry: archived ?? whole, state: "damaged", problems },
      { ...read, entry: exportEntry(text, 5), state: "moved" },
      { ...read, entry: exportEntry(text, 6), state: "unreadable", problems: problems.slice(3, 4) },
      { ...nothing, entry: foreign ?? whole, state: "foreign" },
      { ...nothing, entry: broken ?? whole, state: "unfinished" },
    ],
    interrupted: false,
  }
}
const wholeOnly = (text: string): VerifyReport => ({
  ...verified(text),
  verified: verified(text).verified.slice(0, 1),
})
const verifyFacts = { home, of: 5, md5: false }

export function restored(text: string): RestoreReport {
  const outcomes = ["restored", "replaced", "equal", "existing-is-longer", "skipped"] as const
  const root = `${home}/.claude${text}`
  const link = { relative: text, target: text }
  return {
    saved: savedExport(text, 1, "archived"),
    ...{ root, homeGone: `${home}/${text}`, confirmed: true, purgeAt: now + 3 * 86_400_000 },
    ...{ folder: `${home}/${text}`, elsewhere: [`${home}/.claude/projects/${text}`] },
    files: outcomes.map((outcome) => ({
      relative: text,
      path: `${root}/${text}`,
      bytes: 58_720_256,
      outcome,
      why: outcome === "skipped" ? `another one is there: ${text}` : null,
    })),
    links: [
      { ...link, outcome: "created", why: null },
      { ...link, outcome: "exists", why: null },
      { ...link, outcome: "skipped", why: `another one stands there: ${text}` },
    ],
    before: [exported(classified(1), { path: `${pending}/${text}.jsonl` })],
    resume: {
      ...{ id: idOf(1), reason: null, cwd: `${home}/${text}`, nearest: null, start: null, rehome: null },
      note: `its folder was gone: ${text}`,
      command: `cd '${home}/${text}' && claude --resume ${idOf(1)}`,
    },
  }
}
/** Of an agent that keeps its sessions as rows of a database. */
const ofRows = (text: string): RestoreReport => ({
  ...restored(text),
  files: restored(text).files.map((file) => ({ ...file, rows: 3 })),
})
const several = (text: string): RestoresReport => {
  const error = new RescueError(
    "REFUSED",
    `process 7 holds this session: ${text}`,
    `save and end it first: ${text}`,
  )
  return {
    reports: [restored(text), { ...restored(text), confirmed: false }],
    failures: [{ saved: savedExport(text, 2, "pending"), error }],
    unchosen: [{ name: idOf(3), error }],
    interrupted: false,
    of: 4,
  }
}
const gone = (text: string): RestoreReport => {
  const { id } = restored(text).resume ?? { id: null }
  const resume = {
    id,
    command: null,
    start: null,
    note: null,
    rehome: `session-rescue resume ${id?.slice(0, 8)} --folder FOLDER`,
    reason: `its folder no longer exists: ${home}/${text}`,
    cwd: text,
    nearest: text,
  }
  return { ...restored(text), homeGone: null, links: [], confirmed: false, resume }
}
const elsewhere = (text: string): RestoreReport => {
  const { saved } = restored(text)
  const files = saved.manifest.files.filter(({ role }) => role === "footprint")
  const parts = { ...saved, manifest: { ...saved.manifest, files } }
  return {
    ...restored(text),
    saved: parts,
    resume: null,
    before: [],
    folder: null,
    elsewhere: [],
    homeGone: null,
    purgeAt: null,
    root: `/tmp/${text}`,
  }
}
const restoring = { home, now, dryRun: false }

const pruned = (text: string): PruneResult => {
  const [saved, supersededBy] = [savedExport(text, 1), savedExport(text, 2, "archived")]
  return {
    removed: [
      { saved, supersededBy, bytes: 117_440_512 },
      { saved, supersededBy: savedExport(text, 3), bytes: 1000 },
    ],
    kept: [{ saved: savedExport(text, 4), why: `no other one holds ${text}` }],
    failures: [{ saved: savedExport(text, 5), error: failure(text) }],
    interrupted: false,
  }
}
const prunedWell = (text: string): PruneResult => ({ ...pruned(text), failures: [] })

function processed(text: string): ProcessingReport {
  const nothing = {
    id: idOf(1),
    title: text,
    outcomes: [],
    archived: null,
    waitsFor: [],
    failure: null,
    busy: false,
  }
  const outcome = { plugin: text, why: text, attempts: 2, result: text, late: true, damaged: failure(text) }
  return {
    exports: [
      { ...nothing, name: nameOf(1), archived: `${data}/archive/${text}.jsonl.zst` },
      { ...nothing, name: nameOf(2), failure: failure(text), outcomes: [{ ...outcome, status: "failed" }] },
      { ...nothing, name: nameOf(3), waitsFor: [text, "extract-knowledge"] },
      { ...nothing, name: text, busy: true, id: null },
    ],
    interrupted: false,
  }
}
const archiving = { home, archive: `${data}/archive`, dryRun: false }

function queue(text: string): QueueEntry[] {
  const entry = { states: [], outstanding: [], lock: null }
  const state = { plugin: text, attempts: 3, at: text, result: text, error: text, version: text }
  const states = [
    { ...state, status: "done", attempts: 1, error: null } as const,
    { ...state, status: "failed" } as const,
  ]
  const saved = savedExport(text, 1)
  return [
    {
      waiting: { kind: "export", name: saved.name, saved },
      states: [...states, { ...state, plugin: "notes", status: "failed", attempts: 1 }],
      outstanding: ["notes", text],
      lock: { export: saved.name, path: text, pid: 4711, stale: false },
    },
    { ...entry, waiting: { kind: "export", name: nameOf(2), saved: savedExport(text, 2) } },
    { ...entry, waiting: { kind: "foreign", name: text, path: `${pending}/${text}`, bytes: 58_720_256 } },
    {
      ...entry,
      waiting: { kind: "taken", name: nameOf(3), saved, taken: text, why: `it was taken: ${text}` },
    },
    {
      ...entry,
      waiting: { kind: "broken", name: nameOf(4), saved: null, taken: null, why: `no manifest: ${text}` },
    },
  ]
}
const waiting = (text: string) => ({ home, now, pending: `${pending}${text}`, tries: 3 })

export const savedViews: Readonly<Record<string, View>> = {
  list: (out, text) => showExportList(catalog(text), listed, out),
  "list, narrowed": (out, text) =>
    showExportList(catalog(text), { ...listed, narrowed: narrowed(text) }, out),
  "list, narrowed to nothing": (out, text) =>
    showExportList([], { ...listed, narrowed: { ...narrowed(text), leftOff: 0 } }, out),
  "list of nothing": (out) => showExportList([], listed, out),
  verify: (out, text) => showVerify(verified(text), verifyFacts, out),
  "verify --md5, all whole": (out, text) =>
    showVerify(wholeOnly(text), { ...verifyFacts, of: 1, md5: true }, out),
  "verify --verbose": (out, text) => showVerify(verified(text), { ...verifyFacts, verbose: true }, out),
  "verify, interrupted": (out, text) =>
    showVerify({ ...wholeOnly(text), interrupted: true }, verifyFacts, out),
  restore: (out, text) => showRestore(restored(text), restoring, out),
  "restore --verbose": (out, text) => showRestore(restored(text), { ...restoring, verbose: true }, out),
  "restore --dry-run": (out, text) =>
    showRestore({ ...restored(text), before: [], resume: null }, { ...restoring, dryRun: true }, out),
  "restore, unsure and its folder gone": (out, text) => showRestore(gone(text), restoring, out),
  "restore --to, of parts": (out, text) => showRestore(elsewhere(text), restoring, out),
  "restore --all": (out, text) => showRestores(several(text), { ...restoring, verbose: true }, out),
  "restore --all, interrupted": (out, text) =>
    showRestores({ ...several(text), interrupted: true }, restoring, out),
  "restore --all, of nothing": (out) =>
    showRestores({ reports: [], failures: [], unchosen: [], interrupted: false, of: 0 }, restoring, out),
  "restore of rows": (out, text) => showRestore(ofRows(text), restoring, out),
  prune: (out, text) => showPrune(prunedWell(text), { dryRun: false, home, now }, out),
  "prune --verbose": (out, text) =>
    showPrune(prunedWell(text), { dryRun: false, home, now, verbose: true }, out),
  "prune, with failures": (out, text) => showPrune(pruned(text), { dryRun: false, home, now }, out),
  "prune, where nothing could be": (out, text) =>
    showPrune({ ...pruned(text), removed: [] }, { dryRun: false, home, now }, out),
  "prune --dry-run": (out, text) => showPrune(prunedWell(text), { dryRun: true, home, now }, out),
  archive: (out, text) => showArchive(processed(text), archiving, out),
  "archive --verbose": (out, text) => showArchive(processed(text), { ...archiving, verbose: true }, out),
  "archive --dry-run": (out, text) => showArchive(processed(text), { ...archiving, dryRun: true }, out),
  "archive of what waits": (out, text) =>
    showArchive({ ...processed(text), exports: processed(text).exports.slice(2) }, archiving, out),
  "archive, interrupted": (out, text) =>
    showArchive({ ...processed(text), interrupted: true }, archiving, out),
  queue: (out, text) => showQueue(queue(text), waiting(text), out),
  "queue of what is broken": (out, text) => showQueue(queue(text).slice(4), waiting(text), out),
  "queue of nothing": (out, text) => showQueue([], waiting(text), out),
}

export const savedDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  list: (text) => exportListDocument(catalog(text), { notShown: 3, leftOff: 2 }, [text]),
  verify: (text) => verifyDocument(verified(text), [text]),
  restore: (text) => restoreDocument(restored(text), false, [text]),
  "restore of rows": (text) => restoreDocument(ofRows(text), false, [text]),
  "restore --all": (text) => restoresDocument(several(text), false, [text]),
  prune: (text) => pruneDocument(pruned(text), false, [text]),
  archive: (text) => processingDocument(processed(text), [text]),
  queue: (text) => queueDocument(queue(text), [text]),
}
