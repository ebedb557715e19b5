/**
 * Every view there is, shown with one text in all places where text from outside can stand. A new view is a line
 * here, and every test of views has it.
 */

import { type RescueError as Failure, RescueError } from "../../../src/domain/errors.ts"
import type { ResumeLine } from "../../../src/domain/session/resume.ts"
import type { ResourceUsage } from "../../../src/domain/session/session.ts"
import type { ListedSession } from "../../../src/pipeline/listing/list-sessions.ts"
import type { ClassifiedSession } from "../../../src/sdk/contracts.ts"
import { showExport } from "../../../src/view/export/export.ts"
import { askToKillGroup, showNoneToKill } from "../../../src/view/kill/group-question.ts"
import { askToKill, killCountdown, showKill } from "../../../src/view/kill/kill.ts"
import { killDocument } from "../../../src/view/kill/kill-json.ts"
import { renderHelp, renderList, renderPage } from "../../../src/view/menu/list-screen.ts"
import { emptyList, itemKey, type ListState, withItems } from "../../../src/view/menu/list-state.ts"
import { showVisitSummary } from "../../../src/view/menu/menu-summary.ts"
import { dismissDocument, showDismissed } from "../../../src/view/sessions/dismissed.ts"
import { oneSessionLines, showOneSession } from "../../../src/view/sessions/one-session.ts"
import { resumeDocument, showResume } from "../../../src/view/sessions/resume.ts"
import { statusDocument } from "../../../src/view/sessions/session-json.ts"
import { showStatus } from "../../../src/view/sessions/status.ts"
import { showSuggestions } from "../../../src/view/setup/completions.ts"
import { showError, showWarnings } from "../../../src/view/terminal/error.ts"
import { errorDocument, exportDocument } from "../../../src/view/terminal/json.ts"
import type { SystemOutput } from "../../../src/view/terminal/output.ts"
import { showProgress } from "../../../src/view/terminal/progress.ts"
import type { Prompts } from "../../../src/view/terminal/prompts.ts"
import { classified, exported, killed, listed } from "../../fixtures/classified.ts"
import { liveProcess, now, pid } from "../../fixtures/session.ts"
import { repairDocuments, repairViews } from "../../repair/repair-views.ts"
import { teamDocuments, teamViews } from "../../team/team-views.ts"
import { usageDocuments, usageViews } from "../../usage/usage-views.ts"
import { watchDocuments, watchViews } from "../../watch/watch-views.ts"
import { askedDocuments, askedViews } from "./asked/asked-views.ts"
import { backgroundDocuments, backgroundViews } from "./background-views.ts"
import { houseDocuments, houseViews } from "./house-views.ts"
import { indexDocuments, indexViews } from "./index-views.ts"
import { shareDocuments, shareViews } from "./render/share-views.ts"
import { savedDocuments, savedViews } from "./saved-views.ts"

export type View = (out: SystemOutput, text: string) => void

const home = "/home/me"
const live = (text: string, usage?: ResourceUsage) =>
  liveProcess({
    ...{ pid: pid(4711), terminal: "pts/3" as never, children: [], letter: text.slice(0, 1) },
    ...(usage === undefined ? {} : { usage }),
  })

function sessions(text: string): readonly ClassifiedSession[] {
  const about = {
    title: text,
    cwd: `${home}/${text}`,
    home: `${home}/.claude${text}`,
    gitBranch: text,
    version: text,
  }
  const evidence = [{ signal: "registry", message: text }]
  const path = `${home}/.claude/projects/${text}.jsonl`
  const footprint = [{ path, relative: text, kind: "file" as const, size: 1000, modifiedAt: now }]
  const more = { ...about, detail: `silent ${text}`, evidence, footprint, transcript: path }
  return [
    classified(1, {
      ...more,
      state: "HUNG",
      process: live(text),
      flags: ["large", "torn-tail"],
      sizeBytes: 58_720_256,
    }),
    classified(2, { ...more, state: "ACTIVE", process: live(text), detail: "waiting for you" }),
    classified(3, { ...more, flags: ["purge-soon"], purgeAt: now + 86_400_000 * 3 }),
    classified(4, {
      ...more,
      id: null,
      transcript: null,
      cwd: null,
      title: null,
      state: "COMPLETED",
      detail: "archived",
    }),
  ]
}

const usingSessions = (text: string) =>
  sessions(text).map((session, at) => {
    if (session.process === null) return session
    const memoryBytes = at === 0 ? 943_718_400 : null
    return { ...session, process: live(text, { memoryBytes, cpuMs: 812_340, processes: at * 13 + 1 }) }
  })

const failure = (text: string): Failure =>
  new RescueError("DISK_FULL", `no space left for ${text}`, `make room ${text}`)

function exports(text: string) {
  const [first, second] = sessions(text) as [ClassifiedSession, ClassifiedSession]
  return {
    exports: [
      {
        session: first,
        result: exported(first, { path: `/data/${text}.jsonl`, bytes: 58_720_256, sha256: "ab".repeat(32) }),
      },
      {
        session: second,
        result: exported(second, {
          status: "unconfirmed",
          path: `/data/${text}2.jsonl`,
          md5: "cd".repeat(16),
        }),
      },
    ],
    failures: [{ session: first, error: failure(text) }],
    interrupted: false,
  }
}

function kills(text: string) {
  const [target] = sessions(text) as [ClassifiedSession]
  const more = {
    reason: text,
    hint: text,
    companions: [{ session: target as never, ended: true }],
    survivors: [{ pid: pid(99), command: text }],
    terminal: "manual" as const,
  }
  return (
    ["ended", "killed", "refused", "failed", "still-alive", "declined", "would-end", "restarted"] as const
  ).map((outcome) => ({
    ...killed(target, outcome),
    ...more,
  }))
}

/** Prompts that only show what they would ask. */
function prompts(out: SystemOutput): Prompts {
  const show = async (message: string, choices: readonly { label: string; hint?: string }[]) => {
    out.print(message)
    for (const { label, hint } of choices) out.print(`  ${label} ${hint ?? ""}`)
    return "back" as const
  }
  return {
    confirm: (message, yes, no) => show(message, [{ label: yes }, { label: no }]),
  }
}

const facts = { home, pending: "/data/pending" }
const killFacts = { home, graceMs: 10_000, tree: true, force: false, interrupted: true }
const status = (text: string, explain: boolean) => ({
  listed: sessions(text).map((each) => listed(each, each.state === "COMPLETED" ? archived : {})),
  notRead: 2,
  narrowed: narrowed(text),
  all: false,
  rejected: [{ pid: pid(77), why: text }],
  explain,
  now,
  home,
  sudoUser: null,
})
const lines = (text: string) => ({
  lines: sessions(text).map((session, index) => ({
    session,
    line: {
      id: session.id,
      command: index === 0 ? `cd '/work' && claude --resume ${session.id}` : null,
      reason: index === 0 ? null : `its folder no longer exists: ${text}`,
      start: null,
      note: index === 0 ? `its folder was gone: ${text}` : null,
      cwd: text,
      nearest: text,
      rehome: index === 1 ? `session-rescue resume ${session.id?.slice(0, 8)} --folder '/work'` : null,
    },
    saved: false,
  })),
  narrowed: { typed: "", limit: null, found: 5, leftOff: 3 },
  notShown: 3,
  now,
  home,
  sudoUser: null,
})
const noNarrowing = { typed: "", limit: null, found: 0, leftOff: 0 }
const narrowed = (text: string) => ({
  ...{ typed: `--project ${text} --since 2d`, limit: 2, found: 312, leftOff: 3 },
})
const visit = { saved: 2, ended: 1, left: "Ctrl-C", lastId: null } as const

const archived = { saved: { kind: "archived", at: now - 86_400_000 * 3 } } as const

function listState(text: string): ListState {
  const rows = { listed: status(text, false).listed, notRead: 2 }
  return withItems(emptyList({ now, home }), rows, { now, home })
}

function drawList(out: SystemOutput, state: ListState): void {
  const key = state.cursor.key ?? ""
  const preview = { key, messages: [{ role: "user", text: state.message ?? "the last prompt" }] }
  const size = { columns: out.columns ?? 80, rows: 20 }
  for (const line of renderList(state, size, out.paint, preview)) out.print(line.trimEnd())
}

function one(text: string, index: number) {
  const resume = (lines(text).lines[index] as { line: ResumeLine }).line
  const lastMessages = [
    { role: "user", text },
    { role: "assistant", text: `answer ${text}` },
  ]
  const item = status(text, false).listed[index] as ListedSession
  return { item, lastMessages, resume, now, home, utc: true }
}

export const views: Readonly<Record<string, View>> = {
  status: (out, text) => showStatus(status(text, false), out),
  "status --explain": (out, text) => showStatus(status(text, true), out),
  "status --sort memory": (out, text) =>
    showStatus({ ...status(text, false), listed: usingSessions(text).map((each) => listed(each)) }, out),
  dismissed: (out, text) => {
    showDismissed({ changed: status(text, false).listed, unchanged: 1, undo: false }, out)
    showDismissed({ changed: [], unchanged: 0, undo: true }, out)
  },
  "status, whole": (out, text) => showStatus({ ...status(text, false), all: true }, out),
  "status of nothing, under sudo": (out, text) =>
    showStatus(
      {
        ...status(text, false),
        narrowed: noNarrowing,
        listed: [],
        notRead: 0,
        home: `/root${text}`,
        sudoUser: text,
      },
      out,
    ),
  "status of one": (out, text) => {
    for (const index of [0, 1, 2, 3]) showOneSession(one(text, index), out)
  },
  export: (out, text) => showExport(exports(text), { ...facts, pending: `/data/${text}` }, out),
  "export --verbose": (out, text) =>
    showExport(exports(text), { ...facts, pending: `/data/${text}`, verbose: true }, out),
  "export, the same as before and archived since": (out, text) => {
    const [first, second] = sessions(text) as [ClassifiedSession, ClassifiedSession]
    const old = exported(first, {
      status: "unchanged",
      path: `/data/archive/${text}/1.jsonl.zst`,
      bytes: 4_000,
    })
    const fresh = exported(second, { path: `${home}/${text}/2.jsonl` })
    const exports = [first, second].map((session, at) => ({ session, result: at === 0 ? old : fresh }))
    showExport({ exports, failures: [], interrupted: false }, facts, out)
  },
  "export, narrowed": (out, text) => showExport(exports(text), { ...facts, narrowed: narrowed(text) }, out),
  "export, narrowed to nothing": (out, text) =>
    showExport(
      { exports: [], failures: [], interrupted: false },
      { ...facts, narrowed: { ...narrowed(text), leftOff: 0 } },
      out,
    ),
  "export, interrupted": (out, text) => showExport({ ...exports(text), interrupted: true }, facts, out),
  kill: (out, text) => showKill(kills(text), { ...killFacts, home: `/home/${text}` }, out),
  "kill --verbose": (out, text) => showKill(kills(text), { ...killFacts, verbose: true }, out),
  "kill's question": (out, text) =>
    void askToKill(
      {
        session: kills(text)[0]?.session as never,
        companions: [kills(text)[0]?.session as never],
        exports: [exports(text).exports[0]?.result as never],
        airtight: false,
      },
      { ...killFacts, now },
      prompts(out),
    ),
  "kill's question about several": (out, text) => {
    const [first] = kills(text)
    const question = {
      session: first?.session as never,
      companions: [first?.session as never],
      exports: [exports(text).exports[0]?.result as never],
      airtight: false,
    }
    const refused = kills(text).slice(0, 1)
    void askToKillGroup({ ready: [question, question], refused }, { ...killFacts, now }, prompts(out))
  },
  "kill of nothing that matches": (out, text) => showNoneToKill(`--project ${text}`, 3, out),
  "kill's countdown": (out) => killCountdown(out).wait(9_000),
  resume: (out, text) => showResume(lines(text), out),
  "resume, saved": (out, text) =>
    showResume({ ...lines(text), lines: lines(text).lines.map((line) => ({ ...line, saved: true })) }, out),
  "resume, narrowed": (out, text) => showResume({ ...lines(text), narrowed: narrowed(text) }, out),
  "resume, narrowed to nothing": (out, text) =>
    showResume({ ...lines(text), lines: [], narrowed: { ...narrowed(text), leftOff: 0 } }, out),
  error: (out, text) => showError(new RescueError("AMBIGUOUS", `${text}\n  ${text}`, text), false, out),
  warnings: (out, text) => showWarnings([text, text], out),
  progress: (out, text) => {
    let time = 0
    const reporter = showProgress(out, { verb: "saving", items: 12, bytes: 4_000_000 }, () => time)
    reporter.begin(text, 2_000_000)
    time = 20_000
    reporter.advance(1_000_000)
    reporter.end()
  },
  "the list": (out, text) => drawList(out, listState(text)),
  "the list, filtered and marked": (out, text) => {
    const state = listState(text)
    const marked = new Set(state.items.slice(0, 2).map(itemKey))
    drawList(out, { ...state, filter: text, marked, message: text })
  },
  "the list's keys": (out) => {
    for (const line of renderHelp({ columns: out.columns ?? 80, rows: 18 }, out.paint))
      out.print(line.trimEnd())
  },
  "the list's details": (out, text) => {
    const page = oneSessionLines(one(text, 0), out.paint)
    const { lines } = renderPage(page, listState(text), { columns: out.columns ?? 80, rows: 40 }, out.paint)
    for (const line of lines) out.print(line.trimEnd())
  },
  "menu's last words": (out) => showVisitSummary(visit, out),
  ...indexViews,
  ...shareViews,
  ...savedViews,
  ...usageViews,
  ...watchViews,
  ...backgroundViews,
  ...houseViews,
  ...askedViews,
  ...teamViews,
  ...repairViews,
  completions: (out, text) => out.print(showSuggestions([{ word: text, about: text }]).trimEnd()),
}

export const documents: Readonly<Record<string, (text: string) => unknown>> = {
  status: (text) =>
    statusDocument({ ...status(text, true), listed: usingSessions(text).map((each) => listed(each)) }, [
      text,
    ]),
  export: (text) =>
    exportDocument(exports(text).exports, exports(text).failures, { notShown: 3, leftOff: 2 }, [text]),
  kill: (text) => killDocument(kills(text), [text]),
  dismiss: (text) => dismissDocument(status(text, false).listed, false, [text]),
  resume: (text) => resumeDocument(lines(text), [text]),
  error: (text) => errorDocument(failure(text)),
  ...indexDocuments,
  ...shareDocuments,
  ...savedDocuments,
  ...usageDocuments,
  ...watchDocuments,
  ...backgroundDocuments,
  ...houseDocuments,
  ...askedDocuments,
  ...teamDocuments,
  ...repairDocuments,
}
