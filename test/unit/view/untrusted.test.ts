/** What a transcript, a path, a process or the system says goes through every view, and none of it reaches a terminal raw. */

import { describe, expect, test } from "bun:test"
import { RescueError } from "../../../src/domain/errors.ts"
import type { ExportResult } from "../../../src/domain/export/export.ts"
import type { LiveSession } from "../../../src/operations/kill/companions.ts"
import type { KillReport } from "../../../src/operations/kill/report.ts"
import type { ClassifiedSession } from "../../../src/sdk/contracts.ts"
import { showExport } from "../../../src/view/export/export.ts"
import { askToKillGroup, showNoneToKill } from "../../../src/view/kill/group-question.ts"
import { showKill } from "../../../src/view/kill/kill.ts"
import { showOneSession } from "../../../src/view/sessions/one-session.ts"
import { showResume } from "../../../src/view/sessions/resume.ts"
import { showStatus } from "../../../src/view/sessions/status.ts"
import { showError, showWarnings } from "../../../src/view/terminal/error.ts"
import type { SystemOutput } from "../../../src/view/terminal/output.ts"
import { listed } from "../../fixtures/classified.ts"
import { liveProcess, now, pid, session } from "../../fixtures/session.ts"
import { terminal } from "./stream.ts"

const hostile = [
  ["a colour", "a\u001b[31mb"],
  ["a window title", "a\u001b]0;owned\u0007b"],
  ["an 8-bit sequence", "a\u009b2Jb"],
  ["a carriage return and a backspace", "a\rb\bc\0d\u007fe"],
  ["text turned round", "a\u202eb\u2066c"],
] as const

/** Everything in it that somebody else may have written says `evil`. */
function classified(evil: string): ClassifiedSession {
  return {
    ...session({ title: evil, cwd: `/work/${evil}`, transcript: `/home/${evil}.jsonl` }),
    state: "ORPHANED",
    detail: `closed ${evil}`,
    evidence: [{ signal: "turn", message: evil }],
  } as ClassifiedSession
}

const result = (evil: string): ExportResult => ({
  id: null,
  status: "verified",
  path: `/data/${evil}.jsonl`,
  manifest: null,
  bytes: 1,
  files: 1,
  sha256: null,
  md5: null,
})
const error = (evil: string) => new RescueError("CANNOT_READ", evil, `try ${evil}`)

function killed(evil: string): KillReport {
  const session = { ...classified(evil), process: liveProcess() } as LiveSession
  return {
    session,
    outcome: "refused",
    reason: evil,
    hint: evil,
    exports: [result(evil)],
    exportsAfter: [result(evil)],
    companions: [{ session, ended: true }],
    survivors: [{ pid: pid(8), command: evil }],
    terminal: null,
  }
}

const views: Record<string, (evil: string, out: SystemOutput) => void> = {
  status(evil, out) {
    const rejected = [{ pid: pid(7), why: evil }]
    const counts = { notRead: 0, narrowed: { typed: evil, limit: 1, found: 3, leftOff: 1 }, rejected }
    const place = { kind: "tmux", name: evil, terminal: null, program: evil } as const
    const item = { ...listed(classified(evil)), place }
    showStatus(
      { listed: [item], ...counts, explain: true, all: true, now, home: "/home/me", sudoUser: null },
      out,
    )
    const resume = {
      id: null,
      command: evil,
      reason: evil,
      note: evil,
      cwd: evil,
      nearest: evil,
      rehome: evil,
    }
    const lastMessages = [{ role: "user", text: evil }]
    showOneSession({ item, lastMessages, resume: resume as never, now, home: "/home/me", utc: true }, out)
  },
  export(evil, out) {
    const found = classified(evil)
    const exports = [{ session: found, result: result(evil) }]
    const report = { exports, failures: [{ session: found, error: error(evil) }], interrupted: false }
    showExport(report, { home: "/home/me", pending: `/data/${evil}` }, out)
  },
  kill: (evil, out) =>
    showKill(
      [killed(evil)],
      { home: "/home/me", graceMs: 1, tree: false, force: false, interrupted: false },
      out,
    ),
  "kill's question about several"(evil, out) {
    const { session, exports } = killed(evil)
    const question = { session, companions: [session], exports, airtight: true }
    const confirm = async (message: string) => {
      out.print(message)
      return "back" as const
    }
    const facts = { home: "/home/me", graceMs: 1, tree: false, now }
    void askToKillGroup({ ready: [question], refused: [killed(evil)] }, facts, { confirm } as never)
  },
  "kill of nothing that matches": (evil, out) => showNoneToKill(evil, 1, out),
  resume(evil, out) {
    const lines = [null, evil].map((command) => ({
      session: classified(evil),
      line: { id: null, command, reason: evil, note: evil, cwd: evil, nearest: evil, rehome: evil } as never,
      saved: false,
    }))
    showResume(
      {
        lines,
        narrowed: { typed: "", limit: null, found: 1, leftOff: 0 },
        notShown: 0,
        now,
        home: "/home/me",
        sudoUser: null,
      },
      out,
    )
  },
  error: (evil, out) => showError(error(evil), false, out),
  warnings: (evil, out) => showWarnings([evil], out),
}

describe.each(Object.entries(views))("%s", (_, show) => {
  test.each(hostile)("%s", (_, evil) => {
    const { out, text } = terminal(null) // no terminal: the output's own last door stands open
    show(evil, out)
    const lines = text().trimEnd().split("\n")
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join("\n")).toMatch(/a.{0,3}b/) // it was shown at all
    const raw = lines.filter((line) =>
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(line),
    )
    expect(raw).toEqual([])
  })
})
