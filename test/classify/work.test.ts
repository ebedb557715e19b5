import { describe, expect, test } from "bun:test"
import { judgeLiveness } from "../../plugins/classify/live/liveness.ts"
import type { ClientStatus, LiveProcess, Session, Turn } from "../../src/domain/session/session.ts"
import { parseTerminal } from "../../src/domain/session/terminal.ts"
import type { ProcessDetails } from "../../src/system/process/processes.ts"
import { context, liveProcess, now, pid, session } from "../fixtures/session.ts"

const hour = 3_600_000
const terminal = parseTerminal("pts/3")
const busy: ClientStatus = {
  status: "busy",
  waitingFor: null,
  since: now - hour,
  stale: false,
  headless: false,
  foreign: false,
}
const hooked = { CLAUDE_CODE_CHILD_SESSION: "1", CLAUDE_PROJECT_DIR: "/work" }
const shell = {
  argv: [
    "/bin/bash",
    "-c",
    "source /home/me/.claude/shell-snapshots/s.sh && eval 'make' && pwd -P >| /tmp/cwd",
  ],
  environment: { CLAUDE_CODE_CHILD_SESSION: "1" },
}
const hook = { argv: ["/bin/sh", "-c", "npm run check"], environment: hooked }
const server = { argv: ["node", "server.mjs"], environment: { CLAUDE_PROJECT_DIR: "/work" } }

function turn(phase: Turn["phase"], ...tools: string[]): Turn {
  const openCalls = tools.map((tool) => ({ tool, at: now - hour / 2, summary: "make" }))
  return { phase, openCalls, lastRecordAt: null, lastMessageAt: now - hour / 2, message: "" }
}

/** A client silent for half an hour, with children that started ten minutes ago. */
async function judge(
  facts: { session?: Partial<Session>; process?: Partial<LiveProcess> },
  ...children: { argv: string[]; environment: Record<string, string> }[]
) {
  const found = children.map((child, index): [number, ProcessDetails] => [
    5000 + index,
    { executable: null, cwd: null, ...child },
  ])
  const process = {
    terminal,
    children: found.map(([number]) => ({
      pid: pid(number),
      startedAt: now - 600_000,
      command: "comm",
      terminal: null,
    })),
    ...facts.process,
  }
  const silent = { reported: busy, lastActivity: now - hour / 2, turn: turn("ended"), ...facts.session }
  const life = await judgeLiveness(
    session(silent),
    liveProcess(process),
    context({ details: new Map(found) }),
  )
  const says = life.evidence.map((each) => each.message).join("\n")
  return { state: life.hung ? "HUNG" : "ACTIVE", detail: life.detail, flags: life.flags, says }
}
const running = (what: string) => ({ state: "ACTIVE", detail: `running ${what}` })

describe("a hook is at work", () => {
  test.each([
    ["after the turn's end", turn("ended")],
    ["before anything is on disk", turn("unknown")],
    ["around a tool's call", turn("mid-turn", "Bash")],
    ["around the call of a tool inside the client", turn("mid-turn", "Read")],
  ])("%s, and is named", async (_, at) => {
    const life = await judge({ session: { turn: at } }, hook)
    expect(life).toMatchObject(running("a hook"))
    expect(life.says).toContain("a hook: its process 5000 (npm run check) has been running for 10 min")
  })

  test("and a tool at once", async () => {
    const life = await judge({ session: { turn: turn("mid-turn", "Bash", "Read") } }, shell, hook)
    expect(life).toMatchObject(running("a tool and a hook"))
    expect(life.says).toContain("Bash make, Read make: its process 5000 (comm) has been running for 10 min")
    expect(life.says).toContain("its process 5001 (npm run check)")
  })

  test("where a client without a terminal, and without a status, has ended its turn", async () => {
    const reported = { ...busy, status: null, headless: true }
    const facts = { session: { reported, mode: "headless" as const }, process: { terminal: null } }
    expect(await judge(facts, hook)).toMatchObject(running("a hook"))
  })

  test("where no environment can be read: no call is open, and it lacks its client's terminal", async () => {
    const bare = { argv: ["sleep", "300"], environment: {} }
    expect(await judge({}, bare)).toMatchObject(running("a hook"))
    expect((await judge({ process: { terminal: null } }, bare)).state).toBe("HUNG")
    const call = turn("mid-turn", "Bash")
    expect(await judge({ session: { turn: call } }, bare)).toMatchObject(running("a tool"))
  })

  test("and its turn is not called lost while nothing is on disk", async () => {
    const nothing = { turn: turn("unknown"), lastActivity: null }
    expect((await judge({ session: nothing }, hook)).flags).toEqual([])
    expect((await judge({ session: nothing })).flags).toEqual(["not-persisting"])
  })
})

describe("no hook is", () => {
  test("a command that runs in the background", async () => {
    expect((await judge({}, shell)).state).toBe("HUNG")
  })

  test("a server that was started anew, where its client has no terminal", async () => {
    const facts = { process: { terminal: null } }
    expect((await judge(facts, server)).state).toBe("HUNG")
    const marked = { ...server, environment: { ...hooked, CLAUDE_CODE_LAUNCHED_BY_SESSION_IDS: "a" } }
    expect((await judge(facts, marked)).state).toBe("HUNG")
    expect(await judge({}, server)).toMatchObject(running("a hook")) // servers have their client's terminal
  })

  test("one that ran before the turn began, or has the client's terminal", async () => {
    const old = { pid: pid(5000), startedAt: now - 2 * hour, command: "comm", terminal: null }
    expect((await judge({ process: { children: [old] } }, hook)).state).toBe("HUNG")
    const inside = { ...old, startedAt: now - 600_000, terminal }
    expect((await judge({ process: { children: [inside] } }, hook)).state).toBe("HUNG")
  })
})

describe("claude -p", () => {
  const headless = (status: ClientStatus["status"], phase: Turn["phase"] = "ended") => ({
    mode: "headless" as const,
    reported: { ...busy, status, since: now - hour, headless: true },
    turn: turn(phase),
  })

  test("that is done and does not leave is HUNG, and what it may wait for is named", async () => {
    for (const status of [null, "idle", "shell"] as const) {
      const life = await judge({ session: headless(status) }, { argv: ["make"], environment: {} })
      expect(life).toMatchObject({ state: "HUNG", detail: "finished, does not exit" })
      expect(life.says).toContain("finished 30 min ago, and has not exited")
      expect(life.says).toContain("process 5000 (comm, 10 min old)")
    }
    expect(await judge({ session: { ...headless(null), reported: null } })).toMatchObject({ state: "HUNG" })
  })

  test("that is done since a moment is finished", async () => {
    const life = await judge({ session: { ...headless(null), lastActivity: now - 1000 } })
    expect(life).toMatchObject({ state: "ACTIVE", detail: "finished" })
  })

  test("that a program speaks to waits for it, for however long", async () => {
    const session = { ...headless(null), mode: "program" as const }
    expect(await judge({ session })).toMatchObject({ state: "ACTIVE", detail: "waiting for its program" })
  })

  test("at its first prompt is at work, though it gives no status and nothing is on disk", async () => {
    const session = { ...headless(null, "unknown"), lastActivity: null }
    const process = { startedAt: now - 60_000 }
    expect(
      await judge({ session: { ...session, reported: { ...busy, status: null, since: null } }, process }),
    ).toMatchObject({ state: "ACTIVE", detail: "working" })
  })
})

describe("what it waits for is said in words of its own", () => {
  const call = (tool: string, summary: string | null) => ({ tool, at: now, summary })
  test.each([
    ["permission prompt", [call("Bash", "rm -rf build")], "waiting for permission: Bash rm -rf build"],
    ["permission prompt", [call("Bash", null)], "waiting for permission: Bash"],
    ["permission prompt", [], "waiting for permission"],
    [
      "permission prompt",
      [call("Bash", "make"), call("Write", "a.ts"), call("Edit", "b.ts")],
      "waiting for permission: one of Bash make, Write a.ts, 1 more",
    ],
    ["permission prompt", [call("Agent", "dig"), call("Bash", "make")], "waiting for permission: Bash make"],
    [
      "permission prompt",
      [call("AskUserQuestion", "Which colour?")],
      "waiting for your answer: Which colour?",
    ],
    [
      "permission prompt",
      [call("ExitPlanMode", "# Plan")],
      "waiting for permission: to proceed with its plan",
    ],
    ["input needed", [call("AskUserQuestion", "Which colour?")], "waiting for your answer: Which colour?"],
    ["input needed", [], "waiting for your answer"],
    ["dialog open", [], "waiting for you: a dialog is open"],
    ["goal proposal", [], "waiting for you: it proposes a goal"],
    ["sandbox request", [], "waiting for permission: a sandboxed command needs the network"],
    ["worker request", [], "waiting for permission: one of its workers asks"],
    ["permission to dream", [call("Bash", "make")], "waiting for you"],
  ])("%s, with %j open", async (waitingFor, openCalls, detail) => {
    const reported = { ...busy, status: "waiting" as const, waitingFor }
    const waiting = { reported, turn: { ...turn("mid-turn"), openCalls } }
    expect(await judge({ session: waiting })).toMatchObject({ state: "ACTIVE", detail })
  })
})
