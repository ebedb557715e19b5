/** The views of what was saved: lists, what is done with it, and what waits; each with one text in all its places. */
import type { Purge } from "../../src/pipeline/setup/plan-purge.ts"
import type { SetupStep } from "../../src/pipeline/setup/steps.ts"
import { RescueError } from "../../src/session/errors.ts"
import type { SavedExport } from "../../src/session/export.ts"
import { parseSessionId } from "../../src/session/session-id.ts"
import { showArchive } from "../../src/view/archive.ts"
import { showList } from "../../src/view/list.ts"
import { listDocument } from "../../src/view/list-json.ts"
import type { SystemOutput } from "../../src/view/output.ts"
import { showPrune } from "../../src/view/prune.ts"
import { pruneDocument } from "../../src/view/prune-json.ts"
import { showQueue } from "../../src/view/queue.ts"
import { processingDocument, queueDocument } from "../../src/view/queue-json.ts"
import { showRestore } from "../../src/view/restore.ts"
import { restoreDocument } from "../../src/view/restore-json.ts"
import { setupDocument, showSetup } from "../../src/view/setup.ts"
import { showUninstall } from "../../src/view/uninstall.ts"
import { askToPurge } from "../../src/view/uninstall-question.ts"
import { showVerify } from "../../src/view/verify.ts"
import { verifyDocument } from "../../src/view/verify-json.ts"
import { now } from "../fixtures/session.ts"
import type { View } from "./views.ts"

const home = "/home/me"
const id = parseSessionId("a0000001-0000-4000-8000-000000000001") as NonNullable<
  ReturnType<typeof parseSessionId>
>
const at = new Date(now).toISOString()
const failure = (text: string) =>
  new RescueError("DISK_FULL", `no space left for ${text}`, `make room ${text}`)

function saved(text: string, place: SavedExport["place"] = "pending"): SavedExport {
  const path = `/data/${text}.jsonl`
  const sha256 = "ab".repeat(32)
  const file = { role: "transcript", source: text, relative: text, path: text, length: 56_000_000 } as const
  const about = { id, agent: "claude-code", home: `/gone/${text}`, transcript: text, cwd: text, title: text }
  return {
    place,
    name: `2026-01-31T12-00-00Z-${id}-LOSSLESS-session`,
    path,
    manifestPath: `/data/${text}.manifest.json`,
    manifest: {
      format: "session-rescue-manifest",
      formatVersion: 1,
      tool: { name: "session-rescue", version: "1.0.0" },
      exportedAt: at,
      session: { ...about, state: "ORPHANED", detail: text, flags: [text], lastRecordAt: at },
      files: [{ ...file, sha256, modifiedAt: at, device: "1", inode: "2" }],
      links: [],
      leftOut: [],
    },
    archive: null,
  }
}

const entries = (text: string) => {
  const named = { place: "pending", name: text, id, path: `/data/${text}` } as const
  return [
    { ...named, kind: "export", saved: saved(text) } as const,
    { ...named, kind: "foreign" } as const,
    { ...named, kind: "broken", lacking: "manifest", why: text } as const,
  ]
}
const verified = (text: string) => {
  const sums = [{ path: text, sha256: "ab".repeat(32), md5: "cd".repeat(16) }]
  const problems = [{ path: `/data/${text}`, kind: "damaged", says: text } as const]
  const [entry] = entries(text) as [ReturnType<typeof entries>[0]]
  const states = ["whole", "moved", "damaged", "foreign", "unfinished"] as const
  const each = states.map((state) => ({ entry, state, problems, bytes: 1000, files: 2, sums }))
  return { verified: each, interrupted: false }
}
const pruned = (text: string) => ({
  removed: [{ saved: saved(text), bytes: 1000, heldBy: saved(text, "archived") }],
  kept: [{ saved: saved(text), why: text }],
  failures: [{ saved: saved(text), error: failure(text) }],
  interrupted: false,
})
const restored = (text: string) => {
  const file = { relative: text, path: `/home/${text}`, bytes: 1000 }
  const outcomes = ["restored", "replaced", "equal", "holds more"] as const
  const link = { relative: text, leadsTo: text, outcome: "left out", why: text } as const
  return {
    saved: saved(text),
    root: `/home/${text}`,
    homeGone: `/gone/${text}`,
    files: outcomes.map((outcome) => ({ ...file, outcome })),
    links: [link],
    before: [],
    confirmed: false,
    resume: { id, command: null, reason: text, cwd: text, nearest: text },
    purgeAt: now,
  }
}
const waiting = (text: string) => {
  const name = saved(text).name
  const state = { plugin: text, status: "failed", attempts: 2, error: text, at, result: text } as const
  const more = { states: [state], outstanding: [text], lock: null }
  return [
    { ...more, waiting: { kind: "export", name, saved: saved(text) } as const },
    { ...more, waiting: { kind: "foreign", name: text, path: text, bytes: 1000 } as const },
    { ...more, waiting: { kind: "broken", name: text, saved: null, taken: text, why: text } as const },
  ]
}
const processed = (text: string) => {
  const each = { name: text, id, outcomes: [], archived: null, waitsFor: [text], failure: null, busy: false }
  return {
    exports: [each, { ...each, archived: `/archive/${text}` }, { ...each, failure: failure(text) }],
    interrupted: false,
  }
}
const steps = (text: string): readonly SetupStep[] =>
  (["written", "kept", "failed", "removed"] as const).map((action) => ({
    ...{ what: "hooks", name: text, path: `/home/${text}`, action, why: text },
  }))
const setup = (text: string) => ({ steps: steps(text), remove: false, dryRun: false, asked: true })
const purge: Purge = { exports: [], bytes: 56_000_000, onlyCopies: 2, others: 1 }

function confirmsOn(out: SystemOutput) {
  const confirm = async (...said: string[]) => {
    for (const line of said) out.print(line)
    return "back" as const
  }
  return {
    confirm,
    select: () => Promise.resolve("back" as const),
    pick: () => Promise.resolve("back" as const),
  }
}

export const storedViews: Readonly<Record<string, View>> = {
  list: (out, text) => showList(entries(text), { home, now }, out),
  "verify --md5": (out, text) => showVerify(verified(text), { home, of: 6, md5: true }, out),
  prune: (out, text) => showPrune(pruned(text), { dryRun: false, home }, out),
  restore: (out, text) => showRestore(restored(text), { dryRun: false, home, now }, out),
  queue: (out, text) => showQueue(waiting(text), { home, pending: `/data/${text}` }, out),
  archive: (out, text) =>
    showArchive(processed(text), { home, archive: `/archive/${text}`, dryRun: false }, out),
  setup: (out, text) => showSetup(setup(text), out),
  uninstall: (out, text) =>
    showUninstall(
      { ...setup(text), steps: steps(text).filter(({ action }) => action !== "failed") },
      { data: `/data/${text}`, config: `/config/${text}`, purged: true },
      out,
    ),
  "uninstall's question": (out, text) => void askToPurge(purge, { data: `/data/${text}` }, confirmsOn(out)),
}

export const storedDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  list: (text) => listDocument(entries(text), [text]),
  verify: (text) => verifyDocument(verified(text), [text]),
  prune: (text) => pruneDocument(pruned(text), false, [text]),
  restore: (text) => restoreDocument(restored(text), false, [text]),
  queue: (text) => queueDocument(waiting(text), [text]),
  archive: (text) => processingDocument(processed(text), [text]),
  setup: (text) => setupDocument(setup(text), [text]),
}
