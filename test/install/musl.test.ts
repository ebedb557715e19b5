/** The same on a system with musl and BusyBox and nothing of glibc: what Alpine is like. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compile, version } from "../../build/compile.ts"
import { runtimeOf } from "../../build/runtimes.ts"
import { insideRoot, muslRoot } from "../../build/smoke.ts"
import { targets } from "../../build/targets.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { makeRelease, publish, serve } from "./release.ts"

setDefaultTimeout(180_000)
const target = targets.find(({ name }) => name === "linux-x64-musl")
const made = process.platform === "linux" && process.arch === "x64" ? muslRoot("x64") : "this is no x64 Linux"
const why = !made.startsWith("/")
  ? made
  : Bun.spawnSync([...insideRoot(made), "/bin/busybox", "true"]).exitCode === 0
    ? null
    : "no root folder of its own can be had here"
if (why !== null) console.warn(`\nSKIPPED: musl, because ${why}\n`)

describe.skipIf(why !== null)("on musl and BusyBox", () => {
  const root = mkdtempSync(join(tmpdir(), "musl-"))
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** A client by its executable, which does nothing but run. */
  async function fakeClient(runtime: string): Promise<void> {
    const source = join(root, "client.ts")
    writeFileSync(source, "setInterval(() => {}, 1e9)\n")
    const outfile = join(root, "opt/claude-code-linux-x64/claude")
    await Bun.build({
      entrypoints: [source],
      target: "bun",
      compile: { target: "bun-linux-x64-musl", executablePath: runtime, outfile },
    })
  }

  async function inside(line: string) {
    const child = Bun.spawn([...insideRoot(root), "/bin/sh", "-c", line], {
      env: { HOME: "/root", PATH: "/bin", SHELL: "/bin/sh" },
      stdout: "pipe",
      stderr: "pipe",
    })
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ])
    return { code: await child.exited, out, err }
  }

  test("wget | sh installs; a session is found, saved, and its client ended", async () => {
    if (target === undefined) throw new Error("no musl target")
    cpSync(made, root, { recursive: true, verbatimSymlinks: true })
    const runtime = await runtimeOf(target)
    const built = join(root, "session-rescue")
    await compile(built, { target: target.compile, runtime })
    await fakeClient(runtime)
    const bytes = readFileSync(built)
    const names = ["linux-x64-musl", "linux-x64-musl-baseline"]
    const server = serve(makeRelease({ version, names, binary: () => bytes }))
    cpSync(publish(server.url, version), join(root, "install.sh"))
    expect((await inside("busybox --install -s /bin")).err).toBe("")
    const installed = await inside(`cat /install.sh | sh`)
    server.stop()
    expect(installed).toMatchObject({ code: 0, err: "" })

    const id = sessionId(1)
    const folder = join(root, "root/.claude/projects/-work")
    mkdirSync(folder, { recursive: true })
    mkdirSync(join(root, "root/.claude/sessions"))
    writeFileSync(join(folder, `${id}.jsonl`), conversation({ id, cwd: "/work", at: new Date() }))
    const { out, err } = await inside(`
      /opt/claude-code-linux-x64/claude & pid=$!
      start=$(cut -d' ' -f22 /proc/$pid/stat)
      printf '{"pid":%d,"sessionId":"${id}","cwd":"/work","procStart":"%s","status":"idle","version":"2.1.197"}' \\
        $pid $start > /root/.claude/sessions/$pid.json
      until [ "$(readlink /proc/$pid/exe)" = /opt/claude-code-linux-x64/claude ]; do :; done
      ~/.local/bin/session-rescue --status --json > /status.json
      ~/.local/bin/session-rescue kill $pid --force --json`)
    expect(err).toBe("")
    const status = JSON.parse(readFileSync(join(root, "status.json"), "utf8"))
    expect(status.sessions).toMatchObject([{ id, state: "ACTIVE", detail: "waiting for you" }])
    expect(JSON.parse(out).kills).toMatchObject([{ id, outcome: "ended", export: { status: "verified" } }])
  })
})
