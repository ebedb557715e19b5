/** `setup --mcp` and `setup --skill`: every agent that is here can ask, and nothing of it is left afterwards. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { binary, Machine, tree } from "../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const at = (path: string) => join(machine.home, path)
const read = (path: string) => readFileSync(at(path), "utf8")
const folders = [".codex", ".gemini", ".local/share/opencode", ".copilot", ".qwen", ".kimi-code"]
const everyAgent = () => {
  for (const folder of folders) mkdirSync(at(folder), { recursive: true })
}
const stdio = { command: binary, args: ["mcp"] }

test("each agent's own file names the server as that agent wants it, and --remove leaves no trace", async () => {
  everyAgent()
  const before = tree(machine.home)
  const { code, json } = await machine.run(["setup", "--mcp", "--skill", "--json"])
  expect(code).toBe(0)
  expect(new Set(json.steps.map(({ action }: { action: string }) => action))).toEqual(new Set(["written"]))
  expect(JSON.parse(read(".claude.json"))).toEqual({
    mcpServers: { "session-rescue": { type: "stdio", ...stdio, env: {} } },
  })
  expect(Bun.TOML.parse(read(".codex/config.toml"))).toEqual({ mcp_servers: { "session-rescue": stdio } })
  for (const path of [".gemini/settings.json", ".qwen/settings.json", ".kimi-code/mcp.json"])
    expect([path, JSON.parse(read(path))]).toEqual([path, { mcpServers: { "session-rescue": stdio } }])
  expect(JSON.parse(read(".copilot/mcp-config.json"))).toEqual({
    mcpServers: { "session-rescue": { type: "local", ...stdio, tools: ["*"] } },
  })
  expect(JSON.parse(read(".config/opencode/opencode.json"))).toEqual({
    mcp: { "session-rescue": { type: "local", command: [binary, "mcp"], enabled: true } },
  })
  expect(statSync(at(".claude.json")).mode & 0o777).toBe(0o600)
  const skill = read(".codex/skills/session-recall/SKILL.md")
  expect(skill).toMatch(
    /^---\nsession-rescue-sum: \w+\nname: session-recall\ndescription: [^\n]{100,1024}\n---\n/,
  )
  expect(skill).toContain(`${binary} cxq`)

  const written = tree(machine.home)
  const again = await machine.run(["setup", "--mcp", "--skill", "--json"])
  expect(new Set(again.json.steps.map(({ action }: { action: string }) => action))).toEqual(
    new Set(["unchanged"]),
  )
  expect(tree(machine.home)).toEqual(written)

  expect((await machine.run(["setup", "--remove"])).code).toBe(0)
  const { ".config": _, ".config/opencode": __, ...left } = tree(machine.home)
  expect(Object.keys(left)).toEqual(Object.keys(before))
})

test("the plan shows what would change in whose file, and changes nothing", async () => {
  machine.write(at(".claude.json"), '{\n  "numStartups": 3\n}\n')
  const before = tree(machine.root)
  const { stdout } = await machine.run(["setup", "--mcp", "--dry-run"])
  expect(stdout).toContain("would write   session-rescue for claude-code")
  expect(stdout).toMatch(/^ +\+ +"mcpServers": \{$/m)
  expect(stdout).toMatch(/^ +\+ +"command": "/m)
  expect(tree(machine.root)).toEqual(before)
})

test("every other byte stays, comments too; the file as it was is kept until the server goes", async () => {
  everyAgent()
  const settings = `// mine\n{\n  "theme": "dark", // because of the sun\n  "mcpServers": {\n    "other": { "command": "x" }, /* keep */\n  },\n}\n`
  const config = `# mine\nmodel = "m" # a comment\n\n[mcp_servers.other]\ncommand = "x"\n\n[projects."/work"]\ntrust_level = "trusted"\n`
  machine.write(at(".gemini/settings.json"), settings)
  machine.write(at(".codex/config.toml"), config)
  expect((await machine.run(["setup", "--mcp"])).code).toBe(0)
  const [edited, toml] = [read(".gemini/settings.json"), read(".codex/config.toml")]
  for (const line of settings.split("\n").filter((each) => !each.includes("keep")))
    expect(edited).toContain(line)
  expect(edited).toContain("/* keep */")
  expect(toml.startsWith(config)).toBe(true)
  expect(Bun.TOML.parse(toml)).toMatchObject({ model: "m", mcp_servers: { other: { command: "x" } } })
  expect(read(".gemini/settings.json.before-session-rescue-mcp")).toBe(settings)
  expect((await machine.run(["setup", "--mcp", "--remove"])).code).toBe(0)
  expect([read(".gemini/settings.json"), read(".codex/config.toml")]).toEqual([settings, config])
  expect(existsSync(at(".gemini/settings.json.before-session-rescue-mcp"))).toBe(false)
})

test("a file that cannot be parsed, or that has another server of that name, is left as it is", async () => {
  everyAgent()
  const files = {
    ".claude.json": '{"mcpServers": ',
    ".codex/config.toml": "model = \n[",
    ".qwen/settings.json": '{"mcpServers": {"session-rescue": {"command": "/their/own", "args": []}}}',
    ".kimi-code/mcp.json": '{"mcpServers": []}',
  }
  for (const [path, text] of Object.entries(files)) machine.write(at(path), text)
  const { code, json } = await machine.run(["setup", "--mcp", "--json"])
  expect(code).toBe(1)
  const kept = json.steps.filter(({ action }: { action: string }) => action === "kept")
  expect(kept.map(({ path, why }: { path: string; why: string }) => [path, why])).toEqual([
    [at(".claude.json"), expect.stringContaining("not valid JSON")],
    [at(".codex/config.toml"), expect.stringContaining("not valid TOML")],
    [at(".qwen/settings.json"), expect.stringContaining("another server")],
    [at(".kimi-code/mcp.json"), expect.stringContaining("not an object")],
  ])
  for (const [path, text] of Object.entries(files)) expect([path, read(path)]).toEqual([path, text])
})

test("a server that an older install registered is replaced, not doubled", async () => {
  everyAgent()
  const old = { type: "stdio", command: "/old/place/session-rescue", args: ["mcp"], env: {} }
  machine.write(at(".claude.json"), JSON.stringify({ a: 1, mcpServers: { "session-rescue": old }, b: 2 }))
  machine.write(
    at(".codex/config.toml"),
    '[mcp_servers.session-rescue]\ncommand = "/old/session-rescue"\nargs = ["mcp"]\n\n[b]\nx = 1\n',
  )
  const { json } = await machine.run(["setup", "--mcp", "--json"])
  const updated = json.steps.filter(({ action }: { action: string }) => action === "updated")
  expect(updated).toHaveLength(2)
  expect(JSON.parse(read(".claude.json"))).toEqual({
    a: 1,
    mcpServers: { "session-rescue": { type: "stdio", ...stdio, env: {} } },
    b: 2,
  })
  expect(Bun.TOML.parse(read(".codex/config.toml"))).toEqual({
    b: { x: 1 },
    mcp_servers: { "session-rescue": stdio },
  })
})

test("--agent sets up that one alone; uninstall takes everything away", async () => {
  everyAgent()
  const before = tree(machine.home)
  const { json } = await machine.run(["setup", "--mcp", "--skill", "--agent", "gemini", "--json"])
  expect(json.steps.map(({ path }: { path: string }) => path)).toEqual([
    at(".gemini/settings.json"),
    at(".gemini/skills/session-recall/SKILL.md"),
  ])
  const nobody = await machine.run(["setup", "--mcp", "--agent", "emacs"])
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('unknown agent: "emacs"')])
  const absent = await machine.run(["setup", "--mcp", "--agent", "aider"])
  expect([absent.code, absent.stderr]).toEqual([3, expect.stringContaining('no home of the agent "aider"')])
  const program = machine.copy(binary, join(machine.root, "own/session-rescue"))
  await machine.run(["uninstall"], { binary: program })
  expect(Object.keys(tree(machine.home))).toEqual(Object.keys(before))
})

test("with another home named by the environment, Claude Code's servers are in that home", async () => {
  const other = at("other-claude")
  mkdirSync(other)
  await machine.run(["setup", "--mcp"], { env: { CLAUDE_CONFIG_DIR: other } })
  expect(existsSync(join(other, ".claude.json"))).toBe(true)
  expect(existsSync(at(".claude.json"))).toBe(true)
})

test("Codex's hooks are set up only where it is named, with a word about its question, and save what it names", async () => {
  everyAgent()
  expect((await machine.run(["setup", "--hooks"])).code).toBe(0)
  expect(existsSync(at(".codex/hooks.json"))).toBe(false)
  const theirs =
    '{\n  "hooks": {\n    "Stop": [{ "hooks": [{ "type": "command", "command": "beep" }] }]\n  }\n}\n'
  machine.write(at(".codex/hooks.json"), theirs)
  const { code, stdout } = await machine.run(["setup", "--hooks", "--agent", "codex"])
  expect([code, stdout]).toEqual([0, expect.stringContaining("Codex asks you to review and trust it")])
  const { hooks } = JSON.parse(read(".codex/hooks.json"))
  expect(Object.keys(hooks)).toEqual(["Stop", "PreCompact", "SessionEnd"])
  expect(hooks.PreCompact[0].hooks[0].command).toBe(`${binary} hook PreCompact >/dev/null 2>&1 || true`)

  const id = threadId(1)
  const path = addRollout(machine, { id, cwd: "/work/two" })
  const input = machine.write(
    join(machine.root, "input.json"),
    JSON.stringify({ session_id: id, transcript_path: path, hook_event_name: "PreCompact" }),
  )
  const env = { HOME: machine.home, SESSION_RESCUE_DATA: machine.data, PATH: process.env.PATH ?? "" }
  const child = Bun.spawn([binary, "hook", "PreCompact", "--now"], {
    env,
    stdin: Bun.file(input),
    stdout: "ignore",
  })
  expect(await child.exited).toBe(0)
  const { json } = await machine.run(["list", "--json"])
  expect(json.exports).toMatchObject([{ id, agent: "codex", state: "pending" }])

  expect((await machine.run(["setup", "--remove"])).code).toBe(0)
  expect(read(".codex/hooks.json")).toBe(theirs)
  const none = await machine.run(["setup", "--hooks", "--agent", "gemini"])
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("Claude Code and Codex only")])
})
