import type { Notes, SessionSight, WatchSettings } from "../../../../src/domain/watch/sight.ts"

export const minute = 60_000
export const now = Date.UTC(2026, 10, 28, 2)

/** A running session that works, and of which nothing needs to be done. */
export function sight(changes: Partial<SessionSight> = {}): SessionSight {
  return {
    key: "claude-code\0/home/dev/.claude\0/home/dev/.claude/projects/-work/a.jsonl",
    agent: "claude-code",
    id: "a0000001-0000-4000-8000-000000000001",
    home: "/home/dev/.claude",
    transcript: "/home/dev/.claude/projects/-work/a.jsonl",
    size: 1_000_000,
    project: "work",
    client: { pid: 4242, startMark: "1", stopped: false },
    state: "ACTIVE",
    detail: "working",
    need: "working",
    lastActivity: now - minute,
    waitingSince: null,
    tokens: 20_000,
    percent: 10,
    window: 200_000,
    compactsAt: null,
    compactedAt: null,
    saved: "none",
    savedAt: null,
    purgeAt: null,
    ...changes,
  }
}

export const settings: WatchSettings = {
  at: [0.75, 0.9],
  notify: ["hung", "crashed", "waiting", "context", "purge"],
  coolDownMs: 10 * minute,
  minGrowth: 1_000_000,
  hungAfterMs: 10 * minute,
  waitingAfterMs: minute,
  idleAfterMs: 60 * minute,
}

export const noNotes: Notes = {}
