/** The simulated team, small: `npm run test:team-fifty` has fifty homes. */
import { expect, test } from "bun:test"
import { hasOpenSearch } from "../servers/opensearch.ts"
import { OpenSearchIndex } from "../sink/opensearch-index.ts"
import { simulate } from "./simulate.ts"

test.skipIf(!hasOpenSearch)(
  "a team's homes send each part once, find each other's, and send nothing again",
  async () => {
    const server = await OpenSearchIndex.start()
    try {
      const { wrong, before, day } = await simulate(server, { homes: 3, before: 4, day: 2, store: true })
      expect(wrong).toEqual([])
      expect([before.sessions, day.sessions, day.parts, day.store.requests > 0]).toEqual([12, 6, 60, true])
      // prepare, the tombstones twice, the parts, and what shows them
      expect(day.sink.requests / 3).toBeLessThan(10)
    } finally {
      await server.dispose()
    }
  },
)
