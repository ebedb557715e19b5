import { describe, expect, test } from "bun:test"
import { judgeLiveness } from "../../plugins/classify/live/liveness.ts"
import type { ClientStatus, LiveProcess, Session } from "../../src/domain/session/session.ts"
import { parseTerminal } from "../../src/domain/session/terminal.ts"
import { context, type Looks, liveProcess, now, pid, session } from "../fixtures/session.ts"

const hour = 3_600_000
const terminal = parseTerminal("pts/3")
const busy: ClientStatus = {
  status: "busy",
  waitingFor: null,
  since: now - 2 * hour,
  stale: false,
  headless: false,
  foreign: false,
}
const open = (tool: string, age: number | null) => ({
  phase: "mid-turn" as const,
  openCalls: [{ tool, at: age === null ? null : now - age }],
  lastRecordAt: null,
  message: "",
})
const child = (age: number) => ({ pid: pid(5000), startedAt: now - age, command: "make", terminal: null })

/** What is concluded of a client that has been busy and silent for an hour. */
async function judge(facts: { session?: Partial<Session>; process?: Partial<LiveProcess>; looks?: Looks }) {
  const silent = { reported: busy, lastActivity: now - hour, ...facts.session }
  const life = await judgeLiveness(session(silent), liveProcess(facts.process), context(facts.looks))
  return [life.hung ? "HUNG" : "ACTIVE", life.detail, ...life.flags]
}

describe("silent for an hour in the middle of a turn", () => {
  test("without CPU it is silent, with all of a core it spins", async () => {
    expect(await judge({})).toEqual(["HUNG", "silent mid-turn"])
    const looks = { cpuMs: [0, 10_000], longCpuMs: 10_000 } as const
    expect(await judge({ looks })).toEqual(["HUNG", "spinning (CPU, no progress)"])
    for (const status of ["idle", "waiting", "shell", null] as const) {
      const reported = { ...busy, status }
      const process = { letter: "R" }
      expect(await judge({ session: { reported }, process, looks })).toEqual([
        "HUNG",
        "spinning (CPU, no progress)",
      ])
    }
  })

  test("with a burst that does not last a second it is only drawing, or at rest", async () => {
    const looks = { cpuMs: [0, 10_000], longCpuMs: 20 } as const
    expect(await judge({ looks })).toEqual(["HUNG", "silent mid-turn"])
    const reported = { ...busy, status: "idle" as const }
    const process = { letter: "R" }
    expect(await judge({ session: { reported }, process, looks })).toEqual(["ACTIVE", "waiting for you"])
  })

  test("on a crowded machine it spins too: it wants the processor at both looks", async () => {
    const looks = { cpuMs: [0, 40], longCpuMs: 40, letters: ["R", "R"] } as const
    expect(await judge({ looks })).toEqual(["HUNG", "spinning (CPU, no progress)"])
    expect(await judge({ looks: { ...looks, letters: ["R", "S"] } })).toEqual(["HUNG", "silent mid-turn"])
    const crowded = { cpuMs: [0, 10], longCpuMs: 290, longMs: 800, letters: ["R", "R"] } as const
    expect(await judge({ looks: { ...crowded, sleeps: [7, 7] } })).toEqual([
      "HUNG",
      "spinning (CPU, no progress)",
    ])
    expect(await judge({ looks: { ...crowded, sleeps: [7, 9] } })).toEqual(["HUNG", "silent mid-turn"])
    expect(await judge({ looks: crowded })).toEqual(["HUNG", "silent mid-turn"])
    const picture = { ...crowded, longCpuMs: 100, sleeps: [7, 7] } as const // one of its own, under a load of 30
    expect(await judge({ looks: picture })).toEqual(["HUNG", "silent mid-turn"])
    const animation = { ...looks, cpuMs: [0, 15], longCpuMs: 15 } as const // what the client draws while it waits
    expect(await judge({ looks: animation })).toEqual(["HUNG", "silent mid-turn"])
  })

  test("a pid that was given to another process between the looks says nothing", async () => {
    const looks = { cpuMs: [0, 10_000], longCpuMs: 10_000, startMarks: ["1", "2"] } as const
    expect(await judge({ looks })).toEqual(["HUNG", "silent mid-turn"])
  })

  test("uninterruptible only if it is so at both looks", async () => {
    const process = { letter: "D" }
    expect(await judge({ process, looks: { letters: ["D", "D"] } })).toEqual(["HUNG", "uninterruptible"])
    expect(await judge({ process, looks: { letters: ["D", "S"] } })).toEqual(["HUNG", "silent mid-turn"])
  })

  test("a client without a status: only the silence is known", async () => {
    const facts = { session: { reported: null, turn: open("Bash", hour) } }
    expect(await judge(facts)).toEqual(["HUNG", "silent, cause unknown"])
  })

  test("something written a minute ago in any file is no silence", async () => {
    expect(await judge({ session: { lastActivity: now - 60_000 } })).toEqual(["ACTIVE", "working"])
  })

  test("a process that has just started has not been silent", async () => {
    expect((await judge({ process: { startedAt: now - 60_000 } }))[0]).toBe("ACTIVE")
  })
})

describe("a tool at work", () => {
  test("is a child that started after the call, for however long; over an hour it is marked", async () => {
    const facts = (age: number) => ({
      session: { turn: open("Bash", age) },
      process: { children: [child(age - 500)] },
    })
    expect(await judge(facts(hour / 2))).toEqual(["ACTIVE", "running a tool"])
    expect(await judge(facts(2 * hour))).toEqual(["ACTIVE", "running a tool", "long-tool"])
  })

  test("is not a child that was there before, nor any child without a call", async () => {
    const children = [child(3 * hour)]
    expect((await judge({ session: { turn: open("Bash", 2 * hour) }, process: { children } }))[0]).toBe(
      "HUNG",
    )
    expect((await judge({ process: { children: [child(60_000)] } }))[0]).toBe("HUNG")
    expect(
      (await judge({ session: { turn: open("Bash", null) }, process: { children: [child(1)] } }))[0],
    ).toBe("HUNG")
  })

  test("is an open call of a tool inside the client, if it says it is busy", async () => {
    const turn = open("WebFetch", hour / 2)
    expect(await judge({ session: { turn } })).toEqual(["ACTIVE", "running a tool"])
    expect((await judge({ session: { turn, reported: { ...busy, status: null } } }))[0]).toBe("HUNG")
  })

  test("is not an open call of Bash or of a subagent without any process", async () => {
    for (const tool of ["Bash", "Task", "Agent"])
      expect([tool, (await judge({ session: { turn: open(tool, hour) } }))[0]]).toEqual([tool, "HUNG"])
  })
})

describe("typed keys", () => {
  const looks = (unread: Looks["unread"]) => ({ process: { terminal }, looks: unread ? { unread } : {} })

  test("that stand unread at both looks mean that it does not read", async () => {
    expect(await judge(looks([3, 3]))).toEqual(["HUNG", "not reading its terminal"])
    expect(await judge(looks([3, 5]))).toEqual(["HUNG", "not reading its terminal"])
  })

  test("that are read between the looks, or cannot be counted, mean nothing", async () => {
    for (const unread of [
      [3, 0],
      [3, 1],
      [0, 3],
      [null, null],
      [3, null],
    ] as const)
      expect((await judge(looks(unread)))[1]).toBe("silent mid-turn")
  })

  test("on a terminal that it does not hold are not its own", async () => {
    const process = { terminal, foreground: false }
    expect((await judge({ process, looks: { unread: [3, 3] } }))[1]).toBe("silent mid-turn")
  })
})

test("stopped by a debugger or by Ctrl-Z it is suspended, whatever it says", async () => {
  for (const letter of ["T", "t"]) expect(await judge({ process: { letter } })).toEqual(["HUNG", "suspended"])
})

test("a time in the future does not make it younger", async () => {
  const reported = { ...busy, since: now + 10 * hour }
  expect((await judge({ session: { reported } }))[0]).toBe("HUNG")
})
