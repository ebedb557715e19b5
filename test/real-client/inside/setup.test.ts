import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { binary } from "../harness/binary.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

await eachClient("set up in a client", withRegistry, (real) => {
  let scratch: ScratchHome
  let plain: Client, hooked: Client
  const data = () => join(scratch.home, "PROJECTS/.coditect-data")
  const pending = () => join(data(), "sessions-export-pending-anthropic")
  const copies = () =>
    existsSync(pending()) ? readdirSync(pending()).filter((name) => name.endsWith(".jsonl")) : []
  const log = () => {
    const file = join(data(), "hook.log")
    return existsSync(file) ? readFileSync(file, "utf8") : ""
  }

  /** What the client sends once that is typed. */
  const sent = async (client: Client, typed: string): Promise<string> => {
    const before = scratch.api.prompts().length
    const name = `<command-name>${typed.split(" ")[0]}</command-name>`
    const asked = () => scratch.api.prompts().findLast((prompt, at) => at >= before && prompt.includes(name))
    await client.command(typed, asked)
    return asked() ?? ""
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["plain", "hooked", "other"])
    mkdirSync(join(scratch.home, ".claude"), { recursive: true })
    writeFileSync(join(scratch.home, ".claude/settings.json"), '{\n  "theme": "dark"\n}\n')
    expect(await scratch.product("setup", "--commands", "--hooks")).toMatchObject({ code: 0 })
    ;[plain, hooked] = await Promise.all([
      openClient(scratch, "plain", "--permission-mode acceptEdits"),
      openClient(scratch, "hooked"),
    ])
  })
  afterAll(() => scratch?.close())

  test("/session-rescue puts the status as it is, with this session as CURRENT, into the request", async () => {
    await plain.chat("good morning")
    await hooked.chat("good evening")
    const prompt = await sent(plain, "/session-rescue")
    const id = (await plain.says("idle")).sessionId
    expect(prompt).toMatch(new RegExp(`^CURRENT .*${id.slice(0, 8)}`, "m"))
    expect(prompt).toMatch(new RegExp(`^ACTIVE .*waiting for you .*${hooked.cwd} .* pid ${hooked.pid} `, "m"))
    expect(prompt).toContain("Export, Kill, Resume or Skip")
    expect(prompt).not.toContain("session-rescue-sum")
  })

  // before any prompt that has directives for the model: they would be said, and followed, again
  test("/cxq puts what was said last in this project, and in no other, into the request", async () => {
    const none = await sent(plain, "/cxq")
    expect(none).toContain("session-rescue cx")
    await plain.says("idle")
    expect(await scratch.product("cx")).toMatchObject({ code: 0 })
    const prompt = await sent(plain, "/cxq")
    expect(prompt).toContain("mock reply to good morning")
    expect(prompt).not.toContain("good evening")
    expect(prompt).toContain("say in a few lines what was being worked on")
    await plain.says("idle")
  })

  test.each([
    'it\'s "so" `touch T` $(touch T) ; touch T && touch T | touch T',
    "!`touch T` and !`touch T` \\!`touch T`",
    "$ARGUMENTS $HOME `touch T` '; touch T; '",
  ])("what is typed behind it runs nothing: %s", async (hostile) => {
    // it may still be called idle when it has just been asked
    const answers = () => readFileSync(plain.transcript() ?? "", "utf8").split('"type":"assistant"').length
    for (const name of ["session-rescue", "cx", "cxq"]) {
      const before = answers()
      const prompt = await sent(plain, `/${name} ${hostile}`)
      expect(prompt).toContain(`<command-name>/${name}</command-name>`)
      await until("the answer", () => answers() > before)
      await plain.says("idle")
      expect(readdirSync(plain.cwd)).toEqual([])
    }
  })

  test("the model may save what was named without a question", async () => {
    const { sessionId } = await hooked.says("idle")
    const call = JSON.stringify({ command: `${binary} export ${sessionId}`, description: "d" })
    await sent(plain, `/session-rescue save it @@tool Bash ${call}`)
    await until("the copy", () => copies().some((name) => name.includes(sessionId)), {
      show: plain.terminal.screen,
    })
    await plain.says("idle")
  })

  test("but before it ends one, the client asks the person", async () => {
    const call = JSON.stringify({ command: `${binary} kill ${hooked.pid} --force`, description: "d" })
    await sent(plain, `/session-rescue end it @@tool Bash ${call}`)
    await plain.says("waiting")
    await plain.terminal.shows("Do you want to proceed?")
    plain.terminal.keys("Escape")
    await plain.says("idle")
    expect(existsSync(`/proc/${hooked.pid}`)).toBe(true)
  })

  test("the conversation is saved before /compact takes it, without a word of ours on the screen", async () => {
    const { sessionId } = await hooked.says("idle")
    await hooked.chat("good night")
    await hooked.command("/compact", () => log().includes("PreCompact (manual)"))
    expect(log()).toContain(`${sessionId} verified`)
    const copy = copies().find((name) => name.includes(sessionId)) ?? ""
    expect(readFileSync(join(pending(), copy), "utf8")).toContain("mock reply to good night")
    await hooked.says("idle")
    // the client's own word on any such hook; ours adds nothing to it
    await hooked.terminal.shows(/hook PreCompact .* completed successfully *$/m)
    expect(hooked.terminal.screen()).not.toMatch(/hooks? .*(error|fail)/i)
  })

  test("and when the session ends, with the client's last record", async () => {
    const { sessionId } = await hooked.says("idle")
    const transcript = hooked.transcript() ?? ""
    await hooked.command("/exit", () => !existsSync(`/proc/${hooked.pid}`))
    await until("the hook's line", () => log().includes("SessionEnd (prompt_input_exit)"), { show: log })
    const mine = copies().filter((name) => name.includes(sessionId))
    expect(mine).toHaveLength(1)
    expect(readFileSync(join(pending(), mine[0] ?? ""), "utf8")).toBe(readFileSync(transcript, "utf8"))
    expect(readFileSync(transcript, "utf8")).toContain('"last-prompt"')
  })

  test("after setup --remove the client starts and ends without a word of us", async () => {
    expect(await scratch.product("setup", "--remove")).toMatchObject({ code: 0 })
    expect(readFileSync(join(scratch.home, ".claude/settings.json"), "utf8")).toBe(
      '{\n  "theme": "dark"\n}\n',
    )
    const before = log()
    const other = await openClient(scratch, "other")
    await other.chat("hello")
    await other.command("/exit", () => !existsSync(`/proc/${other.pid}`))
    expect(other.terminal.screen()).not.toMatch(/hook|session-rescue/i)
    expect(log()).toBe(before)
  })
})
