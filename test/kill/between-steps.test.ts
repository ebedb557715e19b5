/** What happens between the steps of a kill. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { describeCaller } from "../../src/operations/kill/caller.ts"
import { brokenGuarantees, committed } from "../export/export-invariants.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf, statOf } from "../fixtures/processes.ts"
import { pid } from "../fixtures/session.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, ignoresTerm, isThere, writesOnTerm } from "./harness/clients.ts"
import { KillHarness } from "./harness/kill-harness.ts"

setDefaultTimeout(30_000)
let machine: Machine
let harness: KillHarness
beforeEach(() => {
  machine = new Machine()
  harness = new KillHarness(machine)
})
afterEach(() => machine.dispose())

const id = sessionId(1)

describe("it ends by itself", () => {
  test("before anything was saved: what it left is saved", async () => {
    const it = await client(machine, id)
    const found = await harness.find(it.pid)
    await it.end()
    const { reports } = await harness.kill(found)
    expect(reports).toMatchObject([{ outcome: "ended", reason: "it had already exited" }])
    expect(reports[0]?.exportsAfter).toMatchObject([{ status: "verified" }])
    expect(harness.asked).toBe(0)
  })

  test("while it is saved: it is saved whole", async () => {
    const it = await client(machine, id, writesOnTerm)
    const found = await harness.find(it.pid)
    let first = true
    const saving = () => {
      if (first) process.kill(it.pid, "SIGTERM")
      first = false
    }
    const confirm = async () => (await it.exited) !== null
    const { reports } = await harness.kill(found, { saving, confirm })
    expect(reports).toMatchObject([{ outcome: "ended", reason: "it had already exited" }])
    const [last = ""] = committed(machine).toReversed()
    expect(readFileSync(`${last}.jsonl`)).toEqual(readFileSync(it.transcript))
  })

  test("while the question stands: nothing is signalled, and what it wrote is saved", async () => {
    const it = await client(machine, id, writesOnTerm)
    const confirm = async () => {
      await it.end("SIGTERM")
      return true
    }
    const { reports } = await harness.kill(await harness.find(it.pid), { confirm })
    expect(reports).toMatchObject([{ outcome: "ended", reason: "it had already exited" }])
    expect(readFileSync(reports[0]?.exportsAfter[0]?.path ?? "")).toEqual(readFileSync(it.transcript))
  })

  test("in the grace: it is not killed", async () => {
    const it = await client(machine, id, ignoresTerm)
    let waits = 0
    const onWait = () => void (waits++ === 2 && process.kill(it.pid, "SIGKILL"))
    const { reports } = await harness.kill(await harness.find(it.pid), { onWait })
    expect(reports).toMatchObject([{ outcome: "ended", reason: null, terminal: null }])
  })

  test("in the grace, after it was suspended and continued: it is not killed", async () => {
    const go = `${machine.root}/go`
    const it = await client(
      machine,
      id,
      `trap 'while [ ! -e "${go}" ]; do sleep 0.05; done; exit 0' TERM; ${idle}`,
    )
    process.kill(it.pid, "SIGSTOP")
    await until("it to be stopped", () => statOf(it.pid)[0] === "T")
    let waits = 0
    const onWait = () => void (waits++ === 4 && writeFileSync(go, ""))
    const { reports } = await harness.kill(await harness.find(it.pid), { onWait })
    expect(reports).toMatchObject([{ outcome: "ended", reason: null }])
  })
})

describe("it writes", () => {
  test("while the question stands: it is saved again before it is signalled, and not asked again", async () => {
    const it = await client(machine, id)
    const confirm = async () => {
      appendFileSync(it.transcript, '{"type":"late"}\n')
      return true
    }
    const { reports, outcomes } = await harness.kill(await harness.find(it.pid), { confirm })
    expect([outcomes, harness.asked, reports[0]?.exportsAfter]).toEqual([["ended"], 1, []])
    expect(readFileSync(reports[0]?.exports[0]?.path ?? "")).toEqual(readFileSync(it.transcript))
  })

  test.each([
    [
      "another file of its own",
      (it: { transcript: string }) => it.transcript.replace(".jsonl", "/subagents/a.jsonl"),
    ],
    ["a file in a folder shared by sessions", () => `${machine.claude}/todos/${id}-agent-1.json`],
    ["a task", () => `${machine.claude}/tasks/${id}/1.json`],
  ])("%s while the question stands: that is saved too, first", async (_, place) => {
    const it = await client(machine, id)
    const confirm = async () => {
      machine.write(place(it), "{}\n")
      return true
    }
    const { reports } = await harness.kill(await harness.find(it.pid), { confirm })
    expect(reports).toMatchObject([{ outcome: "ended", exportsAfter: [], exports: [{ files: 2 }] }])
  })

  test("each time it is saved: after three rounds it is left alone", async () => {
    const it = await client(machine, id)
    const saved = () => appendFileSync(it.transcript, '{"type":"late"}\n')
    const { reports } = await harness.kill(await harness.find(it.pid), { saved })
    expect(reports).toMatchObject([{ outcome: "refused", exportsAfter: [] }])
    expect(reports[0]?.reason).toBe("it has written since the export (saved 3 times, not ended)")
    expect([isThere(it.pid), harness.asked, committed(machine).length]).toEqual([true, 1, 3])
  })

  test("its transcript anew, exactly as long as it was: it is saved again", async () => {
    const it = await client(machine, id)
    const confirm = async () => {
      const text = readFileSync(it.transcript, "utf8").replace("mended", "broken")
      rmSync(it.transcript)
      writeFileSync(it.transcript, text)
      return true
    }
    const { reports } = await harness.kill(await harness.find(it.pid), { confirm })
    expect(readFileSync(reports[0]?.exports[0]?.path ?? "", "utf8")).toContain("broken")
  })
})

describe("one that had nothing on disk", () => {
  test("is spoken to while the question stands: its first words are saved before it is signalled", async () => {
    const it = await client(machine, id, idle, { silent: true })
    const confirm = async () => {
      machine.transcript(id)
      return true
    }
    const { reports } = await harness.kill(await harness.find(it.pid), { confirm })
    expect(reports).toMatchObject([{ outcome: "ended", exports: [{ status: "verified" }], exportsAfter: [] }])
  })

  test("and no registry file: its first words are found by its folder", async () => {
    const cwd = `${machine.root}/work`
    const { pid } = await machine.client({ cwd })
    const confirm = async () => {
      machine.transcript(id, { cwd, age: -1000 })
      return true
    }
    const { reports } = await harness.kill(await harness.find(pid), { confirm })
    expect(reports).toMatchObject([
      { outcome: "ended", exports: [{ id, status: "verified" }], exportsAfter: [] },
    ])
  })

  test("writes them only when it was signalled: they are saved afterwards, whatever their id", async () => {
    const cwd = `${machine.root}/work`
    const { pid } = await machine.client({ cwd })
    machine.transcript(sessionId(7), { cwd: "/work/other" })
    const onTerm = () => void machine.transcript(id, { cwd, age: -1000 })
    const { reports } = await harness.kill(await harness.find(pid), { onTerm })
    expect(reports).toMatchObject([
      { outcome: "ended", exports: [{ status: "empty" }], exportsAfter: [{ id, status: "verified" }] },
    ])
  })
})

test("it goes on in another conversation (/clear): that one is saved before it is signalled", async () => {
  const it = await client(machine, id)
  const other = sessionId(2)
  const confirm = async () => {
    machine.registry(it, other)
    machine.write(
      machine.transcriptPath(other, "/work/one"),
      conversation({ id: other, cwd: "/work/one", at: new Date() }),
    )
    return true
  }
  const { reports } = await harness.kill(await harness.find(it.pid), { confirm })
  expect(reports).toMatchObject([{ outcome: "ended", session: { id: other }, exports: [{ id: other }] }])
  expect(brokenGuarantees(machine)).toEqual([])
})

test("one of two processes of one id is ended: what it wrote last is saved, though the other holds it still", async () => {
  const one = await client(machine, id, writesOnTerm)
  const two = await client(machine, id)
  machine.registry(one, id)
  const { reports } = await harness.kill(await harness.find(one.pid))
  expect(reports).toMatchObject([{ outcome: "ended", exportsAfter: [{ id, status: "verified" }] }])
  expect([isThere(two.pid), readFileSync(reports[0]?.exportsAfter[0]?.path ?? "")]).toEqual([
    true,
    readFileSync(one.transcript),
  ])
})

test("what it wrote last cannot be saved: that is said, and that it is gone", async () => {
  const it = await client(machine, id, writesOnTerm)
  const onTerm = () => {
    rmSync(harness.pending, { recursive: true })
    machine.write(harness.pending, "no folder")
  }
  const { reports } = await harness.kill(await harness.find(it.pid), { onTerm })
  expect([reports[0]?.outcome, isThere(it.pid)]).toEqual(["failed", false])
  expect(reports[0]?.reason).toMatch(/^it exited, but its last writes were not saved: .*is not a folder/)
})

describe("said no", () => {
  test("it lives, and what was saved stays saved", async () => {
    const it = await client(machine, id)
    const { reports } = await harness.kill(await harness.find(it.pid), { confirm: async () => false })
    expect(reports).toMatchObject([{ outcome: "declined", exports: [{ status: "verified" }] }])
    expect([isThere(it.pid), committed(machine).length]).toEqual([true, 1])
  })

  test("also when its files changed in the first round, it is asked before the second", async () => {
    const it = await client(machine, id)
    const vanishing = machine.write(`${machine.claude}/tasks/${id}/1.json`, "{}")
    const saving = () => rmSync(vanishing, { force: true }) // then the first export cannot cover what was listed
    const { outcomes } = await harness.kill(await harness.find(it.pid), {
      saving,
      confirm: async () => false,
    })
    expect([outcomes, harness.asked, isThere(it.pid)]).toEqual([["declined"], 1, true])
  })
})

test("a dry run asks nothing, saves nothing and ends nothing", async () => {
  const it = await client(machine, id)
  const { outcomes } = await harness.kill(await harness.find(it.pid), { dryRun: true })
  expect([outcomes, harness.asked, isThere(it.pid), committed(machine)]).toEqual([["would-end"], 0, true, []])
})

describe("Ctrl-C", () => {
  test.each([true, false])("in the very moment of an answer (%s): nothing is ended", async (answer) => {
    const it = await client(machine, id)
    const confirm = async () => {
      harness.stop.abort()
      return answer
    }
    const killed = harness.kill(await harness.find(it.pid), { confirm })
    expect(killed).rejects.toMatchObject({ code: "INTERRUPTED" })
    await killed.catch(() => {})
    expect(isThere(it.pid)).toBe(true)
  })

  test("in the grace of the first of two: that one is finished, and the second left alone", async () => {
    const one = await client(machine, id, writesOnTerm)
    const two = await client(machine, sessionId(2), idle, { cwd: "/work/two" })
    const onTerm = () => harness.stop.abort()
    const { reports, interrupted } = await harness.kill(await harness.find(one.pid, two.pid), { onTerm })
    expect(interrupted).toBe(true)
    expect(reports).toMatchObject([{ outcome: "ended", exportsAfter: [{ status: "verified" }] }])
    expect(isThere(two.pid)).toBe(true)
  })
})

describe("whoever asks, and whatever a plugin says,", () => {
  const isSleep = (child: number) => readFileSync(`/proc/${child}/comm`, "utf8") === "sleep\n"

  test("the session that it runs inside is not ended, be it ACTIVE and no CURRENT one", async () => {
    const it = await client(machine, id, `sleep 305 & ${idle}`)
    const child = await until("its child", () => childrenOf(it.pid).find(isSleep))
    const [found] = await harness.find(it.pid)
    expect(found?.current).toBeNull()
    const caller = { ...(await describeCaller(await harness.context())), pid: pid(child) }
    const { reports } = await harness.kill(found ? [found] : [], { caller })
    expect(reports).toMatchObject([{ outcome: "refused", reason: "this program runs inside it" }])
    expect([isThere(it.pid), committed(machine)]).toEqual([true, []])
  })

  test("a process that is no agent's client is not ended, though a plugin calls it one", async () => {
    const it = await client(machine, id)
    const [found] = await harness.find(it.pid)
    const stranger = Bun.spawn(["sleep", "305"], { stdio: ["ignore", "ignore", "ignore"] })
    const entry = (await (await harness.context()).processes.list()).find((each) => each.pid === stranger.pid)
    const named = found && entry ? [{ ...found, process: { ...found.process, ...entry } }] : []
    const { reports } = await harness.kill(named)
    expect(reports).toMatchObject([
      { outcome: "refused", reason: expect.stringContaining("not a known agent client") },
    ])
    expect([isThere(stranger.pid), isThere(it.pid)]).toEqual([true, true])
    stranger.kill()
    await stranger.exited
  })

  test("one who does not see itself among the processes ends nothing", async () => {
    const it = await client(machine, id)
    const caller = { ...(await describeCaller(await harness.context())), pid: pid(999_999_998) }
    const { reports } = await harness.kill(await harness.find(it.pid), { caller })
    expect(reports).toMatchObject([
      { outcome: "refused", reason: expect.stringContaining("does not see itself") },
    ])
    expect(isThere(it.pid)).toBe(true)
  })

  test("a process that has only got an earlier one's number is not ended", async () => {
    const it = await client(machine, id)
    const [found] = await harness.find(it.pid)
    const earlier = found && { ...found, process: { ...found.process, startMark: "1" } }
    const { reports } = await harness.kill(earlier ? [earlier] : [])
    expect(reports).toMatchObject([{ outcome: "ended", reason: "it had already exited" }])
    expect(isThere(it.pid)).toBe(true)
  })
})
