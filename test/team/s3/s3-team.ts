/** A team's archive in object storage, as this process sees it: without the binary, and with short waits. */

import plugin from "../../../plugins/store/store-s3/index.ts"
import { silentReporter } from "../../../src/domain/progress.ts"
import { remoteFrom } from "../../../src/operations/team/remote.ts"
import { PluginRegistry } from "../../../src/pipeline/plugin-registry.ts"
import type { StoreContext } from "../../../src/sdk/contracts.ts"
import { exportFolders } from "../../../src/system/config/paths.ts"
import { systemFiles } from "../../../src/system/fs/files.ts"
import { isPrivateFile } from "../../../src/system/fs/trust.ts"
import { sendRequest } from "../../../src/system/net/request.ts"
import { sharedFolder } from "../../../src/system/net/team-folder.ts"
import { runProgram } from "../../../src/system/process/run-program.ts"
import type { TeamMachine } from "../team-machine.ts"

export const keys = { AWS_ACCESS_KEY_ID: "alice", AWS_SECRET_ACCESS_KEY: "not a secret" }

export function s3Settings(endpoint: string, patience = 5): string {
  return `plugin = "store-s3"\nendpoint = "${endpoint}"\nbucket = "team"\nregion = "us-east-1"\nprefix = "shop"\npatience = ${patience}`
}

export function s3Context(endpoint: string, more: Partial<StoreContext> = {}): StoreContext {
  return {
    files: systemFiles(() => {}),
    log() {},
    run: (program, how = {}) => runProgram(program, how),
    paths: { home: "/nonexistent", data: "/nonexistent" },
    signal: new AbortController().signal,
    options: { endpoint, bucket: "team", region: "us-east-1", prefix: "shop", patience: 5 },
    environment: keys,
    now: () => Date.now(),
    delay: () => Bun.sleep(1),
    isPrivate: isPrivateFile,
    sharedFolder,
    request: sendRequest,
    ...more,
  }
}

export function s3Remote(owner: string, endpoint: string) {
  const options = { endpoint }
  const settings = {
    ...{ owner, projects: ["/work"], exclude: [], store: "store-s3", recipients: [], identity: null },
    options,
    ...{ sink: null, sinkOptions: {} },
  }
  return remoteFrom(settings, plugin, s3Context(endpoint))
}

/** What `pushAll` and `pullAll` take. */
export function optionsOf(machine: TeamMachine) {
  const config = `${machine.home}/.config/session-rescue`
  const paths = { home: machine.home, config, data: machine.data, ...exportFolders(machine.data) }
  return {
    ...{ paths, plugins: new PluginRegistry(null), signal: new AbortController().signal },
    ...{ reporter: silentReporter, warn() {}, dryRun: false },
  }
}
