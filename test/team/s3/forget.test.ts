/** `forget` beside a push that is under way: whatever comes first, no copy is left. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import plugin from "../../../plugins/store/store-s3/index.ts"
import { forgetSession } from "../../../src/operations/team/forget.ts"
import { pushAll } from "../../../src/operations/team/push.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { TeamMachine } from "../team-machine.ts"
import { FaultProxy } from "./fault-proxy.ts"
import { keys, optionsOf, s3Context, s3Remote, s3Settings } from "./s3-team.ts"
import { StandIn } from "./stand-in.ts"

let store: StandIn
let alice: TeamMachine
let ofPush: FaultProxy
let ofForget: FaultProxy
beforeEach(async () => {
  store = new StandIn()
  store.pageSize = 1000
  alice = new TeamMachine({ settings: s3Settings(store.url, 2), env: keys }, "alice")
  ofPush = await FaultProxy.start(store.url)
  ofForget = await FaultProxy.start(store.url)
  await alice.archive(1)
})
afterEach(async () => {
  ofPush.dispose()
  ofForget.dispose()
  store.dispose()
  await alice.dispose()
})

const push = (through: string) => pushAll(s3Remote("alice", through), optionsOf(alice))
const forget = (through: string) =>
  forgetSession(s3Remote("alice", through), sessionId(1), {
    paths: optionsOf(alice).paths,
    dryRun: false,
    warn() {},
  })
const copies = () =>
  [...store.objects.keys()].filter(
    (name) => name.startsWith("shop/v1/u/") && !name.endsWith("/forgotten.json"),
  )

test("no interleaving of a push and a forget leaves a copy", async () => {
  const left: string[] = []
  let tried = 0
  for (let at = 0, more = true; more; at++)
    for (const first of [0, 1, 2, 3, 4, 5, 9, 16]) {
      store.objects.clear()
      rmSync(join(alice.data, "team"), { recursive: true, force: true })
      const pushed = Promise.withResolvers<void>()
      const stopped = Promise.withResolvers<void>()
      let forgetting: Promise<unknown> | null = null
      ofForget.plan()
      ofForget.watch = (n, when) => {
        if (n !== first || when !== "before") return
        stopped.resolve()
        return pushed.promise
      }
      ofPush.plan()
      ofPush.watch = async (n, when) => {
        if (n !== at || when !== "before") return
        forgetting = forget(ofForget.url).finally(stopped.resolve)
        // as many requests of `forget` as `first`; the others come after the push
        await stopped.promise
      }
      const { exports } = await push(ofPush.url)
      pushed.resolve()
      more = forgetting !== null
      if (!more) break
      await forgetting
      tried++
      const said = exports.map(({ status }) => status).join()
      if (copies().length > 0)
        left.push(`push at ${at}, forget after ${first}: ${said}, ${copies().join(" ")}`)
    }
  expect(left).toEqual([])
  expect(tried).toBeGreaterThan(80)
})

test("what a killed push left after a forget is removed by the next push", async () => {
  await push(store.url)
  const kept = new Map(store.objects)
  await forget(store.url)
  for (const [name, object] of kept) store.objects.set(name, object)
  const { exports } = await push(store.url)
  expect(exports.map(({ status }) => status)).toEqual(["forgotten"])
  expect(copies()).toEqual([])
})

test("a list whose next page is not named, or named twice, is an error and no short list", async () => {
  const page = (more: string) =>
    `<ListBucketResult><Contents><Key>shop/v1/x</Key><Size>1</Size></Contents>${more}</ListBucketResult>`
  const listed = (...pages: string[]) => {
    let n = 0
    const request = async () => new Response(page(pages[Math.min(n++, pages.length - 1)] ?? ""))
    return Array.fromAsync(plugin.list("v1/", s3Context(store.url, { request }))).then(
      (found) => found.length,
      (error) => error.code,
    )
  }
  const more = (token: string) =>
    `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`
  expect(await listed(more("a"), more("b"), "<IsTruncated>false</IsTruncated>")).toBe(3)
  expect(await listed("<IsTruncated>true</IsTruncated>")).toBe("STORE_UNAVAILABLE")
  expect(await listed("")).toBe("STORE_UNAVAILABLE")
  expect(await listed(more("a"), more("a"), "<IsTruncated>false</IsTruncated>")).toBe("STORE_UNAVAILABLE")
  expect(await listed(more("a"), more("b"), more("a"))).toBe("STORE_UNAVAILABLE")
})

test("a version that is locked is named, with the time until which it is", async () => {
  const said: string[] = []
  const request = async ({ method, url }: Request) => {
    const version = url.includes("versionId=")
    said.push(`${method}${version ? " version" : ""}`)
    if (method === "DELETE" && !version)
      return new Response(null, { status: 204, headers: { "x-amz-delete-marker": "true" } })
    if (method === "DELETE") return new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 })
    if (method === "HEAD")
      return new Response(null, {
        headers: { "x-amz-object-lock-retain-until-date": "2027-01-01T00:00:00Z" },
      })
    const version1 = "<Version><Key>shop/v1/x</Key><VersionId>one</VersionId></Version>"
    const other = "<Version><Key>shop/v1/xy</Key><VersionId>two</VersionId></Version>"
    return new Response(`<ListVersionsResult>${version1}${other}</ListVersionsResult>`)
  }
  const removed = Promise.resolve(plugin.remove("v1/x", s3Context(store.url, { request })))
  expect(await removed.then(String, ({ code, message }) => `${code}: ${message}`)).toStartWith(
    "STORE_REFUSED: it is hidden, and not removed: the bucket keeps versions, and it is locked until 2027-01-01T00:00:00Z",
  )
  expect(said).toEqual(["DELETE", "GET", "DELETE version", "HEAD version"])
})
