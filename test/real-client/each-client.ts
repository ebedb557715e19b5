import { describe } from "bun:test"
import { installClient } from "./install-client.ts"
import { type Started, selected } from "./selected.ts"

export interface RealClient extends Started {
  readonly executable: string
}

/**
 * Describes the same situations once for every selected client that `suits`; one that cannot be installed here is
 * skipped, loudly.
 */
export async function eachClient(
  title: string,
  suits: (client: Started) => boolean,
  situations: (client: RealClient) => void,
): Promise<void> {
  const suited = selected.filter(suits)
  const rest = selected.filter((client) => !suits(client))
  if (rest.length > 0)
    console.warn(`${title}: does not happen with ${rest.map(({ name }) => name).join(", ")}`)
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
