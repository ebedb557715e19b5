/** The menu's course, without a terminal. */
import { describe, expect, test } from "bun:test"
import { RescueError } from "../../src/domain/errors.ts"
import type { ClassifiedSession } from "../../src/sdk/contracts.ts"
import type { MenuAction } from "../../src/view/menu/menu-actions.ts"
import { classified, exported, fakeActions, hung, killed, runMenu, scriptedPrompts } from "./script.ts"

test("a hung session: seen, exported, ended, processed, and its resume line", async () => {
  const processed: string[] = []
  const process = async () => {
    processed.push("cx")
    return 0 as const
  }
  const actions = fakeActions([hung(1), classified(2)], { process })
  const prompts = scriptedPrompts({
    pick: [[0], ["leave"]],
    act: ["why", "export", "kill", "resume", "skip"],
    start: [false],
    process: [true],
  })
  expect(await runMenu(prompts, actions)).toBe(0)
  expect(actions.log).toEqual([
    "box 2",
    "why a0000001",
    "save a0000001",
    "end a0000001",
    `line cd /work && claude --resume ${hung(1).id}`,
    "box 2",
    "bye 1 1 by choice",
  ])
  expect(processed).toEqual(["cx"])
  expect(prompts.asked).toContain("act a0000001 HUNG why+export")
  expect(prompts.asked).toContain("act a0000001 ORPHANED why+export+kill")
})

describe("Escape goes one step back, Ctrl-C leaves with 130, and both do nothing more", () => {
  const two = () => [hung(1), classified(2)]
  test.each([
    ["in the list", { pick: ["back"] }, 0, ["box 2", "bye 0 0 by choice"]],
    ["in the list", { pick: ["leave"] }, 130, ["box 2", "bye 0 0 Ctrl-C"]],
    ["at several", { pick: [[0, 1], "back"], together: ["back"] }, 0, ["box 2", "bye 0 0 by choice"]],
    ["at several", { pick: [[0, 1]], together: ["leave"] }, 130, ["box 2", "bye 0 0 Ctrl-C"]],
    ["at the actions", { pick: [[0], ["leave"]], act: ["back"] }, 0, ["box 2", "bye 0 0 by choice"]],
    ["at the actions", { pick: [[0]], act: ["leave"] }, 130, ["box 2", "bye 0 0 Ctrl-C"]],
    [
      "before starting",
      { pick: [[1], "back"], act: ["resume", "skip"], start: ["back"] },
      0,
      ["box 2", expect.stringContaining("line cd"), "bye 0 0 by choice"],
    ],
    [
      "before starting",
      { pick: [[1]], act: ["resume"], start: ["leave"] },
      130,
      ["box 2", expect.stringContaining("line cd"), "bye 0 0 Ctrl-C"],
    ],
  ])("%s: %j", async (_, script, code, log) => {
    const actions = fakeActions(two())
    expect(await runMenu(scriptedPrompts(script), actions)).toBe(code)
    expect(actions.log).toEqual(log)
  })

  test.each([
    ["back", 0],
    ["leave", 130],
    [false, 0],
  ] as const)("at /cx: %p", async (answer, code) => {
    const process = () => Promise.reject(new Error("it was not asked for"))
    const prompts = scriptedPrompts({ pick: [["export all"], "back"], process: [answer] })
    expect(await runMenu(prompts, fakeActions(two(), { process }))).toBe(code)
  })

  test("in the middle of several: the others are left alone", async () => {
    const actions = fakeActions(two())
    expect(
      await runMenu(
        scriptedPrompts({ pick: [[0, 1], "back"], together: ["each"], act: ["export", "back"] }),
        actions,
      ),
    ).toBe(0)
    expect(actions.log).toEqual(["box 2", "save a0000001", "bye 1 0 by choice"])
  })

  test("while it is saved", async () => {
    const save = async () => ({ exports: [], failures: [], interrupted: true })
    const actions = fakeActions(two(), { save })
    expect(await runMenu(scriptedPrompts({ pick: [["export all"]] }), actions)).toBe(130)
    expect(actions.log).toEqual(["box 2", "bye 0 0 Ctrl-C"])
  })

  test("at the question of a kill: what was saved counts", async () => {
    const actions = fakeActions(two(), {
      end: async (target) => ({ report: killed(target, "declined"), leave: true }),
    })
    expect(await runMenu(scriptedPrompts({ pick: [[0]], act: ["kill"] }), actions)).toBe(130)
    expect(actions.log).toEqual(["box 2", "bye 1 0 Ctrl-C"])
  })
})

test("no session at all: it is said, and nothing is asked", async () => {
  const actions = fakeActions([])
  expect(await runMenu(scriptedPrompts({}), actions)).toBe(0)
  expect(actions.log).toEqual(["box 0"])
})

test("one that ends while its menu is open: said, and it goes on with what is left of it", async () => {
  let looks = 0
  const ended = classified(1, { detail: "crashed" })
  const refresh = async () => (looks++ === 0 ? hung(1) : ended)
  const actions = fakeActions([hung(1)], { refresh })
  expect(await runMenu(scriptedPrompts({ pick: [[0], "back"], act: ["export", "skip"] }), actions)).toBe(0)
  expect(actions.log).toEqual([
    "box 1",
    "say a0000001 has exited in the meantime: it is ORPHANED now (crashed).",
    "save a0000001",
    "bye 1 0 by choice",
  ])
})

test("one of which nothing is left is said, and the next is gone on with", async () => {
  const refresh = async (known: { id: unknown }) => (known.id === hung(1).id ? null : classified(2))
  const actions = fakeActions([hung(1), classified(2)], { refresh })
  const prompts = scriptedPrompts({ pick: [[0, 1], "back"], together: ["each"], act: ["skip"] })
  expect(await runMenu(prompts, actions)).toBe(0)
  expect(actions.log).toEqual([
    "box 2",
    "say a0000001 has exited in the meantime and left nothing on disk.",
    "bye 0 0 by choice",
  ])
})

describe("starting it here", () => {
  test("a copy is saved first; the client's exit code is ours", async () => {
    const actions = fakeActions([classified(1)])
    expect(await runMenu(scriptedPrompts({ pick: [[0]], act: ["resume"], start: [true] }), actions)).toBe(7)
    expect(actions.log.slice(2)).toEqual(["save a0000001", "start a0000001"])
  })

  test.each(["fails", "is unconfirmed"])("when the copy %s, it is not started", async (how) => {
    const error = new RescueError("DISK_FULL", "no space left", "make room")
    const save = async () =>
      how === "fails"
        ? { exports: [], failures: [{ session: classified(1), error }], interrupted: false }
        : {
            exports: [{ session: classified(1), result: exported(classified(1), { status: "unconfirmed" }) }],
            failures: [],
            interrupted: false,
          }
    const start = () => Promise.reject(new Error("it was started"))
    const actions = fakeActions([classified(1)], { save, start })
    expect(
      await runMenu(
        scriptedPrompts({ pick: [[0], "back"], act: ["resume", "skip"], start: [true] }),
        actions,
      ),
    ).toBe(1)
    expect(actions.log).toContain("say It was not started: it could not be copied first.")
  })

  test("one that cannot be resumed is not offered to be started", async () => {
    const resumeLine = async () => ({
      id: null,
      command: null,
      start: null,
      reason: "its folder no longer exists",
      note: null,
      rehome: null,
      cwd: null,
      nearest: "/",
    })
    const actions = fakeActions([classified(1)], { resumeLine })
    expect(await runMenu(scriptedPrompts({ pick: [[0], "back"], act: ["resume", "skip"] }), actions)).toBe(0)
    expect(actions.log).toContain("line its folder no longer exists")
  })
})

describe("the exit code is the worst of what happened", () => {
  test.each([
    ["refused", 4],
    ["failed", 1],
    ["still-alive", 1],
    ["declined", 0],
    ["ended", 0],
    ["killed", 0],
  ] as const)("a kill that is %s: %d", async (outcome, code) => {
    const actions = fakeActions([hung(1)], {
      end: async (target) => ({ report: killed(target, outcome), leave: false }),
    })
    expect(await runMenu(scriptedPrompts({ pick: [[0], "back"], act: ["kill", "skip"] }), actions)).toBe(code)
  })
})

test("an export is offered to /cx once, however often it was verified", async () => {
  const process = async () => 0 as const
  const prompts = scriptedPrompts({
    pick: [[0], [0], "back"],
    act: ["export", "export", "skip", "export", "skip"],
    process: [false],
  })
  expect(await runMenu(prompts, fakeActions([classified(1)], { process }))).toBe(0)
  expect(prompts.asked.filter((question) => question.startsWith("process"))).toEqual(["process 1"])
})

test("the box comes again only when a state has changed: what was just done stays in sight", async () => {
  const actions = fakeActions([classified(1), hung(2)])
  const prompts = scriptedPrompts({ pick: [[0], [1], "back"], act: ["skip", "kill", "skip"] })
  expect(await runMenu(prompts, actions)).toBe(0)
  expect(actions.log.filter((line) => line.startsWith("box"))).toHaveLength(2)
})

test("what to type next: the resume line of what was saved or ended, never of what still runs", async () => {
  const next: (string | null)[] = []
  const leave = async (session: ClassifiedSession, act: MenuAction[]) => {
    const showSummary = ({ lastId }: { lastId: string | null }) => void next.push(lastId)
    await runMenu(
      scriptedPrompts({ pick: [[0], ["leave"]], act: [...act, "skip"] }),
      fakeActions([session], { showSummary }),
    )
  }
  await leave(hung(1), ["export"])
  await leave(hung(1), ["export", "kill"])
  await leave(classified(2), ["export"])
  expect(next).toEqual([null, hung(1).id, classified(2).id])
})
