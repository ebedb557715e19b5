/** The newest client, driven as `npm run clients:drift` does: what its committed facts promise is seen. */
import { expect, setDefaultTimeout, test } from "bun:test"
import { eachClient } from "../harness/each-client.ts"
import { versions } from "../harness/versions.ts"
import { compare } from "./compare.ts"
import { drive } from "./situations/drive.ts"
import { readFacts } from "./stored.ts"

setDefaultTimeout(240_000)
const newest = versions[0]?.version

await eachClient(
  "driven through every situation",
  ({ version, start }) => version === newest && start === "native",
  (real) => {
    test("each comes about, and what is seen is what is committed", async () => {
      const { facts, failed } = await drive(real, () => {})
      expect(failed).toEqual([])
      const committed = readFacts(real.version)
      expect(facts.situations).toEqual(committed.situations)
      const differences = compare(committed, facts)
      expect(differences.filter(({ group }) => group === "registry" || group === "commands")).toEqual([])
      // which fields a record has, and which helpers are warm, hangs on moments too
      const gone = differences.filter(({ kind, group }) => kind === "gone" && group !== "processes")
      expect(gone).toEqual([])
    })
  },
)
