/** What usage shows and prints, with one text in all places where text from outside can stand. */
import { parseSessionId } from "../../src/domain/session/session-id.ts"
import type { UsageReport } from "../../src/operations/usage/usage-report.ts"
import type { UsageSum } from "../../src/operations/usage/usage-tables.ts"
import { showUsage, type UsageTableName } from "../../src/view/usage/usage.ts"
import { usageDocument } from "../../src/view/usage/usage-json.ts"
import { liveProcess, now, session } from "../fixtures/session.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import type { View } from "../unit/view/views.ts"

const home = "/home/me"

/** A share of a month's use, in per mille. */
function sum(share: number, cost: number | null = null): UsageSum {
  const use = { input: 14_527, cacheWrite: 2_492_660, cacheRead: 21_541_170, output: 484_483, answers: 674 }
  const part = (whole: number) => Math.round((whole * share) / 10)
  return {
    use: {
      input: part(use.input),
      cacheWrite: part(use.cacheWrite),
      cacheRead: part(use.cacheRead),
      output: part(use.output),
      answers: part(use.answers),
    },
    cost: cost === null ? null : share * cost,
    isPartlyPriced: cost !== null && share > 100,
  }
}

function report(text: string, cost: number | null = null, since: number | null = null): UsageReport {
  const counted = (number: number) => ({
    agent: "claude-code",
    id: parseSessionId(sessionId(number)),
    found: number === 2 ? null : session(),
    saved: null,
    cwd: `${home}/${text}`,
  })
  const live = (number: number, more: Partial<ReturnType<typeof session>>) =>
    session({ id: parseSessionId(sessionId(number)), title: text, process: liveProcess(), ...more })
  return {
    calendar: { zone: "Europe/Berlin", dayOf: () => "2026-01-31", dayBefore: () => "2026-01-31" },
    since,
    today: since === null ? sum(20, cost) : null,
    last7Days: since === null ? sum(300, cost) : null,
    all: sum(1000, cost),
    byDay: ["2026-01-31", "2026-01-30", null].map((key, index) => ({ key, ...sum(20 + 250 * index, cost) })),
    byModel: [
      { key: "claude-sonnet-4-5-20250929", ...sum(700, cost) },
      { key: text, ...sum(299) },
      { key: null, ...sum(1) },
    ],
    byProject: [`${home}/work/a/rather/long/path/to/a/folder/with/${text}`, null].map((key, index) => ({
      key,
      ...sum(900 - index * 800, cost),
    })),
    bySession: [1, 2].map((number) => ({ key: counted(number), title: text, ...sum(1000 / number, cost) })),
    unpricedModels: cost === null ? [] : [text, null],
    live: [
      live(3, { contextTokens: 187_000, contextInputTokens: 178_000, contextWindow: 200_000, model: text }),
      live(4, { contextTokens: 150_000, contextWindow: null }),
      live(5, { contextTokens: null, title: null }),
    ],
    coverage: {
      onDisk: 312,
      outOf: 312,
      fromExports: 4,
      unsupported: 2,
      unread: [{ path: `${home}/${text}.jsonl`, why: text }],
      damagedLines: 1,
    },
  }
}

const by = (table: UsageTableName, text: string, cost: number | null = null, since: number | null = null) =>
  ({
    report: report(text, cost, since),
    by: table,
    limit: table === "session" ? 1 : null,
    home,
    typed: "",
  }) as const

function nothing(text: string): Parameters<typeof showUsage>[0] {
  const { coverage, ...rest } = report(text)
  const some = { ...rest, all: sum(0), live: [], coverage: { ...coverage, onDisk: 0, unread: [] } }
  return { report: some, by: null, limit: null, home, typed: `--project ${text}` }
}

export const usageViews: Record<string, View> = {
  usage: (out, text) => showUsage({ report: report(text), by: null, limit: null, home, typed: "" }, out),
  "usage, narrowed to nothing": (out, text) => showUsage(nothing(text), out),
  "usage by day, with costs": (out, text) => showUsage(by("day", text, 1.2), out),
  "usage by project": (out, text) => showUsage(by("project", text), out),
  "usage by session, since a time": (out, text) =>
    showUsage(by("session", text, null, now - 86_400_000), out),
}

export const usageDocuments: Record<string, (text: string) => object> = {
  usage: (text) => usageDocument(report(text, 1.2), null, [text]),
}
