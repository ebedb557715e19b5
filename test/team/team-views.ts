/** The views of a team's archive: push, pull, status, verify --remote and forget; each with one text everywhere. */
import { RescueError } from "../../src/domain/errors.ts"
import type { SessionId } from "../../src/domain/session/session-id.ts"
import type { Candidate } from "../../src/operations/team/candidates.ts"
import type { PullReport } from "../../src/operations/team/fetch/pull.ts"
import type { RemoteVerifyReport } from "../../src/operations/team/fetch/verify-remote.ts"
import type { ForgetReport } from "../../src/operations/team/forget.ts"
import type { PushReport, PushStatus } from "../../src/operations/team/push.ts"
import type { TeamStatus } from "../../src/operations/team/status.ts"
import type { TeamAnswer } from "../../src/operations/team-search/ask.ts"
import type { FeedReport } from "../../src/operations/team-search/feed.ts"
import { pullDocument, showPull } from "../../src/view/team/pull.ts"
import { askToPush, pushDocument, showPush } from "../../src/view/team/push.ts"
import { showFeed, showTeamAnswer, teamAnswerDocument } from "../../src/view/team/search.ts"
import {
  forgetDocument,
  remoteVerifyDocument,
  showForget,
  showRemoteVerify,
  showTeamStatus,
  teamStatusDocument,
} from "../../src/view/team/store.ts"
import type { Prompts } from "../../src/view/terminal/prompts.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import type { View } from "../unit/view/views.ts"

const home = "/home/me"
const session = sessionId(1) as SessionId
const name = `2026-11-20T10-00-00Z-${session}-LOSSLESS-session`
const of = { owner: "alice", session, name }
const candidate = (text: string): Candidate => ({
  name,
  session,
  title: text,
  cwd: text,
  bytes: 58_720_256,
  folder: text,
})
const failure = (text: string) => new RescueError("STORE_REFUSED", text, text)
const kept = { outside: 12, excluded: 1, private: 2, pulled: 4, pending: 3, unarchived: 1 }

const pushed = (text: string): PushReport => {
  const each = (status: PushStatus, error: RescueError | null = null) => ({
    candidate: candidate(text),
    status,
    error,
  })
  return {
    ...{
      place: `store-folder ${text}`,
      owner: "alice",
      encrypted: true,
      kept,
      stopped: null,
      interrupted: false,
    },
    exports: [
      each("pushed"),
      each("there"),
      each("conflict", failure(text)),
      each("failed", failure(text)),
      each("forgotten"),
    ],
  }
}
const stopped = (text: string): PushReport => ({
  ...pushed(text),
  exports: [{ candidate: candidate(text), status: "later", error: failure(text) }],
  stopped: new RescueError("STORE_UNAVAILABLE", text, text),
})
const pulled = (text: string): PullReport => ({
  place: text,
  exports: [
    { of, title: text, cwd: text, status: "pulled", path: text, error: null },
    { of, title: text, cwd: text, status: "there", path: text, error: null },
    { of, title: null, cwd: null, status: "failed", path: null, error: failure(text) },
  ],
  interrupted: false,
})
const status = (text: string): TeamStatus => ({
  ...{ place: text, owner: "alice", projects: [`${home}/${text}`], encrypted: false, agreed: false },
  ...{
    pushed: [candidate(text)],
    waiting: [candidate(text)],
    forgotten: [candidate(text)],
    kept,
    audit: `${home}/${text}`,
  },
})
const verified = (text: string): RemoteVerifyReport => ({
  place: text,
  verified: [
    { of, title: text, state: "whole", bytes: 1_000, error: null },
    { of, title: null, state: "listed", bytes: 1_000, error: null },
    { of, title: null, state: "damaged", bytes: 1_000, error: failure(text) },
  ],
  interrupted: false,
})
const forgotten = (text: string): ForgetReport => ({
  ...{ place: text, session, dryRun: false, removed: [text], tombstone: true, indexed: 7 },
  left: [{ name: text, error: failure(text) }],
})
const asking = (text: string) => ({
  ...{ place: text, owner: "alice", projects: [text], encrypted: false },
  ...{ exports: 12, bytes: 58_720_256 },
})
const answering: Prompts = { confirm: async () => ({ answer: false }) }

const answer = (text: string): TeamAnswer => ({
  ...{ place: text, owner: "alice", total: 7 },
  hits: [
    {
      ...{ id: "0f", owner: "bob", machine: text, agent: "claude-code", session, title: text, project: text },
      ...{ role: "tool", kind: "tool_result", tool: text, isError: true, time: 1_780_000_000_000, text },
      snippet: { text, marks: [[0, 1]] },
    },
  ],
})
const fed = (text: string): FeedReport => ({
  ...{ place: text, sent: 12, redacted: 1, kept: 3, interrupted: false },
  stopped: failure(text),
})

export const teamViews: Readonly<Record<string, View>> = {
  push: (out, text) => showPush(pushed(text), out),
  "push, stopped": (out, text) => showPush(stopped(text), out),
  "push, interrupted": (out, text) => showPush({ ...pushed(text), interrupted: true }, out),
  "push's question": (out, text) => void askToPush(asking(text), out, answering),
  "push's question, encrypted": (out, text) =>
    void askToPush({ ...asking(text), encrypted: true }, out, answering),
  pull: (out, text) => showPull(pulled(text), home, out),
  "team status": (out, text) => showTeamStatus(status(text), home, out),
  "team status, nothing waits": (out, text) =>
    showTeamStatus({ ...status(text), waiting: [], projects: [] }, home, out),
  "verify --remote": (out, text) => showRemoteVerify(verified(text), out),
  "verify --remote, nothing there": (out, text) => showRemoteVerify({ ...verified(text), verified: [] }, out),
  "cxq --team": (out, text) => showTeamAnswer(answer(text), out),
  "cx --team": (out, text) => showFeed(fed(text), out),
  forget: (out, text) => showForget(forgotten(text), out),
  "forget --dry-run": (out, text) => showForget({ ...forgotten(text), left: [], dryRun: true }, out),
}

export const teamDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  push: (text) => pushDocument(pushed(text), false, [text]),
  pull: (text) => pullDocument(pulled(text), [text]),
  team: (text) => teamStatusDocument(status(text), [text]),
  "verify --remote": (text) => remoteVerifyDocument(verified(text), [text]),
  "cxq --team": (text) => teamAnswerDocument(answer(text), [text]),
  forget: (text) => forgetDocument(forgotten(text), [text]),
}
