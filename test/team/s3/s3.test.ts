/** Object storage: what is sent and proved, what is refused and with which line, and a kill at every request. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { createHash, randomBytes } from "node:crypto"
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import plugin from "../../../plugins/store/store-s3/index.ts"
import { objectOf } from "../../../src/operations/team/remote.ts"
import { binary } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { TeamMachine } from "../team-machine.ts"
import { FaultProxy } from "./fault-proxy.ts"
import { faultsOfPull, faultsOfPush, wrongCommits } from "./faults.ts"
import { keys, s3Context, s3Settings } from "./s3-team.ts"
import { StandIn } from "./stand-in.ts"

let store: StandIn
beforeEach(() => {
  store = new StandIn()
})
afterEach(() => store.dispose())

const statuses = ({ json }: { json: { exports: { status: string }[] } }) =>
  json.exports.map(({ status }) => status)
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error) => `${error.code}: ${error.message} | ${error.hint}`,
  )

describe("from the compiled binary", () => {
  let alice: TeamMachine
  let bob: TeamMachine
  beforeEach(async () => {
    const shared = { settings: s3Settings(store.url, 2), env: keys }
    alice = new TeamMachine(shared, "alice")
    bob = new TeamMachine(shared, "bob")
    await alice.archive(2)
  })
  afterEach(() => Promise.all([alice.dispose(), bob.dispose()]))

  test("one pushes, the other pulls, byte for byte; again, nothing is sent, in one request a page", async () => {
    expect(await alice.pushed()).toEqual(["pushed", "pushed"])
    expect([...store.objects.keys()].every((name) => name.startsWith("shop/v1/"))).toBe(true)
    expect(wrongCommits(store)).toEqual([])
    store.requests.length = 0
    store.pageSize = 1000
    expect(await alice.pushed()).toEqual(["there", "there"])
    expect(store.requests).toEqual(["GET ?list-type=2"])
    for (const n of [1, 2])
      expect(statuses(await bob.run(["pull", sessionId(n), "--json"]))).toEqual(["pulled"])
    expect(bob.archived()).toEqual(alice.archived())
    const verified = await bob.run(["verify", "--remote", "--json"])
    expect([verified.code, verified.json.remote]).toEqual([0, []])
    expect((await alice.run(["forget", sessionId(1), "--json"])).json.removed.length).toBe(4)
    expect(await alice.pushed()).toEqual(["forgotten", "there"])
  })

  test("killed at every request, before it and after it: the next push makes it whole", async () => {
    const proxy = await FaultProxy.start(store.url)
    try {
      alice.configure()
      const config = join(alice.home, ".config/session-rescue/config.toml")
      const text = `[team]\nowner = "alice"\nprojects = ["/work"]\n[team.store]\n${s3Settings(proxy.url, 2)}\n`
      writeFileSync(config, text)
      let kills = 0
      for (const when of ["before", "after"] as const)
        for (let at = 0, more = true; more; at++) {
          store.objects.clear()
          rmSync(join(alice.data, "team"), { recursive: true, force: true })
          proxy.plan()
          const child = alice.start([binary, "push", "--yes"], {
            env: { ...keys, SESSION_RESCUE_DATA: alice.data },
          })
          let struck = false
          proxy.watch = (n, then) => {
            if (n !== at || then !== when) return
            struck = true
            process.kill(child.pid, "SIGKILL")
          }
          await child.exited
          proxy.watch = () => {}
          more = struck
          if (!struck) continue
          kills++
          expect(wrongCommits(store)).toEqual([])
          expect((await alice.pushed()).every((each) => each === "pushed" || each === "there")).toBe(true)
          expect(wrongCommits(store)).toEqual([])
          expect([...store.objects.keys()].filter((name) => name.endsWith("/archive.json")).length).toBe(2)
        }
      expect(kills).toBeGreaterThan(40)
    } finally {
      proxy.dispose()
    }
  })

  test("a store that does not answer: later, and never counted as failed", async () => {
    const { url } = store
    store.dispose()
    for (let n = 0; n < 4; n++) {
      const { code, json } = await alice.push()
      expect([code, json.stopped.code, ...statuses({ json })]).toEqual([
        1,
        "STORE_UNAVAILABLE",
        "later",
        "later",
      ])
    }
    expect((await alice.run(["team", "status", "--json"])).json.waiting.length).toBe(2)
    expect(url).toContain("127.0.0.1")
  })
})

describe("the line that fixes it", () => {
  const put = (endpoint: string, more = {}) =>
    codeOf(plugin.put("v1/x", objectOf(Buffer.from("x")), s3Context(endpoint, more)))

  test("a clock that is an hour wrong is named, in either direction", async () => {
    store.clockMs = 3_600_000
    expect(await put(store.url)).toContain("the clock of this machine is wrong by 60 minutes, it is slow")
    store.clockMs = -3_600_000
    expect(await put(store.url)).toContain("the clock of this machine is wrong by 60 minutes, it is fast")
    expect(await codeOf(plugin.head("v1/x", s3Context(store.url)))).toContain("the clock of this machine")
    expect(store.objects.size).toBe(0)
  })

  test("credentials: none, and ones that are not valid", async () => {
    expect(await put(store.url, { environment: {} })).toStartWith("STORE_REFUSED: there are no credentials")
    const wrong = { AWS_ACCESS_KEY_ID: "mallory", AWS_SECRET_ACCESS_KEY: "x" }
    expect(await put(store.url, { environment: wrong })).toContain("STORE_REFUSED")
    expect(await put(store.url, { environment: wrong })).toContain("the credentials are not valid")
  })

  test("a bucket that is not there", async () => {
    const options = { endpoint: store.url, bucket: "other" }
    expect(await put(store.url, { options })).toContain("make the bucket, or fix bucket under [team.store]")
  })

  test("plain http is for this machine only", async () => {
    const asked: string[] = []
    const request = async (sent: Request) => {
      asked.push(sent.url)
      return new Response()
    }
    for (const endpoint of ["http://s3.example.org", "http://127.0.0.1.example.org", "ftp://127.0.0.1", "s3"])
      expect(await put(endpoint, { request, options: { endpoint, bucket: "team" } })).toContain("is refused")
    expect(asked).toEqual([])
    const options = { endpoint: "https://s3.example.org", bucket: "team" }
    expect(await put("", { request, options })).toBe("done")
    expect(asked).toEqual(["https://s3.example.org/team/v1/x"])
  })
})

describe("credentials", () => {
  const asked = async (
    files: Record<string, string>,
    more: Partial<Parameters<typeof s3Context>[1]> = {},
  ) => {
    const machine = new TeamMachine({ settings: "" }, "alice")
    try {
      mkdirSync(join(machine.home, ".aws"))
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(machine.home, ".aws", name), text)
        chmodSync(join(machine.home, ".aws", name), 0o600)
      }
      if (more.environment?.OPEN) chmodSync(join(machine.home, ".aws/credentials"), 0o644)
      const paths = { home: machine.home, data: machine.data }
      let used = ""
      const request = async (sent: Request) => {
        used = `${sent.headers.get("authorization")?.split("/")[0]?.split("=")[1]} ${sent.headers.get("x-amz-security-token")}`
        return new Response(null, { status: 404 })
      }
      const context = s3Context("https://s3.example.org", { environment: {}, paths, request, ...more })
      const said = await codeOf(plugin.head("v1/x", context))
      return said === "done" ? used : said
    } finally {
      await machine.dispose()
    }
  }

  test("come from a profile, with a session token, or from a program", async () => {
    const two =
      "[default]\naws_access_key_id = one\naws_secret_access_key = s\n[other]\naws_access_key_id=two\naws_secret_access_key=s\naws_session_token=t\n"
    expect(await asked({ credentials: two })).toBe("one null")
    expect(await asked({ credentials: two }, { environment: { AWS_PROFILE: "other" } })).toBe("two t")
    const printed = JSON.stringify({
      Version: 1,
      AccessKeyId: "three",
      SecretAccessKey: "s",
      SessionToken: "u",
    })
    expect(
      await asked(
        { config: `[profile sso]\ncredential_process = echo '${printed}'\n` },
        { environment: { AWS_PROFILE: "sso" } },
      ),
    ).toBe("three u")
    expect(await asked({ config: "[default]\ncredential_process = false\n" })).toContain("log in again")
  })

  test("of a file that others may read are refused", async () => {
    const one = "[default]\naws_access_key_id = one\naws_secret_access_key = s\n"
    expect(await asked({ credentials: one }, { environment: { OPEN: "1" } })).toContain("chmod 600")
  })
})

describe("an upload in parts", () => {
  const bytes = randomBytes((17 << 20) + 5)
  const object = objectOf(bytes)
  const sha256 = (from: Uint8Array) => createHash("sha256").update(from).digest("hex")

  test("is continued where it was cut off, and replaces nothing", async () => {
    let lost = 0
    const request = async (sent: Request) => {
      if (sent.method === "PUT" && sent.url.includes("partNumber=3") && lost++ < 100) throw new Error("lost")
      return fetch(sent)
    }
    const context = s3Context(store.url, { request })
    expect(
      await codeOf(plugin.put("v1/x", object, { ...context, options: { ...context.options, patience: 0 } })),
    ).toStartWith("STORE_UNAVAILABLE")
    expect([store.objects.size, store.uploads.size]).toEqual([0, 1])
    store.requests.length = 0
    expect(await plugin.put("v1/x", object, s3Context(store.url))).toBe("stored")
    expect(store.requests.filter((each) => each.startsWith("PUT")).length).toBe(1)
    expect(sha256(store.objects.get("shop/v1/x")?.bytes ?? Buffer.alloc(0))).toBe(object.sha256)
    expect([await plugin.put("v1/x", object, s3Context(store.url)), store.uploads.size]).toEqual([
      "exists",
      0,
    ])
  })

  test("of more than a day ago is removed", async () => {
    store.clockMs = -90_000_000
    const stale = s3Context(store.url, { now: () => Date.now() - 90_000_000 })
    const request = async (sent: Request) => {
      if (sent.url.includes("partNumber")) throw new Error("lost")
      return fetch(sent)
    }
    await codeOf(
      plugin.put("v1/x", object, { ...stale, request, options: { ...stale.options, patience: 0 } }),
    )
    const [old] = store.uploads.keys()
    store.clockMs = 0
    store.requests.length = 0
    expect(await plugin.put("v1/x", object, s3Context(store.url))).toBe("stored")
    expect([
      old,
      store.uploads.size,
      store.requests.filter((each) => each.startsWith("DELETE")).length,
    ]).toEqual(["upload-1", 0, 1])
  })
})

test("a few faults at every request of a push and a pull: 0 wrong results", async () => {
  const push = await faultsOfPush(["cut-answer", "flip-request"])
  const pull = await faultsOfPull(["cut-body", "flip-answer"])
  expect([push.wrong, pull.wrong]).toEqual([[], []])
  expect(push.injected).toBeGreaterThan(20)
  expect(pull.injected).toBeGreaterThan(5)
})
