/** What a team's index does, from the compiled binary, whichever server keeps it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { SharedStore, TeamMachine } from "../team-machine.ts"

export interface IndexServer {
  /** The lines of `[team.sink]`. */
  settings(index: string, user?: string): string
  /** How many parts there are. */
  count(index: string): Promise<number>
  stop(): Promise<void>
  again(): Promise<void>
  dispose(): Promise<void>
}

export interface SinkTest<S extends IndexServer> {
  now(): {
    readonly server: S
    readonly alice: TeamMachine
    readonly bob: TeamMachine
    readonly index: string
  }
  machineOf(owner: string, settings: string): TeamMachine
}

export const talk = (machine: TeamMachine, n: number, said: readonly string[], cwd = "/work/one") =>
  machine.transcript(sessionId(n), {
    cwd,
    text: conversation({
      id: sessionId(n),
      cwd,
      at: new Date("2026-11-20T10:00:00Z"),
      prompt: said[0] ?? "",
    }),
  })
export const send = async (machine: TeamMachine, ...args: string[]) => {
  await machine.push()
  return machine.run(["cx", "--live", "--team", "--json", ...args])
}

/** The tests of a sink; `more` has those that need its server. */
export function testSink<S extends IndexServer>(
  start: () => Promise<S>,
  more: (at: SinkTest<S>) => void,
): void {
  let server: S
  let store: SharedStore
  let alice: TeamMachine
  let bob: TeamMachine
  let index = 0
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.dispose())
  const machineOf = (owner: string, settings: string) =>
    new TeamMachine({ settings: `folder = "${store.folder}"\n[team.sink]\n${settings}` }, owner)
  beforeEach(() => {
    index++
    store = new SharedStore()
    alice = machineOf("alice", server.settings(`s${index}`))
    bob = machineOf("bob", server.settings(`s${index}`))
  })
  afterEach(async () => {
    await Promise.all([alice.dispose(), bob.dispose()])
    store.dispose()
  })
  const rows = () => server.count(`s${index}`)
  more({
    now: () => ({ server, alice, bob, index: `s${index}` }),
    machineOf,
  })

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
}
