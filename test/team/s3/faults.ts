/** Each fault at each request of a push, a pull and an upload in parts: what is claimed must hold, and nothing be lost. */
import { createHash, randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { join } from "node:path"
import plugin from "../../../plugins/store/store-s3/index.ts"
import { pullAll } from "../../../src/operations/team/fetch/pull.ts"
import { proveStored } from "../../../src/operations/team/prove.ts"
import { pushAll } from "../../../src/operations/team/push.ts"
import { objectOf } from "../../../src/operations/team/remote.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { TeamMachine } from "../team-machine.ts"
import { type Fault, FaultProxy, faults } from "./fault-proxy.ts"
import { optionsOf, s3Context, s3Remote, s3Settings } from "./s3-team.ts"
import { StandIn } from "./stand-in.ts"

export interface FaultCount {
  /** Faults that struck a request. */
  injected: number
  readonly wrong: string[]
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** Every commit names objects that are there, as it says: the one thing that must hold at any time. */
export function wrongCommits({ objects }: StandIn): string[] {
  return [...objects].flatMap(([name, { bytes }]) => {
    if (!name.endsWith("/archive.json")) return []
    const prefix = name.slice(0, -"archive.json".length)
    return JSON.parse(bytes.toString()).objects.flatMap((part: { name: string; sha256: string }) => {
      const kept = objects.get(prefix + part.name)
      return kept !== undefined && sha256(kept.bytes) === part.sha256
        ? []
        : [`${prefix}${part.name} is wrong`]
    })
  })
}

/** Does the work once with each fault at each request; `check` tells what is wrong after it. */
async function eachFault(
  proxy: FaultProxy,
  chosen: readonly Fault[],
  work: {
    reset(): void
    perform(): Promise<string>
    check(said: string): string[]
    retry(): Promise<string[]>
  },
): Promise<FaultCount> {
  const count: FaultCount = { injected: 0, wrong: [] }
  for (const fault of chosen)
    for (let at = 0, more = true; more; at++) {
      work.reset()
      proxy.plan(at, fault)
      const said = await work.perform().catch((error) => `threw ${error.code ?? error.message}`)
      more = proxy.count > at
      if (proxy.struck === null) continue
      count.injected++
      const { struck } = proxy
      const note = (each: string) => `${fault} at ${at} (${struck}), ${said}: ${each}`
      count.wrong.push(...work.check(said).map(note))
      proxy.plan()
      count.wrong.push(...(await work.retry()).map((each) => note(`again: ${each}`)))
    }
  return count
}

export async function faultsOfPush(chosen: readonly Fault[] = faults): Promise<FaultCount> {
  const standIn = new StandIn()
  const proxy = await FaultProxy.start(standIn.url)
  const alice = new TeamMachine({ settings: s3Settings(standIn.url) }, "alice")
  try {
    await alice.archive(2)
    const remote = s3Remote("alice", proxy.url)
    const push = async () => {
      const { exports } = await pushAll(remote, optionsOf(alice))
      return exports.map(({ status }) => status).join()
    }
    return await eachFault(proxy, chosen, {
      reset() {
        standIn.objects.clear()
        rmSync(join(alice.data, "team"), { recursive: true, force: true })
      },
      perform: push,
      check(said) {
        const commits = [...standIn.objects.keys()].filter((name) => name.endsWith("/archive.json")).length
        const claimed = said.split(",").filter((each) => each === "pushed" || each === "there").length
        return [...wrongCommits(standIn), ...(claimed > commits ? ["claimed, and not there"] : [])]
      },
      async retry() {
        const said = await push()
        const wrong = wrongCommits(standIn)
        return /^(pushed|there),(pushed|there)$/.test(said) ? wrong : [...wrong, said]
      },
    })
  } finally {
    proxy.dispose()
    standIn.dispose()
    await alice.dispose()
  }
}

export async function faultsOfPull(chosen: readonly Fault[] = faults): Promise<FaultCount> {
  const standIn = new StandIn()
  const proxy = await FaultProxy.start(standIn.url)
  const alice = new TeamMachine({ settings: s3Settings(standIn.url) }, "alice")
  const bob = new TeamMachine({ settings: s3Settings(standIn.url) }, "bob")
  try {
    await alice.archive(1)
    await pushAll(s3Remote("alice", standIn.url), optionsOf(alice))
    const expected = JSON.stringify(alice.archived())
    const remote = s3Remote("bob", proxy.url)
    const pull = async () => {
      const { exports } = await pullAll(remote, { session: sessionId(1), owner: "alice" }, optionsOf(bob))
      return exports.map(({ status }) => status).join()
    }
    const archived = () => JSON.stringify(bob.archived())
    return await eachFault(proxy, chosen, {
      reset: () => rmSync(bob.archiveFolder, { recursive: true, force: true }),
      perform: pull,
      check(said) {
        if (said === "pulled") return archived() === expected ? [] : ["pulled, and differs"]
        return [...new Bun.Glob("*-session.json").scanSync({ cwd: bob.data })].length === 0 ? [] : ["visible"]
      },
      async retry() {
        const said = await pull()
        return ["pulled", "there"].includes(said) && archived() === expected ? [] : [said]
      },
    })
  } finally {
    proxy.dispose()
    standIn.dispose()
    await Promise.all([alice.dispose(), bob.dispose()])
  }
}

export async function faultsOfParts(chosen: readonly Fault[] = faults): Promise<FaultCount> {
  const standIn = new StandIn()
  const proxy = await FaultProxy.start(standIn.url)
  const object = objectOf(randomBytes((17 << 20) + 5))
  const name = "v1/u/alice/large"
  const remote = s3Remote("alice", proxy.url)
  const put = async (endpoint: string) => {
    const was = await plugin.put(name, object, s3Context(endpoint))
    await proveStored(s3Remote("alice", endpoint), name, object, was)
    return "proved"
  }
  const putAndRead = async () => {
    await put(proxy.url)
    const hasher = createHash("sha256")
    for await (const bytes of remote.open(name)) hasher.update(bytes)
    return hasher.digest("hex") === object.sha256 ? "proved" : "threw READ_DIFFERENT"
  }
  const isThere = () =>
    sha256(standIn.objects.get(`shop/${name}`)?.bytes ?? Buffer.alloc(0)) === object.sha256
  try {
    return await eachFault(proxy, chosen, {
      reset() {
        standIn.objects.clear()
        standIn.uploads.clear()
      },
      perform: putAndRead,
      check: (said) => (said === "proved" && !isThere() ? ["proved, and not there"] : []),
      async retry() {
        const said = await put(standIn.url).catch((error) => `threw ${error.message}`)
        const left = standIn.uploads.size === 0 ? [] : [`${standIn.uploads.size} uploads are left`]
        return said === "proved" && isThere() ? left : [said, ...left]
      },
    })
  } finally {
    proxy.dispose()
    standIn.dispose()
  }
}
