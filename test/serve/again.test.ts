/** One server is enough: a second `serve` finds the first. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { findRunning } from "../../src/operations/serve/running.ts"
import { Talks } from "../search/conversations.ts"
import { Serving } from "./serving.ts"

let machine: Talks
let server: Serving | null = null
beforeEach(() => {
  machine = new Talks()
})
afterEach(async () => {
  await server?.stop()
  server = null
  await machine.dispose()
})

const linkIn = (text: string) => /#t=([\w-]+)/.exec(text)?.[1] ?? ""

test("a second serve prints another link to the first and ends; the link opens the page once", async () => {
  server = await Serving.start(machine)
  const { code, stdout } = await machine.run(["serve", "--no-open"])
  expect(code).toBe(0)
  expect(stdout).toContain(`A server runs already (pid ${server.pid}). Open: ${server.origin}/#t=`)
  expect(linkIn(stdout)).not.toBe(server.token)
  expect(await server.enter(linkIn(stdout))).not.toBeNull()
  expect(await server.enter(linkIn(stdout))).toBeNull()
  expect(await server.enter()).not.toBeNull()
})

test("it may not lead to a page that can do less than was asked for", async () => {
  server = await Serving.start(machine)
  const { code, stdout, stderr } = await machine.run(["serve", "--no-open", "--allow-actions"])
  expect([code, stdout]).toEqual([4, ""])
  expect(stderr).toContain("its page only reads")
})

test("one that was killed is not found, and the next one takes its place", async () => {
  server = await Serving.start(machine)
  await server.stop("SIGKILL")
  expect(await findRunning(machine)).toBeNull()
  server = await Serving.start(machine, "--allow-actions")
  expect(await findRunning(machine)).toMatchObject({ pid: server.pid, actions: true, origin: server.origin })
  await server.stop()
  expect(existsSync(join(machine.data, "serve/control"))).toBe(false)
  server = null
})

test("other users cannot ask, and what others could have put there is not asked", async () => {
  server = await Serving.start(machine)
  const folder = join(machine.data, "serve")
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(await findRunning(machine)).not.toBeNull()
  chmodSync(folder, 0o755)
  expect(await findRunning(machine)).toBeNull()
})
