import { type HookReason, type NoticeText, noticeText, type WatchNotice } from "../../domain/watch/notice.ts"
import type { WatchReason } from "../../domain/watch/sight.ts"
import { notifyDesktop } from "../../system/process/notify-desktop.ts"
import { runProgram } from "../../system/process/run-program.ts"
import type { Telling } from "./state.ts"

const commandTimeoutMs = 10_000

interface TellFacts {
  /** The user's own program, which gets one JSON document on standard input; null for none. */
  readonly command: readonly string[] | null
  /** What is told is printed on a terminal, too. */
  readonly onTerminal: boolean
  readonly now: number
  readonly onFailure: (message: string) => void
}

/** Tells several notices as one, by all means there are; never throws because of one of them. */
export async function tellUser(
  notices: readonly WatchNotice<WatchReason | HookReason>[],
  facts: TellFacts,
): Promise<Omit<Telling, "sessions">> {
  const text = noticeText(notices)
  const [onDesktop, byCommand] = await Promise.all([
    notifyDesktop(text.title, text.text),
    facts.command === null
      ? false
      : runCommand(facts.command, noticeDocument(notices, text, facts.now), facts),
  ])
  return {
    at: facts.now,
    text: text.text,
    by: [
      ...(facts.onTerminal ? ["terminal"] : []),
      ...(onDesktop ? ["desktop"] : []),
      ...(byCommand ? ["command"] : []),
    ],
  }
}

/** No text of a conversation is in it. */
function noticeDocument(
  notices: readonly WatchNotice<WatchReason | HookReason>[],
  { title, text }: NoticeText,
  now: number,
) {
  return {
    schemaVersion: 1,
    at: new Date(now).toISOString(),
    title,
    text,
    sessions: notices.map(({ reason, sight, saved, path }) => ({
      id: sight.id,
      agent: sight.agent,
      project: sight.project,
      pid: sight.client?.pid ?? null,
      state: sight.state,
      detail: sight.detail,
      reason,
      contextTokens: sight.tokens,
      contextWindow: sight.window,
      contextPercent: sight.percent,
      compactsAt: sight.compactsAt,
      saved,
      path,
    })),
  }
}

async function runCommand(
  command: readonly string[],
  document: ReturnType<typeof noticeDocument>,
  { onFailure }: TellFacts,
): Promise<boolean> {
  const signal = AbortSignal.timeout(commandTimeoutMs)
  const { code, stderr } = await runProgram(command, { input: `${JSON.stringify(document)}\n`, signal })
  if (code === 0) return true
  const why = signal.aborted
    ? "it did not end within 10 s"
    : stderr.trim().slice(0, 200) || `exit code ${code}`
  onFailure(`notify_command ${command[0]} failed: ${why}`)
  return false
}
