/** Faults into the copying of a large session. */
import type { Answer } from "../../fixtures/machine.ts"
import { injected } from "./counters.ts"
import { type Fault, traced } from "./inject.ts"
import { type FaultTarget, id, wrongAfter, wrongAgain } from "./target.ts"

/**
 * One fault into a first export, then one without. Only calls on the copy itself are counted: it is the one file named
 * so. `also`: what else has to hold.
 */
export async function brokenLarge(
  row: string,
  machine: FaultTarget,
  fault: Fault,
  also: (answer: Answer) => readonly string[] = () => [],
): Promise<string[]> {
  machine.fresh()
  const { answer, hit } = await traced(machine, ["export", id, "--json"], [fault.call], [fault])
  const wrong = [...wrongAfter(machine, answer), ...also(answer)]
  if (!hit) wrong.push("the fault missed")
  wrong.push(...(await wrongAgain(machine)))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((what) => `${fault.call} #${fault.when} ${fault.effect}: ${what}`)
}
