/** What is ended when it is named by what it is called: only what is certainly meant, and the question says what that is. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { selectLiveSessions } from "../../../src/operations/kill/select-live.ts"
import { idle, shellClient } from "../../fixtures/fake-clients.ts"
import { binary, Machine } from "../../fixtures/machine.ts"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { client, isThere, type KnownClient } from "../harness/clients.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]

/** A client whose first prompt, and so its title, is that. */
async function titled(id: string, prompt: string, cwd: string): Promise<KnownClient> {
  const its = await client(machine, id, idle, { cwd })
  machine.transcript(id, { cwd, text: conversation({ id, cwd, at: new Date(), prompt }) })
  return its
}

const kill = (...args: string[]) => machine.run(["kill", ...args, "--force", "--grace", "1s", "--json"])

describe("without a question", () => {
  test.each([
    ["its whole title", "Mend  the LOGIN page"],
    ["its folder's name", "shop"],
    ["its folder", "/work/shop"],
  ])("%s ends it", async (_, name) => {
    const its = await titled(one, "mend the login page", "/work/shop")
    const { code, json } = await kill(name)
    expect([code, json.kills[0].pid, isThere(its.pid)]).toEqual([0, its.pid, false])
  })

  test("the name its client gave it ends it", async () => {
    const its = await titled(one, "mend the login page", "/work/shop")
    machine.registry(its, one, { cwd: "/work/shop", name: "shop-2e" })
    expect([(await kill("shop-2e")).code, isThere(its.pid)]).toEqual([0, false])
  })

  test.each(["mend the login", "login page", "sho", "/work"])("a piece of it, %s, does not", async (name) => {
    const its = await titled(one, "mend the login page", "/work/shop")
    const { code, json } = await kill(name)
    expect([code, json.error.code, isThere(its.pid)]).toEqual([2, "AMBIGUOUS", true])
    expect(json.error.message).toContain("matches only in part")
    expect(json.error.hint).toContain(`session-rescue kill ${its.pid} --force`)
  })

  test("a title, name or folder of two ends neither: both are listed with their lines", async () => {
    const both = [await titled(one, "mend it", "/work/shop"), await titled(two, "mend it", "/work/shop")]
    for (const name of ["mend it", "shop", "/work/shop"]) {
      const { code, json } = await kill(name)
      expect([code, json.error.code]).toEqual([2, "AMBIGUOUS"])
      for (const id of [one, two])
        expect(json.error.message).toContain(`  session-rescue kill ${id.slice(0, 8)}   pid `)
    }
    expect(both.map(({ pid }) => isThere(pid))).toEqual([true, true])
  })

  test("what does not run does not count: the running one of a folder is meant", async () => {
    const its = await titled(one, "mend it", "/work/shop")
    machine.transcript(two, { cwd: "/work/shop" })
    expect([(await kill("shop")).code, isThere(its.pid)]).toEqual([0, false])
  })
})

test("with a question a piece will do, and the question names what it was taken for", async () => {
  const { pid } = await titled(one, "mend the login page", "/work/shop")
  let shown = ""
  const data = (_: unknown, bytes: Uint8Array) => {
    shown += Buffer.from(bytes).toString()
  }
  const asking = machine.start([binary, "kill", "login"], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", LANG: "C.UTF-8" },
    terminal: { cols: 160, rows: 40, data },
  })
  await until("the question", () => shown.includes("It gets TERM"), { show: () => shown })
  expect(shown).toContain('You named it "login": its title contains "mend the login page".')
  asking.say("n")
  expect([await asking.exited, isThere(pid)]).toEqual([0, true])
})

describe("a number", () => {
  const open = async () => {
    const its = shellClient(machine, idle, { terminal: {} })
    machine.registry(its, one)
    machine.transcript(one)
    const { json } = await machine.run(["status", "--json"])
    const tty: string = json.sessions[0].tty
    return { its, tty, number: tty.replace("pts/", "") }
  }

  test("that is a terminal only ends what is on it; pts14 does so anyway", async () => {
    const { its, number } = await open()
    const { code, json } = await machine.run(["kill", `pts${number}`, "--dry-run", "--json"])
    expect([code, json.kills[0].pid]).toEqual([0, its.pid])
  })

  test("that is some process, too, names neither", async () => {
    const { its, tty, number } = await open()
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions[0].pid).toBe(its.pid)
    const found = {
      id: one,
      transcript: null,
      candidates: [],
      process: { pid: its.pid, terminal: tty },
    } as never
    const having = (...list: object[]) =>
      ({ paths: { home: "/" }, processes: { list: async () => list } }) as never
    const other = { pid: Number(number), name: "bash" }
    const named = (name: string, ctx: never) => selectLiveSessions([name], [found], ctx, null as never)
    const refused = { code: "AMBIGUOUS", hint: `for the terminal: session-rescue kill ${tty}` }
    await expect(named(number, having(other))).rejects.toMatchObject(refused)
    for (const name of [`pts${number}`, tty]) expect(await named(name, having(other))).toEqual([found])
    expect(await named(number, having())).toEqual([found])
  })
})

test("on a terminal a name that nothing has lists what runs, with its lines; elsewhere it does not", async () => {
  await titled(one, "mend the login page", "/work/shop")
  let shown = ""
  const data = (_: unknown, bytes: Uint8Array) => {
    shown += Buffer.from(bytes).toString()
  }
  const asking = machine.start([binary, "kill", "nothing-of-that"], {
    env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", LANG: "C.UTF-8" },
    terminal: { cols: 200, rows: 40, data },
  })
  expect(await asking.exited).toBe(3)
  expect(shown).toContain("Running:")
  expect(shown).toContain(
    `session-rescue kill ${one.slice(0, 8)}   ${one.slice(0, 8)} · /work/shop · mend the login page`,
  )
  expect((await machine.run(["kill", "nothing-of-that"])).stderr).not.toContain("Running:")
})
