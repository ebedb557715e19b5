/** What the watcher shows, with one text in all places where text from outside can stand. */
import type { WatchState } from "../../src/operations/watch/state.ts"
import type { Task } from "../../src/operations/watch/watching.ts"
import { showWatchEvent, showWatchStart } from "../../src/view/watch/watch-lines.ts"
import { showWatchStatus, type WatchView, watchDocument } from "../../src/view/watch/watch-status.ts"
import { now } from "../fixtures/session.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { sight } from "../unit/domain/watch/sights.ts"
import type { View } from "../unit/view/views.ts"

function state(text: string): WatchState {
  const seen = {
    ...{ key: text, id: sessionId(1), agent: "claude-code", project: text, pid: 4242, state: "ACTIVE" },
    ...{
      detail: text,
      tokens: 110_000,
      percent: 55,
      window: 200_000,
      compactsAt: 117_000,
      saved: "outdated",
    },
  }
  const unknown = { ...seen, window: null, compactsAt: null, percent: null, saved: "none" }
  return {
    version: 1,
    runner: { pid: 4000, startMark: "1", version: text, startedAt: now - 3_600_000 },
    ...{
      lastLookAt: now - 12_000,
      nextLookAt: now + 60_000,
      lastFullLookAt: now,
      awakeSince: null,
      cutOff: null,
      changes: 7,
    },
    sessions: [
      { ...seen, reasons: ["context"] },
      { ...unknown, reasons: [] },
      { ...unknown, tokens: null, pid: null, reasons: ["crashed"] },
    ],
    notes: {},
    lastExport: {
      ...{ at: now - 60_000, id: sessionId(1), reason: "context", outcome: "saved", bytes: 1_234_567 },
      path: `/data/${text}.jsonl`,
    },
    told: [
      { at: now - 50_000, text: `${text}: saved`, by: ["desktop"], sessions: [] },
      { at: now - 40_000, text: `${text}: hangs\nand 3 more`, by: [], sessions: [] },
    ],
    errors: [{ at: now - 30_000, message: text }],
  }
}

function view(text: string, runs = true): WatchView {
  const known = state(text)
  const room = { unprocessedBytes: runs ? 1_234_567 : 5_000_000_000, maxBytes: 5 * 1024 ** 3 }
  return { state: known, runner: runs ? known.runner : null, version: "0.1.0", now, ...room }
}

const task = (text: string): Task => ({
  sight: sight({ project: text, detail: text }),
  actions: [
    {
      reason: "hung",
      save: true,
      tell: true,
      note: { mark: "1", level: 0, savedAt: now, savedSize: 1, toldMark: null, failedMark: null, at: now },
    },
  ],
})
const result = (text: string) => ({
  key: "",
  bytes: 1_234_567,
  replaced: 1,
  path: `/data/${text}`,
  message: text,
})

export const watchViews: Record<string, View> = {
  "watch --status": (out, text) => showWatchStatus(view(text), out),
  "watch --status, not running": (out, text) => showWatchStatus(view(text, false), out),
  "watch --status, never run": (out) =>
    showWatchStatus(
      { state: null, runner: null, version: "0.1.0", now, unprocessedBytes: 0, maxBytes: 5 * 1024 ** 3 },
      out,
    ),
  "watch, what it does": (out, text) => {
    showWatchStart([0.75, 0.9], out)
    showWatchEvent(
      { kind: "saved", task: task(text), result: { ...result(text), outcome: "saved" } },
      now,
      out,
    )
    showWatchEvent(
      { kind: "saved", task: task(text), result: { ...result(text), outcome: "failed", path: null } },
      now,
      out,
    )
    for (const [index, how] of (["runs", "changed", "gone"] as const).entries()) {
      const session = state(text).sessions[index]
      if (session !== undefined) showWatchEvent({ kind: "seen", change: { how, session } }, now, out)
    }
    for (const telling of state(text).told) showWatchEvent({ kind: "told", telling }, now, out)
    showWatchEvent({ kind: "trouble", message: text }, now, out)
  },
}

export const watchDocuments: Record<string, (text: string) => object> = {
  "watch --status": (text) => watchDocument(view(text), [text]),
}
