import { describe } from "bun:test"
import { installClient } from "./install-client.ts"
import { inBrief, type Started, selected } from "./selected.ts"

export interface RealClient extends Started {
  readonly executable: string
}

type Suits = (client: Started) => boolean
type Situations = (client: RealClient) => void

/**
 * Describes the same situations once for every selected client that `suits`; one that cannot be installed here is
 * skipped, loudly. In CI what npm's entry starts is driven by `eachEntry` only: it is the same program.
 */
export function eachClient(title: string, suits: Suits, situations: Situations): Promise<void> {
  const isOnce = ({ start, ships }: Started) => start === "native" || ships === "script"
  return describeEach(title, (client) => suits(client) && (!inBrief || isOnce(client)), situations)
}

/** The same for situations in which a process has to be recognised, whatever its file is called. */
export function eachEntry(title: string, suits: Suits, situations: Situations): Promise<void> {
  return describeEach(title, suits, situations)
}

async function describeEach(title: string, suits: Suits, situations: Situations): Promise<void> {
  const suited = selected.filter(suits)
  const rest = selected.filter((client) => !suits(client))
  if (rest.length > 0) console.warn(`${title}: not driven with ${rest.map(({ name }) => name).join(", ")}`)
  for (const client of suited) {
    const executable = await installClient(client)
    describe.skipIf(!executable)(`${title}, ${client.name}`, () =>
      situations({ ...client, executable: executable ?? "" }),
    )
  }
}

export const withRegistry = (client: Started): boolean => client.registry
export const withoutRegistry = (client: Started): boolean => !client.registry
export const withBackground = (client: Started): boolean => client.background
