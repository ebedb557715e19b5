/** `[plugins.NAME]` in config.toml: what it can say, and that nothing wrong in it stops anything. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { classifier, decides, PluginMachine } from "../fixtures/plugins.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
  machine.transcript(machine.id, {})
})
afterEach(() => machine.dispose())

async function seen(): Promise<[string, string[]]> {
  const { json, code } = await machine.ask(["status", "--json"])
  expect(code).toBe(0)
  return [json.sessions[0].detail, json.warnings]
}

test("a plugin that is switched off is not even loaded", async () => {
  machine.add("classify", "good", "process.exit(3)")
  machine.configure("[plugins.good]\nenabled = false\n")
  expect(await seen()).toEqual(["closed", []])
  const { json } = await machine.ask(["plugin", "list", "--json"])
  expect(json.plugins.find((each: { name: string }) => each.name === "good")).toMatchObject({
    state: "off",
    why: "switched off in config.toml",
  })
})

test("yours are asked before ours, by name; pre comes first, post last, and the config file outdoes the plugin", async () => {
  machine.add("classify", "a", decides("a", "by a"))
  machine.add("classify", "b", decides("b", "by b"))
  expect(await seen()).toEqual(["by a", []])
  machine.add(
    "classify",
    "b",
    decides("b", "by b").replace('stage: "classify",', 'stage: "classify", order: "pre",'),
  )
  expect(await seen()).toEqual(["by b", []])
  machine.configure('[plugins.b]\norder = "normal"\n')
  expect(await seen()).toEqual(["by a", []])
  machine.configure('[plugins.a]\norder = "post"\n[plugins.b]\norder = "normal"\n')
  expect(await seen()).toEqual(["by b", []])
  machine.configure('[plugins.a]\norder = "post"\n[plugins.b]\nenabled = false\n')
  expect(await seen()).toEqual(["by a", []]) // ours for sessions without a process comes last of all
})

test("a plugin gets the options that it declares; others, and those of another kind, are named and left out", async () => {
  const code = classifier(
    "good",
    'return { state: "ORPHANED", detail: JSON.stringify(ctx.options), evidence: [], flags: [] }',
  )
  machine.add(
    "classify",
    "good",
    code.replace(
      'stage: "classify",',
      'stage: "classify", options: { word: "string", days: "number", list: "strings" },',
    ),
  )
  machine.configure('[plugins.good]\nword = "x"\ndays = "seven"\nlist = ["a"]\nwrod = "y"\n')
  const [detail, warnings] = await seen()
  expect(JSON.parse(detail)).toEqual({ word: "x", list: ["a"] })
  expect(warnings).toEqual([
    'config.toml, [plugins.good]: "days" was left out: it must be a number',
    'config.toml, [plugins.good]: "wrod" is unknown and was ignored (known: word, days, list, enabled, order, timeout)',
  ])
})

test("what is wrong in a section is named, and the rest of it counts", async () => {
  machine.add("classify", "good", decides("good", "seen"))
  machine.configure('[plugins.good]\nenabled = "no"\norder = "first"\ntimeout = "soon"\n[plugins]\nodd = 3\n')
  const [detail, warnings] = await seen()
  const file = join(machine.config, "config.toml")
  expect(detail).toBe("seen")
  expect(warnings).toEqual([
    `${file}: "plugins.good.enabled" was left out: must be true or false`,
    `${file}: "plugins.good.order" was left out: must be "pre", "normal" or "post"`,
    `${file}: "plugins.good.timeout" was left out: must be a time such as "20s"`,
    `${file}: "plugins.odd" was left out: it must be a section, [plugins.odd]`,
  ])
})

test("a section of no plugin is named; ours that see and save stay on", async () => {
  machine.configure("[plugins.nofity]\nenabled = true\n[plugins.orphaned]\nenabled = false\n")
  expect(await seen()).toEqual([
    "closed",
    [
      `config.toml, [plugins.nofity]: there is no plugin with that name in ${machine.plugins}`,
      "config.toml, [plugins.orphaned]: a part of session-rescue; it stays on",
    ],
  ])
})

test("of two with one name neither is loaded", async () => {
  machine.add("classify", "good", decides("good", "seen"))
  machine.add("classify", "good.js", decides("good", "seen"))
  const [detail, warnings] = await seen()
  expect(detail).toBe("closed")
  expect(warnings.length).toBe(2)
  expect(warnings[0]).toContain("two plugins have this name")
})

test.each(["live", "export", "kill", "resume", "Loud", "a b"])("no plugin can be called %s", async (name) => {
  machine.add("classify", `${name}.ts`, decides(name, "seen"))
  const [detail, warnings] = await seen()
  expect(detail).toBe("closed")
  expect(warnings).toEqual([expect.stringMatching(/is used by a built-in plugin|is not a valid plugin name/)])
})

test("types, settings and notes beside the plugins are none", async () => {
  for (const name of [
    "session-rescue.d.ts",
    "tsconfig.json",
    "README.md",
    ".hidden.ts",
    "node_modules/index.ts",
  ]) {
    machine.add("classify", name, "process.exit(3)")
  }
  expect(await seen()).toEqual(["closed", []])
})

test("a JavaScript plugin works as well", async () => {
  machine.add(
    "classify",
    "plain.js",
    'export default { name: "plain", stage: "classify", classify: async () => ({ state: "ORPHANED", detail: "by script", evidence: [], flags: [] }) }',
  )
  expect(await seen()).toEqual(["by script", []])
})

test.each([
  [
    "a pipe that nobody writes to",
    (path: string) => Bun.spawnSync(["mkfifo", path]),
    "it is not a plain file",
  ],
  ["a device without an end", (path: string) => symlinkSync("/dev/zero", path), "it is not a plain file"],
  ["a folder", (path: string) => mkdirSync(path), "it is not a plain file"],
  ["far too long", (path: string) => machine.write(path, "#".repeat(2 << 20)), "it is larger than 1 MB"],
  [
    "no UTF-8, so that it would name another folder",
    (path: string) => machine.write(path, Buffer.from('data_dir = "/tmp/d\xe4ta"\n', "latin1")),
    "it is not UTF-8",
  ],
])("a config file that is %s is left out, and said to be", async (_, make, why) => {
  const path = join(machine.config, "config.toml")
  make(path)
  expect(await seen()).toEqual(["closed", [`${path} cannot be read (${why}): continuing without it`]])
})
