/** What is repaired, recovered, packed, compared and opened again, with one text in all places where text from outside can stand. */
import { RescueError } from "../../src/domain/errors.ts"
import { type RepairStepKind, repairSteps } from "../../src/domain/transcript/compose.ts"
import { type DamageKind, damageKinds } from "../../src/domain/transcript/rules.ts"
import type { DiffItem, DiffReport } from "../../src/operations/diff/diff.ts"
import type { RecoverReport } from "../../src/operations/recover/recover.ts"
import type { Reopened } from "../../src/operations/reopen/reopen.ts"
import type { RepairedDatabase } from "../../src/operations/repair/database.ts"
import type { RepairReport } from "../../src/operations/repair/repair.ts"
import { diffDocument, showDiff } from "../../src/view/diff/diff.ts"
import { packDocument, showPack, showUnpack, unpackDocument } from "../../src/view/pack/pack.ts"
import { recoverDocument, showRecover } from "../../src/view/recover/recover.ts"
import { reopenDocument, showReopen } from "../../src/view/reopen/reopen.ts"
import { databaseDocument, showDatabase, showDatabaseRepair } from "../../src/view/repair/database.ts"
import {
  examinationDocument,
  repairDocument,
  restoreRepairedDocument,
  showExamination,
  showRepair,
} from "../../src/view/repair/repair.ts"
import { restoreDocument } from "../../src/view/restore/restore.ts"
import { type ShortenReport, shortenDocument, showShorten } from "../../src/view/shorten/shorten.ts"
import { classified } from "../fixtures/classified.ts"
import { now } from "../fixtures/session.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { restored } from "../unit/view/saved-views.ts"
import type { View } from "../unit/view/views.ts"

const home = "/home/me"
const id = sessionId(1) as never

const item = (text: string): DiffItem => ({ id: text, speaker: null, type: text, time: now, text })
function compared(text: string): DiffReport {
  const said = { ...item(text), speaker: "user" } as const
  const side = { path: `${home}/${text}.jsonl`, records: 7, only: [item(text), said], unread: 1 }
  return { one: side, other: side, same: 5, changed: [{ one: said, other: said }], moved: 2 }
}

function repaired(text: string, { dryRun = false, holds = true } = {}): RepairReport {
  const effects = ["lost", "refused", "harmless"] as const
  const damages = damageKinds.map((kind: DamageKind, index) => ({
    ...{ kind, count: index + 1, offsets: [10, 20, 30, 40], bytes: 5 },
    effect: effects[index % 3] ?? "lost",
  }))
  const { saved } = restored(text)
  const reach = { messages: 12, before: 4, after: 10 }
  const before = { damages, reach, isNeeded: true, reading: { entries: [] } }
  const proof = { holds, records: 12, lost: holds ? 0 : 1, added: 1, unsearched: 0 }
  return {
    subject: { path: `${home}/${text}.jsonl`, id, session: saved.manifest.session },
    before: before as unknown as RepairReport["before"],
    steps: repairSteps.map((kind: RepairStepKind) => ({ kind, count: 2 })),
    copy: dryRun ? null : { saved, confirmed: holds, reach, left: damages, proof },
    dryRun,
  }
}
function rebuilt(text: string, { folder = true, holds = true } = {}): RepairedDatabase {
  const table = { name: text, rows: 12, found: 2, older: 1, missing: 3, cut: 1, brokenJson: 2 }
  const unread = holds ? null : text
  return {
    ...{
      path: `${home}/${text}.db`,
      bytes: 40_960,
      logBytes: 4120,
      rest: 100,
      hasHeader: holds,
      tornFrames: 2,
    },
    ...{
      tables: [table],
      schema: {},
      shapes: [],
      damagedPages: [2, 3, 5, 7, 11, 13],
      unplaced: 4,
      left: [text],
    },
    ...{ cutRows: [{ rowid: 1, bytes: new Uint8Array(3), table: text }], stray: [{ table: text, count: 2 }] },
    ...{ isSoundNow: false, isSound: holds, isNeeded: true, confirmed: holds },
    proof: { holds, records: 12, lost: holds ? 0 : 1, newer: 1, odd: 2, isWhole: true, unread },
    folder: folder ? `${home}/repaired/${text}` : null,
  } as unknown as RepairedDatabase
}
const sound = (text: string): RepairReport => {
  const { before, ...report } = repaired(text, { dryRun: true })
  return { ...report, before: { ...before, damages: [], isNeeded: false } }
}

function recovered(text: string, more: Partial<RecoverReport> = {}): RecoverReport {
  return {
    ...{ id, title: text, messages: 7, texts: 2, missing: [text], loss: { kind: "pieces" }, confirmed: true },
    remnants: [
      { kind: "export", path: `${home}/${text}`, gave: 7 },
      { kind: "index", path: "index", gave: 0 },
    ],
    inPlace: [`${home}/${text}`],
    saved: restored(text).saved,
    ...more,
  }
}

const savedIn = (text: string, knownUntil: string | null) =>
  ({ kind: "saved", export: `${home}/${text}`, knownUntil }) as const

const reopened = (text: string): readonly Reopened[] =>
  (["window", "line", "none"] as const).map((outcome, index) => ({
    ...{ session: { ...classified(index), title: text, cwd: `${home}/${text}` }, outcome, where: text },
    ...{ standing: index === 0 ? "certain" : "likely", lastAlive: now - 60_000, beforeBoot: index === 1 },
    line: { ...restored(text).resume, command: `claude --resume ${text}` } as never,
  }))
const opening = { home, now, dryRun: false, inTmux: true }

const packed = (text: string) => ({
  ...{ path: `${home}/${text}.tar.zst`, bytes: 1_234_567, files: 9, shared: null },
  sessions: [{ id: sessionId(1), title: text, export: text }],
})
const shared = (text: string) => {
  const secrets = [{ kind: "AWS access key", document: text, offset: 7, length: 20 }]
  return { secrets, clientTexts: 0, pictures: 2, unreadLines: 1, leftOut: [text] }
}
const unpacked = (text: string) => {
  const report = restored(text)
  const failures = [{ saved: report.saved, error: new RescueError("DAMAGED", text, text) }]
  return {
    exports: [report.saved],
    reports: [report, { ...report, confirmed: false, folder: null }],
    failures,
    interrupted: false,
  }
}

function shortened(text: string, more: Partial<ShortenReport> = {}): ShortenReport {
  const file = (stored: string | null, copy: string | null) => ({ path: `${home}/${text}`, copy, stored })
  return {
    subject: { id, path: `${home}/${text}` },
    cut: { id: sessionId(2) as never, entries: [], kept: [], messages: 5, of: 9, files: [] },
    files: [file(text, text), file(null, text), file(null, null)] as ShortenReport["files"],
    ...{ written: null, dryRun: false },
    ...more,
  }
}

export const repairViews: Readonly<Record<string, View>> = {
  diff: (out, text) => showDiff(compared(text), { home, limit: 1 }, out),
  "doctor of a damaged database": (out, text) => showDatabase(rebuilt(text), home, out),
  "a repaired database": (out, text) => showDatabaseRepair(rebuilt(text), { home, dryRun: false }, out),
  "a database whose repair is not proven": (out, text) =>
    showDatabaseRepair(rebuilt(text, { holds: false }), { home, dryRun: false }, out),
  "dry run of a database's repair": (out, text) =>
    showDatabaseRepair(rebuilt(text, { folder: false }), { home, dryRun: true }, out),
  "doctor of a damaged transcript": (out, text) => showExamination(repaired(text), home, out),
  "doctor of a sound transcript": (out, text) => showExamination(sound(text), home, out),
  repair: (out, text) => showRepair(repaired(text), home, out),
  "repair without a proof": (out, text) => showRepair(repaired(text, { holds: false }), home, out),
  "repair --dry-run": (out, text) => showRepair(repaired(text, { dryRun: true }), home, out),
  recover: (out, text) => showRecover(recovered(text), home, false, out),
  "recover --dry-run": (out, text) => showRecover(recovered(text, { saved: null }), home, true, out),
  "recover with a whole export": (out, text) =>
    showRecover(recovered(text, { loss: savedIn(text, null), saved: null }), home, false, out),
  "recover with an export and an unknown end": (out, text) =>
    showRecover(recovered(text, { loss: savedIn(text, text), saved: null }), home, false, out),
  "recover of what is whole": (out, text) =>
    showRecover(recovered(text, { loss: { kind: "nothing" }, missing: [], saved: null }), home, false, out),
  reopen: (out, text) => showReopen(reopened(text), opening, out),
  "reopen --dry-run": (out, text) => showReopen(reopened(text), { ...opening, dryRun: true }, out),
  "reopen of nothing": (out) => showReopen([], opening, out),
  pack: (out, text) => showPack(packed(text), home, out),
  "pack --share": (out, text) => showPack({ ...packed(text), shared: shared(text) }, home, out),
  unpack: (out, text) => showUnpack(unpacked(text), home, out),
  "restore --before": (out, text) => showShorten(shortened(text), home, out),
  "restore --before --files": (out, text) => showShorten(shortened(text, { written: [text] }), home, out),
  "restore --before --dry-run": (out, text) => showShorten(shortened(text, { dryRun: true }), home, out),
}

export const repairDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  diff: (text) => diffDocument(compared(text), [text]),
  examination: (text) => examinationDocument(repaired(text), [text]),
  repair: (text) => repairDocument(repaired(text), [text]),
  "repair of a database": (text) => databaseDocument(rebuilt(text), false, [text]),
  "restore repaired": (text) =>
    restoreRepairedDocument(repaired(text), restoreDocument(restored(text), false, []).restore, [text]),
  recover: (text) => recoverDocument([recovered(text)], false, [text]),
  reopen: (text) => reopenDocument(reopened(text), opening, [text]),
  pack: (text) => packDocument({ ...packed(text), shared: shared(text) }, [text]),
  unpack: (text) => unpackDocument(unpacked(text), [text]),
  shorten: (text) =>
    shortenDocument(
      shortened(text, { written: [text] }),
      restoreDocument(restored(text), false, []).restore,
      [text],
    ),
}
