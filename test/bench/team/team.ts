import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import plugin from "../../../plugins/sink/sink-opensearch/index.ts"
import { feedSink } from "../../../src/operations/team-search/feed.ts"
import { sendRequest } from "../../../src/system/net/request.ts"
import { writeSessions } from "../../team/fifty/simulate.ts"
import { optionsOf } from "../../team/s3/s3-team.ts"
import type { OpenSearchCluster } from "../../team/servers/opensearch.ts"
import { contextOf, sinkOf } from "../../team/sink/sink-of.ts"
import { TeamMachine } from "../../team/team-machine.ts"
import { type Bench, compare, type Row } from "../bench.ts"
import { binary } from "../homes.ts"

/** A team's index: what is sent, against curl with the same lines; and a question, against a start and the bare one. */
export const team: Bench = {
  name: "team",
  async run(scale) {
    // it says that it is not on this machine
    const { hasOpenSearch, OpenSearchCluster } = await import("../../team/servers/opensearch.ts")
    if (!hasOpenSearch) return []
    const server = await OpenSearchCluster.start(1, "1g")
    const lines = mkdtempSync(join(tmpdir(), "lines-"))
    const machine = new TeamMachine(
      { settings: `folder = "${lines}"\n[team.sink]\nurl = "${server.url}"` },
      "me",
    )
    const at = { server, lines, machine }
    try {
      writeSessions(machine, 0, scale.count(300))
      for (const args of [
        ["cx", "--live"],
        ["push", "--yes"],
      ])
        if ((await machine.run(args)).code !== 0) throw new Error(`${args.join(" ")} failed`)
      const mapping = await keepLines(at)
      return [...(await sending(at, mapping, scale.rounds(5))), ...(await asking(at, scale.rounds(25)))]
    } finally {
      await machine.dispose()
      await server.dispose()
      rmSync(lines, { recursive: true, force: true })
    }
  },
}

interface Place {
  readonly server: OpenSearchCluster
  readonly lines: string
  readonly machine: TeamMachine
}

/** Sends everything once in this process and keeps the bulk requests as files; returns the index's settings. */
async function keepLines({ server, lines, machine }: Place): Promise<string> {
  mkdirSync(join(lines, "bulk"))
  let count = 0
  let mapping = ""
  const request = async (asked: Request) => {
    const path = new URL(asked.url).pathname
    const body = await asked.clone().text()
    if (path === "/_bulk")
      writeFileSync(join(lines, "bulk", `${count++}.ndjson`), body.replaceAll("kept-20", "bare-20"))
    if (asked.method === "PUT" && body.includes("words")) mapping = body.replaceAll("kept", "bare")
    return sendRequest(asked)
  }
  const context = { ...contextOf(plugin, { url: server.url, index: "kept" }), request }
  const sink = sinkOf(plugin, context.options, {
    add: (parts) => plugin.add(parts, context),
    prepare: () => plugin.prepare(context),
  })
  const { stopped, sent } = await feedSink(sink, optionsOf(machine))
  if (stopped !== null || sent === 0) throw stopped ?? new Error("nothing was sent")
  return mapping
}

const curl = ["curl", "-sSf", "-o", "/dev/null", "-H", "content-type: application/json"]

async function sending({ server, lines, machine }: Place, mapping: string, rounds: number): Promise<Row[]> {
  const { url } = server
  const ask = (...args: string[]) => Bun.spawnSync(["curl", "-s", "-o", "/dev/null", ...args])
  const files = readdirSync(join(lines, "bulk")).map((name) => join(lines, "bulk", name))
  const bulk = files.map(
    (file) =>
      `curl -sSf -o /dev/null -H 'content-type: application/x-ndjson' --data-binary @${file} ${url}/_bulk?filter_path=errors`,
  )
  const refresh = `curl -sSf -o /dev/null -X POST ${url}/bare/_refresh`
  const env = { HOME: machine.home }
  const ours = {
    command: [binary, "cx", "--team", "--data-dir", machine.data],
    env,
    before: () => {
      for (const name of readdirSync(join(machine.data, "team")))
        if (name.startsWith("sent-")) rmSync(join(machine.data, "team", name))
      ask("-X", "DELETE", `${url}/session-rescue-2026-10,session-rescue-forgotten`)
    },
  }
  const theirs = {
    command: ["sh", "-ec", [...bulk, refresh].join("\n")],
    before: () => {
      ask("-X", "DELETE", `${url}/bare-2026-10`)
      ask(
        "-X",
        "PUT",
        "-H",
        "content-type: application/json",
        "--data-binary",
        mapping,
        `${url}/bare-2026-10`,
      )
    },
  }
  const against = [{ name: "curl, the same lines", task: theirs, means: "as fast", wanted: 0.8 }] as const
  return compare("cx --team", ours, against, rounds, 200e6)
}

async function asking({ server, machine }: Place, rounds: number): Promise<Row[]> {
  const body = JSON.stringify({
    size: 20,
    track_total_hits: true,
    query: { term: { words: "w2s" } },
    _source: true,
  })
  const bare = [...curl, "--data-binary", body, `${server.url}/session-rescue/_search`]
  const start = [binary, "--version"]
  const both = { command: ["sh", "-ec", '"$1" --version; shift; "$@"', "sh", ...start.slice(0, 1), ...bare] }
  const ours = {
    command: [binary, "cxq", "--team", "w2s", "--json", "--data-dir", machine.data],
    env: { HOME: machine.home },
  }
  const against = [
    { name: "a start and the bare question", task: both, means: "as long", wanted: 1.3 },
  ] as const
  return compare("cxq --team", ours, against, rounds)
}
