/** The views of sx and handoff, and what models and other programs read; one text wherever text from outside can be. */

import { type Part, partKinds } from "../../../../src/domain/conversation/message-part.ts"
import { cusfHead, cusfMessage } from "../../../../src/domain/cusf/cusf.ts"
import type { Condensed } from "../../../../src/operations/handoff/condense.ts"
import type { HandedSession } from "../../../../src/operations/handoff/session-facts.ts"
import type { ShownItem } from "../../../../src/operations/search/show.ts"
import type { WrittenSession } from "../../../../src/operations/sx/write-session.ts"
import { handoffDocument, showHandoff } from "../../../../src/view/handoff/handoff.ts"
import { handoffMarkdown } from "../../../../src/view/handoff/markdown.ts"
import { answerError, answerText } from "../../../../src/view/mcp/answer.ts"
import { askedConversation } from "../../../../src/view/mcp/conversation.ts"
import { askedMessagesDocument, askedSearchDocument } from "../../../../src/view/mcp/messages.ts"
import { askedStatusDocument } from "../../../../src/view/mcp/status.ts"
import { showSx, sxDocument } from "../../../../src/view/sx/sx.ts"
import { classified, exported, listed } from "../../../fixtures/classified.ts"
import { now } from "../../../fixtures/session.ts"
import { found, part } from "../index-views.ts"
import { data, failure, home, idOf, nameOf, savedExport } from "../saved.ts"
import type { View } from "../views.ts"

const known = (text: string) => [
  listed(classified(1, { title: text, cwd: `${home}/${text}`, agent: "codex" })),
  listed(classified(2, { title: text }), { saved: { kind: "archived", at: now } }),
]
const counts = (text: string) => ({
  ...{ agent: "codex", sessions: 12, saved: 10, unsaved: 2, pending: 3, archived: 7 },
  folder: `${data}/sessions-export-pending-${text}`,
})
const writing = (text: string) => ({ folder: `${home}/${text}`, format: "jsonl" as const })
const sx = (text: string, looks: string | null) => ({
  ...{ home, agents: [counts(text)], listed: known(text), looks },
  writing: looks === null ? writing(text) : null,
})
const written = (text: string): WrittenSession => ({
  ...{
    session: text,
    export: text,
    path: `${home}/${text}`,
    format: "jsonl",
    status: "written",
    messages: 7,
  },
})
const nothing = (text: string) => ({
  ...{ exports: [], failures: [], written: [], processed: null, warnings: [text] },
})
const done = (text: string) => ({
  exports: [
    { session: classified(1, { title: text }), result: exported(classified(1)) },
    {
      session: classified(2),
      result: exported(classified(2), { status: "incomplete", path: `/data/${text}` }),
    },
  ],
  failures: [
    { session: classified(3, { title: text }), error: failure(text) },
    { session: null, error: failure(text) },
  ],
  written: [written(text), { ...written(text), status: "present" as const, messages: null }],
  ...{ processed: null, warnings: [text] },
})
const processed = { report: { exports: [{ archived: "x" }], indexed: { messages: 3 } } } as never

const session = (text: string): HandedSession => ({
  ...{ id: idOf(1), agent: "codex", title: text, cwd: `${home}/${text}`, branch: text },
  ...{ state: `ACTIVE, ${text}`, isRunning: true, lastActivity: now },
})
const handed = (text: string) => ({
  ...{ session: session(text), from: text, to: "codex", tokens: 900, folder: `${home}/${text}` },
  file: { path: `${data}/handoffs/${text}.md`, bytes: 4000, sha256: "ab".repeat(32) },
  line: "cd /work && codex 'Read it'",
})
const condensed = (text: string): Condensed => {
  const said = { role: "user" as const, time: now, text }
  const call = { tool: text, said: text, time: now, outcome: null }
  return {
    prompts: [said, said],
    promptsLeftOut: 2,
    tail: [said, { ...said, role: "assistant" }, call, { ...call, outcome: "failed" }],
    files: [{ path: text, edits: 1, reads: 2 }],
    failures: [
      { tool: text, said: text, time: now, text, solved: false },
      { tool: text, said: "", time: null, text, solved: true },
    ],
    ...{ summary: text, plan: text, questions: [text], unfinished: [call] },
  }
}

/** The file for another agent: no terminal, and yet nothing in it may reach one raw. */
export const handoffText = (text: string): string =>
  handoffMarkdown({ session: session(text), condensed: condensed(text), to: "codex", maxTokens: 4000, now })

/** Every answer to a model. */
export async function answersToModels(text: string): Promise<readonly string[]> {
  const asked = {
    freshness: { refresh: "done", asOf: now, left: null, why: text },
    warnings: [text],
  } as const
  const items = async function* (): AsyncGenerator<ShownItem> {
    const place = { document: text, offset: 0, length: 9 }
    yield { type: "document", document: text, form: "records", owner: text }
    yield { type: "damaged", ...place, why: text }
    for (const kind of partKinds) {
      const said: Part = { kind, role: "tool", text, tool: text, command: text }
      yield { type: "part", part: said, time: now, model: text, subagent: text, session: text, ...place }
    }
  }
  const readable = {
    id: idOf(1),
    agent: "codex",
    from: "live",
    path: `${home}/${text}`,
    hit: null,
    title: async () => null,
    documents: [],
    items: items(),
  }
  const documents = [
    askedStatusDocument(
      { listed: known(text), leftOff: 1, notRead: 2 },
      { found: 5, maxTokens: 900, warnings: [text] },
    ),
    askedSearchDocument(found(text), () => [part(text)], { ...asked, maxTokens: 900 }),
    askedMessagesDocument([part(text)], { ...asked, maxTokens: 900 }),
    await askedConversation(readable, { tools: false, maxTokens: 4000, warnings: [text] }),
  ]
  return [...documents.map(answerText), answerError(failure(text))]
}

export const askedViews: Readonly<Record<string, View>> = {
  "sx --status": (out, text) => showSx(sx(text, "status"), nothing(text), out),
  "sx --list": (out, text) => showSx(sx(text, "list"), nothing(text), out),
  "sx --dry-run": (out, text) => showSx(sx(text, "dry-run"), nothing(text), out),
  sx: (out, text) => showSx(sx(text, null), done(text), out),
  "sx of nothing": (out) => showSx({ ...sx("", null), writing: null }, nothing(""), out),
  handoff: (out, text) => showHandoff(handed(text), home, out),
}

const message = (text: string) => {
  const said: Part = { kind: "tool_use", role: "assistant", text, tool: text, call: text, command: text }
  const other: Part = { kind: "tool_result", role: "tool", text, files: [text], isError: true }
  const usage = { answer: text, input: 1, cacheWrite: 2, cacheRead: 3, output: 4 }
  const place = { file: text, offset: 0, length: 9, sha256: "ab".repeat(32) }
  const about = { time: now, model: text, subagent: text, session: text, damaged: text }
  return cusfMessage({ ...place, ...about, parts: [said, other], usage }, 1, text)
}

export const askedDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  sx: (text) => sxDocument(sx(text, "list"), { ...done(text), processed }),
  cusf: (text) => [
    cusfHead({ name: nameOf(1), manifest: savedExport(text, 1).manifest, manifestSha256: "ab".repeat(32) }),
    message(text),
  ],
  handoff: (text) => handoffDocument(handed(text), [text]),
}
