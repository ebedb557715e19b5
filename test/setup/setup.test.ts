import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs"
import { join } from "node:path"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { binary, Machine, tree } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const at = (...path: string[]) => join(machine.claude, ...path)
const read = (...path: string[]) => readFileSync(at(...path), "utf8")
const settings = '{\n  "model": "opus",\n  "hooks": {\n    "Stop": []\n  }\n}\n'

describe("setup", () => {
  test("without a choice it only says what there is to choose", async () => {
    const before = tree(machine.root)
    const { code, stdout } = await machine.run(["setup"])
    expect(code).toBe(0)
    expect(stdout).toContain("would write")
    expect(stdout).toEndWith(
      "Next: session-rescue setup --commands --hooks --mcp --skill --completions --watcher   (or only some of them; --remove removes them)\n",
    )
    expect(tree(machine.root)).toEqual(before)
  })

  test("commands and hooks, twice, and --remove leaves no trace", async () => {
    machine.write(at("settings.json"), settings)
    const before = tree(machine.claude)
    const first = await machine.run(["setup", "--commands", "--hooks", "--json"])
    expect(first.code).toBe(0)
    expect(
      first.json.steps.map((step: { name: string; action: string }) => [step.name, step.action]),
    ).toEqual([
      ["/session-rescue", "written"],
      ["/cx", "written"],
      ["/sx", "written"],
      ["/cxq", "written"],
      ["settings.json", "written"],
      ["PreCompact, SessionEnd, Stop, Notification, SessionStart", "written"],
    ])
    const written = tree(machine.claude)
    expect(Object.keys(written)).toContain("commands/cxq.md")
    expect(read("settings.json.before-session-rescue")).toBe(settings)

    const again = await machine.run(["setup", "--commands", "--hooks", "--json"])
    expect(new Set(again.json.steps.map((step: { action: string }) => step.action))).toEqual(
      new Set(["unchanged"]),
    )
    expect(tree(machine.claude)).toEqual(written)

    expect((await machine.run(["setup", "--remove"])).code).toBe(0)
    expect(read("settings.json")).toBe(settings)
    expect(Object.keys(tree(machine.claude))).toEqual(Object.keys(before))
    expect((await machine.run(["setup", "--remove", "--json"])).code).toBe(0)
  })

  test("settings that are no UTF-8 are left as they are, and so is what else is there", async () => {
    const bytes = Buffer.from('{"note": "caf\xe9"}\n', "latin1")
    machine.write(at("settings.json"), bytes)
    const { code, stdout } = await machine.run(["setup", "--hooks"])
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("(it is not valid UTF-8; it was not changed)"),
    ])
    expect(stdout).toContain("Next: what was kept was not set up")
    expect(readFileSync(at("settings.json"))).toEqual(bytes)
    expect(Object.keys(tree(machine.claude))).toEqual(["settings.json"])
  })

  test("a binary of another name knows its own hooks again", async () => {
    const program = machine.copy(binary, join(machine.root, "my tools/session-rescue-linux-x64"))
    await machine.run(["setup", "--hooks"], { binary: program })
    const written = tree(machine.claude)
    await machine.run(["setup", "--hooks"], { binary: program })
    expect(tree(machine.claude)).toEqual(written)
    await machine.run(["setup", "--hooks", "--remove"])
    expect(Object.keys(tree(machine.claude))).toEqual([])
  })

  test("what is said to come next is about what was set up", async () => {
    const last = async (...args: string[]) =>
      (await machine.run(["setup", ...args])).stdout.trimEnd().split("\n").at(-1)
    expect(await last("--completions")).toBe("Next: in a new shell, type session-rescue and press Tab")
    expect(await last("--completions", "--remove")).toBe("Next: session-rescue setup   (what can be set up)")
    expect(await last("--hooks")).toContain("hook.log")
    expect(await last("--commands")).toContain("type /session-rescue")
    expect(await last("--remove")).toContain("drop their slash commands")
    expect(await last("--remove")).toBe("Next: session-rescue setup   (what can be set up)")
  })

  test("a home without settings has none again afterwards", async () => {
    await machine.run(["setup", "--hooks"])
    expect(statSync(at("settings.json")).mode & 0o777).toBe(0o600)
    await machine.run(["setup", "--hooks", "--remove"])
    expect(Object.keys(tree(machine.claude))).toEqual([])
  })

  test("--dry-run says the same and does nothing", async () => {
    machine.write(at("settings.json"), settings)
    const before = tree(machine.root)
    const { json } = await machine.run(["setup", "--commands", "--hooks", "--dry-run", "--json"])
    expect(json.steps).toHaveLength(6)
    expect(tree(machine.root)).toEqual(before)
  })

  test("every command calls this binary by a plain path, and only constant ones run by themselves", async () => {
    await machine.run(["setup", "--commands"])
    for (const name of ["session-rescue", "cx", "sx", "cxq"]) {
      const text = read("commands", `${name}.md`)
      expect(text).not.toContain("$")
      const constants = [...text.matchAll(/!`([^`]*)`/g)].map((match) => match[1]?.replace(binary, "X"))
      expect(constants).toEqual(
        {
          "session-rescue": ["X status --limit 40"],
          cx: [],
          cxq: ["X cxq --recent 20 || true"],
          sx: ["X sx --status"],
        }[name] ?? [],
      )
      const allowed = /^allowed-tools: (.*)$/m.exec(text)?.[1] ?? ""
      expect(allowed).not.toContain(" kill")
      expect(allowed.match(/Bash\(/g)?.length).toBe(
        allowed.match(new RegExp(`Bash\\(${binary} `, "g"))?.length,
      )
    }
  })

  test("the homes of the environment and of the config file count as well", async () => {
    const other = join(machine.home, "other-home")
    const third = join(machine.home, "third")
    for (const home of [other, third]) mkdirSync(home)
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), `homes = ["${third}"]\n`)
    await machine.run(["setup", "--commands"], { env: { CLAUDE_CONFIG_DIR: other } })
    for (const home of [other, third, machine.claude])
      expect([home, existsSync(join(home, "commands/cx.md"))]).toEqual([home, true])
  })

  test("no client home: it says so, and makes none", async () => {
    rmSync(machine.claude, { recursive: true })
    const { code, stderr } = await machine.run(["setup", "--commands"])
    expect(code).toBe(3)
    expect(stderr).toContain("no client home found")
    expect(existsSync(machine.claude)).toBe(false)
  })

  test("the name on PATH that leads to this binary is what is called, so that it survives an upgrade", async () => {
    mkdirSync(join(machine.root, "bin"))
    symlinkSync(binary, join(machine.root, "bin/session-rescue"))
    await machine.run(["setup", "--hooks"], { env: { PATH: `${machine.root}/bin:/usr/bin:/bin` } })
    expect(read("settings.json")).toContain(`"command": "${machine.root}/bin/session-rescue hook PreCompact `)
  })

  test("a binary at a path of odd letters: hooks are quoted, commands refused", async () => {
    const place = join(machine.root, "it's here")
    mkdirSync(place)
    cpSync(binary, join(place, "session-rescue"))
    const program = [join(place, "session-rescue")]
    const run = (...args: string[]) =>
      Bun.spawnSync([...program, ...args], {
        env: { HOME: machine.home, PATH: "/usr/bin:/bin" },
        cwd: machine.root,
      })
    const refused = run("setup", "--commands")
    expect([refused.exitCode, refused.stderr.toString()]).toEqual([
      2,
      expect.stringContaining("cannot call a program at"),
    ])
    expect(run("setup", "--hooks").exitCode).toBe(0)
    const { command } = JSON.parse(read("settings.json")).hooks.SessionEnd[0].hooks[0]
    expect(Bun.spawnSync(["sh", "-c", `echo ${command.replace(/ >.*/, "")}`]).stdout.toString()).toBe(
      `${place}/session-rescue hook SessionEnd\n`,
    )
  })
})

test("the completion files lie where the shells look for them, and complete", async () => {
  const bin = join(machine.root, "bin")
  mkdirSync(bin)
  for (const shell of ["bash", "zsh", "fish"]) machine.write(join(bin, shell), "#!/bin/sh\n")
  for (const shell of ["bash", "zsh", "fish"]) chmodSync(join(bin, shell), 0o755)
  const env = { PATH: `${bin}:/usr/bin:/bin` }
  const before = tree(machine.home)
  expect((await machine.run(["setup", "--completions"], { env })).code).toBe(0)
  const files = [".local/share/bash-completion/completions/session-rescue"].concat([
    ".local/share/zsh/site-functions/_session-rescue",
    ".config/fish/completions/session-rescue.fish",
  ])
  for (const file of files) {
    const script = (
      await machine.run([
        "completions",
        file.endsWith("fish") ? "fish" : file.includes("zsh") ? "zsh" : "bash",
      ])
    ).stdout
    expect(readFileSync(join(machine.home, file), "utf8")).toStartWith(script)
  }
  const use = `. '${join(machine.home, files[0] ?? "")}'; COMP_WORDS=('${binary}' sta); COMP_CWORD=1; _session_rescue '${binary}' sta; echo "\${COMPREPLY[@]}"`
  expect(Bun.spawnSync(["/bin/bash", "-c", use], { env: { HOME: machine.home } }).stdout.toString()).toBe(
    "status\n",
  )
  await machine.run(["setup", "--remove"], { env: { PATH: "/nonexistent" } })
  const left = Object.keys(tree(machine.home)).filter((name) => /session-rescue/.test(name))
  expect([left, Object.keys(before)]).toEqual([[], [".claude"]])
})

test("a client too old to keep typed text from its shell is named, and set up all the same", async () => {
  const cwd = join(machine.root, "work")
  const old = conversation({ id: sessionId(1), cwd, at: new Date(), version: "2.0.60" })
  machine.transcript(sessionId(1), { cwd, text: old, age: 0 })
  machine.registry(await machine.client({ cwd }), sessionId(1), { cwd, version: "2.0.60" })
  const { code, json } = await machine.run(["setup", "--commands", "--json"])
  expect([code, json.warnings]).toEqual([0, [expect.stringContaining("client 2.0.60 is running here")]])
  expect((await machine.run(["setup", "--hooks", "--json"])).json.warnings).toEqual([])
})

describe("what others wrote", () => {
  test("a command of that name is never touched, neither by setup nor by --remove", async () => {
    machine.write(at("commands/cx.md"), "CODITECT's own\n")
    const { code, stdout } = await machine.run(["setup", "--commands"])
    expect(code).toBe(1)
    expect(stdout).toMatch(/kept +\/cx .*a different file of that name exists/)
    expect(read("commands/cxq.md")).toContain("cxq --recent 20")
    expect((await machine.run(["setup", "--remove"])).code).toBe(0)
    expect(Object.keys(tree(at("commands")))).toEqual(["cx.md"])
    expect(read("commands/cx.md")).toBe("CODITECT's own\n")
  })

  test("one of ours that was changed since is its owner's", async () => {
    await machine.run(["setup", "--commands"])
    const mine = `${read("commands/cx.md")}And say it in German.\n`
    machine.write(at("commands/cx.md"), mine)
    for (const args of [["--commands"], ["--remove"]]) {
      const { code, stdout } = await machine.run(["setup", ...args])
      expect([code, stdout]).toEqual([1, expect.stringContaining("it was changed since")])
      expect(read("commands/cx.md")).toBe(mine)
    }
  })

  test("one of ours from another version is brought up to date", async () => {
    await machine.run(["setup", "--commands"])
    const now = read("commands/cx.md")
    const body = now.replace(/^session-rescue-sum: .*\n/m, "").replace("Run `", "Run at once `")
    const sum = new Bun.CryptoHasher("sha256").update(body).digest("hex")
    machine.write(at("commands/cx.md"), body.replace("---\n", `---\nsession-rescue-sum: ${sum}\n`))
    expect((await machine.run(["setup", "--commands", "--json"])).json.steps[1]).toMatchObject({
      action: "updated",
    })
    expect(read("commands/cx.md")).toBe(now)
  })

  test.each([
    ["damaged", '{"model": '],
    ["commented", '{\n  // my model\n  "model": "opus"\n}\n'],
  ])("%s settings are left alone, and that is said", async (_, text) => {
    machine.write(at("settings.json"), text)
    const { code, stdout } = await machine.run(["setup", "--hooks"])
    expect([code, stdout]).toEqual([1, expect.stringContaining("not valid JSON")])
    expect(Object.keys(tree(machine.claude))).toEqual(["settings.json"])
    expect(read("settings.json")).toBe(text)
  })

  test("settings that are a link into somebody's dotfiles stay a link, with their rights", async () => {
    machine.write(at("settings.json"), settings)
    chmodSync(at("settings.json"), 0o640)
    mkdirSync(join(machine.home, "dotfiles"))
    renameSync(at("settings.json"), join(machine.home, "dotfiles/settings.json"))
    symlinkSync("../dotfiles/settings.json", at("settings.json"))
    await machine.run(["setup", "--hooks"])
    const real = join(machine.home, "dotfiles/settings.json")
    expect(readFileSync(real, "utf8")).toContain("hook PreCompact")
    expect(statSync(real).mode & 0o777).toBe(0o640)
    expect(readlinkSync(at("settings.json"))).toBe("../dotfiles/settings.json")
  })
})

test("a client that no longer runs is named too, if it wrote the newest session", async () => {
  const cwd = "/work/one"
  const wrote = (number: number, version: string, age: number) => {
    const id = sessionId(number)
    const at = new Date(Date.now() - age)
    machine.transcript(id, { cwd, text: conversation({ id, cwd, at, version }), age })
  }
  const warnings = async () => (await machine.run(["setup", "--commands", "--json"])).json.warnings
  wrote(1, "2.0.60", 60_000)
  expect(await warnings()).toEqual([expect.stringContaining("client 2.0.60 wrote the newest session here")])
  wrote(2, "2.1.197", 1000)
  expect(await warnings()).toEqual([])
})

test("another agent's number is not taken for an old version of the client", async () => {
  addRollout(machine, { id: threadId(1), cwd: machine.root })
  const { json, code } = await machine.run(["setup", "--json"])
  expect([code, json.warnings]).toEqual([0, []])
})
