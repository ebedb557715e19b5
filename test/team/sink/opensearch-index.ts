/** OpenSearch as a server of a team's index. */
import { OpenSearchCluster } from "../servers/opensearch.ts"
import type { IndexServer } from "./contract.ts"

export class OpenSearchIndex implements IndexServer {
  readonly server: OpenSearchCluster

  private constructor(server: OpenSearchCluster) {
    this.server = server
  }

  static async start(heap = "512m"): Promise<OpenSearchIndex> {
    return new OpenSearchIndex(await OpenSearchCluster.start(1, heap))
  }

  settings(index: string): string {
    return `url = "${this.server.url}"\nindex = "${index}"`
  }

  async count(index: string): Promise<number> {
    await this.server.ask("POST", `${index}/_refresh`)
    return Number((await this.server.ask("GET", `${index}/_count`)).count ?? 0)
  }

  stop = () => this.server.kill(0)
  again = () => this.server.again()
  dispose = () => this.server.dispose()

  /** On disk, of one copy. */
  async bytes(index: string): Promise<number> {
    await this.server.ask("POST", `${index}/_flush`)
    const { _all } = (await this.server.ask("GET", `${index}/_stats/store`)) as {
      _all?: { primaries: { store: { size_in_bytes: number } } }
    }
    return _all?.primaries.store.size_in_bytes ?? 0
  }
}
