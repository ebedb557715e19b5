/** What shows a notification, with stand-ins for the programs of each system. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const source = join(import.meta.dir, "../../../src/system/process/notify-desktop.ts")
const title = "session-rescue: a session hangs"
const text = 'p1: <b> & "q" \\ hangs\nand 3 more'

let bin: string
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "notify-"))
})
afterEach(() => rmSync(bin, { recursive: true }))

function program(name: string, code = 0): void {
  const path = join(bin, name)
  writeFileSync(path, `#!/bin/sh\nfor each; do printf '%s\\0' "$each"; done > '${path}.args'\nexit ${code}\n`)
  chmodSync(path, 0o755)
}
const given = (name: string) =>
  existsSync(join(bin, `${name}.args`))
    ? readFileSync(join(bin, `${name}.args`), "utf8")
        .split("\0")
        .slice(0, -1)
    : null

/** In a process of its own, whose PATH has only the stand-ins. */
function notify(platform: NodeJS.Platform, env: Record<string, string>): boolean {
  const script = `Object.defineProperty(process, "platform", { value: ${JSON.stringify(platform)} })
    const { notifyDesktop } = await import(${JSON.stringify(source)})
    console.log(await notifyDesktop(${JSON.stringify(title)}, ${JSON.stringify(text)}))`
  const done = Bun.spawnSync([process.execPath, "-e", script], { env: { PATH: bin, ...env } })
  return JSON.parse(done.stdout.toString() || done.stderr.toString())
}
const bus = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" }

test("notify-send gets title and text as arguments, without markup of its own", () => {
  program("notify-send")
  program("gdbus")
  expect(notify("linux", bus)).toBe(true)
  const body = 'p1: &lt;b&gt; &amp; "q" \\ hangs\nand 3 more'
  expect(given("notify-send")).toEqual(["-a", "session-rescue", "-u", "critical", "--", title, body])
  expect(given("gdbus")).toBeNull()
})

test.each([["is missing"], ["fails"]])("gdbus is called where notify-send %s", (how) => {
  if (how === "fails") program("notify-send", 1)
  program("gdbus")
  expect(notify("linux", bus)).toBe(true)
  const args = given("gdbus") ?? []
  expect(args.slice(0, 3)).toEqual(["call", "--session", "--dest"])
  expect(args.at(7)).toBe("org.freedesktop.Notifications.Notify")
  expect(JSON.parse(args.at(-5) ?? "")).toBe(title)
  expect(JSON.parse(args.at(-4) ?? "")).toBe('p1: &lt;b&gt; &amp; "q" \\ hangs\nand 3 more')
})

test("osascript gets title and text as arguments of a constant script", () => {
  program("osascript")
  expect(notify("darwin", {})).toBe(true)
  const args = given("osascript") ?? []
  expect(args.slice(-2)).toEqual([title, text])
  expect(args.slice(0, -2).join("\n")).not.toContain("hangs")
})

test.each<[string, NodeJS.Platform, Record<string, string>, boolean]>([
  ["no program", "linux", bus, false],
  ["no program on a Mac", "darwin", {}, false],
  ["no desktop", "linux", { XDG_RUNTIME_DIR: "/nonexistent" }, true],
])("with %s nothing is shown, and nothing fails", (_, platform, env, isThere) => {
  if (isThere) program("notify-send")
  expect([notify(platform, env), given("notify-send")]).toEqual([false, null])
})

test("a service that knows no bus address finds the socket in the runtime folder", () => {
  program("notify-send")
  writeFileSync(join(bin, "bus"), "")
  expect(notify("linux", { XDG_RUNTIME_DIR: bin })).toBe(true)
})
