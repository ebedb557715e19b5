/** A team's index in a real PostgreSQL server, from the compiled binary. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { hasPostgres, Postgres } from "../servers/postgres.ts"
import { SharedStore, TeamMachine } from "../team-machine.ts"

describe.skipIf(!hasPostgres)("PostgreSQL", () => {
  let server: Postgres
  let store: SharedStore
  let alice: TeamMachine
  let bob: TeamMachine
  let schema = 0
  beforeAll(async () => {
    server = await Postgres.start()
  })
  afterAll(() => server.dispose())
  const sink = (user = "owner") => `[team.sink]\nurl = "${server.url(user)}"\nschema = "s${schema}"`
  beforeEach(() => {
    schema++
    store = new SharedStore()
    const settings = `folder = "${store.folder}"\n${sink()}`
    alice = new TeamMachine({ settings }, "alice")
    bob = new TeamMachine({ settings }, "bob")
  })
  afterEach(async () => {
    await Promise.all([alice.dispose(), bob.dispose()])
    store.dispose()
  })

  const talk = (machine: TeamMachine, n: number, said: readonly string[], cwd = "/work/one") =>
    machine.transcript(sessionId(n), {
      cwd,
      text: conversation({
        id: sessionId(n),
        cwd,
        at: new Date("2026-11-20T10:00:00Z"),
        prompt: said[0] ?? "",
      }),
    })
  const send = async (machine: TeamMachine, ...args: string[]) => {
    await machine.push()
    return machine.run(["cx", "--live", "--team", "--json", ...args])
  }
  const rows = async () =>
    Number((await server.ask(`select count(*)::int as count from s${schema}.part`))[0]?.count)

  test("two people send, search and pull each other's sessions; twice is once", async () => {
    talk(alice, 1, ["the zebra crossing is painted"])
    await alice.archive(0)
    const first = await send(alice)
    expect([first.code, first.json.team.stopped]).toEqual([0, null])
    expect(first.json.team.sent).toBeGreaterThan(0)
    const count = await rows()
    expect((await send(alice)).json.team.sent).toBe(0)
    rmSync(join(alice.data, "team"), { recursive: true })
    await alice.push()
    expect((await send(alice)).json.team.sent).toBe(first.json.team.sent)
    expect(await rows()).toBe(count)
    const { code, json } = await bob.run(["cxq", "--team", "zebra crossing", "--json"])
    expect([code, json.hits[0].owner, json.hits[0].session, json.hits[0].isOwn]).toEqual([
      0,
      "alice",
      sessionId(1),
      false,
    ])
    const line = json.hits[0].pull.split(" ").slice(1)
    expect((await bob.run([...line, "--json"])).json.exports[0].status).toBe("pulled")
    // what was pulled is alice's to send
    expect((await send(bob)).json.team.sent).toBe(0)
    expect(await rows()).toBe(count)
    expect((await bob.run(["cxq", "--team", "zebra", "--owner", "bob"])).code).toBe(3)
  })

  test("only projects of [team] are sent, and nothing before somebody has agreed", async () => {
    talk(alice, 1, ["an open zebra"])
    talk(alice, 2, ["a hidden zebra"], "/home/private")
    const refused = await alice.run(["cx", "--live", "--team", "--json"])
    expect([refused.code, refused.json.error.code]).toEqual([4, "REFUSED"])
    const { json } = await send(alice)
    expect(json.team.kept).toBeGreaterThan(0)
    const found = await alice.run(["cxq", "--team", "zebra", "--json"])
    expect([...new Set(found.json.hits.map(({ session }: { session: string }) => session))]).toEqual([
      sessionId(1),
    ])
  })

  test("a server that is not there: nothing has failed, and the next run sends it", async () => {
    talk(alice, 1, ["an offline zebra"])
    await alice.push()
    await server.stop()
    try {
      const { code, json } = await send(alice)
      expect([code, json.team.stopped.code, json.team.sent]).toEqual([0, "STORE_UNAVAILABLE", 0])
      expect((await alice.run(["cxq", "--team", "zebra"])).code).toBe(1)
    } finally {
      await server.again()
    }
    expect((await send(alice)).json.team.stopped).toBeNull()
    expect((await bob.run(["cxq", "--team", "zebra"])).code).toBe(0)
  })

  test("a person without the right is told so", async () => {
    talk(alice, 1, ["a zebra"])
    await send(alice)
    await server.ask(`create role carol${schema} login`)
    const carol = new TeamMachine(
      { settings: `folder = "${store.folder}"\n${sink(`carol${schema}`)}` },
      "carol",
    )
    try {
      const asked = await carol.run(["cxq", "--team", "zebra", "--json"])
      expect([asked.code, asked.json.error.code]).toEqual([4, "STORE_REFUSED"])
      talk(carol, 2, ["another zebra"])
      const sent = await send(carol)
      expect([sent.code, sent.json.team.stopped.code]).toEqual([4, "STORE_REFUSED"])
    } finally {
      await carol.dispose()
    }
  })

  test("forget removes a session from the index, and it is not sent again", async () => {
    talk(alice, 1, ["a zebra to forget"])
    await alice.archive(0)
    await send(alice)
    const { json } = await alice.run(["forget", sessionId(1), "--json"])
    expect([json.indexed > 0, await rows()]).toEqual([true, 0])
    rmSync(join(alice.data, "team"), { recursive: true })
    await send(alice)
    expect(await rows()).toBe(0)
  })
})
