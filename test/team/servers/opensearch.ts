/** Real OpenSearch on loopback, one node or a cluster of three, where `opensearch.sh` has brought it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const found = Bun.spawnSync(["sh", join(import.meta.dir, "opensearch.sh"), "--present"], {
  env: { PATH: process.env.PATH ?? "" },
})
const programs = found.exitCode === 0 ? found.stdout.toString().trim() : null
export const hasOpenSearch = programs !== null
if (!hasOpenSearch) console.warn(`SKIPPED: no OpenSearch was asked: ${found.stderr.toString().trim()}`)

interface ClusterNode {
  readonly url: string
  run(): Bun.Subprocess
  child: Bun.Subprocess
}

export class OpenSearchCluster {
  readonly #folder: string
  readonly nodes: readonly ClusterNode[]

  private constructor(folder: string, nodes: readonly ClusterNode[]) {
    this.#folder = folder
    this.nodes = nodes
  }

  static async start(count = 1, heap = "512m"): Promise<OpenSearchCluster> {
    const folder = mkdtempSync(join(tmpdir(), "opensearch-"))
    const ports = await freePorts(2 * count)
    const names = Array.from({ length: count }, (_, n) => `node${n}`)
    const seeds = names.map((_, n) => `127.0.0.1:${ports[count + n]}`)
    const discovery =
      count === 1
        ? ["discovery.type=single-node"]
        : [`discovery.seed_hosts[]=${seeds}`, `cluster.initial_cluster_manager_nodes[]=${names}`]
    const nodes = names.map((name, n) => {
      mkdirSync(join(folder, name))
      const settings = [
        ...[`path.home=${join(folder, name)}`, `node.name=${name}`, "cluster.name=test", ...discovery],
        ...["transport.type=netty4", "http.type=netty4", "network.host=127.0.0.1"],
        ...[`http.port=${ports[n]}`, `transport.port=${ports[count + n]}`],
        "cluster.routing.allocation.disk.threshold_enabled=false",
      ]
      const run = () =>
        Bun.spawn(
          [
            "java",
            // it lives for seconds
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            `-Xms${heap}`,
            `-Xmx${heap}`,
            "-cp",
            `${programs}/lib/*:${programs}`,
            "OpenSearchNode",
            ...settings,
          ],
          { cwd: folder, stdio: ["pipe", "ignore", "ignore"] },
        )
      return { url: `http://127.0.0.1:${ports[n]}`, run, child: run() }
    })
    const cluster = new OpenSearchCluster(folder, nodes)
    await cluster.#answers()
    return cluster
  }

  get url(): string {
    return this.nodes[0]?.url ?? ""
  }

  async #answers(): Promise<void> {
    const health = `/_cluster/health?wait_for_nodes=${this.nodes.length}&wait_for_status=yellow&timeout=1s`
    for (let n = 0; n < 600; n++) {
      if (this.nodes.some(({ child }) => child.exitCode !== null))
        throw new Error("a node of OpenSearch ended")
      try {
        if ((await fetch(this.url + health)).ok) return
      } catch {
        // it has no way to say that it listens
      }
      await Bun.sleep(100)
    }
    throw new Error("OpenSearch does not answer")
  }

  async ask(method: string, path: string, body?: object, node = 0): Promise<Record<string, never>> {
    const response = await fetch(`${this.nodes[node]?.url}/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Record<string, never>
  }

  /** What each node has used of the processor. */
  cpuSeconds(): number[] {
    return this.nodes.map(({ child }) => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
      return (Number(fields[11]) + Number(fields[12])) / 100
    })
  }

  /** As when its machine loses power. */
  async kill(node: number): Promise<void> {
    this.nodes[node]?.child.kill("SIGKILL")
    await this.nodes[node]?.child.exited
  }

  /** Starts what was killed, with what it had on disk. */
  async again(): Promise<void> {
    for (const node of this.nodes)
      if (node.child.exitCode !== null || node.child.killed) node.child = node.run()
    await this.#answers()
  }

  async dispose(): Promise<void> {
    for (const { child } of this.nodes) child.kill("SIGKILL")
    await Promise.all(this.nodes.map(({ child }) => child.exited))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
