/** What is generated from the table of commands is fresh, and has every command and flag. */
import { expect, test } from "bun:test"
import { commands } from "../../src/cli/commands.ts"
import { root, textOf } from "./markdown.ts"

test("docs/commands.md and man/session-rescue.1 are fresh", () => {
  const check = Bun.spawnSync([process.execPath, "run", "build/generate-docs.ts", "--check"], { cwd: root })
  expect([check.exitCode, check.stderr.toString()]).toEqual([0, ""])
})

test("both have every command with all of its flags and examples", async () => {
  const man = textOf("man/session-rescue.1").replaceAll("\\-", "-")
  const page = textOf("docs/commands.md")
  for (const [name, load] of Object.entries(commands)) {
    const { default: command } = await load()
    const flags = Object.entries(command.args).filter(([, arg]) => arg.type !== "positional")
    const section = page.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? ""
    const manual = man.split(`\n.SS ${name}\n`)[1]?.split(/\n\.S[SH] /)[0] ?? ""
    for (const text of flags.map(([flag]) => `--${flag}`)) {
      expect([name, section.includes(`\`${text}`)]).toEqual([name, true])
      expect([name, manual.includes(`.B ${text}`)]).toEqual([name, true])
    }
    for (const example of command.examples) expect(section).toContain(example)
  }
})

test("the manual is understood by groff without a warning", () => {
  if (Bun.which("groff") === null) return console.warn("\nSKIPPED: no groff here\n")
  const args = ["groff", "-man", "-Tutf8", "-ww", "-z", "man/session-rescue.1"]
  const { exitCode, stderr } = Bun.spawnSync(args, { cwd: root })
  expect([exitCode, stderr.toString()]).toEqual([0, ""])
})
