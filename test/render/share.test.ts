/** A session that is shared shows no secret that is known, and nothing of whose it is. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assistant, toolResult, user } from "../fixtures/talk/conversation.ts"
import { calls, ran, Talks } from "../search/conversations.ts"
import { planted } from "./planted.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

const talk = () => machine.talk(1)
const id = () => talk().id.slice(0, 4)
const secrets = planted.flatMap((each) => each.secrets)

/** Each secret in a prompt, an answer, a command, its output, a file that is written, and one that is edited. */
function session(): void {
  const all = planted.map(({ text }) => text)
  const together = all.join("\n\n")
  machine.say(talk(), [
    user("this is the prompt that stays"),
    ...all.map((text) => user(`look at ${text} please`)),
    assistant(`The keys:\n\n${all.map((text) => `- **key** \`${text}\``).join("\n")}`),
    ...all.flatMap((text, index) => ran(`deploy '${text}'`, `c${index}`, `deployed with ${text}.`)),
    ...ran("cat keys", "failing", together, { failed: true }),
    calls("Write", "w1", { file_path: `${machine.home}/shop/.env`, content: together }),
    toolResult("w1", "written"),
    calls("Edit", "e1", { file_path: "/work/one/.env", old_string: together, new_string: `x\n${together}` }),
    toolResult("e1", `edited ${machine.home}/shop`),
    { type: "system", subtype: "informational", content: "what the client says of itself" },
    { ...user("a reminder of the client"), isMeta: true },
  ])
  machine.subagent(talk(), "d4", [user(together), assistant(together)])
  machine.write(machine.beside(talk(), "tool-results/kept.txt"), `${together}\n`)
}

/** Everything in a folder, names too. */
function allIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((each) => each.name + (each.isFile() ? readFileSync(join(each.parentPath, each.name), "utf8") : ""))
    .join("\n")
}

function leaks(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret))
}

describe("--share", () => {
  test("what is planted is there without it", async () => {
    session()
    const { stdout } = await machine.run(["show", id(), "--format", "html"])
    expect(leaks(stdout)).toEqual(secrets)
  })

  test.each([
    ["html"],
    ["html", "--all-parts"],
    ["html", "--no-tools"],
    ["md"],
    ["md", "--tools"],
    ["md", "--all-parts"],
    ["text", "--tools"],
    ["json"],
  ] as string[][])("no secret in %s %s, nor in what is said beside it", async (...format: string[]) => {
    session()
    const { stdout, stderr, code } = await machine.run(["show", id(), "--share", "--format", ...format])
    expect([code, leaks(stdout), leaks(stderr)]).toEqual([0, [], []])
    expect(stdout).toContain("the prompt that stays")
    expect(stdout).not.toContain(machine.home)
    expect(stdout).not.toContain("what the client says of itself")
    expect(stdout).not.toContain("a reminder of the client")
  })

  test("no secret in any rendered file; --strict exits 1", async () => {
    session()
    const to = join(machine.root, "shared")
    const { code, stdout, stderr } = await machine.run([
      "render",
      id(),
      "--to",
      to,
      "--share",
      "--strict",
      "--index",
    ])
    expect(code).toBe(1)
    expect(leaks(allIn(to))).toEqual([])
    expect(leaks(stdout + stderr)).toEqual([])
    expect(allIn(to)).not.toContain(machine.home)
    expect(allIn(to)).toContain("~/shop/.env")
    expect(stderr).toContain("best effort")
  })
})

test("secrets lists each kind and place, prints none, and --strict exits 1", async () => {
  session()
  const { stdout, code } = await machine.run(["secrets", id()])
  expect([code, leaks(stdout)]).toEqual([0, []])
  expect(stdout).toContain("best effort")
  const { json, code: strict } = await machine.run(["secrets", id(), "--strict", "--json"])
  expect(strict).toBe(1)
  expect(new Set(json.secrets.map((each: { kind: string }) => each.kind)).size).toBeGreaterThan(18)
})

test("a session without secrets: 0, also with --strict, and it says that the list of patterns is no proof", async () => {
  machine.say(talk(), [
    user("hello"),
    assistant("Set `config.token = settings.token` and `password: string`."),
  ])
  const { stdout, code } = await machine.run(["secrets", id(), "--strict"])
  expect([code, stdout.split("\n")[0]]).toEqual([0, "Nothing in it looks like a secret that is known here."])
})
