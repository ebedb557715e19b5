/** Several sessions chosen by what they do: each saved first, one question, and only what still matches is ended. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type GroupFilter, reasonNotInGroup } from "../../src/operations/kill/group-filter.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { childrenOf, startTick } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere, type KnownClient } from "./harness/clients.ts"
import { KillHarness, type Steps } from "./harness/kill-harness.ts"
import { hasStrace, killing } from "./harness/signals.ts"

setDefaultTimeout(60_000)
const ids = [sessionId(1), sessionId(2), sessionId(3), sessionId(4)] as const
const hour = 3_600_000

let machine: Machine
let harness: KillHarness
beforeEach(() => {
  machine = new Machine()
  harness = new KillHarness(machine)
  // the processes of a test are young: a turn hangs at once
  machine.write(join(machine.home, ".config/session-rescue/config.toml"), 'hung_after = "1ms"\n')
})
afterEach(() => machine.dispose())

/** A client whose registry says that status since `age` ago, when its conversation was last written. */
async function since(id: string, age: number, status: string, script = idle): Promise<KnownClient> {
  const cwd = `/work/${id.slice(0, 8)}`
  const its = await client(machine, id, script, { cwd })
  const at = Date.now() - age
  machine.registry(its, id, { cwd, status, updatedAt: at, statusUpdatedAt: at })
  machine.transcript(id, { cwd, age, open: status === "busy" })
  return its
}
const hung = (id: string, script?: string) => since(id, 2 * hour, "busy", script)
const kill = (...args: string[]) => machine.run(["kill", ...args, "--grace", "1s", "--json"])
const outcomesOf = (json: { kills: { pid: number; outcome: string }[] }) =>
  new Map(json.kills.map(({ pid, outcome }) => [pid, outcome]))
const savedIds = async () => {
  const { json } = await machine.run(["list", "--json"])
  return [...new Set(json.exports.map((each: { id: string }) => each.id))].toSorted()
}

describe("--state hung", () => {
  test("ends what hangs, each saved, and nothing else", async () => {
    const both = [await hung(ids[0]), await hung(ids[1])]
    const other = await since(ids[2], 60_000, "idle")
    const { code, json } = await kill("--state", "hung", "--force")
    expect([code, outcomesOf(json)]).toEqual([0, new Map(both.map(({ pid }) => [pid, "ended"]))])
    expect([...both, other].map(({ pid }) => isThere(pid))).toEqual([false, false, true])
    expect(await savedIds()).toEqual([ids[0], ids[1]])
  })

  test("with --project and a name only narrows what was named", async () => {
    const [one, two] = [await hung(ids[0]), await hung(ids[1])]
    const other = await since(ids[2], 60_000, "idle")
    const dry = await kill("--state", "HUNG", "--project", ids[1].slice(0, 8), "--dry-run")
    expect([...outcomesOf(dry.json)]).toEqual([[two.pid, "would-end"]])
    const none = await kill(String(other.pid), "--state", "hung", "--force")
    expect([none.code, none.json.error.message]).toEqual([3, "the session named does not match --state hung"])
    const some = await kill(String(one.pid), String(other.pid), "--state", "hung", "--force")
    expect([some.code, ...outcomesOf(some.json)]).toEqual([0, [one.pid, "ended"]])
    expect(some.json.warnings).toContain("1 of the 2 sessions named does not match --state hung")
    expect([one, two, other].map(({ pid }) => isThere(pid))).toEqual([false, true, true])
  })

  test("the session this is asked from is refused, the others are ended", async () => {
    const all = [await hung(ids[0]), await hung(ids[1]), await hung(ids[2])]
    const env = { CLAUDE_CODE_SESSION_ID: ids[1] }
    const { code, json, signals } = await killing(machine, ["--state", "hung,current", "--force", "--json"], {
      env,
    })
    expect(code).toBe(4)
    expect(all.map(({ pid }) => outcomesOf(json).get(pid))).toEqual(["ended", "refused", "ended"])
    expect(all.map(({ pid }) => isThere(pid))).toEqual([false, true, false])
    if (hasStrace) expect(signals).toEqual(["SIGTERM", "SIGTERM"])
  })

  test("without a terminal and without --force nothing is ended, and with --dry-run nothing is written", async () => {
    const all = [await hung(ids[0]), await hung(ids[1])]
    const refused = await machine.run(["kill", "--state", "hung"])
    expect([refused.code, refused.stderr]).toEqual([
      4,
      expect.stringContaining("cannot ask for confirmation"),
    ])
    const dry = await kill("--state", "hung", "--dry-run")
    expect([...outcomesOf(dry.json).values()]).toEqual(["would-end", "would-end"])
    expect([existsSync(machine.data), all.map(({ pid }) => isThere(pid))]).toEqual([false, [true, true]])
  })

  test("with another word, what waits for you or for an answer", async () => {
    const waiting = await since(ids[0], 60_000, "idle")
    const asking = await since(ids[1], 60_000, "waiting")
    await hung(ids[2])
    const chosen = async (words: string) => [
      ...outcomesOf((await kill("--state", words, "--dry-run")).json).keys(),
    ]
    expect([await chosen("waiting"), await chosen("asking")]).toEqual([[waiting.pid], [asking.pid]])
  })

  test("nothing that hangs is no error", async () => {
    const { pid } = await since(ids[0], 60_000, "idle")
    const none = await machine.run(["kill", "--state", "hung"])
    expect([none.code, none.stderr]).toEqual([0, ""])
    expect(none.stdout).toBe(
      "None of the 1 running session matches --state hung: nothing was ended.\nNext: session-rescue --status\n",
    )
    const { code, json } = await kill("--state", "hung")
    expect([code, json.kills, isThere(pid)]).toEqual([0, [], true])
  })
})

test("--no-terminal --idle ends what nobody sees and what does nothing", async () => {
  const forgotten = await since(ids[0], 50 * hour, "idle")
  const atWork = await since(ids[1], 50 * hour, "shell")
  const seen = machine.start([join(machine.root, "shell/claude-code-linux-x64/claude"), "-c", idle], {
    terminal: {},
  })
  await until("the client", () =>
    Bun.file(`/proc/${seen.pid}/comm`)
      .text()
      .then((name) => name === "claude\n"),
  )
  machine.registry(seen, ids[3], { cwd: "/work/seen", statusUpdatedAt: Date.now() - 50 * hour })
  machine.transcript(ids[3], { cwd: "/work/seen", age: 50 * hour })
  const all = [forgotten, atWork, seen]
  const outcomes = async (...flags: string[]) =>
    [...outcomesOf((await kill(...flags, "--dry-run")).json).keys()].toSorted((a, b) => a - b)
  const sorted = (...some: { pid: number }[]) => some.map(({ pid }) => pid).toSorted((a, b) => a - b)
  expect(await outcomes("--idle", "1ms")).toEqual(sorted(forgotten, seen))
  expect(await outcomes("--no-terminal")).toEqual(sorted(forgotten, atWork))
  expect(await outcomes("--idle", "1d")).toEqual([]) // its client was started just now
  const { code } = await kill("--no-terminal", "--idle", "1ms", "--force")
  expect([code, all.map(({ pid }) => isThere(pid))]).toEqual([0, [false, true, true]])
  expect(await savedIds()).toEqual([ids[0]])
})

test.each([
  [["--idle", "soon"], 'invalid duration for --idle: "soon"'],
  [["--state", "hang"], 'unknown state: "hang"'],
  [["--force"], "no session given to kill"],
])("%j is wrong usage", async (flags, message) => {
  const { code, stderr } = await machine.run(["kill", ...flags])
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
})

describe("on a terminal", () => {
  async function asked(answer: string, env: Record<string, string> = {}) {
    let shown = ""
    const data = (_: unknown, bytes: Uint8Array) => {
      shown += Buffer.from(bytes).toString()
    }
    const asking = machine.start([binary, "kill", "--state", "hung,current", "--grace", "1s"], {
      env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", LANG: "C.UTF-8", ...env },
      terminal: { cols: 160, rows: 50, data },
    })
    await until("the question", () => shown.includes("Each gets TERM"), { show: () => shown })
    const [saved, question] = [await savedIds(), Bun.stripANSI(shown)]
    asking.say(answer)
    const code = await asking.exited
    return { code, shown: Bun.stripANSI(shown), question, saved }
  }

  test("one question names each; No ends none, and all are saved", async () => {
    const all = [await hung(ids[0]), await hung(ids[1]), await hung(ids[2])]
    const { code, shown, question, saved } = await asked("n")
    expect([code, saved, all.map(({ pid }) => isThere(pid))]).toEqual([
      0,
      ids.slice(0, 3),
      [true, true, true],
    ])
    expect(question).toContain("End 3 sessions?")
    for (const { pid, id } of all)
      expect(shown).toContain(`${id.slice(0, 8)} (pid ${pid}, no terminal): HUNG, `)
    expect(question.match(/Saved and verified: /g)).toHaveLength(3)
    expect(shown.match(/not ended: nobody said yes/g)).toHaveLength(3)
  })

  test("Yes ends all that were named; what is refused is named, too", async () => {
    const all = [await hung(ids[0]), await hung(ids[1]), await hung(ids[2])]
    const { code, shown, question } = await asked("y", { CLAUDE_CODE_SESSION_ID: ids[2] })
    expect([code, all.map(({ pid }) => isThere(pid))]).toEqual([4, [false, false, true]])
    expect(question).toContain("End 2 sessions?")
    expect(question).toContain("Not ended: ")
    expect(question).toContain("CLAUDE_CODE_SESSION_ID names it as the session you are in")
    expect(shown).not.toContain("It gets TERM") // the question about one
  })
})

describe("between the steps", () => {
  const group: GroupFilter = {
    narrowing: {
      ...{ project: null, since: null, states: ["HUNG"], agent: null, saved: null, limit: null },
      typed: "--state hung",
    },
    ...{ noTerminal: false, idleMs: null, typed: "--state hung" },
  }

  async function killed(all: readonly { pid: number }[], steps: Steps) {
    const ctx = { ...(await harness.context()), hungAfterMs: 1 }
    return harness.kill(await harness.find(...all.map(({ pid }) => pid)), {
      confirmAll: async () => true,
      reasonNotChosen: (session) => reasonNotInGroup(session, group, ctx),
      ...steps,
    })
  }

  test("one that cannot be saved is not ended, and the question does not offer it; the others are", async () => {
    const all = [await hung(ids[0]), await hung(ids[1]), await hung(ids[2])]
    let begun = 0
    const saving = () => {
      begun++
      if (begun === 2) {
        renameSync(harness.pending, `${harness.pending}.away`)
        writeFileSync(harness.pending, "")
      }
      if (begun === 3) {
        rmSync(harness.pending)
        renameSync(`${harness.pending}.away`, harness.pending)
      }
    }
    const offered: number[] = []
    const { outcomes, reports } = await killed(all, {
      saving,
      async confirmAll({ ready, refused }) {
        offered.push(ready.length, refused.length)
        return true
      },
    })
    expect([offered, outcomes]).toEqual([
      [2, 1],
      ["ended", "failed", "ended"],
    ])
    expect(reports.map(({ session }) => session.id as string)).toEqual(ids.slice(0, 3))
    expect(all.map(({ pid }) => isThere(pid))).toEqual([false, true, false])
    expect(harness.asked).toBe(0)
  })

  test("one that goes on while the question is open is not ended", async () => {
    const all = [await hung(ids[0]), await hung(ids[1])]
    const [goesOn] = all as [KnownClient]
    const { outcomes, reports } = await killed(all, {
      async confirmAll() {
        machine.registry(goesOn, ids[0], { cwd: `/work/${ids[0].slice(0, 8)}` })
        machine.transcript(ids[0], { cwd: `/work/${ids[0].slice(0, 8)}`, age: 0 })
        return true
      },
    })
    expect(outcomes).toEqual(["refused", "ended"])
    expect(reports[0]?.reason).toBe("it no longer matches --state hung: it is ACTIVE, waiting for you")
    expect(reports[0]?.hint).toContain(`session-rescue kill ${goesOn.pid}`)
    expect(all.map(({ pid }) => isThere(pid))).toEqual([true, false])
  })

  test("a session that was started below one of them is asked about by itself", async () => {
    const runs = `trap 'kill $(jobs -p); exit 0' TERM; while read -r line; do eval "$line"; done`
    const all = [await hung(ids[0], runs), await hung(ids[1])]
    const [outer] = all as [KnownClient]
    const below: number[] = []
    const named: (string | null)[] = []
    const { outcomes } = await killed(all, {
      async confirmAll() {
        const program = machine.copy("/bin/bash", join(machine.root, "inner/claude-code-linux-x64/claude"))
        outer.say(`'${program}' -c '${idle} < <(sleep 300)' < /dev/null &\n`)
        const pid = await until("it to run", () => childrenOf(outer.pid)[0])
        await until("its program", async () =>
          (await Bun.file(`/proc/${pid}/cmdline`).text()).startsWith(program),
        )
        machine.transcript(ids[2], { cwd: "/work/below" })
        machine.registry({ pid, procStart: startTick(pid) }, ids[2], { cwd: "/work/below" })
        below.push(pid)
        return true
      },
      async confirm({ companions }) {
        named.push(...companions.map(({ id }) => id))
        return false
      },
    })
    expect([outcomes, named]).toEqual([["declined", "ended"], [ids[2]]])
    expect([outer.pid, ...below].map(isThere)).toEqual([true, true])
  })

  test("Ctrl-C while they are saved, or at the question, ends none", async () => {
    const all = [await hung(ids[0]), await hung(ids[1])]
    const stop = { saving: () => harness.stop.abort() }
    await expect(killed(all, stop)).rejects.toMatchObject({ code: "INTERRUPTED" })
    const again = new KillHarness(machine)
    const found = await again.find(...all.map(({ pid }) => pid))
    const atQuestion = again.kill(found, {
      async confirmAll() {
        again.stop.abort()
        return true
      },
    })
    await expect(atQuestion).rejects.toMatchObject({ code: "INTERRUPTED" })
    expect(all.map(({ pid }) => isThere(pid))).toEqual([true, true])
  })
})
