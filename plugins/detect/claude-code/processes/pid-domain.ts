import type { Context, ProcessEntry } from "session-rescue"

type Processes = ReadonlyMap<number, ProcessEntry>

/**
 * Whether the pids in a registry file are of our pid namespace. `pidDomain` (2.1.332, observed:
 * `linux:MACHINE:pid:[NUMBER]`) names the machine and the pid namespace of the client; older versions and
 * other systems write none that can be interpreted: the pids are then assumed to be ours, and the start time
 * decides.
 */
export function writtenHere(ctx: Context, pidDomain: unknown, processes: Processes): boolean {
  const domain = parse(pidDomain)
  if (domain === null) return true
  const own = processes.get(ctx.self.pid)?.namespace ?? null
  if (own !== null && domain.namespace !== own) return false
  const machine = ctx.files.text("/etc/machine-id", 4096)?.trim()
  return !machine || domain.machine === machine
}

/** The process of a container on this machine, by its pid inside the container; null when none is visible. */
export function processElsewhere(pidDomain: unknown, pid: number, processes: Processes): ProcessEntry | null {
  const domain = parse(pidDomain)
  if (domain === null) return null
  for (const entry of processes.values()) {
    if (entry.innerPid === pid && entry.namespace === domain.namespace) return entry
  }
  return null
}

function parse(pidDomain: unknown): { machine: string; namespace: string } | null {
  const [, machine = "", namespace = ""] =
    (typeof pidDomain === "string" && /^linux:([^:]*):(pid:\[\d+\])$/.exec(pidDomain)) || []
  return namespace === "" ? null : { machine, namespace }
}
