/** A menu without a terminal: answers from a list, and actions that only record their calls. */
import { type MenuBackend, runMenu } from "../../src/commands/menu/flow.ts"
import type { ExportResult } from "../../src/domain/export/export.ts"
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import type { KillReport } from "../../src/operations/kill/report.ts"
import type { ClassifiedSession } from "../../src/sdk/contracts.ts"
import type { MenuQuestions } from "../../src/view/menu/menu.ts"
import { liveProcess, now, pid, session } from "../fixtures/session.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

export function classified(number: number, more: Partial<ClassifiedSession> = {}): ClassifiedSession {
  const id = parseSessionId(sessionId(number))
  const transcript = `/home/me/.claude/projects/-work/${id}.jsonl`
  return {
    ...session({ id, transcript }),
    state: "ORPHANED",
    detail: "closed",
    evidence: [],
    flags: [],
    ...more,
  }
}

export function hung(number: number): ClassifiedSession {
  return classified(number, {
    state: "HUNG",
    detail: "silent mid-turn",
    process: liveProcess({ pid: pid(4700 + number) }),
  })
}

export function exported(of: ClassifiedSession, more: Partial<ExportResult> = {}): ExportResult {
  const path = `/data/${of.id}.jsonl`
  const result = {
    id: of.id,
    status: "verified",
    path,
    manifest: null,
    bytes: 1,
    files: 1,
    sha256: null,
    md5: null,
  }
  return { ...result, ...more } as ExportResult
}

type Scripted = Record<keyof MenuQuestions, unknown[]>

/** What each question is answered, in order; a question nobody has an answer for ends the test. */
export function scriptedPrompts(script: Partial<Scripted>): MenuQuestions & { readonly asked: string[] } {
  const asked: string[] = []
  const next = (question: keyof MenuQuestions, about: string) => {
    asked.push(`${question} ${about}`.trim())
    const answers = script[question] ?? []
    if (answers.length === 0) throw new Error(`no answer to: ${question} ${about}`)
    const answer = answers.shift()
    return Promise.resolve(answer === "back" || answer === "leave" ? answer : { answer }) as never
  }
  return {
    asked,
    pick: (view) => next("pick", String(view.sessions.length)),
    together: (number) => next("together", String(number)),
    act: (about, done) => next("act", `${about.id?.slice(0, 8)} ${about.state} ${[...done].join("+")}`),
    process: (number) => next("process", String(number)),
    start: (about) => next("start", about.id?.slice(0, 8) ?? ""),
  }
}

export interface FakeActions extends MenuBackend {
  readonly log: string[]
}

/** Everything works, unless the test says otherwise. */
export function fakeActions(sessions: ClassifiedSession[], more: Partial<MenuBackend> = {}): FakeActions {
  const log: string[] = []
  const note = (...words: unknown[]) => void log.push(words.join(" "))
  const names = (those: readonly ClassifiedSession[]) => those.map(({ id }) => id?.slice(0, 8)).join(",")
  return {
    log,
    scan: async () => ({ sessions, notShown: 0, now, home: "/home/me" }),
    refresh: async (known) => sessions.find((each) => each.id === known.id) ?? null,
    async save(those) {
      note("save", names(those))
      return {
        exports: those.map((each) => ({ session: each, result: exported(each) })),
        failures: [],
        interrupted: false,
      }
    },
    async end(target) {
      note("end", names([target]))
      const at = sessions.findIndex((each) => each.id === target.id)
      sessions[at] = { ...target, process: null, state: "ORPHANED", detail: "closed" }
      return { report: killed(target, "ended"), leave: false }
    },
    async resumeLine(of) {
      return {
        id: of.id,
        command: `cd /work && claude --resume ${of.id}`,
        start: "/work",
        reason: null,
        note: null,
        rehome: null,
        cwd: "/work",
        nearest: null,
      }
    },
    async start(of) {
      note("start", names([of]))
      return 7
    },
    process: null,
    showBox: (view) => note("box", view.sessions.length),
    showWhy: (of) => note("why", names([of])),
    showLine: (line) => note("line", line.command ?? line.reason),
    showMessage: (words) => note("say", words),
    showSummary: ({ saved, ended, left }) => note("bye", saved, ended, left),
    ...more,
  }
}

export function killed(target: ClassifiedSession, outcome: KillReport["outcome"]): KillReport {
  const kept = {
    exports: [exported(target)],
    exportsAfter: [],
    companions: [],
    survivors: [],
    terminal: null,
    reason: null,
    hint: null,
  }
  return { ...kept, session: target as KillReport["session"], outcome }
}

export { runMenu }
