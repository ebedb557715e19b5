/** The real clients of Qwen Code, and outside CI of Kimi Code and Cline: told apart, saved, ended, put back, gone on with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { KillDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import { type AgentHome, openAgentHome } from "../harness/agent-home.ts"
import { type ChatApi, startChatApi } from "../harness/chat-api.ts"
import { agents } from "./agents.ts"

const withinMs = 60_000

describe.each(agents)("$agent $version", (its) => {
  const runs = test.skipIf(its.executable === null)
  let api: ChatApi
  let home: AgentHome
  const seen = {} as Record<"answered" | "hanging", SessionEntry>

  beforeAll(async () => {
    if (its.executable === null) return
    api = startChatApi()
    const { executable, program } = its
    home = await openAgentHome(
      executable,
      program,
      ["one", "two"],
      () => its.files(api.url),
      its.variables(api.url),
    )
  })
  afterAll(async () => {
    await home?.close()
    api?.close()
  })

  async function open(folder: string, command = its.start, ready = its.ready): Promise<Terminal> {
    const window = await home.terminal(folder)
    await window.line(command)
    let answered = false
    const isReady = () => {
      const screen = window.screen()
      if (its.asks?.test(screen) && !answered) {
        answered = true
        window.keys(its.agent === "cline" ? "Escape" : "Enter")
        return false
      }
      return !its.asks?.test(screen) && ready.test(screen)
    }
    await until(`${its.agent} in ${folder}`, isReady, { show: window.screen, withinMs })
    return window
  }
  /** A client that is still starting drops keys: the text is typed until it stands there, and Enter pressed until it counts. */
  async function say(
    window: Terminal,
    text: string,
    isSaid: () => boolean | Promise<boolean>,
  ): Promise<void> {
    const stands = () => window.screen().includes(text)
    await until(
      `"${text}" to stand there`,
      async () => {
        window.keys("-l", "--", text)
        return await until("it", stands, { withinMs: 5_000 }).catch(() => false)
      },
      { show: window.screen, withinMs },
    )
    await window.pressUntil(`"${text}" to be said`, isSaid)
  }
  const says = (entry: SessionEntry | undefined) => entry?.evidence.map(({ message }) => message).join("\n")
  const now = async ({ id }: SessionEntry, ...args: string[]) =>
    (await home.sessions("--all", ...args)).find((each) => each.id === id)
  /** Its session in that folder, once it is so. */
  function becomes(
    folder: string,
    window: Terminal,
    what: (entry: SessionEntry) => boolean,
    ...args: string[]
  ) {
    let last: readonly SessionEntry[] = []
    const find = async () => {
      last = await home.sessions(...args)
      return last.find((each) => each.id !== null && each.cwd === home.folder(folder) && what(each))
    }
    const show = () => `${window.screen()}\n${JSON.stringify(last, null, 1)}`
    return until(`the session in ${folder} to be so`, find, { show, withinMs })
  }

  runs("two at once: one was answered and waits, one has no answer and is HUNG after a while", async () => {
    const one = await open("one")
    await say(one, "good morning", () => one.screen().includes("mock reply to good morning"))
    seen.answered = await becomes("one", one, ({ detail }) => detail === "waiting for you")
    expect(seen.answered).toMatchObject({ agent: its.agent, state: "ACTIVE", tty: one.tty })
    const two = await open("two")
    await say(two, "think of it @@hang .", async () =>
      (await home.sessions()).some(
        ({ cwd, id, detail }) => id !== null && cwd === home.folder("two") && detail === "working",
      ),
    )
    seen.hanging = await becomes("two", two, ({ detail }) => detail === "working")
    expect([seen.hanging.tty, says(seen.hanging)]).toEqual([two.tty, expect.stringContaining("not answered")])
    await becomes("two", two, ({ state }) => state === "HUNG", "--hung-after", "100ms")
    expect(await now(seen.answered, "--hung-after", "100ms")).toMatchObject({ detail: "waiting for you" })
  })

  runs("one is ended: what ends with it is saved first, and its turn was cut off", async () => {
    const { answered, hanging } = seen
    const { stdout, json } = await home.product(
      "kill",
      hanging.id ?? "",
      "--force",
      "--json",
      "--grace",
      "5s",
    )
    const [kill] = json<KillDocument>().kills ?? []
    expect([stdout, kill?.outcome]).toEqual([stdout, "ended"])
    const shared = answered.pid === hanging.pid
    expect(kill?.exports.map(({ id }) => id).toSorted()).toEqual(
      [hanging.id, ...(shared ? [answered.id] : [])].toSorted() as string[],
    )
    const saved = kill?.exports.find(({ id }) => id === hanging.id)
    expect(readFileSync(saved?.path ?? "")).toEqual(readFileSync(hanging.transcript ?? ""))
    expect([isAlive(hanging.pid ?? 0), isAlive(answered.pid ?? 0)]).toEqual([false, !shared])
    // the windows of a hub live on without it (Cline 3.0.65, observed)
    const left = shared ? { state: "ACTIVE", tty: hanging.tty } : { state: "ORPHANED", pid: null }
    expect(await now(hanging)).toMatchObject(left)
  })

  runs("killed, and its store deleted, it is put back; its client goes on with it", async () => {
    const { answered } = seen
    if (isAlive(answered.pid ?? 0)) process.kill(answered.pid ?? 0, "SIGKILL")
    await until("no process of it", async () => (await now(answered))?.pid === null)
    expect((await home.product("export", "--all")).code).toBe(0)
    rmSync(join(home.home, its.store), { recursive: true })
    expect((await home.product("restore", answered.id ?? "")).code).toBe(0)
    const { resumes } = (await home.product("resume", answered.id ?? "", "--json")).json<{
      resumes: { command: string }[]
    }>()
    const window = await open("one", resumes[0]?.command ?? "", /mock reply to good morning/)
    await say(window, "and good evening", () => window.screen().includes("mock reply to and good evening"))
    const again = await becomes("one", window, ({ detail }) => detail === "waiting for you")
    expect(again.id).toBe(answered.id)
  })

  runs("what was said in it is found", async () => {
    expect((await home.product("cx", "--live")).code).toBe(0)
    expect((await home.product("cxq", "evening")).stdout).toContain("and good «evening»")
  })
})
