/** The same against a real S3 server: users with rights of their own, parts, checksums, and a clock that is wrong. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { createHash, randomBytes } from "node:crypto"
import plugin from "../../../plugins/store/store-s3/index.ts"
import { proveStored } from "../../../src/operations/team/prove.ts"
import { objectOf, remoteFrom } from "../../../src/operations/team/remote.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { hasVersitygw, Versitygw } from "../servers/versitygw.ts"
import { TeamMachine } from "../team-machine.ts"
import { s3Context, s3Settings } from "./s3-team.ts"

const envOf = (user: string) => ({ AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: user + user })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error) => `${error.code}: ${error.message}`,
  )

describe.skipIf(!hasVersitygw)("versitygw", () => {
  let server: Versitygw
  beforeAll(async () => {
    server = await Versitygw.start(["alice", "bob", "carol"])
    await server.allow(["alice", "bob"])
  })
  afterAll(() => server.dispose())

  const contextOf = (user: string, more = {}) => s3Context(server.url, { environment: envOf(user), ...more })

  test("two users push and pull each other's sessions; a third without the right cannot", async () => {
    const settings = s3Settings(server.url, 2)
    const [alice, bob, carol] = ["alice", "bob", "carol"].map(
      (user) => new TeamMachine({ settings, env: envOf(user) }, user),
    ) as [TeamMachine, TeamMachine, TeamMachine]
    try {
      await alice.archive(2)
      await bob.archive(1, "/work/two", 3)
      expect(await alice.pushed()).toEqual(["pushed", "pushed"])
      expect(await alice.pushed()).toEqual(["there", "there"])
      expect(await bob.pushed()).toEqual(["pushed"])
      for (const n of [1, 2])
        expect((await bob.run(["pull", sessionId(n), "--json"])).json.exports[0].status).toBe("pulled")
      expect((await alice.run(["pull", sessionId(3), "--json"])).json.exports[0].status).toBe("pulled")
      expect(bob.archived()).toEqual(alice.archived())
      const verified = await alice.run(["verify", "--remote", "--all", "--json"])
      expect(verified.json.remote.map(({ state }: { state: string }) => state)).toEqual(["whole", "whole"])
      await carol.archive(1, "/work/three", 4)
      const pushed = await carol.push()
      expect([pushed.code, pushed.json.stopped.code]).toEqual([4, "STORE_REFUSED"])
      expect(pushed.json.stopped.hint).toContain("ask who owns the bucket")
      const pulled = await carol.run(["pull", sessionId(1), "--json"])
      expect([pulled.code, carol.archived()[sessionId(1)]]).toEqual([4, undefined])
      // bob cannot write under alice's name
      const asAlice = plugin.put("v1/u/alice/x", objectOf(Buffer.from("x")), contextOf("bob"))
      expect(await codeOf(asAlice)).toStartWith("STORE_REFUSED")
    } finally {
      await Promise.all([alice.dispose(), bob.dispose(), carol.dispose()])
    }
  })

  test("in a bucket with versions, forget removes them too, or says what stays", async () => {
    const versioned = await Versitygw.start(["alice"])
    const alice = new TeamMachine({ settings: s3Settings(versioned.url, 2), env: envOf("alice") }, "alice")
    const kept = async () => {
      const text = await (await versioned.ask("GET", "/team?versions")).text()
      return [...text.matchAll(/<Version>.*?<Key>(.*?)</gs)].map(([, key = ""]) => key)
    }
    const ofSession = async (n: number) =>
      (await kept()).filter((key) => key.includes(`${sessionId(n)}-LOSS`))
    try {
      await versioned.keepVersions()
      await versioned.allow(["alice"])
      await alice.archive(2)
      expect(await alice.pushed()).toEqual(["pushed", "pushed"])
      const without = await alice.run(["forget", sessionId(1), "--json"])
      expect([without.code, without.json.removed, without.json.left.length]).toEqual([1, [], 4])
      expect(without.json.left[0].message).toContain("hidden, and not removed")
      expect((await ofSession(1)).length).toBe(4)
      await versioned.allow(["alice"], ["s3:DeleteObjectVersion"])
      const { code, json } = await alice.run(["forget", sessionId(2), "--json"])
      expect([code, json.removed.length, json.left, await ofSession(2)]).toEqual([0, 4, [], []])
    } finally {
      await alice.dispose()
      await versioned.dispose()
    }
  }, 60_000)

  test("of twenty that create the same object at once, one does", async () => {
    const put = (n: number) =>
      plugin.put("v1/u/alice/race", objectOf(Buffer.from(`${n}`)), contextOf("alice"))
    const said = await Promise.all(Array.from({ length: 20 }, (_, n) => put(n)))
    expect(said.filter((each) => each === "stored").length).toBe(1)
  })

  test("an object in parts: its checksum is that of a second read, it reads back, and it is continued", async () => {
    const object = objectOf(randomBytes((25 << 20) + 5))
    const name = "v1/u/alice/large"
    const request = async (sent: Request) => {
      if (sent.url.includes("partNumber=3")) throw new Error("lost")
      return fetch(sent, { redirect: "manual" })
    }
    const hasty = { ...contextOf("alice").options, patience: 0 }
    expect(
      await codeOf(plugin.put(name, object, contextOf("alice", { request, options: hasty }))),
    ).toStartWith("STORE_UNAVAILABLE")
    const parts: string[] = []
    const counting = async (sent: Request) => {
      if (sent.url.includes("partNumber=")) parts.push(sent.url)
      return fetch(sent, { redirect: "manual" })
    }
    expect(await plugin.put(name, object, contextOf("alice", { request: counting }))).toBe("stored")
    expect(parts.length).toBeLessThan(4)
    const settings = {
      ...{ owner: "alice", projects: [], exclude: [], store: "store-s3", recipients: [], identity: null },
      options: {},
      ...{ sink: null, sinkOptions: {} },
    }
    const remote = remoteFrom(settings, plugin, contextOf("alice"))
    expect((await remote.head(name))?.parts?.bytes).toBe(8 << 20)
    await proveStored(remote, name, object, "stored")
    const hasher = createHash("sha256")
    for await (const bytes of remote.open(name, 9 << 20)) hasher.update(bytes)
    const rest = await object.read(9 << 20, object.length)
    expect(hasher.digest("hex")).toBe(createHash("sha256").update(rest).digest("hex"))
    expect(await plugin.put(name, object, contextOf("alice"))).toBe("exists")
  })

  test("a clock that is an hour wrong is named", async () => {
    const now = () => Date.now() + 3_600_000
    const said = await codeOf(
      plugin.put("v1/u/alice/clock", objectOf(Buffer.from("x")), contextOf("alice", { now })),
    )
    expect(said).toContain("the clock of this machine is wrong by 60 minutes, it is fast")
  })

  test("a secret that is wrong, and a bucket that is not there, are named", async () => {
    const environment = { AWS_ACCESS_KEY_ID: "alice", AWS_SECRET_ACCESS_KEY: "x" }
    const put = (context: ReturnType<typeof contextOf>) =>
      codeOf(plugin.put("v1/u/alice/y", objectOf(Buffer.from("y")), context))
    expect(await put(contextOf("alice", { environment }))).toContain("SignatureDoesNotMatch")
    const options = { ...contextOf("alice").options, bucket: "other" }
    expect(await put(contextOf("alice", { options }))).toStartWith("STORE_REFUSED")
  })
})
